"""/metrics: who gets it, and what it says, read by the library's own parser."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from grading.models import GradingJob, WorkerHeartbeat
from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import User
from people.services import task_runs
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import give_grade, make_interview

TOKEN = "a token of forty characters or there about"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = pytest.mark.usefixtures("token")


@pytest.fixture
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def _samples() -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels, which come in the order of their names."""
    response = Client().get("/metrics", headers=RIGHT)
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_without_a_token_set_there_is_no_such_page() -> None:
    with override_settings(METRICS_TOKEN=""):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": ""}):
            assert Client().get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", f"Token {TOKEN}", TOKEN, f"Bearer {TOKEN}é"])
def test_nobody_gets_it_without_the_right_token(sent: str | None, site_admin: User) -> None:
    response = client_of(site_admin).get("/metrics", headers={} if sent is None else {"Authorization": sent})

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"greenroom" not in response.content


def test_it_is_never_answered_from_a_cache() -> None:
    response = Client().get("/metrics", headers=RIGHT)

    assert response.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in response.headers["Cache-Control"]


def test_queue_grading_and_workers_are_there(candidate: User, track: Track) -> None:
    now = database_now()
    jobs = []
    for seconds in (4, 600):
        then = now - timedelta(seconds=seconds)
        asked = make_interview(candidate, track, now=then).questions.get(position=1)
        jobs.append(submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=then).job)
    give_grade(jobs[0], 80)
    GradingJob.objects.filter(pk=jobs[0].pk).update(finished_at=now)
    WorkerHeartbeat.objects.create(name="here:1", engine_version="7", encoder="stub", seen_at=now)

    found = _samples()

    assert found["greenroom_jobs", "pending"] == found["greenroom_jobs", "graded"] == 1
    assert found["greenroom_waiting", "answers", "grading"] == 1
    assert found["greenroom_waiting_seconds", "answers", "grading"] == pytest.approx(600, abs=30)
    assert found["greenroom_grading_seconds", "0.95", "hour"] == pytest.approx(4, abs=0.01)
    assert (found["greenroom_graded", "hour"], found["greenroom_workers",]) == (1, 1)
    assert found["greenroom_broker_up",] == 1
    assert {name[1] for name in found if name[0] == "greenroom_messages"} == {"grading", "bench", "bulk"}


def test_tasks_are_counted_with_their_failures() -> None:
    now = database_now()
    task_runs.note(name="grading.sweep_jobs", seconds=0.5, error="", now=now)
    task_runs.note(name="grading.sweep_jobs", seconds=1, error="OSError", now=now)

    found = _samples()

    task = "grading.sweep_jobs"
    assert (found["greenroom_task_runs_total", task], found["greenroom_task_failures_total", task]) == (2, 1)
    assert found["greenroom_task_seconds_total", task] == 1.5
    assert found["greenroom_task_ended_timestamp_seconds", task] == pytest.approx(now.timestamp())


def test_requests_are_counted_by_the_name_of_their_page(candidate: User, track: Track) -> None:
    interview = make_interview(candidate, track)
    address = reverse("question", args=[interview.pk, 1])
    before = _samples()

    client_of(candidate).get(address)
    Client().generic("BREW", "/no/such/page")
    after = _samples()

    def more(*name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("greenroom_requests_total", "GET", "200", "question") == 1
    assert more("greenroom_requests_total", "other", "404", "none") == 1
    assert more("greenroom_request_seconds_count", "question") == 1
    assert not any(str(interview.pk) in label for name in after for label in name)


def test_it_asks_equally_often_for_one_and_for_three(django_assert_num_queries: Any) -> None:
    for n in range(3):
        task_runs.note(name=f"task {n}", seconds=1, error="", now=database_now())

        with django_assert_num_queries(13):
            _samples()
