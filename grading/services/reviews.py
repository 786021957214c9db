"""What people have to say to a grade: a mentor's review, a candidate's appeal, questions and answers."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from grading.engine import score_of
from grading.models import (
    Appeal,
    AppealState,
    GradingJob,
    KeyPointMark,
    MentorQuestion,
    Review,
    ReviewMark,
)
from grading.selectors.grades import mentors_of
from grading.selectors.queue import SHOW_NAME
from grading.services.jobs import announce
from people.models import User
from people.services.audit import audit
from questionbank.models import Mark


@transaction.atomic
def review(*, job: GradingJob, reviewer: User, marks: Mapping[int, Mark], reason: str, now: datetime) -> Review:
    """Write a mentor's marks, one for each key point by its id, with the reason shown to the candidate.

    The score is computed from the marks by the engine's own formula. The machine's grade stays in the record. Open
    appeals are decided by it.
    Raises ValidationError for an empty reason, for marks that do not name exactly the key points, and for a job
    that is still being graded.
    """
    locked = GradingJob.objects.select_for_update().get(pk=job.pk)
    version = locked.key
    points = {point.pk: point for point in version.key_points.all()}
    if locked.is_open:
        raise ValidationError("This answer is still being graded. Wait for its grade, then review it.")
    if set(marks) != set(points):
        raise ValidationError("Give each key point of this question one mark.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in words for the candidate."})
    score = 100 * score_of((marks[pk].value, point.weight) for pk, point in points.items())
    written = Review.objects.create(
        job=locked,
        version=version,
        reviewer=reviewer,
        reason=reason.strip(),
        score=round(score, 2),
        created_at=now,
    )
    ReviewMark.objects.bulk_create(
        ReviewMark(review=written, key_point_id=pk, mark=mark) for pk, mark in marks.items()
    )
    audit(actor=reviewer, action="grade.override", on=locked, score=written.score, reason=written.reason)
    _decide_appeals(written, marks)
    announce(locked)
    return written


def show_name(*, job: GradingJob, reader: User) -> None:
    """Let reader know who has given an answer before a mentor is done with it; the audit log says that they asked."""
    audit(actor=reader, action=SHOW_NAME, on=job)


def _decide_appeals(review: Review, marks: Mapping[int, Mark]) -> None:
    """Accept each open appeal whose key point gets a better mark than the appealed one, and decline the others.

    After a regrade the appealed mark is an earlier grade's: key points are the same by their names. One that the new
    key has no more counts against nobody, so its appeal is accepted.
    """
    slugs = dict(review.version.key_points.values_list("slug", "pk"))
    for appealed in Appeal.objects.filter(job=review.job_id, state=AppealState.OPEN).select_related("key_point"):
        point = slugs.get(appealed.key_point.slug)
        is_better = point is None or marks[point].is_better_than(_appealed_mark(appealed))
        appealed.state = AppealState.ACCEPTED if is_better else AppealState.DECLINED
        appealed.decided_at, appealed.review = review.created_at, review
        appealed.save(update_fields=["state", "decided_at", "review"])
        audit(actor=review.reviewer, action="appeal.decide", on=appealed, state=appealed.state)


def _appealed_mark(appealed: Appeal) -> Mark:
    """Return the machine's mark that an appeal is about."""
    marks = KeyPointMark.objects.filter(grade__job=appealed.job_id, key_point=appealed.key_point_id)
    return Mark(marks.latest("grade__created_at").mark)


@transaction.atomic
def appeal(*, job: GradingJob, key_point_id: int, said: str, reason: str, now: datetime) -> Appeal:
    """Say for the candidate that the machine's mark of a key point is wrong; said: the sentence that was meant.

    Raises ValidationError where no mentor reads it or one has marked the answer, for a key point that is stated or
    appealed already, and for a sentence that is not in the answer.
    """
    locked = _locked_for_a_mentor(job)
    if locked.reviews.exists():
        raise ValidationError("A mentor has marked this answer meanwhile. The mentor’s marks are the ones that count.")
    marked = KeyPointMark.objects.filter(grade=locked.grade_id, key_point=key_point_id).exclude(mark=Mark.STATED)
    appealed = marked.select_related("key_point").first()
    if appealed is None:
        raise ValidationError("This key point has no mark that could be appealed.")
    # By its name: an appeal from before a regrade is still open then.
    if locked.appeals.filter(key_point__slug=appealed.key_point.slug).exists():
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
