"""Every task of the product run three times gives what running it once gives: a message may come again at any time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.apps import apps

from config.celery import OutOfMemory
from grading.models import BenchPurpose, BenchRun, Grade, GradingJob, JobState, WorkerHeartbeat
from grading.services import jobs as services
from grading.services.bench import request_run
from grading.services.calibrations import propose
from grading.services.jobs import claim
from grading.services.regrades import preview
from grading.services.reviews import review
from grading.tasks import grade_job, sweep_jobs
from interview.models import Mode
from interview.services import reminders
from interview.services.guests import start_as_guest
from interview.services.interviews import finish
from people.clock import database_now
from people.models import MemberImport, RateBucket, Role, TaskRun, User
from people.services import erasure
from people.services.invitations import Invitee, invite_all
from questionbank.models import Import, Mark, QuestionVersion, Track
from questionbank.selectors import content_of, with_parts
from questionbank.services.imports import upload
from tests.factories import give_grade, make_assignment, make_interview, make_topic
from tests.grading.conftest import make_job
from tests.grading.keys import publish_mended

APPS = ("people", "questionbank", "grading", "interview", "analytics")


def _grade_job(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    return [str(make_job(candidate, published).pk)]


def _sweep_jobs(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    """One job that nobody heard of, one whose worker vanished, and one that has worn out its workers."""
    long_ago = database_now() - timedelta(hours=1)
    _unheard, lost, worn_out = (make_job(candidate, published, now=long_ago) for _ in range(3))
    claim(job_id=lost.pk, now=long_ago)
    for minutes in range(3):
        claim(job_id=worn_out.pk, now=long_ago + timedelta(minutes=minutes))
    return []


def _close_overdue(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    make_interview(candidate, track, mode=Mode.MOCK, now=database_now() - timedelta(hours=5))
    return []


def _announce_graded(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    finish(interview=make_interview(candidate, track, mode=Mode.MOCK), now=database_now())
    for job in GradingJob.objects.all():
        give_grade(job, 73)
    return []


def _remove_idle_guests(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    long_ago = database_now() - timedelta(days=30)
    start_as_guest(now=long_ago)
    User.objects.filter(is_guest=True).update(date_joined=long_ago, last_login=long_ago)
    return []


def _run_bench(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    content = content_of(with_parts(QuestionVersion.objects.filter(pk=published.pk)).get())
    asked = {"content": content, "actor": None, "now": database_now()}
    return [str(request_run(purpose=BenchPurpose.EXEMPLARS, **asked).pk)]


def _forget_bench_runs(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    _run_bench(candidate, track, published)
    BenchRun.objects.update(created_at=database_now() - timedelta(days=2))
    return []


def _run_regrade(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    give_grade(make_job(candidate, published), 50)
    regrade = preview(version=publish_mended(published), actor=candidate, now=database_now())
    return [str(regrade.pk)]


def _run_calibration_preview(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    for _ in range(5):
        job = make_job(candidate, published)
        give_grade(job, 73)
        marks = {point.pk: Mark.STATED for point in published.key_points.all()}
        review(job=job, reviewer=candidate, marks=marks, reason="Because.", now=database_now())
    return [str(propose(version=published, actor=candidate, now=database_now()).pk)]


def _uploaded(candidate: User) -> Import:
    return upload(
        name="bank.gift",
        format_name="gift",
        data=b"::Generators::What is a generator? {}",
        topic=make_topic(),
        actor=candidate,
        now=database_now(),
    )


def _run_import(candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    return [str(_uploaded(candidate).pk)]


def _sweep_imports(candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    Import.objects.filter(pk=_uploaded(candidate).pk).update(rung_at=database_now() - timedelta(hours=1))
    return []


def _people_table(candidate: User, *, made_at: datetime) -> MemberImport:
    return MemberImport.objects.create(
        cohort=candidate.cohorts.get(),
        uploaded_by=candidate,
        filename="people.csv",
        header=["Address"],
        rows=[[2, ["new@example.com"]]],
        created_at=made_at,
    )


def _send_invitations(candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    now, cohort = database_now(), candidate.cohorts.get()
    invite_all(
        cohort=cohort,
        invitees=[Invitee("new@example.com", Role.CANDIDATE)],
        member_import=_people_table(candidate, made_at=now),
        actor=candidate,
        now=now,
    )
    return [str(cohort.pk)]


def _sweep_invitations(candidate: User, track: Track, published: QuestionVersion) -> list[str]:
    _send_invitations(candidate, track, published)
    return []


def _forget_member_imports(candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    _people_table(candidate, made_at=database_now() - timedelta(days=2))
    return []


def _erase_due(candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    erasure.ask(user=candidate, actor=candidate, now=database_now() - timedelta(days=30))
    return []


def _sweep_reminders(candidate: User, track: Track, _version: QuestionVersion) -> list[str]:
    make_assignment(candidate.cohorts.get(), track)
    return []


def _send_reminders(candidate: User, track: Track, _version: QuestionVersion) -> list[str]:
    assignment = make_assignment(candidate.cohorts.get(), track)
    reminders.sweep(now=database_now())
    return [str(assignment.pk)]


def _sweep_limits(_candidate: User, _track: Track, _version: QuestionVersion) -> list[str]:
    RateBucket.objects.create(key="0" * 64, full_at=database_now() - timedelta(days=1))
    return []


# These do nothing but ring for others.
RINGS_ONLY = {"people.sweep_invitations"}

ARRANGE: dict[str, Callable[..., list[str]]] = {
    "grading.grade_job": _grade_job,
    "grading.run_regrade": _run_regrade,
    "grading.sweep_jobs": _sweep_jobs,
    "grading.run_bench": _run_bench,
    "grading.run_calibration_preview": _run_calibration_preview,
    "grading.run_bulk_bench": _run_bench,
    "grading.forget_bench_runs": _forget_bench_runs,
    "questionbank.run_import": _run_import,
    "questionbank.sweep_imports": _sweep_imports,
    "interview.close_overdue": _close_overdue,
    "interview.announce_graded": _announce_graded,
    "interview.remove_idle_guests": _remove_idle_guests,
    "interview.sweep_reminders": _sweep_reminders,
    "interview.send_reminders": _send_reminders,
    "people.send_invitations": _send_invitations,
    "people.sweep_invitations": _sweep_invitations,
    "people.sweep_limits": _sweep_limits,
    "people.forget_member_imports": _forget_member_imports,
    "people.erase_due": _erase_due,
    "analytics.refresh_facts": _announce_graded,
}


def _state() -> dict[str, list[dict[str, Any]]]:
    """Return all that the product's tables hold; of a heartbeat all but its time, of a job all but its latest ring."""
    rows = {
        model._meta.label: list(model._default_manager.order_by("pk").values())  # noqa: SLF001 (documented model API)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if model is not TaskRun  # says when each task ran last
    }
    for beat in rows[WorkerHeartbeat._meta.label]:  # noqa: SLF001 (documented model API)
        del beat["seen_at"]
    for job in rows[GradingJob._meta.label]:  # noqa: SLF001 (documented model API)
        del job["rung_at"]
    return rows


