"""Reads of the prompts' vectors: which questions of the bank ask nearly the same.

The search is exact: pgvector compares with every row. benchmarks/similar_questions.py has what that takes for 10,000
questions; an index that approximates would be quicker by less than anybody notices, and could miss the very one.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from pgvector.django import MaxInnerProduct

from grading.linter import Similar
from grading.models import PromptVector
from questionbank.models import Question, QuestionVersion, VersionState

# What a mentor may meet again: a retired version is no reason to hold a question back.
COMPARED = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.PUBLISHED)


def nearest(
    vector: Sequence[float], *, encoder: str, among: QuerySet[Question], besides: UUID | None = None, limit: int = 5
) -> list[Similar]:
    """Return the questions of among whose prompts come nearest to vector (of length 1), the nearest first.

    Of a question with several open versions the nearest one counts. besides: a question that is left out.
    """
    read = PromptVector.objects.filter(encoder=encoder, version__state__in=COMPARED, version__question__in=among)
    if besides:
        read = read.exclude(version__question=besides)
    read = read.annotate(product=MaxInnerProduct("vector", list(vector))).select_related("version")
    found: dict[UUID, Similar] = {}
    # A question has two open versions at most: the published one, and a draft or one in review.
    for row in read.order_by("product", "version")[: 2 * limit]:
        said = row.version
        # pgvector gives the product's negative, so that the greatest comes first.
        similar = Similar(str(said.question_id), said.number, said.title, said.prompt, round(-row.product, 4))
        found.setdefault(said.question_id, similar)
    return list(found.values())[:limit]


def unread(*, encoder: str) -> QuerySet[QuestionVersion]:
    """Return the versions that are compared and have no vector by encoder of what they say now."""
    read = PromptVector.objects.filter(version=OuterRef("pk"), encoder=encoder, content_hash=OuterRef("content_hash"))
    return QuestionVersion.objects.filter(~Exists(read), state__in=COMPARED)
