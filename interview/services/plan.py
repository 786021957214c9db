"""What a candidate does to prepare, and what follows from a grade: points come back by FSRS until they are known."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction
from fsrs import Card, Rating, Scheduler

from grading.models import GradingJob
from grading.selectors.grades import ShownGrade, shown_grade, with_results
from interview.models import Answer, Interview, PointToRecall, PracticePlan
from interview.selectors import plan as plans
from interview.services.interviews import Refused, finish, start_chosen
from people.models import User
from questionbank.models import Mark, Topic, Track

# Whole days alone, as nobody comes back to a question after ten minutes; and no chance: the same answers always
# make the same plan.
SCHEDULER = Scheduler(desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False)

RATINGS = {
    Mark.STATED: Rating.Good,
    Mark.PARTLY: Rating.Hard,
    Mark.MISSING: Rating.Again,
    Mark.CONTRADICTED: Rating.Again,
}


class DayIsOver(Refused):
    """The day named for the real interview has gone by."""

    code = "day_is_over"


@transaction.atomic
def remember(*, job: GradingJob) -> None:
    """Schedule the key points that job's candidate has missed in its question to come again.

    The cards are dealt anew from all graded answers to the question, the oldest first, by the marks shown now. So a
    grade that is announced twice, late or out of order changes nothing, and what a mentor marked counts as if it had
    been the mark from the start. The candidate's row is locked: of two answers graded at once, the second to come
    here sees both.
    """
    User.objects.select_for_update(no_key=True).get(pk=job.candidate_id)
    question = job.version.question_id
    points = _points(job.candidate_id, question, _graded(job.candidate_id, question))
    kept = PointToRecall.objects.filter(candidate=job.candidate_id, question=question)
    kept.exclude(slug__in=[point.slug for point in points]).delete()
    PointToRecall.objects.bulk_create(
        points,
        update_conflicts=True,
        unique_fields=["candidate", "question", "slug"],
        update_fields=["card", "due_at", "mark", "job"],
    )


def _graded(candidate: UUID, question: UUID) -> list[ShownGrade]:
    """Return what is shown of candidate's graded answers to question, the oldest first."""
    answers = Answer.objects.filter(question__interview__candidate=candidate, question__version__question=question)
    jobs = with_results(GradingJob.objects.filter(pk__in=answers.values("job")))
    shown = (shown_grade(job) for job in jobs.order_by("created_at", "pk"))
    return [grade for grade in shown if grade]


def _points(candidate: UUID, question: UUID, grades: Iterable[ShownGrade]) -> list[PointToRecall]:
    """Rate each key point by each grade, from its first miss on."""
    points: dict[str, PointToRecall] = {}
    for grade in grades:
        at = grade.job.created_at.astimezone(UTC)
        for shown in grade.marks:
            slug = shown.key_point.slug
            if slug in points:
                card = Card.from_dict(points[slug].card)
            elif shown.mark != Mark.STATED:
                card = Card(card_id=0, due=at)  # the row is the card's name; fsrs would make one up from the clock
            else:
                continue
            card, _ = SCHEDULER.review_card(card, RATINGS[shown.mark], at)
            points[slug] = PointToRecall(
                candidate_id=candidate,
                question_id=question,
                slug=slug,
                card=card.to_dict(),
                due_at=card.due,
                mark=shown.mark,
                job=grade.job,
            )
    return list(points.values())


@transaction.atomic
def save_plan(
    *, candidate: User, track: Track | None, interview_on: date | None, minutes_a_day: int, now: datetime
) -> PracticePlan:
    """Write down what candidate prepares for. Raises DayIsOver for an interview before today, by their own clock."""
    if interview_on and interview_on < plans.local_date(candidate, now):
        raise DayIsOver("That day is over. Choose today or a later day, or leave it empty.")
    plan, _ = PracticePlan.objects.update_or_create(
        candidate=candidate,
        defaults={"track": track, "interview_on": interview_on, "minutes_a_day": minutes_a_day},
    )
    return plan


@transaction.atomic
def start_today(*, candidate: User, now: datetime) -> Interview:
    """Start today's practice, or go on with the one that runs. Raises NotEnoughQuestions for an empty bank."""
    return _go_on(candidate, plans.TODAY, now) or start_chosen(
        candidate=candidate,
        title=plans.TODAY,
        versions=[chosen.version for chosen in plans.today(candidate, now).questions],
        now=now,
    )


@transaction.atomic
def start_topic(*, candidate: User, topic: Topic, now: datetime) -> Interview:
    """Start a short practice of one topic, or go on with the one that runs. Raises NotEnoughQuestions."""
    return _go_on(candidate, topic.title, now) or start_chosen(
        candidate=candidate, title=topic.title, versions=plans.of_topic(candidate, topic), now=now
    )


def _go_on(candidate: User, title: str, now: datetime) -> Interview | None:
    """Return the running practice with this title; one with every question answered is finished instead.

    The candidate's row is locked: a button pressed twice starts one practice.
    """
    User.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    running = plans.running_practice(candidate, title)
    if running and not running.questions.filter(answer=None).exists():
        finish(interview=running, now=now)
        return None
    return running
