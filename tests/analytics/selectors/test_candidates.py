"""Candidate by candidate: figures, last activity, and who is named at risk."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.filters import Filters, candidates_of, facts_of
from analytics.selectors.candidates import CandidateRow, at_risk_list, candidate_rows, last_active
from interview.models import Assignment, Interview, Mode
from interview.selectors.assignments import standings_of
from people.models import Cohort, User
from questionbank.models import QuestionVersion, Track
from tests.analytics.fact_rows import facts, join

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = NOW - 200 * DAY


def _rows(cohort: Cohort, filters: Filters | None = None) -> dict[str, CandidateRow]:
    rows = candidate_rows(candidates_of(cohort), facts_of(cohort, filters), last_active(cohort))
    return {row.candidate.name: row for row in rows}


def _named(cohort: Cohort) -> dict[str, list[str]]:
    found = at_risk_list(
        cohort,
        list(candidates_of(cohort)),
        active=last_active(cohort),
        standings=standings_of(cohort, NOW),
        now=NOW,
    )
    return {one.candidate.name: [reason.words for reason in one.reasons] for one in found}


def test_a_row_says_what_adding_up_by_hand_says(cohort: Cohort, published: QuestionVersion) -> None:
    ada = join(cohort, "Ada")
    facts(ada, published, [40], NOW - 7 * DAY, seconds=60)
    facts(ada, published, [50], NOW, seconds=120)
    facts(ada, published, [60], NOW, seconds=600)
    facts(ada, published, [0], NOW, mode=Mode.MOCK, is_empty=True)
    facts(ada, published, [100], NOW, attempt=2)

    # 13 minutes in two weeks; half of 1, 2 and 10 minutes lie below 2
    assert _rows(cohort, Filters()) == {"Ada": CandidateRow(ada, NOW, 4, 37.5, 1, 3, 2.0, 6.5)}
    assert _rows(cohort)["Ada"].answers == 5


def test_who_has_answered_nothing_has_a_row_without_figures(
    cohort: Cohort, candidate: User, peer: User, published: QuestionVersion
) -> None:
    facts(peer, published, [50], NOW)

    rows = _rows(cohort, Filters())

    assert rows["Candidate"] == CandidateRow(candidate, None)
    assert rows["Peer"] == CandidateRow(peer, NOW, 1, 50, 0, 0, None, None)


def test_an_interview_that_is_only_begun_is_activity(cohort: Cohort, candidate: User) -> None:
    Interview.objects.create(candidate=candidate, title="Practice", mode="practice", started_at=NOW, minutes=10)

    assert last_active(cohort) == {candidate.pk: NOW}


def test_each_reason_is_found_from_the_facts(cohort: Cohort, published: QuestionVersion) -> None:
    people = {name: join(cohort, name, since=LONG_AGO) for name in ("Ada", "Bob", "Cyd", "Dan", "Eve")}
    facts(people["Ada"], published, [70, 72, 71, 70, 72], NOW - DAY)
    facts(people["Bob"], published, [70, 72, 71, 70, 72], NOW - 40 * DAY)  # silent since
    facts(people["Cyd"], published, [80, 81, 82, 80, 82], NOW - 40 * DAY)
    facts(people["Cyd"], published, [60, 61, 62, 60, 62], NOW - DAY)
    facts(people["Dan"], published, [10, 20, 30, 40, 50], NOW - DAY)
    facts(people["Eve"], published, [70, 70, 70], NOW - DAY)
    facts(people["Eve"], published, [70, 70], NOW - DAY, mode=Mode.MOCK, is_empty=True)

    assert _named(cohort) == {
        "Bob": ["Nothing for 40 days; 4 of 4 others have been at work in the last 14."],
        "Cyd": ["Falling: mean 61 over the last 3 weeks (5 answers), 81 before (5 answers)."],
        "Dan": ["Low scores: mean 30 over 5 answers."],
        "Eve": ["Much left empty: 2 of 5 answers."],
    }


def test_what_is_older_than_twelve_weeks_is_forgotten_and_so_are_later_attempts(
    cohort: Cohort, candidate: User, published: QuestionVersion
) -> None:
    facts(candidate, published, [0] * 9, NOW - 85 * DAY)
    facts(candidate, published, [0] * 9, NOW - DAY, attempt=2)

    assert _named(cohort) == {}


def test_what_is_assigned_and_not_done_is_found(
    cohort: Cohort, candidate: User, peer: User, admin: User, track: Track
) -> None:
    own: dict[str, Any] = {
        "cohort": cohort,
        "track": track,
        "mode": "practice",
        "created_by": admin,
        "created_at": NOW,
    }
    spans = [(-30, -3, -2), (-30, -1, 3), (-30, 1, 3), (1, 2, 3)]  # missed, overdue, due tomorrow, not open yet
    made = [
        Assignment.objects.create(opens_at=NOW + a * DAY, due_at=NOW + b * DAY, closes_at=NOW + c * DAY, **own)
        for a, b, c in spans
    ]
    for assignment in made[:3]:
        Interview.objects.create(
            candidate=peer,
            assignment=assignment,
            track=track,
            title="Taster",
            mode="practice",
            started_at=NOW - 5 * DAY,
            finished_at=NOW - 4 * DAY,
            minutes=10,
        )

    assert _named(cohort) == {
        "Candidate": [
            "Missed: Taster, closed 2 days ago.",
            "Overdue: Taster, due a day ago.",
            "Not begun: Taster, due in 24 hours.",
        ]
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_are_the_same_whatever_the_size(
    cohort: Cohort, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        facts(join(cohort, f"Person {number}"), published, [10] * 5, NOW)
    people = list(candidates_of(cohort))

    with django_assert_num_queries(5):
        active = last_active(cohort)
        rows = candidate_rows(people, facts_of(cohort), active)
        found = at_risk_list(cohort, people, active=active, standings=[], now=NOW)

    assert (len(rows), len(found)) == (count, count)
