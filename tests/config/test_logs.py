"""What a line of the log says, and what none may hold. The lines are read as the product's own handler writes them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from celery.signals import after_task_publish
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django_structlog.celery.receivers import CeleryReceiver
from structlog.contextvars import bound_contextvars

from config import logs
from grading.tasks import grade_job
from interview.models import Draft
from people import bell
from people.clock import database_now
from people.models import Cohort, Role, User
from people.services.invitations import invite
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview


class Log:
    """A stream that stands in for stderr, behind a formatter of the product's."""

    def __init__(self, *, as_json: bool) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        settings_ = logs.configure(as_json=as_json)["formatters"]["events"]
        self.handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=settings_["foreign_pre_chain"], processors=settings_["processors"]
            )
        )

    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self) -> list[str]:
        return self.text().splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        return [event for event in map(json.loads, self.lines()) if event["event"] == name]


@pytest.fixture(params=["json", "lines"])
def any_log(request: pytest.FixtureRequest) -> Iterator[Log]:
    yield from _listening(Log(as_json=request.param == "json"))


@pytest.fixture
def json_log() -> Iterator[Log]:
    yield from _listening(Log(as_json=True))


def _listening(log: Log) -> Iterator[Log]:
    root = logging.getLogger()
    root.addHandler(log.handler)
    level, _ = root.level, root.setLevel(logging.INFO)
    yield log
    root.setLevel(level)
    root.removeHandler(log.handler)


# --- requests -----------------------------------------------------------------------------------------------


def test_each_request_has_one_line_with_its_ids(candidate: User, json_log: Log) -> None:
    response = client_of(candidate).get(reverse("profile"))

    (line,) = json_log.events("request_finished")
    assert (line["method"], line["view"], line["status"], line["level"]) == ("GET", "profile", 200, "info")
    assert line["user_id"] == str(candidate.pk)
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["ms"] >= 0


def test_the_next_request_is_not_taken_for_the_same_persons(candidate: User, json_log: Log) -> None:
    client_of(candidate).get(reverse("profile"))
    Client().get(reverse("landing"))

    first, second = json_log.events("request_finished")
    assert "user_id" in first
    assert "user_id" not in second
    assert first["request_id"] != second["request_id"]


def test_a_proxys_id_is_taken() -> None:
    response = Client().get("/livez", headers={"X-Request-ID": "f00-ba4:proxy.7"})

    assert response.headers["X-Request-ID"] == "f00-ba4:proxy.7"


@pytest.mark.parametrize(
    "sent", ["", "short", "a" * 65, "with space in it", "forged\x1b[2Jid", "<script>alert", "é" * 9]
)
def test_what_does_not_look_like_an_id_is_replaced(sent: str) -> None:
    given = Client().get("/livez", headers={"X-Request-ID": sent}).headers["X-Request-ID"]

    assert given != sent
    assert logs.SANE_ID.fullmatch(given)


# --- tasks --------------------------------------------------------------------------------------------------


def test_the_request_travels_into_the_task_and_its_lines(json_log: Log) -> None:
    """What is published carries the id; the worker's side binds it, with the id of what the task is about."""
    sent: list[dict[str, Any]] = []

    def note(headers: dict[str, Any], **_: Any) -> None:
        sent.append(headers)

    job, receiver = uuid4(), CeleryReceiver()
    after_task_publish.connect(note)
    with bound_contextvars(request_id="request-of-somebody"):
        assert bell.ring("grading.grade_job", job)

    (headers,) = sent
    assert headers["__django_structlog__"]["request_id"] == "request-of-somebody"
    grade_job.push_request(id=headers["id"], args=[str(job)], __django_structlog__=headers["__django_structlog__"])
    try:
        receiver.receiver_task_prerun(headers["id"], grade_job)
        logging.getLogger("grading").info("Something happened.")
    finally:
        grade_job.pop_request()
        structlog.contextvars.clear_contextvars()

    (line,) = json_log.events("Something happened.")
    assert line["request_id"] == "request-of-somebody"
    assert (line["task"], line["task_id"], line["job_id"]) == ("grading.grade_job", headers["id"], str(job))


