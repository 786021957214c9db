"""Fetch-and-authorise helpers for what a dashboard's address may name: all of it hangs on cohorts that one leads."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from analytics.models import AnswerFact
from analytics.selectors.heatmaps import published_points
from analytics.selectors.points import with_point
from people.models import Cohort, Membership, Role, User
from questionbank.models import KeyPoint, Question

MOST_COHORTS = 6
"""So many stand side by side; more would not fit on a page."""


def get_compared(user: User, cohort: Cohort, others: list[str]) -> list[Cohort]:
    """Return cohort and these others (ids, as an address has them) in their order, each once, MOST_COHORTS at most.

    Raise Http404 where user does not lead one of them.
    """
    try:
        wanted = [pk for pk in dict.fromkeys(UUID(given) for given in others) if pk != cohort.pk]
    except ValueError as error:
        raise Http404("This is not a cohort.") from error
    found = {one.pk: one for one in Cohort.objects.visible_to(user).filter(pk__in=wanted)} if wanted else {}
    if len(found) < len(wanted):
        raise Http404("One of these cohorts is not there.")
    return [cohort, *(found[pk] for pk in wanted)][:MOST_COHORTS]


def get_candidate(cohorts: list[Cohort], pk: Any) -> User:
    """Return the candidate pk of one of cohorts, else raise Http404."""
    members = Membership.objects.filter(cohort__in=cohorts, role=Role.CANDIDATE, user__is_active=True)
    return get_object_or_404(User, pk=pk, pk__in=members.values("user"))


def get_answered_question(facts: QuerySet[AnswerFact], pk: Any) -> Question:
    """Return the question pk that one of facts is an answer to, else raise Http404."""
    return get_object_or_404(Question.objects.select_related("topic"), pk=pk, pk__in=facts.values("question"))


def get_marked_point(facts: QuerySet[AnswerFact], question: Question, slug: str) -> KeyPoint:
    """Return question's key point slug, as its newest version has it, where one of facts is marked for it, or 404."""
    if not with_point(facts.filter(question=question), slug).exists():
        raise Http404("No answer was marked for this key point.")
    return get_object_or_404(published_points([(question.pk, slug)]))
