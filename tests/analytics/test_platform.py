"""The platform page: every number on it against a small world whose numbers are known."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from analytics.selectors import platform
from grading.models import GradingJob, JobState, WorkerHeartbeat
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.services.interviews import submit_answer
from people import bell
from people.clock import database_now
from people.models import Invitation, Role, TaskRun, User
from people.services import task_runs
from people.services.invitations import invite
from questionbank.models import Mark, Track
from tests.conftest import client_of
from tests.factories import give_grade, make_interview


@pytest.fixture
def now() -> datetime:
    return database_now()


def _job(candidate: User, track: Track, *, handed_in: datetime) -> GradingJob:
    asked = make_interview(candidate, track, now=handed_in).questions.get(position=1)
    return submit_answer(asked=asked, text="CANARYANSWER", idempotency_key=uuid4(), now=handed_in).job


def _graded(candidate: User, track: Track, *, ended: datetime, took: float) -> GradingJob:
    job = _job(candidate, track, handed_in=ended - timedelta(seconds=took))
    give_grade(job, 80)
    GradingJob.objects.filter(pk=job.pk).update(finished_at=ended)
    return job


# --- selectors ----------------------------------------------------------------------------------------------


def test_what_waits_is_counted_by_kind_with_its_age(candidate: User, track: Track, now: datetime) -> None:
    for minutes in (1, 3):
        _job(candidate, track, handed_in=now - timedelta(minutes=minutes))

    answers = platform.waiting(now)[0]

    assert (answers.kind, answers.queue, answers.n, answers.seconds(now)) == ("answers", "grading", 2, 180)


def test_facts_that_are_stale_wait_too(candidate: User, track: Track, now: datetime) -> None:
    _graded(candidate, track, ended=now, took=1)

    waits = {one.kind: one.n for one in platform.waiting(database_now())}

    assert waits == dict.fromkeys(waits, 0) | {"facts": 1}


def test_latency_is_the_percentile_of_each_window(candidate: User, track: Track, now: datetime) -> None:
    for took in (1, 2, 3):
        _graded(candidate, track, ended=now - timedelta(minutes=1), took=took)
    _graded(candidate, track, ended=now - timedelta(hours=2), took=7)
    _graded(candidate, track, ended=now - timedelta(days=8), took=1000)

    hour, day, week = platform.latencies(now)

    assert (hour.n, hour.p50, hour.p95, hour.p99) == (3, 2, pytest.approx(2.9), pytest.approx(2.98))
    assert (day.n, day.p50) == (week.n, week.p50) == (4, 2.5)


def test_without_grades_there_is_no_latency(now: datetime) -> None:
    assert [(one.n, one.p50, one.p99) for one in platform.latencies(now)] == [(0, None, None)] * 3


def test_jobs_are_counted_by_state_and_engine(candidate: User, track: Track, now: datetime) -> None:
    graded = _graded(candidate, track, ended=now, took=1)
    _job(candidate, track, handed_in=now)

    counts = platform.job_counts()

    assert {state: n for state, n in counts.by_state.items() if n} == {JobState.GRADED: 1, JobState.PENDING: 1}
    assert (counts.by_engine, counts.total) == ({graded.engine_version: 1}, 2)


def test_hours_without_grades_are_there_with_nothing(candidate: User, track: Track, now: datetime) -> None:
    for hours in (0, 2, 2, 30):
        _graded(candidate, track, ended=now - timedelta(hours=hours), took=1)

    hours = platform.graded_by_hour(now)

    assert [hour.n for hour in hours] == [0] * 21 + [2, 0, 1]
    assert [hour.is_running for hour in hours] == [False] * 23 + [True]


def test_failures_are_counted_by_their_kind(candidate: User, track: Track, now: datetime) -> None:
    jobs = [_job(candidate, track, handed_in=now) for _ in range(2)]
    for job, attempts in zip(jobs, (1, 3), strict=True):
        for attempt in range(attempts):
            claimed = claim(job_id=job.pk, now=database_now())
            assert claimed
            fail(job=claimed, trouble=f"ValueError: attempt {attempt} at CANARYANSWER")

    (trouble,) = platform.troubles(database_now())

    assert (trouble.reason, trouble.n, trouble.given_up) == ("ValueError", 2, 1)
    assert trouble.latest_job in [job.pk for job in jobs]


def test_agreement_is_by_the_month_of_the_review(
    candidate: User, mentor: User, site_admin: User, track: Track, now: datetime
) -> None:
    for days in (0, *[40] * 5):
        job = _graded(candidate, track, ended=now, took=1)
        job.refresh_from_db()
        marks = {point.pk: Mark.STATED for point in job.key.key_points.all()}
        review(job=job, reviewer=mentor, marks=marks, reason="All is there.", now=now - timedelta(days=days))

    before, latest = platform.agreement_by_month(site_admin, now)

    assert (before.scores.n, before.scores.error, before.scores.bias) == (5, 20, -20)
    assert (latest.scores.n, latest.scores.error) == (1, None)


def test_a_worker_that_fell_silent_is_gone(now: datetime) -> None:
    for name, seconds in (("here:1", 5), ("here:2", 90), ("there:1", 2 * 86_400)):
        seen = now - timedelta(seconds=seconds)
        WorkerHeartbeat.objects.create(name=name, engine_version="7", encoder="stub", seen_at=seen)

    assert [(one.name, one.is_alive) for one in platform.workers(now)] == [("here:1", True), ("here:2", False)]


SCHEDULE = {"sweep": {"task": "grading.sweep_jobs", "schedule": 5}, "forget": {"task": "forget", "schedule": 3600}}


@override_settings(CELERY_BEAT_SCHEDULE=SCHEDULE)
def test_a_task_that_did_not_run_when_it_should_is_late(now: datetime) -> None:
    task_runs.note(name="grading.sweep_jobs", seconds=1, error="", now=now - timedelta(seconds=76))
    task_runs.note(name="forget", seconds=1, error="", now=now - timedelta(hours=1))

    tasks = platform.scheduled(now, platform.task_runs())

    assert [(task.words, task.is_late) for task in tasks] == [("sweep", True), ("forget", False)]
    said = platform.concerns(now, waits=[], alive=True, unread={}, tasks=tasks)
    assert said == ["“Sweep” has not run when it should have."]


def test_mails_that_were_not_taken_are_counted(cohort: Any, admin: User, now: datetime) -> None:
    for name in ("one", "two"):
        invite(cohort=cohort, email=f"{name}@example.com", role=Role.CANDIDATE, actor=admin, now=now)
    Invitation.objects.filter(email="two@example.com").update(mail_error="Refused.", sent_at=None)

    assert [(one.reason, one.n) for one in platform.mail_troubles(now)] == [("Refused.", 1)]


def test_storage_names_the_largest_tables_first() -> None:
    found = platform.storage()

    assert found.database >= sum(table.bytes for table in found.tables) > 0
    assert [table.bytes for table in found.tables] == sorted((table.bytes for table in found.tables), reverse=True)
    assert found.disk_total > found.disk_free > 0


def test_all_is_said_that_somebody_should_see_to(candidate: User, track: Track, now: datetime) -> None:
    _job(candidate, track, handed_in=now - timedelta(minutes=2))

    said = platform.concerns(now, waits=platform.waiting(now), alive=False, unread=None, tasks=[])

    assert [line.split(":")[0] for line in said] == [
        "No worker with a model was seen for a minute",
        "The broker does not answer",
        "Answers to grade",
    ]


# --- the page -----------------------------------------------------------------------------------------------


def test_the_broker_says_how_many_messages_wait() -> None:
    before = bell.unread()
    assert before is not None
    bell.ring("interview.send_reminders", uuid4())

    assert bell.unread() == before | {"bulk": before["bulk"] + 1}


def test_page_shows_how_things_stand(candidate: User, site_admin: User, track: Track, now: datetime) -> None:
    _graded(candidate, track, ended=now, took=2)
    _job(candidate, track, handed_in=now - timedelta(minutes=5))

    page = client_of(site_admin).get(reverse("platform")).content.decode()

    assert "Answers to grade: the oldest waits for more than 60 seconds." in page
    assert "half had a grade after 2.0 s" in page
    assert "1 answer within 24 hours" in page
    assert "CANARYANSWER" not in page
    assert 'hx-trigger="every 10s"' in page


def test_the_fragment_is_the_part_that_renews_itself(site_admin: User) -> None:
    response = client_of(site_admin).get(reverse("platform") + "?fragment")

    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert 'id="platform-now"' in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("", 21), ("?fragment", 17)])
def test_page_asks_equally_often_for_one_and_for_three(  # noqa: PLR0917 (pytest passes them by name)
    count: int,
    address: str,
    queries: int,
    candidate: User,
    mentor: User,
    site_admin: User,
    track: Track,
    now: datetime,
    django_assert_num_queries: Any,
) -> None:
    for n in range(count):
        job = _graded(candidate, track, ended=now - timedelta(hours=n), took=2)
        job.refresh_from_db()
        marks = {point.pk: Mark.STATED for point in job.key.key_points.all()}
        review(job=job, reviewer=mentor, marks=marks, reason="Well.", now=now)
        _job(candidate, track, handed_in=now)
        task_runs.note(name=f"task {n}", seconds=1, error="", now=now)
        WorkerHeartbeat.objects.create(name=f"w{n}", engine_version="7", encoder="stub", seen_at=now)
    client = client_of(site_admin)

    with django_assert_num_queries(queries):
        assert client.get(reverse("platform") + address).status_code == 200


def test_only_site_admins_see_it(admin: User) -> None:
    assert client_of(admin).get(reverse("platform")).status_code == 403


@pytest.mark.parametrize("name", ["job_graded_by_end", "job_by_state", "job_in_trouble"])
def test_the_indexes_of_the_page_are_used(name: str, now: datetime) -> None:
    statements = {
        "job_graded_by_end": (platform.LATENCY, dict.fromkeys(("hour", "day", "week"), now)),
        "job_in_trouble": (platform.TROUBLES, [now]),
        "job_by_state": ("SELECT state, engine_version, count(*) FROM grading_gradingjob GROUP BY 1, 2", None),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + statements[name][0], statements[name][1])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert name in plan


# --- what is noted of tasks ---------------------------------------------------------------------------------


def test_runs_of_a_task_add_up(now: datetime) -> None:
    task_runs.note(name="a", seconds=1, error="", now=now - timedelta(minutes=2))
    task_runs.note(name="a", seconds=2, error="ValueError", now=now - timedelta(minutes=1))
    task_runs.note(name="a", seconds=4, error="", now=now)

    run = TaskRun.objects.get()

    assert (run.runs, run.failures, run.seconds_total, run.seconds) == (3, 1, 7, 4)
    assert (run.ended_at, run.failed_at, run.error) == (now, now - timedelta(minutes=1), "ValueError")
