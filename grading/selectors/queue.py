"""Reads of the mentors' queue: which answers need a person, in which order, and which are done."""

from collections.abc import Iterable
from hashlib import md5
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, TextChoices, TextField, Value, When
from django.db.models.functions import MD5, Cast, Concat

from grading.models import (
    OPEN_STATES,
    Appeal,
    AppealState,
    GradingJob,
    JobState,
    MentorQuestion,
    Review,
)
from grading.selectors.grades import with_shown_score
from people.models import AuditEntry, Membership, Role, User

SHOW_NAME = "answer.show_name"
"""The audit entry of somebody who asked for a candidate's name before a mentor was done."""


class Show(TextChoices):
    """The parts of the queue. The first four wait for a mentor."""

    WAITING = "waiting", "To do"
    UNSURE = "unsure", "Unsure"
    APPEALS = "appeals", "Appeals"
    QUESTIONS = "questions", "Questions"
    UNMARKED = "unmarked", "Not marked"
    DONE = "done", "Done"


PARTS: dict[str, Q] = {
    Show.WAITING: Q(is_due=True),
    Show.UNSURE: Q(waits=True),
    Show.APPEALS: Q(is_appealed=True),
    Show.QUESTIONS: Q(asks=True),
    Show.UNMARKED: Q(is_reviewed=False),
    Show.DONE: Q(is_done=True),
}


def of_others(user: User) -> QuerySet[GradingJob]:
    """Return the jobs of other people that user may read. Guests have no mentor, the example has nobody behind it."""
    jobs = GradingJob.objects.visible_to(user).exclude(candidate=user)
    return jobs.filter(candidate__is_guest=False, candidate__is_active=True)


def answers_to_review(user: User, *, question: UUID | None = None) -> QuerySet[Any]:
    """Return the answers of others that user may read, all or those to one question, with what waits for a mentor.

    Annotated: waits, is_appealed, asks, that is why it is_due; is_reviewed; is_done, that is dealt with by a mentor
    and not due; knows_name, whether user is told who has given it: once it is done, or once they have asked; place,
    where it stands in user's own queue: random, so that neither name nor time decides who is read first and with whom
    an answer is compared, and always the same, so that nobody loses their place.
    """
    jobs = of_others(user)
    if question is not None:
        jobs = jobs.filter(version__question=question)
    asked = AuditEntry.objects.filter(
        object_type="grading.gradingjob", object_id=Cast(OuterRef("pk"), CharField()), action=SHOW_NAME, actor=user
    )
    replied = MentorQuestion.objects.filter(job=OuterRef("pk"), answered_at__isnull=False)
    return (
        jobs.annotate(
            is_reviewed=Exists(Review.objects.filter(job=OuterRef("pk"))),
            is_appealed=Exists(Appeal.objects.filter(job=OuterRef("pk"), state=AppealState.OPEN)),
            asks=Exists(MentorQuestion.objects.filter(job=OuterRef("pk"), answered_at=None)),
            place=MD5(Concat(Cast("pk", CharField()), Value(str(user.pk)), output_field=TextField())),
        )
        .annotate(waits=Case(When(state=JobState.NEEDS_REVIEW, is_reviewed=False, then=True), default=False))
        .annotate(is_due=Case(When(Q(waits=True) | Q(is_appealed=True) | Q(asks=True), then=True), default=False))
        .annotate(
            is_done=Case(When(Q(is_due=False) & (Q(is_reviewed=True) | Exists(replied)), then=True), default=False)
        )
        .annotate(knows_name=Case(When(Q(is_done=True) | Exists(asked), then=True), default=False))
    )


def queue(user: User, show: str, *, question: UUID | None = None) -> QuerySet[Any]:
    """Return a part of user's queue, to be shown: in user's own random order, or what is done by its time."""
    part = with_shown_score(answers_to_review(user, question=question).filter(PARTS[show]))
    order = ["-created_at", "pk"] if show == Show.DONE else ["place"]
    return part.select_related("candidate", "version__question__topic", "grade").order_by(*order)


def counts(user: User, *, question: UUID | None = None) -> dict[str, int]:
    """Return how many answers each part of user's queue has."""
    wanted = {show: Count("pk", filter=condition) for show, condition in PARTS.items()}
    return answers_to_review(user, question=question).aggregate(**wanted)


def next_to_review(
    user: User, show: str, *, question: UUID | None = None, after: UUID | None = None
) -> GradingJob | None:
    """Return the answer that user is to mark next in a part of the queue, or None where no other is left.

    It is the one behind after in user's order, and behind the last one the first; nothing that is still being graded
    or that user may only read.
    """
    waiting = answers_to_review(user, question=question).filter(PARTS[show]).exclude(state__in=OPEN_STATES)
    if not user.is_superuser:
        taught = Membership.objects.filter(user=user, role=Role.MENTOR).values("cohort")
        candidates = Membership.objects.filter(cohort__in=taught, role=Role.CANDIDATE).values("user")
        waiting = waiting.filter(candidate__in=candidates)
    others = waiting.exclude(pk=after).order_by("place") if after else waiting.order_by("place")
    return (others.filter(place__gt=place_of(after, user)).first() if after else None) or others.first()


def place_of(job: UUID, user: User) -> str:
    """Return where the job stands in user's own random order, as answers_to_review annotates it."""
    return md5(f"{job}{user.pk}".encode(), usedforsecurity=False).hexdigest()


def names_known(user: User, jobs: Iterable[UUID]) -> set[UUID]:
    """Return those of jobs of which user is told who has given the answer. No mentors' page names anybody else."""
    known = answers_to_review(user).filter(pk__in=list(jobs), knows_name=True)
    return set(known.values_list("pk", flat=True))