@pytest.fixture(autouse=True)
def _every_task_is_registered() -> None:
    """As in a worker; here, each module of tasks is otherwise imported when somebody happens to."""
    current_app.loader.import_default_modules()


def test_every_task_of_the_product_is_tried_here() -> None:
    assert {name for name in current_app.tasks if not name.startswith("celery.")} == set(ARRANGE)


# Outside a transaction of the test's own: a task drops connections that are in the middle of something.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(ARRANGE))
def test_a_task_run_three_times_gives_what_running_it_once_gives(
    name: str, candidate: User, track: Track, published: QuestionVersion
) -> None:
    arguments = ARRANGE[name](candidate, track, published)
    before = _state()

    def run() -> dict[str, list[dict[str, Any]]]:
        current_app.tasks[name].apply(arguments).get()
        return _state()

    once = run()
    assert (once == before) == (name in RINGS_ONLY)
    run()
    assert run() == once


def test_a_task_that_is_told_an_id_grades_that_job(candidate: User, published: QuestionVersion) -> None:
    first, second = make_job(candidate, published), make_job(candidate, published)

    grade_job(str(second.pk))

    assert list(Grade.objects.values_list("job", flat=True)) == [second.pk]
    assert GradingJob.objects.get(pk=first.pk).is_open


def test_a_sweep_shows_that_the_worker_lives() -> None:
    before = database_now()

    sweep_jobs()

    assert before <= WorkerHeartbeat.objects.get().seen_at <= database_now()


def test_a_worker_without_its_model_does_not_sweep(
    candidate: User, published: QuestionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would ring for answers that it cannot grade, until their attempts are used up; so they wait for the model."""
    long_ago = database_now() - timedelta(hours=1)
    waiting = make_job(candidate, published, now=long_ago)

    def missing() -> None:
        raise OSError("The sentence model is missing.")

    monkeypatch.setattr(services, "get_grader", missing)

    with pytest.raises(OSError, match="missing"):
        sweep_jobs()

    assert GradingJob.objects.values_list("pk", "state", "attempts", "rung_at").get() == (
        waiting.pk,
        JobState.PENDING,
        0,
        long_ago,
    )


def test_an_answer_that_eats_the_memory_does_not_end_the_worker(
    candidate: User, published: QuestionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery ends the worker's main process for a MemoryError."""
    job = make_job(candidate, published)

    def too_large() -> None:
        raise MemoryError

    monkeypatch.setattr(services, "get_grader", too_large)

    with pytest.raises(OutOfMemory):
        grade_job(str(job.pk))

    assert GradingJob.objects.values_list("state", "trouble").get() == (JobState.PENDING, "MemoryError: ")


def test_the_beat_schedule_names_tasks_that_there_are() -> None:
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} <= set(ARRANGE)


def test_a_task_reports_no_result_and_speaks_json_alone() -> None:
    conf = current_app.conf

    assert (conf.task_ignore_result, conf.task_serializer, list(conf.accept_content)) == (True, "json", ["json"])
