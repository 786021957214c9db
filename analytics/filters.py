"""What a dashboard looks at: a cohort's answers, narrowed by what the address says."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, TextChoices

from analytics.models import AnswerFact
from interview.models import Assignment
from people.models import Cohort, Membership, Role, User
from questionbank.models import Topic, Track


class Attempts(TextChoices):
    FIRST = "first", "First attempts"
    ALL = "all", "All answers"


@dataclass(frozen=True)
class Filters:
    """What to leave out; as it comes, nothing but later attempts.

    since, until: instants, answered from the first and before the second; mode: a Mode, or "" for any; topic: itself
    and what is below it.
    """

    since: datetime | None = None
    until: datetime | None = None
    track: Track | None = None
    assignment: Assignment | None = None
    mode: str = ""
    attempts: str = Attempts.FIRST
    topic: Topic | None = None


def candidates_of(cohort: Cohort) -> QuerySet[User]:
    """Return the candidates of cohort who are still there, by name."""
    members = Membership.objects.filter(cohort=cohort, role=Role.CANDIDATE)
    return User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("name", "email")


def facts_of(cohort: Cohort, filters: Filters | None = None) -> QuerySet[AnswerFact]:
    """Return the graded answers of cohort's candidates that filters let through: without filters, every one."""
    facts = AnswerFact.objects.filter(candidate__in=candidates_of(cohort).order_by().values("pk"))
    return narrow(facts, filters) if filters else facts


def narrow(facts: QuerySet[AnswerFact], filters: Filters) -> QuerySet[AnswerFact]:
    """Return those of facts, whosever they are, that filters let through."""
    return facts.filter(_condition(filters))


def _condition(filters: Filters) -> Q:
    condition = Q()
    if filters.since:
        condition &= Q(answered_at__gte=filters.since)
    if filters.until:
        condition &= Q(answered_at__lt=filters.until)
    if filters.track:
        condition &= Q(track=filters.track)
    if filters.assignment:
        condition &= Q(assignment=filters.assignment)
    if filters.mode:
        condition &= Q(mode=filters.mode)
    if filters.attempts == Attempts.FIRST:
        condition &= Q(attempt=1)
    if filters.topic:
        # Topics have two levels.
        condition &= Q(question__topic=filters.topic) | Q(question__topic__parent=filters.topic)
    return condition
