"""During an upgrade two versions of Greenroom run beside each other over one database and one broker.

What the newer one asks for and the older one does not know waits for the newer one's worker: it is neither failed nor
thrown away. The older version is this one, with something in the database or the queue that it does not know.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import connection

from grading.models import BenchPurpose, BenchRun, GradingJob, JobState
from grading.services import bench, jobs
from interview.models import Reminder
from interview.services import reminders
from people.bell import ring, unread
from people.clock import database_now
from people.models import Cohort, TaskRun, User
from questionbank.models import Import, QuestionVersion, Track
from questionbank.services import imports
from tests.factories import make_assignment, make_content
from tests.grading.conftest import make_job
from tests.product import Product

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def later_run(mentor: User) -> BenchRun:
    """A run of the bench for a purpose that only a later version knows, rung for long ago."""
    return BenchRun.objects.create(
        purpose="of tomorrow",
        content=make_content().to_dict(),
        content_hash="1",
        requested_by=mentor,
        created_at=database_now() - LONG_AGO,
        rung_at=database_now() - LONG_AGO,
    )


def fresh(row: BenchRun) -> BenchRun:
    return BenchRun.objects.get(pk=row.pk)


def test_a_run_of_an_unknown_purpose_waits_for_a_worker_that_knows_it(later_run: BenchRun) -> None:
    for _ in range(settings.GRADING_MAX_ATTEMPTS + 1):
        bench.run(run_id=later_run.pk)
    bench.sweep(now=database_now())

    run = fresh(later_run)
    assert (run.state, run.attempts, run.rung_at) == ("pending", 0, later_run.rung_at)


def test_the_later_worker_does_what_the_older_one_has_left(
    later_run: BenchRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.run(run_id=later_run.pk)
    monkeypatch.setitem(bench.TRIALS, "of tomorrow", bench.TRIALS[BenchPurpose.EXEMPLARS])

    bench.run(run_id=later_run.pk)

    assert fresh(later_run).state == "done"


def test_an_import_of_an_unknown_format_waits_for_a_worker_that_reads_it(mentor: User) -> None:
    taken = Import.objects.create(
        uploaded_by=mentor,
        name="bank.tomorrow",
        format="tomorrow",
        content=b"Something.",
        digest="0" * 64,
        state="checking",
        created_at=database_now() - timedelta(days=30),
        rung_at=database_now() - timedelta(days=30),
    )

    for _ in range(imports.MAX_ATTEMPTS + 1):
        imports.run(import_id=taken.pk)
    imports.sweep(now=database_now())

    taken.refresh_from_db()
    assert (taken.state, taken.attempts, bytes(taken.content)) == ("checking", 0, b"Something.")


def test_an_import_in_an_unknown_state_is_not_cancelled(mentor: User) -> None:
    taken = Import.objects.create(
        uploaded_by=mentor,
        name="bank.csv",
        format="csv",
        content=b"Something.",
        digest="0" * 64,
        state="of tomorrow",
        created_at=database_now() - timedelta(days=30),
        rung_at=database_now() - timedelta(days=30),
    )

    imports.run(import_id=taken.pk)
    imports.sweep(now=database_now())

    taken.refresh_from_db()
    assert (taken.state, bytes(taken.content)) == ("of tomorrow", b"Something.")


def test_a_reminder_of_an_unknown_kind_stays_until_it_is_sent(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track)
    later = Reminder.objects.create(
        assignment=assignment, candidate=candidate, kind="of tomorrow", created_at=database_now()
    )

    reminders.sweep(now=database_now())
    reminders.send(assignment_id=assignment.pk)

    later.refresh_from_db()
    assert later.sent_at is None
    assert {one.kind for one in Reminder.objects.all()} == {"opened", "of tomorrow"}


def test_an_answer_in_an_unknown_state_is_left_alone(candidate: User, published: QuestionVersion) -> None:
    job = make_job(candidate, published, now=database_now() - LONG_AGO)
    with connection.cursor() as cursor:  # which a later version's constraint lets in
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE grading_gradingjob DROP CONSTRAINT job_finished_has_time")
    GradingJob.objects.update(state="of tomorrow", attempts=settings.GRADING_MAX_ATTEMPTS)

    assert jobs.grade(job_id=job.pk) is None
    jobs.sweep(now=database_now())

    job.refresh_from_db()
    assert (job.state, job.grade) == ("of tomorrow", None)


def test_whichever_engine_comes_first_grades_and_the_receipt_names_it(
    candidate: User, published: QuestionVersion
) -> None:
    """An answer does not wait for the engine that was new when it was handed in: that one may be taken back."""
    waiting = make_job(candidate, published)
    asked_by_later = GradingJob.objects.create(
        answer_id=uuid4(),
        candidate=candidate,
        version=published,
        text=waiting.text,
        engine_version="engine of tomorrow",
        created_at=database_now(),
        rung_at=database_now(),
    )

    grade = jobs.grade(job_id=asked_by_later.pk)

    assert grade
    assert grade.receipt["engine"] == waiting.engine_version
    asked_by_later.refresh_from_db()
    assert asked_by_later.state in (JobState.GRADED, JobState.NEEDS_REVIEW)


@pytest.mark.django_db(transaction=True)
def test_a_worker_ignores_a_task_it_does_not_know_and_goes_on(candidate: User, published: QuestionVersion) -> None:
    """The message is gone and nothing else: the database has the job, and the later version's sweep rings."""
    current_app.control.purge()
    job = make_job(candidate, published)
    current_app.control.purge()
    assert ring("grading.of_tomorrow", job.pk)
    assert ring("grading.forget_bench_runs_of_tomorrow", job.pk)

    with start_worker(current_app, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        assert ring("grading.grade_job", job.pk)
        Product.eventually(lambda: GradingJob.objects.get().grade, seconds=60)

    assert unread() == {"grading": 0, "bench": 0, "bulk": 0}
    assert set(TaskRun.objects.values_list("name", "failures")) == {("grading.grade_job", 0)}
