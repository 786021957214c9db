"""What goes of a person's graded answers when they are erased: every text. Scores, marks, evidence's places stay."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from grading.models import (
    Appeal,
    AppealState,
    BenchPurpose,
    BenchRun,
    CalibrationAnswer,
    GradingJob,
    MentorQuestion,
    QuestionCalibration,
    RegradeItem,
    Review,
)
from people.models import User
from people.services.audit import audit
from people.services.erasure import REDACTED, forget_reasons


def erase(*, person: User, at_most: int, now: datetime) -> bool:
    """Take the texts of up to at_most of person's answers away; return whether there is more.

    Within the transaction in which person is being erased (people.services.erasure). Answers that have no grade and no
    review are left to whoever deletes them.
    """
    _forget_bench(person)
    _withdraw_calibrations(person, now)
    jobs = list(_with_texts(person).values_list("pk", flat=True)[:at_most])
    _forget_words(jobs)
    forget_reasons(object_type="grading.gradingjob", object_ids=jobs, person=person)
    GradingJob.objects.filter(pk__in=jobs).update(text="", trouble="")  # last: by it the job is known as done
    return len(jobs) == at_most


def _with_texts(person: User) -> QuerySet[GradingJob]:
    """Return person's scored answers of which any words are left."""
    said = (
        ~Q(text="", trouble="")
        | Q(mentor_questions__isnull=False)
        | Q(appeals__isnull=False) & ~Q(appeals__said=REDACTED)
        | Q(reviews__isnull=False) & ~Q(reviews__reason=REDACTED)
    )
    scored = Q(grade__isnull=False) | Q(reviews__isnull=False)
    return GradingJob.objects.filter(said, scored, candidate=person).distinct().order_by("pk")


def _forget_words(jobs: list[UUID]) -> None:
    MentorQuestion.objects.filter(job__in=jobs).delete()
    appeals = Appeal.objects.filter(job__in=jobs)
    appeals.filter(state=AppealState.OPEN).delete()
    appeals.update(said=REDACTED, reason="")
    # What a regrade under way would still grade, and what one that is over has noted: both hold sentences.
    items = RegradeItem.objects.filter(job__in=jobs)
    items.filter(is_done=False).delete()
    items.update(result={})
    CalibrationAnswer.objects.filter(job__in=jobs).exclude(text="").update(text="")
    Review.objects.filter(job__in=jobs).exclude(reason=REDACTED).update(reason=REDACTED)


def _withdraw_calibrations(person: User, now: datetime) -> None:
    """Withdraw the calibrations that learn from person's answers: they would teach something else without."""
    learning = QuestionCalibration.objects.filter(withdrawn_at=None, answers__job__candidate=person).distinct()
    for calibration in learning:
        QuestionCalibration.objects.filter(pk=calibration.pk).update(withdrawn_at=now, withdrawn_by=person)
        audit(actor=None, action="calibration.withdraw", on=calibration, because="an answer was erased")


def _forget_bench(person: User) -> None:
    """Forget the answers that person tried; what the bench made of a question's exemplars is the question's."""
    runs = BenchRun.objects.filter(requested_by=person)
    runs.filter(purpose=BenchPurpose.ANSWER).delete()
    runs.update(requested_by=None)
