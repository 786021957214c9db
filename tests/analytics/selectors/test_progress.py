"""Who has done what by when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.filters import candidates_of
from analytics.selectors.progress import Cell, Progress, by_assignment, by_track
from interview.models import Assignment, Interview
from interview.selectors.assignments import standings_of
from people.models import Cohort, User
from questionbank.models import Track
from tests.analytics.fact_rows import join

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _assign(cohort: Cohort, track: Track, admin: User) -> Assignment:
    return Assignment.objects.create(
        cohort=cohort,
        track=track,
        mode="practice",
        opens_at=NOW - 9 * DAY,
        due_at=NOW - 2 * DAY,
        closes_at=NOW + DAY,
        created_by=admin,
        created_at=NOW - 9 * DAY,
    )


def _begin(user: User, track: Track, *, finished_at: datetime | None = None, **own: Any) -> None:
    Interview.objects.create(
        candidate=user,
        track=track,
        title="Taster",
        mode="practice",
        started_at=NOW - 8 * DAY,
        finished_at=finished_at,
        minutes=10,
        **own,
    )


def _cells(found: Progress) -> dict[str, list[Cell]]:
    return {row.candidate.name: row.cells for row in found.rows}


def _by_assignment(cohort: Cohort) -> Progress:
    return by_assignment(list(candidates_of(cohort)), standings_of(cohort, NOW), {})


def test_candidates_by_assignments_say_state_and_time_in_words(cohort: Cohort, admin: User, track: Track) -> None:
    assignment = _assign(cohort, track, admin)
    ada, bob, cyd, _ = (join(cohort, name) for name in ("Ada", "Bob", "Cyd", "Dan"))
    _begin(ada, track, assignment=assignment, finished_at=NOW - 3 * DAY)
    _begin(bob, track, assignment=assignment, finished_at=NOW - DAY)
    _begin(cyd, track, assignment=assignment)

    found = _by_assignment(cohort)

    assert _cells(found) == {
        "Ada": [Cell("finished in time", NOW - 3 * DAY, 0)],
        "Bob": [Cell("finished late", NOW - DAY, 1)],
        "Cyd": [Cell("running", None, 2)],
        "Dan": [Cell("not started", None, 3)],
    }
    assert [row.done for row in found.rows] == [1, 1, 0, 0]
    (column,) = found.columns
    assert (column.title, column.assignment) == ("Taster", assignment)
    assert column.counts == [
        ("not started", 1),
        ("running", 1),
        ("finished in time", 1),
        ("finished late", 1),
        ("missed", 0),
    ]


def test_candidates_by_tracks_name_the_first_time_they_finished(cohort: Cohort, admin: User, track: Track) -> None:
    ada, bob, _ = (join(cohort, name) for name in ("Ada", "Bob", "Cyd"))
    _begin(ada, track, finished_at=NOW - 3 * DAY)
    _begin(ada, track, finished_at=NOW)
    _begin(ada, track)
    _begin(bob, track)

    found = by_track(cohort, list(candidates_of(cohort)), {})

    assert _cells(found) == {
        "Ada": [Cell("finished", NOW - 3 * DAY, 0)],
        "Bob": [Cell("running", None, 2)],
        "Cyd": [Cell("not started", None, 3)],
    }
    assert [column.counts for column in found.columns] == [[("finished", 1), ("running", 1), ("not started", 1)]]


def test_others_interviews_make_no_column(cohort: Cohort, candidate: User, outsider: User, track: Track) -> None:
    _begin(outsider, track)

    assert by_track(cohort, [candidate], {}).columns == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_are_the_same_whatever_the_size(
    cohort: Cohort, admin: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        _begin(join(cohort, f"Person {number}"), track, assignment=_assign(cohort, track, admin))
    people = list(candidates_of(cohort))

    with django_assert_num_queries(5):
        found = by_track(cohort, people, {}), by_assignment(people, standings_of(cohort, NOW), {})

    assert [len(one.rows) for one in found] == [count, count]
