"""The life of a grading job. Every change of state is one conditional UPDATE: whoever comes second changes nothing."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from grading.counterfactual import scores_with_points
from grading.engine import ENGINE_VERSION, GradeResult
from grading.grader import get_grader, question_of
from grading.models import (
    Grade,
    GradingJob,
    JobState,
    KeyPointMark,
    Regrade,
    WorkerHeartbeat,
)
from grading.signals import grade_ready
from people.bell import ring
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion
from questionbank.selectors import with_parts

log = logging.getLogger(__name__)

GRADE_JOB = "grading.grade_job"
# One sweep at a time: the number is the advisory lock's name, any constant will do.
SWEEP_LOCK = 0x6772_6E72


def request_grade(
    *, answer_id: UUID, candidate: User, version: QuestionVersion, text: str, now: datetime
) -> GradingJob:
    """Queue an answer for grading, within the transaction that submits it; after the commit a worker is told.

    Called twice for one answer it returns the first job.
    """
    job, created = GradingJob.objects.get_or_create(
        answer_id=answer_id,
        engine_version=ENGINE_VERSION,
        defaults={"candidate": candidate, "version": version, "text": text, "created_at": now, "rung_at": now},
    )
    if created:
        transaction.on_commit(lambda: ring(GRADE_JOB, job.pk))
    return job


def claim(*, job_id: UUID, now: datetime) -> GradingJob | None:
    """Take a job that waits, or whose worker's lease ran out; None when somebody else has it or it is done.

    Raising the fencing token in the same UPDATE shuts out whoever held it before.
    """
    waiting = Q(state=JobState.PENDING) | Q(state=JobState.RUNNING, lease_expires_at__lte=now)
    taken = GradingJob.objects.filter(waiting, pk=job_id, attempts__lt=settings.GRADING_MAX_ATTEMPTS).update(
        state=JobState.RUNNING,
        fencing_token=F("fencing_token") + 1,
        attempts=F("attempts") + 1,
        claimed_at=now,
        lease_expires_at=now + timedelta(seconds=settings.GRADING_LEASE_SECONDS),
    )
    return GradingJob.objects.get(pk=job_id) if taken == 1 else None


def grade(*, job_id: UUID) -> Grade | None:
    """Claim, grade and write: what a worker does with one message. None when there was nothing to do.

    Any error puts the job back for the sweeper, and after the last attempt before a mentor; it is then raised again.
    """
    job = claim(job_id=job_id, now=database_now())
    if job is None:
        return None
    try:
        version = with_parts(QuestionVersion.objects.filter(pk=job.version_id)).get()
        grader, question = get_grader(), question_of(version)
        result = grader.grade(question, job.text)
        scores_with = scores_with_points(grader, question, job.text, result)
        return complete(job=job, version=version, result=result, scores_with=scores_with)
    except BaseException as error:  # a time limit arrives as an exception of its own kind
        fail(job=job, trouble=f"{type(error).__name__}: {error}")
        raise


def complete(
    *,
    job: GradingJob,
    version: QuestionVersion,
    result: GradeResult,
    scores_with: Mapping[str, float] = MappingProxyType({}),
) -> Grade | None:
    """Write the grade if job's fencing token still holds; else change nothing and return None.

    scores_with: by key point, the score (0..1) of the answer with that point stated as well.
    """
    with transaction.atomic():
        now = database_now()
        finished = GradingJob.objects.filter(
            pk=job.pk, state=JobState.RUNNING, fencing_token=job.fencing_token
        ).update(state=_state_after(result), finished_at=now, lease_expires_at=None, trouble="")
        if finished != 1:
            log.warning("job %s: a grade came too late and was refused", job.pk)
            return None
        written = _write_grade(job, version, result, scores_with, now)
        announce(job)
    return written


@transaction.atomic
def grade_again(
    *,
    job: GradingJob,
    regrade: Regrade,
    version: QuestionVersion,
    result: GradeResult,
    scores_with: Mapping[str, float],
) -> Grade:
    """Write what regrade makes of a finished job, locked by the caller; what was shown before stays in the record."""
    written = _write_grade(job, version, result, scores_with, database_now(), regrade)
    GradingJob.objects.filter(pk=job.pk).update(state=_state_after(result), trouble="")
    announce(job)
    return written


def _state_after(result: GradeResult) -> JobState:
    """A grade that the engine doubts is shown, and waits for a mentor all the same."""
    return JobState.NEEDS_REVIEW if result.doubts else JobState.GRADED


def _write_grade(
    job: GradingJob,
    version: QuestionVersion,
    result: GradeResult,
    scores_with: Mapping[str, float],
    now: datetime,
    regrade: Regrade | None = None,
) -> Grade:
    written = Grade.objects.create(
        job=job,
        version=version,
        regrade=regrade,
        score=round(result.score * 100, 2),
        confidence=result.confidence,
        flags=list(result.flags),
        doubts=list(result.doubts),
        receipt={**result.receipt, "question_version": str(version.pk), "content_hash": version.content_hash},
        created_at=now,
    )
    _write_marks(written, version, result, scores_with)
    GradingJob.objects.filter(pk=job.pk).update(grade=written)
    return written


def announce(job: GradingJob) -> None:
    """Let those above know, once what happened is certain."""

    def tell() -> None:
        # Read again: while a worker was at it, the guest who wrote the answer may have become somebody.
        current = GradingJob.objects.filter(pk=job.pk).first()
        if current:
            # Robust: a listener that fails is logged, and takes neither the grade nor the mentor's page with it.
            grade_ready.send_robust(sender=GradingJob, job=current)

    transaction.on_commit(tell)


def _write_marks(
    grade: Grade, version: QuestionVersion, result: GradeResult, scores_with: Mapping[str, float]
) -> None:
    points = {point.slug: point for point in version.key_points.all()}
    KeyPointMark.objects.bulk_create(
        KeyPointMark(
            grade=grade,
            key_point=points[marked.id],
            mark=marked.mark,
            similarity=marked.similarity,
            threshold=marked.threshold,
            p_stated=marked.p_stated,
            p_missing=marked.p_missing,
            p_contradicted=marked.p_contradicted,
            evidence_start=marked.evidence.start if marked.evidence else None,
            evidence_end=marked.evidence.end if marked.evidence else None,
            score_with=round(scores_with[marked.id] * 100, 2) if marked.id in scores_with else None,
        )
        for marked in result.key_points
    )


def fail(*, job: GradingJob, trouble: str) -> None:
    """Put a job back after an attempt that failed; after the last one it waits for a mentor, with the reason."""
    last = job.attempts >= settings.GRADING_MAX_ATTEMPTS
    now = database_now()
    held = GradingJob.objects.filter(pk=job.pk, state=JobState.RUNNING, fencing_token=job.fencing_token)
    if last:
        _hand_to_mentor(held, now, trouble)
    else:
        held.update(state=JobState.PENDING, lease_expires_at=None, rung_at=now, trouble=trouble[:1000])


def _hand_to_mentor(jobs: QuerySet[GradingJob], now: datetime, trouble: str = "") -> None:
    """Let jobs wait for a mentor with this reason, or else with that of each one's latest failure."""
    for job in jobs:
        finished = jobs.filter(pk=job.pk).update(
            state=JobState.NEEDS_REVIEW,
            finished_at=now,
            lease_expires_at=None,
            trouble=(trouble or job.trouble)[:1000],
        )
        if finished == 1:
            announce(job)


