"""Reads of regrades: which answers another key would move, by how much, and how far the worker is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor
from statistics import fmean
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs, Floor

from grading.models import (
    OPEN_STATES,
    GradingJob,
    Regrade,
    RegradeItem,
    RegradeState,
    Review,
)
from people.models import User
from questionbank.diff import Difference, differences
from questionbank.models import QuestionVersion, VersionState
from questionbank.selectors import content_of, with_parts

WORKING = (RegradeState.PREVIEWING, RegradeState.APPLYING)
OPEN = (RegradeState.PREVIEWING, RegradeState.PREVIEWED, RegradeState.APPLYING)
# The parts of a question that the engine reads: a change in any of them can move a score.
READ_BY_THE_ENGINE = ("prompt", "references", "key_points", "misconceptions")

# The bands of the matrix, each from its first score to its last.
BANDS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))


def in_whole_points(score: float) -> int:
    """Return a score (0–100) as pages show it."""
    return floor(score + 0.5)


def answers_with_another_key(version: QuestionVersion) -> QuerySet[GradingJob]:
    """Return the graded answers to version's question whose latest grade looked for another version's key points.

    The example interview's are left out, as is everybody who cannot log in any more.
    """
    return (
        GradingJob.objects.filter(
            version__question=version.question_id, grade__isnull=False, candidate__is_active=True
        )
        .exclude(state__in=OPEN_STATES)
        .exclude(grade__version=version)
    )


def is_reviewed(job: str) -> Exists:
    """Return the condition that a mentor's marks stand for the job at this lookup."""
    return Exists(Review.objects.filter(job=OuterRef(job)))


def newcomers(regrade: Regrade) -> QuerySet[GradingJob]:
    """Return the answers that were graded with another key since the regrade was previewed."""
    return answers_with_another_key(regrade.version).exclude(pk__in=regrade.items.values("job"))


def open_regrade(question: Any) -> Regrade | None:
    """Return the regrade of the question that is neither applied nor cancelled; there is at most one."""
    return Regrade.objects.select_related("version").filter(question=question, state__in=OPEN).first()


@dataclass(frozen=True)
class Progress:
    """How many of the answers the worker has come to."""

    done: int
    count: int


def progress_of(regrade: Regrade) -> Progress:
    """Return how far the worker is with the preview, or with applying it."""
    left = Q(is_done=False) if regrade.state == RegradeState.APPLYING else Q(result__isnull=True)
    count = regrade.items.count()
    return Progress(count - regrade.items.filter(left).count(), count)


@dataclass(frozen=True)
class Cell:
    """How many answers went from one band to another; sign: -1 for a lower band, 0 for the same, 1 for a higher."""

    count: int
    sign: int


@dataclass(frozen=True)
class Outlook:
    """What a regrade does to the scores of the answers that it may move, in whole points as pages show them.

    rises and falls are how far each one moves, above 0; rows: for each band before, a cell for each band after.
    """

    stays: int
    rises: list[int]
    falls: list[int]
    rows: list[tuple[str, list[Cell]]]

    @property
    def count(self) -> int:
        return self.stays + len(self.rises) + len(self.falls)

    @property
    def in_short(self) -> str:
        """For example "1 of 5 answers moves"."""
        moving = self.count - self.stays
        return f"{moving} of {self.count} answer{'s' if self.count != 1 else ''} move{'s' if moving == 1 else ''}"

    @property
    def in_words(self) -> str:
        """For example "Of 48 answers 31 stay, 12 rise (by 9 on average) and 5 fall (by 6 on average)."."""
        if not self.count:
            return "There is no answer whose score could move."
        if not self.rises and not self.falls:
            return "The one answer keeps its score." if self.count == 1 else f"All {self.count} answers keep theirs."
        moved = [_moved(points, verb) for points, verb in ((self.rises, "rise"), (self.falls, "fall")) if points]
        if self.count == 1:
            return f"The one answer {moved[0].removeprefix('1 ')}."
        stays = [f"{self.stays} stay{'s' if self.stays == 1 else ''}"] if self.stays else []
        return f"Of {self.count} answers {_listed([*stays, *moved])}."


def _moved(points: list[int], verb: str) -> str:
    if len(points) == 1:
        return f"1 {verb}s by {points[0]}"
    return f"{len(points)} {verb} (by {in_whole_points(fmean(points))} on average)"


def _listed(parts: list[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def outlook_of(regrade: Regrade) -> Outlook:
    """Return what the regrade does to the scores; kept and ungraded answers are not counted."""
    pairs = [
        (in_whole_points(old), in_whole_points(new))
        for old, new in _movable(regrade.items.all()).values_list("old_score", "new_score")
        if old is not None and new is not None
    ]
    moves = [new - old for old, new in pairs]
    return Outlook(
        stays=moves.count(0),
        rises=[points for points in moves if points > 0],
        falls=[-points for points in moves if points < 0],
        rows=_matrix(pairs),
    )


def _movable(items: QuerySet[RegradeItem]) -> QuerySet[RegradeItem]:
    return items.filter(is_kept=False, new_score__isnull=False)


def _matrix(pairs: Iterable[tuple[int, int]]) -> list[tuple[str, list[Cell]]]:
    counts = Counter((_band(old), _band(new)) for old, new in pairs)
    bands = range(len(BANDS))
    return [
        (name, [Cell(counts[old, new], (new > old) - (new < old)) for new in bands])
        for old, name in enumerate(band_names())
    ]


def _band(score: int) -> int:
    return next(number for number, (_, last) in enumerate(BANDS) if score <= last)


def band_names() -> list[str]:
    return [f"{first}–{last}" for first, last in BANDS]


def movers(regrade: Regrade) -> QuerySet[Any]:
    """Return the items whose score moves, annotated with change (whole points), the largest move first."""
    change = Floor(F("new_score") + 0.5) - Floor(F("old_score") + 0.5)
    return (
        _movable(regrade.items.all())
        .annotate(change=change)
        .exclude(change=0)
        .select_related("job__candidate")
        .order_by(Abs("change").desc(), "pk")
    )


def kept(regrade: Regrade) -> QuerySet[Any]:
    """Return the items whose mentor's marks stay, annotated with shown (0–100), those marks' score now."""
    latest = Review.objects.filter(job=OuterRef("job")).order_by("-created_at").values("score")[:1]
    return regrade.items.filter(is_kept=True).annotate(shown=Subquery(latest)).select_related("job__candidate")


def readable_candidates(user: User, items: Iterable[RegradeItem]) -> set[UUID]:
    """Return the ids of the items' candidates whose answers user may read."""
    ids = {item.job.candidate_id for item in items}
    return set(User.objects.candidates_visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def key_before(version: QuestionVersion) -> QuestionVersion | None:
    """Return the version that candidates met before this one, with its parts; None for the first."""
    earlier = QuestionVersion.objects.filter(
        question=version.question_id,
        number__lt=version.number,
        state__in=[VersionState.PUBLISHED, VersionState.RETIRED],
    )
    return with_parts(earlier).first()


def changes_of(version: QuestionVersion) -> list[Difference]:
    """Return what version's key says otherwise than the one before: of all parts, those that the engine reads."""
    before = key_before(version)
    now = with_parts(QuestionVersion.objects.filter(pk=version.pk)).get()
    found = differences(content_of(before), content_of(now)) if before else []
    return [difference for difference in found if difference.field.partition(".")[0] in READ_BY_THE_ENGINE]