# --- what no line may hold ----------------------------------------------------------------------------------


FORGED = "harmless\r\n2026-11-23T12:00:00Z [info] forged\x1b[2J\x9b\u2028\u202eend"


def test_nobody_can_forge_a_line(any_log: Log) -> None:
    log = logging.getLogger("forger")
    log.warning("said %s", FORGED)
    log.warning(FORGED, extra={})
    structlog.stdlib.get_logger("forger").info(FORGED, value=FORGED)

    assert len(any_log.text().split("\n")) == 3 + 1
    assert not logs.CONTROL.search(any_log.text().replace("\n", ""))


def test_nor_by_an_exception(any_log: Log) -> None:
    try:
        int(FORGED)
    except ValueError:
        logging.getLogger("forger").exception("It failed")

    text = any_log.text()
    assert "Traceback (most recent call last)" in text
    assert not logs.CONTROL.search(text.replace("\n", ""))
    # An event begins a line; all that belongs to it is set off.
    assert all(line.startswith("  | ") for line in text.splitlines()[1:])


def test_rows_that_the_database_quotes_are_left_out(any_log: Log, candidate: User) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO people_cohort (id, name, created_at) VALUES (gen_random_uuid(), %s, NULL)",
                ["CANARYANSWER\nCANARYSECOND line"],
            )
    except IntegrityError:
        logging.getLogger("database").exception("It failed")

    assert "IntegrityError" in any_log.text()
    assert "CANARY" not in any_log.text()


def test_addresses_and_tokens_are_left_out(any_log: Log) -> None:
    token = "hb8Zl1tXkQ0v3_uYwP9-sDfGhJkLmNbVcXzQwErTyUi"
    logging.getLogger("mail").warning("%s refused: canary.person+x@mail.example.com", f"/invitations/{token}/")

    assert "canary" not in any_log.text()
    assert token not in any_log.text()
    assert "[address]" in any_log.text()


def test_ids_stay(any_log: Log) -> None:
    job = uuid4()
    logging.getLogger("grading").warning("job %s: a_function_with_a_rather_long_name_in_it", job)

    assert f"job {job}: a_function_with_a_rather_long_name_in_it" in any_log.text()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_people_write_and_hold_is_in_no_line(
    candidate: User, admin: User, cohort: Cohort, track: Track, any_log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft, a login that fails, an invitation that is opened, an error in the middle of all that."""
    interview = make_interview(candidate, track)
    _, token = invite(
        cohort=cohort, email="canaryguest@example.com", role=Role.CANDIDATE, actor=admin, now=database_now()
    )
    client = client_of(candidate)
    form = {"text": "CANARYANSWER", "action": "save", "revision": 0}
    client.post(reverse("question", args=[interview.pk, 1]), form)
    Client().get(reverse("accept_invitation", args=[token]))
    Client().get(reverse("accept_invitation", args=[token + "x"]))
    Client().get(f"/no/such/{token}/?q=CANARYQUERY")
    Client().post(reverse("account_login"), {"login": "canary@example.com", "password": "CANARYPASSWORD"})
    monkeypatch.setattr("people.views.invitations.render", _fails)
    client.raise_request_exception = False
    assert client.get(reverse("accept_invitation", args=[token])).status_code == 500

    assert Draft.objects.get().text == "CANARYANSWER"
    text = any_log.text()
    assert "request_finished" in text
    assert "Internal Server Error" in text
    assert "Traceback" in text
    assert token not in text
    assert "canary" not in text.lower()
    assert candidate.email not in text


def _fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("The page broke.")


def test_production_logs_json_and_nothing_else_writes() -> None:
    formatter = settings.LOGGING["formatters"]["events"]

    assert formatter["()"] is structlog.stdlib.ProcessorFormatter
    assert list(settings.LOGGING["handlers"]) == ["console"]
    rendered = logs.configure(as_json=True)["formatters"]["events"]["processors"][-1]
    assert isinstance(rendered, structlog.processors.JSONRenderer)
    assert bell.log.name == "people.bell"
