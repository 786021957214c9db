"""/livez and /readyz: each part that can fail does fail here, for real."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from grading.models import GradingJob, WorkerHeartbeat
from interview.models import Answer
from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Track
from tests.factories import give_grade, make_interview

OK = {"database": "ok", "migrations": "ok", "broker": "ok", "model": "ok", "queue": "ok"}


@pytest.fixture
def worker() -> WorkerHeartbeat:
    """A worker that was seen just now."""
    return WorkerHeartbeat.objects.create(
        name="here:1", engine_version="alignment-1", encoder="stub", seen_at=database_now()
    )


def _readyz() -> tuple[int, dict[str, Any]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


def _answer(candidate: User, track: Track, *, age: timedelta) -> Answer:
    then = database_now() - age
    asked = make_interview(candidate, track, now=then).questions.get(position=1)
    return submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=then)


def test_livez_answers_without_touching_the_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/livez")

    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_is_ready_when_every_part_is(worker: WorkerHeartbeat) -> None:
    assert _readyz() == (200, {"ready": True, "checks": OK})


def test_readyz_is_never_answered_from_a_cache(worker: WorkerHeartbeat) -> None:
    assert "no-store" in Client().get("/readyz").headers["Cache-Control"]


def test_readyz_names_a_model_that_no_worker_has_loaded() -> None:
    checks = {**OK, "model": "no worker has loaded the model yet"}

    assert _readyz() == (503, {"ready": False, "checks": checks})


def test_readyz_names_a_worker_that_fell_silent(worker: WorkerHeartbeat) -> None:
    worker.seen_at -= timedelta(seconds=61)
    worker.save()

    reason = f"no worker with a model was seen since {worker.seen_at:%H:%M:%S} UTC"
    assert _readyz() == (503, {"ready": False, "checks": {**OK, "model": reason}})


def test_readyz_is_ready_while_one_of_several_workers_is_seen(worker: WorkerHeartbeat) -> None:
    WorkerHeartbeat.objects.create(
        name="there:1", engine_version="alignment-1", encoder="stub", seen_at=worker.seen_at - timedelta(hours=1)
    )

    assert _readyz() == (200, {"ready": True, "checks": OK})


def test_readyz_names_an_answer_that_waits_too_long(worker: WorkerHeartbeat, candidate: User, track: Track) -> None:
    _answer(candidate, track, age=timedelta(hours=1))

    status, body = _readyz()

    reason = body["checks"].pop("queue")
    assert (status, body["ready"]) == (503, False)
    assert reason.startswith("an answer waits for its grade since 360")
    assert body["checks"] == {name: outcome for name, outcome in OK.items() if name != "queue"}


def test_readyz_is_ready_with_answers_that_wait_briefly_or_are_graded(
    worker: WorkerHeartbeat, candidate: User, track: Track
) -> None:
    _answer(candidate, track, age=timedelta(seconds=5))
    give_grade(_answer(candidate, track, age=timedelta(hours=1)).job, 50)

    assert GradingJob.objects.count() == 2
    assert _readyz() == (200, {"ready": True, "checks": OK})


def test_readyz_names_migrations_that_are_not_applied(worker: WorkerHeartbeat) -> None:
    applied = MigrationRecorder(connection).migration_qs
    newest = applied.filter(app="interview").order_by("-name").first()
    applied.filter(app="interview", name=newest.name).delete()

    checks = {**OK, "migrations": "1 migrations are not applied"}
    assert _readyz() == (503, {"ready": False, "checks": checks})


ASK = """
import json, django
django.setup()
from django.test import Client
responses = {path: Client().get(path) for path in ("/livez", "/readyz", "/")}
print(json.dumps({path: [r.status_code, r.content.decode()] for path, r in responses.items()}))
"""


def test_without_its_servers_the_process_lives_and_readyz_names_them() -> None:
    nowhere = {"DATABASE_URL": "postgres://nobody:secret@127.0.0.1:1/greenroom", "REDIS_URL": "redis://127.0.0.1:1"}
    environment = {**os.environ, **nowhere, "DJANGO_SETTINGS_MODULE": "config.settings.test"}

    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    answers = json.loads(asked.stdout)
    status, body = answers["/readyz"]
    assert answers["/livez"] == [200, "ok"]
    assert answers["/"][0] == 200
    gone = dict.fromkeys(OK, "OperationalError")
    assert (status, json.loads(body)) == (503, {"ready": False, "checks": gone})
    assert "secret" not in body
