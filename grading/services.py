"""The life of a grading job. Every change of state is one conditional UPDATE: whoever comes second changes nothing."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from grading.bell import ring
from grading.counterfactual import scores_with_points
from grading.engine import ENGINE_VERSION, GradeResult, score_of
from grading.grader import get_grader, question_of
from grading.models import (
    Appeal,
    AppealState,
    Grade,
    GradingJob,
    JobState,
    KeyPointMark,
    MentorQuestion,
    Review,
    ReviewMark,
    WorkerHeartbeat,
)
from grading.selectors import mentors_of
from grading.signals import grade_ready
from people.clock import database_now
from people.models import User
from people.services import audit
from questionbank.models import Mark, QuestionVersion
from questionbank.selectors import with_parts

log = logging.getLogger(__name__)

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
        transaction.on_commit(lambda: ring(job.pk))
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
        finished = GradingJob.objects.filter(
            pk=job.pk, state=JobState.RUNNING, fencing_token=job.fencing_token
        ).update(
            # A grade that the engine doubts is shown, and waits for a mentor all the same.
            state=JobState.NEEDS_REVIEW if result.doubts else JobState.GRADED,
            finished_at=database_now(),
            lease_expires_at=None,
            trouble="",
        )
        if finished != 1:
            log.warning("job %s: a grade came too late and was refused", job.pk)
            return None
        written = Grade.objects.create(
            job=job,
            score=round(result.score * 100, 2),
            confidence=result.confidence,
            flags=list(result.flags),
            doubts=list(result.doubts),
            receipt={**result.receipt, "question_version": str(version.pk), "content_hash": version.content_hash},
        )
        _write_marks(written, version, result, scores_with)
        _announce(job)
    return written


def _announce(job: GradingJob) -> None:
    """Let those above know, once what happened is certain."""
    # Robust: a listener that fails is logged, and takes neither the grade nor the mentor's page with it.
    transaction.on_commit(lambda: grade_ready.send_robust(sender=GradingJob, job=job))


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


def _hand_to_mentor(jobs: QuerySet[GradingJob], now: datetime, trouble: str) -> None:
    for job in jobs:
        finished = jobs.filter(pk=job.pk).update(
            state=JobState.NEEDS_REVIEW, finished_at=now, lease_expires_at=None, trouble=trouble[:1000]
        )
        if finished == 1:
            _announce(job)


def sweep(*, now: datetime) -> int:
    """Ring again for jobs that wait too long or whose worker's lease ran out; return for how many it was heard.

    A job out of attempts goes before a mentor. An advisory lock lets one sweep run at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        expired = Q(state=JobState.RUNNING, lease_expires_at__lte=now)
        worn_out = GradingJob.objects.filter(expired, attempts__gte=settings.GRADING_MAX_ATTEMPTS)
        _hand_to_mentor(worn_out, now, "The worker stopped before it could finish, each time.")
        unheard = Q(state=JobState.PENDING, rung_at__lte=now - timedelta(seconds=settings.GRADING_RING_AGAIN_SECONDS))
        due = list(GradingJob.objects.filter(expired | unheard).order_by("created_at").values_list("pk", flat=True))
    for heard, job_id in enumerate(due):
        # Rung first and noted after: a crash in between means one ring too many, never one too few.
        if not ring(job_id):
            return heard  # the broker is away for the others too
        GradingJob.objects.filter(pk=job_id).update(rung_at=now)
    return len(due)


def beat(*, name: str, now: datetime) -> None:
    """Note that the worker process name lives and has its model."""
    identity = get_grader().identity
    WorkerHeartbeat.objects.update_or_create(
        name=name, defaults={"engine_version": identity["engine"], "encoder": identity["encoder"], "seen_at": now}
    )
    WorkerHeartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


@transaction.atomic
def review(*, job: GradingJob, reviewer: User, marks: Mapping[int, Mark], reason: str, now: datetime) -> Review:
    """Write a mentor's marks, one for each key point by its id, with the reason shown to the candidate.

    The score is computed from the marks by the engine's own formula. The machine's grade stays in the record. Open
    appeals are decided by it.
    Raises ValidationError for an empty reason, for marks that do not name exactly the key points, and for a job
    that is still being graded.
    """
    locked = GradingJob.objects.select_for_update().get(pk=job.pk)
    points = {point.pk: point for point in locked.version.key_points.all()}
    if locked.is_open:
        raise ValidationError("This answer is still being graded. Wait for its grade, then review it.")
    if set(marks) != set(points):
        raise ValidationError("Give each key point of this question one mark.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in words for the candidate."})
    score = 100 * score_of((marks[pk].value, point.weight) for pk, point in points.items())
    written = Review.objects.create(
        job=locked, reviewer=reviewer, reason=reason.strip(), score=round(score, 2), created_at=now
    )
    ReviewMark.objects.bulk_create(
        ReviewMark(review=written, key_point_id=pk, mark=mark) for pk, mark in marks.items()
    )
    audit(actor=reviewer, action="grade.override", on=locked, score=written.score, reason=written.reason)
    _decide_appeals(written, marks)
    _announce(locked)
    return written


