"""Programs of every role send to every endpoint what the OpenAPI schema allows, and what it does not.

schemathesis makes the requests from the schema and checks the answers: none is a failure of the server, each has a
status, type and body that the schema knows, wrong requests are refused, and nothing opens without a token. Where the
schema lets a program name something, most requests name something of the world (tests/security/world.py).
FUZZ_CASES says how many requests of each kind an endpoint gets: docs/operations.md has the long run.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from config.wsgi import application
from people.clock import database_now
from tests.security.world import World

ROLES = ("anonymous", "candidate", "mentor", "admin", "site_admin")
CASES = int(os.environ.get("FUZZ_CASES", "2"))
bounded = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

mostly = st.sampled_from([True, True, True, False])
# Neither has anything to be got wrong: no parameter, and a name that may be any text.
CANNOT_BE_WRONG = {"GET /api/v1/assignments/", "GET /api/v1/tracks/{slug}/"}

load_all_checks()
# The schema cannot say whose objects there are, and which question has a place in which interview.
ACCEPTS_ALL = CHECKS.get_one("positive_data_acceptance")
ASKS_FOR_A_TOKEN = CHECKS.get_one("ignored_auth")


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Let requests leave the test's connection open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def operations(one_connection: None) -> list[APIOperation]:
    api = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    api.app = application
    return [found.ok() for found in api.get_all_operations()]


@pytest.fixture
def headers(world: World) -> dict[str, dict[str, str]]:
    """What the programs of each role say who they are with."""
    users = {role: world.people[role] for role in ROLES}
    tokens = {role: AuthToken.objects.create(user=user)[1] for role, user in users.items() if user}
    return {role: {"Authorization": f"Token {tokens[role]}"} if role in tokens else {} for role in ROLES}


@dataclass
class Asked:
    """What came of the requests. failed: endpoint, role and what fell → schemathesis's report."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)  # endpoints that have refused programs without a valid token


def test_every_endpoint_answers_every_role_as_the_schema_says(
    operations: list[APIOperation], headers: dict[str, dict[str, str]], world: World
) -> None:
    asked = Asked()

    def ask(*, case: Case, named: bool) -> None:
        _leave_out_what_asks_for_nothing(case)
        if named:
            _name_what_there_is(case, world)
        for role in ROLES:
            _ask(case, role, headers[role], asked)

    for operation in operations:
        for mode in GenerationMode:
            if mode.is_positive or operation.label not in CANNOT_BE_WRONG:
                bounded(given(case=operation.as_strategy(generation_mode=mode), named=mostly)(ask))()

    assert asked.failed == {}
    assert {200, 201, 400, 401, 403, 404} <= asked.statuses.keys()
    assert asked.guarded == {operation.label for operation in operations}


def _ask(case: Case, role: str, headers: dict[str, str], asked: Asked) -> None:
    label = case.operation.label
    left_out = [ACCEPTS_ALL, *([ASKS_FOR_A_TOKEN] if label in asked.guarded else [])]
    with transaction.atomic():
        response = case.call(headers=headers)
        try:
            case.validate_response(response, headers=headers, excluded_checks=left_out)
        except FailureGroup as group:
            asked.failed |= {(label, role, one.title): str(group) for one in group.exceptions}
        transaction.set_rollback(True)
    asked.statuses[response.status_code] += 1
    if response.status_code < 300:
        asked.guarded.add(label)


def _name_what_there_is(case: Case, world: World) -> None:
    now = database_now()
    later = (now + timedelta(days=30)).isoformat()
    known = {"position": 1, "number": 1, "revision": 1, "slug": "taster", "track": "taster", "topic": "python"}
    known |= {"id": str(_pk(case.operation.path, world)), "assignment": str(world.assignment.pk)}
    known |= {"opens_at": now.isoformat(), "due_at": later, "closes_at": later}
    for part in ("path_parameters", "query", "body"):
        sent = getattr(case, part)
        if isinstance(sent, dict):
            setattr(case, part, {name: known.get(name, value) for name, value in sent.items()})


def _leave_out_what_asks_for_nothing(case: Case) -> None:
    """No name that the API does not know, nor one without a value, as browsers send the empty fields of a form."""
    known = {parameter.name for parameter in case.operation.iter_parameters()}
    if isinstance(case.query, dict):
        case.query = {name: value for name, value in case.query.items() if name in known and value != ""}


def _pk(path: str, world: World) -> Any:
    if path.endswith(("results/", "result/")):
        return world.finished.pk
    owners = {"interviews": world.running, "questions": world.question, "assignments": world.assignment}
    return owners.get(path.split("/")[3], world.cohort).pk