def sweep(*, now: datetime) -> int:
    """Ring again for jobs that wait too long or whose worker's lease ran out; return for how many it was heard.

    A job out of attempts goes before a mentor. An advisory lock lets one sweep run at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        expired = Q(state=JobState.RUNNING, lease_expires_at__lte=now)
        worn_out = GradingJob.objects.filter(attempts__gte=settings.GRADING_MAX_ATTEMPTS)
        _hand_to_mentor(worn_out.filter(expired), now, "The worker stopped before it could finish, each time.")
        # One that was put back while more attempts were allowed than are now: nobody can claim it any more.
        _hand_to_mentor(worn_out.filter(state=JobState.PENDING), now)
        unheard = Q(state=JobState.PENDING, rung_at__lte=now - timedelta(seconds=settings.GRADING_RING_AGAIN_SECONDS))
        due = list(GradingJob.objects.filter(expired | unheard).order_by("created_at").values_list("pk", flat=True))
    for heard, job_id in enumerate(due):
        # Rung first and noted after: a crash in between means one ring too many, never one too few.
        if not ring(GRADE_JOB, job_id):
            return heard  # the broker is away for the others too
        GradingJob.objects.filter(pk=job_id).update(rung_at=now)
    return len(due)


def beat(*, name: str, now: datetime) -> None:
    """Note that the worker process name lives and has its model."""
    identity = get_grader().identity
    WorkerHeartbeat.objects.update_or_create(
        name=name,
        defaults={
            "engine_version": identity["engine"],
            "encoder": identity["encoder"],
            "identity": identity,
            "seen_at": now,
        },
    )
    WorkerHeartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


def hand_over_jobs(*, guest: User, user: User) -> None:
    """Make guest's jobs user's: the account that the guest has become. A trigger lets no other job change hands."""
    GradingJob.objects.filter(candidate=guest).update(candidate=user)
