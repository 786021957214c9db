"""Fields that nobody may set are sent along with every right request, and change nothing.

Each request that the access table lets somebody write with is sent twice to the same world: as it should be, and with
every field of every model beside it, with values of somebody else's. Both must leave the same rows, or the second is
refused and leaves none. An address that is added later is tried as soon as the table has it.
"""

import json
import random
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from drf_spectacular.generators import SchemaGenerator

from people.models import Cohort, User
from tests.factories import make_interview, make_track, publish_question
from tests.security.test_access_matrix import TABLE
from tests.security.world import World

OURS = ("people", "questionbank", "grading", "interview", "analytics")
LATER = datetime.fromisoformat("2099-01-01T00:00:00+00:00")

WRITERS = {
    (method, route): role
    for route, cells in TABLE.items()
    for (method, role), answer in cells.items()
    if answer.endswith("+")
}
API = sorted(request for request in WRITERS if request[1].startswith("api/"))
PAGES = sorted(request for request in WRITERS if not request[1].startswith("api/"))

# What the API takes, by the schema's own word: whoever adds a name here has thought about who may set it.
API_TAKES = {
    ("POST", "api/v1/assignments/<uuid:pk>/start/"): set(),
    ("POST", "api/v1/cohorts/<uuid:pk>/assignments/"): {
        "track",
        "mode",
        "note",
        "opens_at",
        "due_at",
        "closes_at",
        "attempts",
        "reminds",
    },
    ("POST", "api/v1/interviews/"): {"track", "mode"},
    ("POST", "api/v1/interviews/<uuid:pk>/finish/"): set(),
    ("POST", "api/v1/interviews/<uuid:pk>/questions/<int:position>/answer/"): {"text"},
    ("PUT", "api/v1/interviews/<uuid:pk>/questions/<int:position>/draft/"): {"text", "revision"},
    ("PUT", "api/v1/interviews/<uuid:pk>/questions/<int:position>/flag/"): {"flagged"},
}


def test_the_api_takes_no_field_but_these() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)

    assert {request: _takes(schema, *request) for request in API} == API_TAKES


