"""Key points in facts, which hold a letter for each: what is marked how, and the answers to one of them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from analytics.models import AnswerFact
from questionbank.models import KeyPoint, Mark

LETTERS = {mark.value[0]: mark for mark in Mark}


def point_counts(facts: QuerySet[AnswerFact]) -> dict[tuple[UUID, str], dict[str, int]]:
    """Return by (question, key point's slug) how many of facts carry each mark. Two queries.

    PostgreSQL counts the answers that are marked alike, of which there are few kinds; their letters are read here.
    """
    alike = facts.order_by().values_list("key", "marks").annotate(n=Count("pk"))
    kinds: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for key, marks, n in alike:
        kinds[key].append((marks, n))
    found: dict[tuple[UUID, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(Mark.values, 0))
    points = KeyPoint.objects.filter(version__in=kinds).order_by()
    for question, version, slug, position in points.values_list("version__question", "version", "slug", "position"):
        counts = found[question, slug]
        for marks, n in kinds[version]:
            counts[LETTERS[marks[position]]] += n
    return dict(found)


def with_point(facts: QuerySet[AnswerFact], slug: str) -> QuerySet[Any]:
    """Return those of facts that are marked for the key point slug, annotated with its mark as point_mark."""
    its_letter = [When(point_letter=letter, then=Value(mark.value)) for letter, mark in LETTERS.items()]
    return (
        facts.annotate(point=FilteredRelation("key__key_points", condition=Q(key__key_points__slug=slug)))
        .filter(point__isnull=False)
        .annotate(point_letter=Substr("marks", F("point__position") + 1, 1))
        .annotate(point_mark=Case(*its_letter))
    )
