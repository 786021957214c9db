"""The heat maps of a cohort: topic × candidate, and what its candidates leave out, key point by key point.

facts: graded answers of its candidates, as analytics.filters.facts_of narrows them. PostgreSQL adds up; what comes
back is a row for each cell, and those are sorted here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from analytics.estimates import Estimate
from analytics.item_statistics import FEWEST
from analytics.models import AnswerFact
from analytics.selectors.points import point_counts
from people.models import User
from questionbank.models import KeyPoint, Mark, Topic, VersionState

# Topics have two levels; an answer counts for the first.
FIRST_LEVEL = Coalesce("question__topic__parent_id", "question__topic_id")

OFTEN = 0.7
"""From this share on, what is left out is left out by the cohort rather than by this one or that."""


def heat(value: float) -> int:
    """Return the step of the colour of value (0–100), from 1 (below 20) to 5 (80 and above)."""
    return min(int(value // 20), 4) + 1


@dataclass(frozen=True)
class Cell:
    """The mean score (0–100) of n answers by one candidate."""

    mean: float
    n: int

    @property
    def heat(self) -> int:
        return heat(self.mean)

    @property
    def is_small(self) -> bool:
        return self.n < FEWEST


@dataclass(frozen=True)
class Row:
    """A candidate's cells, one for each topic of the map (None: nothing answered), and one over all topics."""

    candidate: User
    topics: list[Topic]
    cells: list[Cell | None]
    overall: Cell | None

    @property
    def by_topic(self) -> list[tuple[Cell | None, Topic]]:
        return list(zip(self.cells, self.topics, strict=True))


@dataclass(frozen=True)
class TopicMap:
    """Candidates × the topics of the first level that any of them has answered; the cohort's own mean of each."""

    topics: list[Topic]
    rows: list[Row]
    means: list[Estimate | None]
    overall: Estimate | None

    @property
    def by_topic(self) -> list[tuple[Estimate | None, Topic]]:
        return list(zip(self.means, self.topics, strict=True))


def topic_map(candidates: QuerySet[User], facts: QuerySet[AnswerFact], *, sort: str = "") -> TopicMap:
    """Return the mean scores of candidates by topic, from all of facts. Three queries whatever the size.

    sort: "name", "overall" or a topic's slug, with - before it from the top down. Who has no such cell comes last.
    """
    per_candidate = _cells(facts)
    topics = list(Topic.objects.filter(pk__in={topic for _, topic in per_candidate}))
    rows = [_row(candidate, topics, per_candidate) for candidate in candidates]
    columns = zip(*(row.cells for row in rows), strict=True) if rows else ([] for _ in topics)
    return TopicMap(
        topics,
        _sorted(rows, topics, sort),
        [_estimate(column) for column in columns],
        _estimate(row.overall for row in rows),
    )


def _estimate(cells: Iterable[Cell | None]) -> Estimate | None:
    """Return the mean of candidates' own means, as over_candidates does; None without any."""
    own = [cell for cell in cells if cell]
    if not own:
        return None
    means = np.array([cell.mean for cell in own])
    deviation = float(means.std(ddof=1)) if len(own) > 1 else None
    return Estimate(float(means.mean()), deviation, len(own), sum(cell.n for cell in own))


def _cells(facts: QuerySet[AnswerFact]) -> dict[tuple[UUID, int], Cell]:
    sums = (
        facts.order_by()
        .annotate(first_level=FIRST_LEVEL)
        .values_list("candidate_id", "first_level")
        .annotate(total=Sum("score"), n=Count("pk"))
    )
    return {(candidate, topic): Cell(total / n, n) for candidate, topic, total, n in sums}


def _row(candidate: User, topics: list[Topic], cells: dict[tuple[UUID, int], Cell]) -> Row:
    own = [cells.get((candidate.pk, topic.pk)) for topic in topics]
    answered = [cell for cell in own if cell]
    n = sum(cell.n for cell in answered)
    overall = Cell(sum(cell.mean * cell.n for cell in answered) / n, n) if n else None
    return Row(candidate, topics, own, overall)


def _sorted(rows: list[Row], topics: list[Topic], sort: str) -> list[Row]:
    """Sort rows, which come by name."""
    column = sort.removeprefix("-")
    places = {topic.slug: place for place, topic in enumerate(topics)}
    if column != "overall" and column not in places:
        return rows[::-1] if sort == "-name" else rows

    def cell(row: Row) -> Cell | None:
        return row.overall if column == "overall" else row.cells[places[column]]

    known = [row for row in rows if cell(row)]
    in_turn = sorted(known, key=lambda row: cell(row).mean, reverse=sort.startswith("-"))  # type: ignore[union-attr]
    return in_turn + [row for row in rows if not cell(row)]


@dataclass
class PointRow:
    """What n candidates do with a key point in their first answers. marks: how many carry each mark.

    claim, title and topic are those of the newest published version that has it (name_points fetches them).
    """

    question: UUID
    slug: str
    marks: dict[str, int]
    claim: str = ""
    title: str = ""
    topic: str = ""
    n: int = field(init=False)

    def __post_init__(self) -> None:
        self.n = sum(self.marks.values())

    @property
    def left_out(self) -> int:
        return self.marks[Mark.MISSING]

    @property
    def is_small(self) -> bool:
        return self.n < FEWEST

    @property
    def is_often(self) -> bool:
        """Whether enough candidates were asked, and OFTEN of them or more leave it out."""
        return not self.is_small and self.left_out >= OFTEN * self.n

    @property
    def cells(self) -> list[tuple[str, int, float, int]]:
        """(mark, how many, percent, heat) of each mark, what is left out first."""
        in_turn = [Mark.MISSING, Mark.CONTRADICTED, Mark.PARTLY, Mark.STATED]
        shares = [(mark.value, self.marks[mark], 100 * self.marks[mark] / self.n) for mark in in_turn]
        return [(mark, count, percent, heat(percent)) for mark, count, percent in shares]


def point_map(facts: QuerySet[AnswerFact]) -> list[PointRow]:
    """Return the key points of the questions answered, those most left out first. Two queries.

    facts: first attempts, so that n counts candidates. What fewer than FEWEST were asked stands at the end.
    """
    rows = [PointRow(question, slug, marks) for (question, slug), marks in point_counts(facts).items()]
    return sorted(rows, key=lambda row: (row.is_small, -row.left_out / row.n, -row.n, str(row.question), row.slug))


def name_points(rows: Collection[PointRow]) -> None:
    """Write into rows what their key points, questions and topics say. One query."""
    named = {(row.question, row.slug): row for row in rows}
    for point in published_points(named):
        row = named.get((point.version.question_id, point.slug))
        if row:
            row.claim, row.title = point.claim, point.version.title
            row.topic = point.version.question.topic.title


def published_points(wanted: Iterable[tuple[UUID, str]]) -> QuerySet[KeyPoint]:
    """Return the key points with these questions and slugs (and a few more), each as its newest version puts it.

    A version that was never published says nothing to candidates, and nothing here.
    """
    questions, slugs = {question for question, _ in wanted}, {slug for _, slug in wanted}
    published = [VersionState.PUBLISHED, VersionState.RETIRED]
    return (
        KeyPoint.objects.filter(version__question__in=questions, slug__in=slugs, version__state__in=published)
        .select_related("version__question__topic")
        .order_by("version__question_id", "slug", "-version__number")
        .distinct("version__question_id", "slug")
    )