def _takes(schema: dict[str, Any], method: str, route: str) -> set[str]:
    """Return the names that the schema lets a request's body have."""
    paths = {re.sub(r"{\w+}", "{}", path): operations for path, operations in schema["paths"].items()}
    operation = paths["/" + re.sub(r"<\w+:\w+>", "{}", route)][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return set()
    component = schema["components"]["schemas"][content["application/json"]["schema"]["$ref"].split("/")[-1]]
    return {name for name, said in component["properties"].items() if not said.get("readOnly")}


def test_the_api_lets_nobody_set_what_is_not_theirs_to_set(world: World) -> None:
    assert _forced(world, API_TAKES) == {}


def _forced(world: World, takes: dict[tuple[str, str], set[str]]) -> dict[str, Any]:
    """Return what foreign fields change, by request; takes: the requests, and what each may say of those fields."""
    foreign_fields, numbers = list(_foreign_fields(world)), _numbers()
    found = {}
    for (method, route), taken in takes.items():
        right = _outcome(world, method, route, {}, numbers)
        assert right[0] < 400, f"{method} {route} is no right request"
        assert right[1:] != ([], []), f"{method} {route} writes nothing"
        for number, foreign in enumerate(foreign_fields):
            beside = {name: value for name, value in foreign.items() if name not in taken}
            forced = _outcome(world, method, route, beside, numbers)
            if forced not in (right, (400, [], [])):
                found[f"{method} {route} ({number})"] = _difference(right, forced)
    return found


def _difference(right: Any, forced: Any) -> Any:
    """Return the two statuses, and the rows that only one of the requests left."""
    return right[0], forced[0], sorted(set(right[1]) ^ set(forced[1]))


SET_NUMBERS = "SELECT setval(key::regclass, value::bigint) FROM json_each_text(%s)"


def _numbers() -> dict[str, int]:
    """Return how far each sequence has counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        return {name: last or 1 for name, last in cursor.fetchall()}


def _outcome(
    world: World, method: str, route: str, beside: dict[str, Any], numbers: dict[str, int]
) -> tuple[int, list[str], list[str]]:
    """Send it, undo what it did; return the status, the rows that came or changed, and those that went or had been."""
    before = _rows()
    undo = transaction.savepoint()
    # What is drawn by chance is drawn alike, and new rows get the same numbers: no rollback takes those back.
    random.seed(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(SET_NUMBERS, [json.dumps(numbers)])
    status = world.ask(WRITERS[method, route], method, route, beside=beside).status_code
    after = _rows()
    transaction.savepoint_rollback(undo)
    known = set(UUIDS.findall(" ".join(before)))
    return status, _plain(after - before, known), _plain(before - after, known)


UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What differs each time: moments of this century's first half, and what is drawn as a secret.
MOMENTS = re.compile(r"20[0-4]\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\"\\,]*")
SECRETS = re.compile(r"\b[0-9a-f]{15,128}\b|![A-Za-z0-9]{40}")


def _plain(rows: set[str], known: set[str]) -> list[str]:
    """Return rows without what differs each time."""

    def plain(row: str) -> str:
        row = UUIDS.sub(lambda found: found[0] if found[0] in known else "new", row)
        return SECRETS.sub("secret", MOMENTS.sub("now", row))

    return sorted(plain(row) for row in rows)


def _rows() -> set[str]:
    """Return every row of every table, but for sessions, as table and JSON."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name != "django_session"]
        each = (f"SELECT '{name} ' || to_jsonb(t)::text FROM \"{name}\" t" for name in names)  # noqa: S608 (our own)
        cursor.execute(" UNION ALL ".join(each))
        return {row for (row,) in cursor.fetchall()}


def _foreign_fields(world: World) -> Iterator[dict[str, Any]]:
    """Yield every field of every model by its names, with a value of somebody else's.

    Twice, as models share names: the first time the first model's value is sent, the second time the last one's.
    """
    outsider = world.people["outsider"]
    theirs = make_interview(outsider, make_track(publish_question("theirs").question.topic, slug="theirs"))
    ours: dict[type[models.Model], Any] = {
        User: outsider.pk,
        Cohort: Cohort.objects.get(name="Elsewhere").pk,
        type(theirs): theirs.pk,
    }
    fields = [
        field
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001 (Django's documented model API)
    ]
    for in_order in (fields, fields[::-1]):
        yield {name: _foreign(field, ours) for field in in_order for name in {field.name, field.attname, "pk"}}


def _foreign(field: Any, ours: dict[type[models.Model], Any]) -> Any:
    """Return a value that the field could have, other than its default; for a relation one of ours, or any row."""
    if field.is_relation or field.primary_key:
        model = field.related_model if field.is_relation else field.model
        return str(ours.get(model) or model._default_manager.values_list("pk", flat=True).first() or 1)  # noqa: SLF001
    if field.choices:
        return next(str(value) for value, _ in reversed(field.flatchoices) if value != field.default)
    if isinstance(field, models.BooleanField):
        return field.default is not True
    values = (
        (models.DateTimeField, LATER.isoformat()),
        (models.DateField, date(2099, 1, 1).isoformat()),
        (models.UUIDField, str(UUID(int=7))),
        (models.DecimalField, str(Decimal(3))),
        (models.FloatField, 100.0),
        (models.IntegerField, 99),
        (models.JSONField, json.dumps({"forced": True})),
        (models.EmailField, "forced@example.com"),
    )
    return next((value for kind, value in values if isinstance(field, kind)), "forced")


# Fields of these pages that a right request may leave out, and that whoever may send it may set.
PAGES_TAKE = {
    "cohorts/<uuid:pk>/invitations/": {"name", "untimed", "extra_time_factor"},
    "cohorts/<uuid:pk>/members/<uuid:user_pk>/": {"untimed"},
    "plan/": {"track", "interview_on"},
    "practise/<slug:slug>/": {"key"},  # the browser's name for this start, so that a double click starts once
    "questions/<uuid:pk>/edit/": {"seen"},  # the content that the page had, by its hash
    "questions/bulk/": {"format"},
    "questions/import/<uuid:pk>/apply/": {"only_valid", "create_topics"},
}
# It keeps for its author alone what is typed but saved nowhere, whatever that is.
KEEPS_ALL = "questions/new/autosave/"


@pytest.mark.slow
def test_no_page_lets_anybody_set_what_is_not_theirs_to_set(world: World) -> None:
    takes = {(method, route): PAGES_TAKE.get(route, set()) for method, route in PAGES if route != KEEPS_ALL}

    assert _forced(world, takes) == {}
