"""Reads of how the machine's grades compare with mentors' reviews of the same answers."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, FloatField, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Abs

from grading.agreement import MarkAgreement, ScoreAgreement, agreement_of_marks, agreement_of_scores
from grading.models import Grade, KeyPointMark, Review, ReviewMark
from grading.selectors.calibrations import Standing, standings
from grading.selectors.queue import of_others
from people.models import User
from questionbank.models import KeyPoint, Question, QuestionVersion


def compared_reviews(user: User) -> QuerySet[Any]:
    """Return the reviews of answers that user may read and a machine has graded too, each answer's latest one.

    Annotated: machine, the grade compared with, that is the first by the version whose key points the mentor marked;
    machine_score (0–100); difference, how far the two are apart.
    """
    later = Review.objects.filter(job=OuterRef("job"), created_at__gt=OuterRef("created_at"))
    first = Grade.objects.filter(job=OuterRef("job"), version=OuterRef("version")).order_by("created_at")
    return (
        Review.objects.filter(~Exists(later), job__in=of_others(user).values("pk"))
        .annotate(
            machine=Subquery(first.values("pk")[:1], output_field=UUIDField()),
            machine_score=Subquery(first.values("score")[:1], output_field=FloatField()),
        )
        .filter(machine__isnull=False)
        .annotate(difference=Abs(F("machine_score") - F("score")))
    )


@dataclass(frozen=True)
class QuestionAgreement:
    """One question's figures. title: its newest version's; standings: what its grading has learnt from mentors."""

    pk: UUID
    title: str
    scores: ScoreAgreement
    marks: MarkAgreement
    standings: list[Standing]


@dataclass(frozen=True)
class KeyPointAgreement:
    """One key point's figures. claim: its newest wording among the versions that were compared."""

    claim: str
    marks: MarkAgreement


def overall(user: User) -> tuple[ScoreAgreement, MarkAgreement, list[QuestionAgreement]]:
    """Return the figures of all questions together and of each, those of most answers first."""
    scores: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    reviews = compared_reviews(user)
    for question, machine, mentor in reviews.values_list("version__question", "machine_score", "score"):
        scores[question].append((machine, mentor))
    marks: dict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    for question, machine, mentor, count in _mark_counts(reviews, "review__version__question"):
        marks[question].append((machine, mentor, count))
    taught = standings(scores)
    newest = QuestionVersion.objects.filter(question__in=scores).order_by("question", "-number").distinct("question")
    questions = [
        QuestionAgreement(pk, title, agreement_of_scores(scores[pk]), agreement_of_marks(marks[pk]), taught[pk])
        for pk, title in newest.values_list("question", "title")
    ]
    return (
        agreement_of_scores([pair for pairs in scores.values() for pair in pairs]),
        agreement_of_marks([row for rows in marks.values() for row in rows]),
        sorted(questions, key=lambda question: (-question.scores.n, question.title)),
    )


def of_question(user: User, question: Question) -> tuple[ScoreAgreement, MarkAgreement, list[KeyPointAgreement]]:
    """Return one question's figures over all its versions, and those of each key point by its short name."""
    reviews = compared_reviews(user).filter(version__question=question)
    pairs = list(reviews.values_list("machine_score", "score"))
    by_slug: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for slug, machine, mentor, count in _mark_counts(reviews, "key_point__slug"):
        by_slug[slug].append((machine, mentor, count))
    points = KeyPoint.objects.filter(version__question=question, slug__in=by_slug)
    newest = points.order_by("slug", "-version__number").distinct("slug")
    in_order = sorted(newest, key=lambda point: (point.position, point.slug))
    return (
        agreement_of_scores(pairs),
        agreement_of_marks([row for rows in by_slug.values() for row in rows]),
        [KeyPointAgreement(point.claim, agreement_of_marks(by_slug[point.slug])) for point in in_order],
    )


def disagreements(user: User, question: Question) -> QuerySet[Any]:
    """Return the reviews of question that differ from the machine's grade by a point or more, the farthest first."""
    apart = compared_reviews(user).filter(version__question=question, difference__gte=1)
    return apart.select_related("job", "reviewer", "version").order_by("-difference", "-created_at")


def _mark_counts(reviews: QuerySet[Any], by: str) -> list[tuple[Any, str, str, int]]:
    """Count pairs of machine's and mentor's marks in reviews, for each of what by names."""
    first = Grade.objects.filter(job=OuterRef("review__job"), version=OuterRef("review__version"))
    given = KeyPointMark.objects.filter(grade=OuterRef("grade"), key_point=OuterRef("key_point"))
    marks = (
        ReviewMark.objects.filter(review__in=reviews.values("pk"))
        .annotate(grade=Subquery(first.order_by("created_at").values("pk")[:1], output_field=UUIDField()))
        .annotate(machine=Subquery(given.values("mark")[:1]))
        .filter(machine__isnull=False)
    )
    return list(marks.values_list(by, "machine", "mark").annotate(count=Count("pk")).order_by(by))
