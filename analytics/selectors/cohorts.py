"""Cohort figures, computed by PostgreSQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from grading.models import GradingJob, Review
from grading.selectors.grades import with_shown_score
from people.models import Cohort, Role, User
from questionbank.models import Topic


@dataclass(frozen=True)
class Cell:
    """Mean score 0–100 over count graded answers."""

    mean: float
    count: int


@dataclass(frozen=True)
class Row:
    """A candidate's cells, one for each topic of the table (None: no graded answer), and over all topics."""

    candidate: User
    cells: list[Cell | None]
    overall: Cell | None


@dataclass(frozen=True)
class CohortTable:
    """Candidates × topics of the first level."""

    topics: list[Topic]
    rows: list[Row]


def cohort_table(cohort: Cohort) -> CohortTable:
    """Return mean shown scores and counts of the cohort's candidates by topic. Three queries whatever the size."""
    candidates = list(
        User.objects.filter(memberships__cohort=cohort, memberships__role=Role.CANDIDATE).order_by("name", "email")
    )
    topics = list(Topic.objects.filter(parent=None))
    # Topics have two levels; a question's table column is its topic's parent, or the topic itself.
    column = Coalesce("version__question__topic__parent", "version__question__topic")
    sums = (
        with_shown_score(_scored(candidates))
        .annotate(column=column)
        .values("candidate", "column")
        .annotate(mean=Avg("shown_score"), count=Count("pk"))
    )
    cells = {(s["candidate"], s["column"]): Cell(s["mean"], s["count"]) for s in sums.order_by()}
    return CohortTable(topics, [_row(candidate, topics, cells) for candidate in candidates])


def _scored(candidates: list[User]) -> QuerySet[GradingJob]:
    """Return the candidates' jobs that have a score to show: the machine's or a mentor's."""
    reviewed = Exists(Review.objects.filter(job=OuterRef("pk")))
    return GradingJob.objects.filter(Q(grade__isnull=False) | reviewed, candidate__in=candidates)


def _row(candidate: User, topics: list[Topic], cells: Mapping[tuple[UUID, Any], Cell]) -> Row:
    own = [cells.get((candidate.pk, topic.pk)) for topic in topics]
    answered = [cell for cell in own if cell]
    count = sum(cell.count for cell in answered)
    overall = Cell(sum(cell.mean * cell.count for cell in answered) / count, count) if count else None
    return Row(candidate, own, overall)
