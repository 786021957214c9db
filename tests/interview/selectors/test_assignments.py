"""Who stands where with what is assigned."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from interview.models import Assignment, Interview, Mode
from interview.selectors.assignments import Assigned, Stage, Standing, assigned_to, current, standings_of
from interview.services.assignments import start_assigned
from interview.services.interviews import finish, submit_answer
from people.models import Cohort, Role, User
from questionbank.models import Track
from tests.factories import MembershipFactory, make_assignment, make_interview

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def assignment(cohort: Cohort, track: Track) -> Assignment:
    """Open from a day before NOW to eight days after, due a day before it closes; two attempts."""
    return make_assignment(cohort, track, now=NOW, attempts=2)


def _attempt(user: User, assignment: Assignment, begun: datetime, finished: datetime | None = None) -> Interview:
    interview = start_assigned(candidate=user, assignment=assignment, now=begun)
    return finish(interview=interview, now=finished) if finished else interview


def _only(user: User, now: datetime = NOW) -> Assigned:
    (found,) = assigned_to(user, now)
    return found


# --- a candidate's ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "stage", "standing"),
    [
        (-2 * DAY, Stage.UPCOMING, Standing.NOT_STARTED),
        (timedelta(), Stage.OPEN, Standing.NOT_STARTED),
        (7 * DAY, Stage.PAST_DUE, Standing.NOT_STARTED),
        (8 * DAY, Stage.CLOSED, Standing.MISSED),
    ],
)
def test_what_is_not_begun_follows_the_clock(
    assignment: Assignment, candidate: User, passed: timedelta, stage: Stage, standing: Standing
) -> None:
    found = _only(candidate, NOW + passed)

    is_open = stage in (Stage.OPEN, Stage.PAST_DUE)
    assert (found.stage, found.standing, found.can_start, found.is_to_do) == (stage, standing, is_open, is_open)
    assert (found.attempts_left, found.running, found.finished) == (2, None, None)


def test_what_runs_comes_before_another_attempt(assignment: Assignment, candidate: User) -> None:
    running = _attempt(candidate, assignment, NOW)

    found = _only(candidate)

    assert (found.standing, found.running, found.can_start, found.attempts_left) == (
        Standing.RUNNING,
        running,
        False,
        1,
    )
    assert _only(candidate, NOW + 30 * DAY).is_to_do


@pytest.mark.parametrize(
    ("finished", "standing"),
    [(7 * DAY, Standing.IN_TIME), (7 * DAY + timedelta(microseconds=1), Standing.LATE)],
)
def test_in_time_is_up_to_the_due_date(
    assignment: Assignment, candidate: User, finished: timedelta, standing: str
) -> None:
    interview = _attempt(candidate, assignment, NOW, NOW + finished)

    found = _only(candidate, NOW + 30 * DAY)

    assert (found.standing, found.is_late, found.finished) == (standing, standing == Standing.LATE, interview)


def test_the_first_finished_attempt_counts_while_another_runs(assignment: Assignment, candidate: User) -> None:
    first = _attempt(candidate, assignment, NOW, NOW + DAY)
    second = _attempt(candidate, assignment, NOW + 2 * DAY)

    found = _only(candidate, NOW + 3 * DAY)

    assert (found.standing, found.finished, found.running, found.is_to_do) == (
        Standing.IN_TIME,
        first,
        second,
        False,
    )


def test_a_candidate_finds_what_is_to_be_done_first(cohort: Cohort, candidate: User, track: Track) -> None:
    def made(name: str, **terms: Any) -> Assignment:
        return make_assignment(cohort, track, now=NOW, note=name, **terms)

    made("closed", opens_at=NOW - 9 * DAY, due_at=NOW - 8 * DAY, closes_at=NOW - DAY)
    made("upcoming", opens_at=NOW + DAY)
    made("later", due_at=NOW + 8 * DAY)
    made("sooner", due_at=NOW + DAY)
    _attempt(candidate, made("done", attempts=1), NOW - DAY, NOW)
    made("withdrawn", withdrawn_at=NOW)

    found = assigned_to(candidate, NOW)

    assert [one.assignment.note for one in found] == ["sooner", "later", "upcoming", "done", "closed"]
    assert [one.assignment.note for one in current(found)] == ["sooner", "later", "upcoming", "done"]


def test_nothing_is_assigned_to_others_or_in_what_is_over(
    assignment: Assignment, candidate: User, mentor: User, admin: User, outsider: User, site_admin: User
) -> None:
    assert [assigned_to(user, NOW) for user in (mentor, admin, outsider, site_admin)] == [[]] * 4
    assert len(assigned_to(candidate, NOW)) == 1

    Cohort.objects.update(archived_at=NOW)
    assert assigned_to(candidate, NOW) == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_candidates_list_takes_two_queries(
    cohort: Cohort, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        _attempt(candidate, make_assignment(cohort, track, now=NOW), NOW)

    with django_assert_num_queries(2):
        found = [(one.standing, one.assignment.track.title) for one in assigned_to(candidate, NOW)]

    assert found == [(Standing.RUNNING, "Taster")] * count


# --- a cohort's ---------------------------------------------------------------------------------------------


def test_a_cohort_sees_who_stands_where(
    assignment: Assignment, cohort: Cohort, candidate: User, peer: User, mentor: User, track: Track
) -> None:
    idle = MembershipFactory(cohort=cohort, user__name="Idle").user
    interview = start_assigned(candidate=candidate, assignment=assignment, now=NOW)
    for asked, text in zip(interview.questions.all(), ("Lazily.", " \n "), strict=True):
        submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=NOW)
    finish(interview=interview, now=NOW + DAY)
    running = _attempt(peer, assignment, NOW)
    make_interview(idle, track)

    (found,) = standings_of(cohort, NOW + 7.5 * DAY)

    assert (found.stage, found.finished) == (Stage.PAST_DUE, 1)
    assert {word: count for word, count in found.counts.items() if count} == {
        Standing.NOT_STARTED: 1,
        Standing.RUNNING: 1,
        Standing.IN_TIME: 1,
    }
    rows = [(s.candidate, s.standing, s.attempts, s.interview_id, s.answered, s.asked) for s in found.standings]
    assert rows == [
        (candidate, Standing.IN_TIME, 1, interview.pk, 1, 2),
        (idle, Standing.NOT_STARTED, 0, None, 0, 0),
        (peer, Standing.RUNNING, 1, running.pk, 0, 2),
    ]
    assert [s.is_overdue for s in found.standings] == [False, True, True]


def test_who_has_left_stands_nowhere(assignment: Assignment, cohort: Cohort, candidate: User, peer: User) -> None:
    _attempt(candidate, assignment, NOW, NOW)
    candidate.memberships.update(role=Role.MENTOR)

    (found,) = standings_of(cohort, NOW)

    assert [one.candidate for one in found.standings] == [peer]


def test_standings_can_be_narrowed(assignment: Assignment, cohort: Cohort, other_cohort: Cohort, track: Track) -> None:
    other = make_assignment(cohort, track, now=NOW, mode=Mode.MOCK)
    make_assignment(other_cohort, track, now=NOW)
    make_assignment(cohort, track, now=NOW, withdrawn_at=NOW)

    everything, one = standings_of(cohort, NOW), standings_of(cohort, NOW, Assignment.objects.filter(pk=other.pk))

    assert {found.assignment for found in everything} == {assignment, other}
    assert [found.assignment for found in one] == [other]


@pytest.mark.parametrize("count", [1, 3])
def test_standings_take_three_queries(
    cohort: Cohort, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    people = [MembershipFactory(cohort=cohort).user for _ in range(count)]
    for _ in range(count):
        made = make_assignment(cohort, track, now=NOW)
        for user in people:
            _attempt(user, made, NOW)

    with django_assert_num_queries(3):
        found = standings_of(cohort, NOW)

    assert [one.counts[Standing.RUNNING] for one in found] == [count] * count
