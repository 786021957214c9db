"""Who of a cohort has done what by when: candidates by assignments, or by tracks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from analytics.filters import candidates_of
from interview.models import Assignment, Interview
from interview.selectors.assignments import CohortAssignment, Standing
from people.models import Cohort, User
from questionbank.models import Track


@dataclass(frozen=True)
class Cell:
    """How far a candidate is with a column. words: the state; at: when it was finished; rank: to sort by."""

    words: str
    at: datetime | None
    rank: int

    @property
    def tone(self) -> str:
        """What the colour beside the words says: good, middle, plain or bad."""
        return TONES[self.rank]


@dataclass(frozen=True)
class Column:
    """What was to be done, and how many are how far. assignment: None where it is a track that nobody assigned."""

    key: str
    title: str
    assignment: Assignment | None
    counts: list[tuple[str, int]]


@dataclass(frozen=True)
class ProgressRow:
    """A candidate's cells, one for each column. done: how many of them are finished; active_at: last at work."""

    candidate: User
    active_at: datetime | None
    cells: list[Cell]

    @property
    def done(self) -> int:
        return sum(cell.at is not None for cell in self.cells)


@dataclass(frozen=True)
class Progress:
    """Candidates × columns."""

    columns: list[Column]
    rows: list[ProgressRow]


TONES = ("good", "middle", "plain", "plain", "bad")
# From what is well done to what is not.
RANKS = {
    Standing.IN_TIME: 0,
    Standing.LATE: 1,
    Standing.RUNNING: 2,
    Standing.NOT_STARTED: 3,
    Standing.MISSED: 4,
}


def by_assignment(
    candidates: list[User], standings: list[CohortAssignment], active: Mapping[UUID, datetime]
) -> Progress:
    """Return candidates × assignments from what interview's selector says. No query."""
    cells = {
        (one.candidate.pk, each.assignment.pk): Cell(str(one.standing), one.finished_at, RANKS[one.standing])
        for each in standings
        for one in each.standings
    }
    # Who has joined since the standings were read has not started.
    new = Cell(str(Standing.NOT_STARTED), None, RANKS[Standing.NOT_STARTED])
    rows = [
        ProgressRow(user, active.get(user.pk), [cells.get((user.pk, each.assignment.pk), new) for each in standings])
        for user in candidates
    ]
    columns = [
        Column(
            str(each.assignment.pk),
            each.assignment.track.title,
            each.assignment,
            _counted([row.cells[number] for row in rows], list(Standing)),
        )
        for number, each in enumerate(standings)
    ]
    return Progress(columns, rows)


TRACK_STATES = FINISHED, RUNNING, NOT_STARTED = "finished", "running", "not started"


def by_track(cohort: Cohort, candidates: list[User], active: Mapping[UUID, datetime]) -> Progress:
    """Return candidates × the tracks that any of them has begun, assigned or not. Two queries."""
    begun = (
        Interview.objects.filter(candidate__in=candidates_of(cohort).order_by().values("pk"), track__isnull=False)
        .order_by()
        .values("candidate", "track")
        .annotate(finished=Min("finished_at"))
    )
    found = {(row["candidate"], row["track"]): row["finished"] for row in begun}
    tracks = list(Track.objects.filter(pk__in={track for _, track in found}).order_by("title"))
    rows = [
        ProgressRow(user, active.get(user.pk), [_track_cell(found, user.pk, track.pk) for track in tracks])
        for user in candidates
    ]
    columns = [
        Column(track.slug, track.title, None, _counted([row.cells[number] for row in rows], TRACK_STATES))
        for number, track in enumerate(tracks)
    ]
    return Progress(columns, rows)


def _track_cell(found: Mapping[tuple[UUID, int], datetime | None], candidate: UUID, track: int) -> Cell:
    if (candidate, track) not in found:
        return Cell(NOT_STARTED, None, 3)
    finished_at = found[candidate, track]
    return Cell(FINISHED, finished_at, 0) if finished_at else Cell(RUNNING, None, 2)


def _counted(cells: list[Cell], states: Sequence[str]) -> list[tuple[str, int]]:
    words = [cell.words for cell in cells]
    return [(str(state), words.count(str(state))) for state in states]