def _decide_appeals(review: Review, marks: Mapping[int, Mark]) -> None:
    """Accept each open appeal whose key point gets a better mark than the machine's, and decline the others."""
    machine = dict(KeyPointMark.objects.filter(grade__job=review.job_id).values_list("key_point", "mark"))
    for appealed in Appeal.objects.filter(job=review.job_id, state=AppealState.OPEN):
        point = appealed.key_point_id
        is_better = Mark(marks[point]).is_better_than(Mark(machine[point]))
        appealed.state = AppealState.ACCEPTED if is_better else AppealState.DECLINED
        appealed.decided_at, appealed.review = review.created_at, review
        appealed.save(update_fields=["state", "decided_at", "review"])
        audit(actor=review.reviewer, action="appeal.decide", on=appealed, state=appealed.state)


@transaction.atomic
def appeal(*, job: GradingJob, key_point_id: int, said: str, reason: str, now: datetime) -> Appeal:
    """Say for the candidate that the machine's mark of a key point is wrong; said: the sentence that was meant.

    Raises ValidationError where no mentor reads it or one has marked the answer, for a key point that is stated or
    appealed already, and for a sentence that is not in the answer.
    """
    locked = _locked_for_a_mentor(job)
    if locked.reviews.exists():
        raise ValidationError("A mentor has marked this answer meanwhile. The mentor’s marks are the ones that count.")
    marked = KeyPointMark.objects.filter(grade__job=locked, key_point=key_point_id).exclude(mark=Mark.STATED)
    if not marked.exists():
        raise ValidationError("This key point has no mark that could be appealed.")
    if locked.appeals.filter(key_point=key_point_id).exists():
        raise ValidationError("You have appealed this mark already.")
    if not said.strip() or said not in locked.text:
        raise ValidationError("Choose the sentence of your answer that you mean.")
    written = Appeal.objects.create(
        job=locked, key_point_id=key_point_id, said=said, reason=reason.strip(), created_at=now
    )
    audit(actor=locked.candidate, action="appeal.open", on=written, job=str(locked.pk))
    return written


def _locked_for_a_mentor(job: GradingJob) -> GradingJob:
    """Lock the job of which a mentor is to be told. Raises ValidationError where the candidate has none."""
    if not mentors_of(job.candidate_id).exists():
        raise ValidationError("You have no mentor yet. Ask to be invited to a cohort: its mentors can read this.")
    return GradingJob.objects.select_for_update().get(pk=job.pk)


@transaction.atomic
def ask_mentor(*, job: GradingJob, text: str, now: datetime) -> MentorQuestion:
    """Ask the candidate's mentors about an answer.

    Raises ValidationError where no mentor reads it, for an empty text, while the answer is being graded, and while
    another question is open.
    """
    locked = _locked_for_a_mentor(job)
    if locked.is_open:
        raise ValidationError("This answer is still being graded. Ask once its marks are there.")
    if locked.mentor_questions.filter(answered_at=None).exists():
        raise ValidationError("Your last question about this answer is still open.")
    if not text.strip():
        raise ValidationError("Write down what you would like to know.")
    asked = MentorQuestion.objects.create(job=locked, text=text.strip(), asked_at=now)
    audit(actor=locked.candidate, action="mentor_question.ask", on=asked, job=str(locked.pk))
    return asked


@transaction.atomic
def answer_mentor_question(*, question: MentorQuestion, mentor: User, answer: str, now: datetime) -> None:
    """Write a mentor's answer to a candidate's question; the first one stands.

    Raises ValidationError for an empty answer, and where another mentor was first.
    """
    if not answer.strip():
        raise ValidationError("Write an answer for the candidate.")
    answered = MentorQuestion.objects.filter(pk=question.pk, answered_at=None).update(
        answer=answer.strip(), answered_by=mentor, answered_at=now
    )
    if answered != 1:
        raise ValidationError("Another mentor has answered this question meanwhile.")
    audit(actor=mentor, action="mentor_question.answer", on=question)


def hand_over_jobs(*, guest: User, user: User) -> None:
    """Make guest's jobs user's: the account that the guest has become. A trigger lets no other job change hands."""
    GradingJob.objects.filter(candidate=guest).update(candidate=user)
