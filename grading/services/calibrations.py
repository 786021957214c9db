"""What mentors' marks teach the grading of a question: previewed, put in force, withdrawn. Nothing comes by itself."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from grading.engine import GradedAnswer
from grading.grader import get_grader, question_saying
from grading.models import CalibrationAnswer, CalibrationPreview, QuestionCalibration, Review
from grading.selectors.calibrations import FEWEST_ANSWERS, MOST_ANSWERS, marked_answers
from people.bell import ring
from people.clock import database_now
from people.models import User
from people.services.audit import audit
from questionbank.models import QuestionVersion
from questionbank.selectors import content_of, with_parts

RUN_PREVIEW = "grading.run_calibration_preview"
GIVE_UP_AFTER = timedelta(minutes=5)


@transaction.atomic
def propose(*, version: QuestionVersion, actor: User, now: datetime) -> CalibrationPreview:
    """Let a worker find out what a calibration of version by all its marked answers would be worth.

    The latest review of an answer counts, and of very many answers those marked last.
    Raises ValidationError where too few answers are marked.
    """
    reviews = list(marked_answers([version])[:MOST_ANSWERS])
    if len(reviews) < FEWEST_ANSWERS:
        raise ValidationError(
            f"Mentors have marked {len(reviews)} answers to this version. From {FEWEST_ANSWERS} on, grades can learn."
        )
    preview = CalibrationPreview.objects.create(
        version=version,
        requested_by=actor,
        reviews=[str(review.pk) for review in reviews],
        created_at=now,
        rung_at=now,
    )
    transaction.on_commit(lambda: ring(RUN_PREVIEW, preview.pk))
    return preview


def work_out(*, preview_id: UUID) -> None:
    """Grade each answer of a preview as if the others alone were known, and write how near it comes to its mentor.

    Done twice it changes nothing. Any error is written down in words, and raised again for the log.
    """
    preview = CalibrationPreview.objects.filter(pk=preview_id, finished_at=None).first()
    if preview is None:
        return
    try:
        errors = _errors(preview)
    except Exception:
        _finish(preview, trouble="The grader could not work this out. Try again in a while.")
        raise
    before, after = errors.mean(axis=0)
    _finish(
        preview,
        error_before=round(float(before), 2),
        error_after=round(float(after), 2),
        nearer=int((errors[:, 1] < errors[:, 0]).sum()),
    )


def _errors(preview: CalibrationPreview) -> np.ndarray:
    """Return (n, 2): how far each answer's grade is from its mentor's, in points, alone and with what others teach."""
    version = with_parts(QuestionVersion.objects.filter(pk=preview.version_id)).get()
    reviews = _reviews_of(preview)
    graded = tuple(GradedAnswer(review.job.text, review.score / 100) for review in reviews)
    scores = np.array(get_grader().leave_one_out(replace(question_saying(content_of(version)), graded=graded)))
    given = np.array([[answer.score] for answer in graded])
    # Rounded: what is alike but for the last digit is no nearer.
    return np.round(np.abs(scores - given) * 100, 2)


def _finish(preview: CalibrationPreview, **result: object) -> None:
    CalibrationPreview.objects.filter(pk=preview.pk, finished_at=None).update(finished_at=database_now(), **result)


def _reviews_of(preview: CalibrationPreview) -> list[Review]:
    """Return a preview's reviews in its own order: the grader's receipt depends on it."""
    found = Review.objects.select_related("job").in_bulk([UUID(pk) for pk in preview.reviews])
    return [found[UUID(pk)] for pk in preview.reviews]


@transaction.atomic
def put_in_force(*, preview: CalibrationPreview, actor: User, now: datetime) -> QuestionCalibration:
    """Let new grades of the previewed version learn from its answers; what was in force before is withdrawn.

    Grades that are there already stay as they are. Done twice it changes nothing.
    Raises ValidationError for a preview that is not finished or promises nothing, and where marks have changed since.
    """
    QuestionVersion.objects.select_for_update().get(pk=preview.version_id)  # one calibration after the other
    preview = CalibrationPreview.objects.select_related("version", "calibration").get(pk=preview.pk)
    if preview.calibration:
        return preview.calibration
    if not preview.helps:
        raise ValidationError("This would not bring grades nearer to the mentors’ marks, so it is not put in force.")
    reviews = _reviews_of(preview)
    still = set(marked_answers([preview.version]).values_list("pk", flat=True))
    if not still.issuperset(review.pk for review in reviews):
        raise ValidationError("A mentor has changed marks since this preview. Preview it again.")
    _withdraw_what_is_in_force(preview.version, actor, now)
    past = QuestionCalibration.objects.filter(version=preview.version).aggregate(Max("number"))["number__max"] or 0
    made = QuestionCalibration.objects.create(
        version=preview.version, number=past + 1, created_by=actor, created_at=now
    )
    CalibrationAnswer.objects.bulk_create(
        CalibrationAnswer(calibration=made, job=review.job, text=review.job.text, score=review.score)
        for review in reviews
    )
    CalibrationPreview.objects.filter(pk=preview.pk).update(calibration=made)
    audit(
        actor=actor,
        action="calibration.put_in_force",
        on=preview.version,
        version=preview.version.number,
        number=made.number,
        answers=len(reviews),
        error_before=preview.error_before,
        error_after=preview.error_after,
    )
    return made


@transaction.atomic
def withdraw(*, version: QuestionVersion, actor: User, now: datetime) -> None:
    """Let new grades of version come from the engine alone again. Raises ValidationError where they do already."""
    QuestionVersion.objects.select_for_update().get(pk=version.pk)
    if not _withdraw_what_is_in_force(version, actor, now):
        raise ValidationError("No calibration of this version is in force any more.")


def _withdraw_what_is_in_force(version: QuestionVersion, actor: User, now: datetime) -> bool:
    used = QuestionCalibration.objects.filter(version=version, withdrawn_at=None).first()
    if used is None:
        return False
    used.withdrawn_by, used.withdrawn_at = actor, now
    used.save(update_fields=["withdrawn_by", "withdrawn_at"])
    audit(actor=actor, action="calibration.withdraw", on=version, version=version.number, number=used.number)
    return True


def sweep(*, now: datetime) -> None:
    """Ring again for previews whose worker never came or died, and give up on those that no worker survives."""
    unheard = now - timedelta(seconds=settings.GRADING_LEASE_SECONDS)
    for preview in CalibrationPreview.objects.filter(finished_at=None, rung_at__lte=unheard):
        if preview.created_at <= now - GIVE_UP_AFTER:
            _finish(preview, trouble="The grader could not work this out in time. Try again in a while.")
        elif ring(RUN_PREVIEW, preview.pk):
            CalibrationPreview.objects.filter(pk=preview.pk).update(rung_at=now)
        else:
            return  # the broker is away for the others too
