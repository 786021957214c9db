"""What is assigned: by whom, on which terms, and how often it is started."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from interview.models import Assignment, Interview, Mode
from interview.services.assignments import (
    AssignmentOver,
    NoAttemptsLeft,
    NotOpenYet,
    Terms,
    assign,
    change,
    copy_assignments,
    start_assigned,
    withdraw,
)
from interview.services.interviews import NotEnoughQuestions, finish
from people.clock import database_now
from people.models import AuditEntry, Cohort, Membership, User
from people.services.cohorts import remove_member
from questionbank.models import Track
from tests.factories import make_assignment, make_interview, make_topic, make_track, publish_question
from tests.races import outcomes, race

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def terms(track: Track) -> Terms:
    """`track` as a mock, open at once, due in a week, closed in two."""
    return Terms(track=track, mode=Mode.MOCK, due_at=NOW + 7 * DAY, closes_at=NOW + 14 * DAY, attempts=1)


def _assign(cohort: Cohort, terms: Terms, admin: User, now: datetime = NOW) -> Assignment:
    return assign(cohort=cohort, terms=terms, actor=admin, now=now)


def _wrong(refused: Any) -> dict[str, list[str]]:
    return refused.value.message_dict


# --- assigning ----------------------------------------------------------------------------------------------


def test_assigning_keeps_the_terms_to_the_minute_and_is_audited(cohort: Cohort, terms: Terms, admin: User) -> None:
    later = timedelta(seconds=59, microseconds=5)

    made = _assign(cohort, replace(terms, due_at=terms.due_at + later), admin, NOW + later)

    made.refresh_from_db()
    assert Terms.of(made) == replace(terms, opens_at=NOW)
    assert (made.cohort, made.created_by, made.withdrawn_at) == (cohort, admin, None)
    entry = AuditEntry.objects.get(action="assignment.create", object_id=str(made.pk))
    assert (entry.actor, entry.detail["cohort"], entry.detail["track"]) == (admin, str(cohort.pk), "taster")


def test_the_same_sent_twice_assigns_once(cohort: Cohort, terms: Terms, admin: User) -> None:
    first = _assign(cohort, terms, admin)

    assert _assign(cohort, terms, admin, NOW + timedelta(minutes=2)) == first
    assert AuditEntry.objects.filter(action="assignment.create").count() == 1


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"opens_at": NOW - DAY}, {"opens_at": "This time is over. Leave it empty to open the assignment at once."}),
        ({"due_at": NOW - DAY, "opens_at": NOW - 2 * DAY}, {"opens_at", "due_at"}),
        ({"due_at": NOW + DAY, "opens_at": NOW + 2 * DAY}, {"due_at": "It has to be due after it opens."}),
        ({"closes_at": NOW + 6 * DAY}, {"closes_at": "It cannot close before it is due."}),
        ({"closes_at": NOW + 999 * DAY}, {"closes_at": "This is more than two years away. Check the year."}),
        ({"closes_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, {"closes_at"}),
    ],
)
def test_times_that_cannot_be_are_refused_at_their_field(
    cohort: Cohort, terms: Terms, admin: User, wrong: dict[str, datetime], fields: Any
) -> None:
    with pytest.raises(ValidationError) as refused:
        _assign(cohort, replace(terms, **wrong), admin)

    assert _wrong(refused).keys() == set(fields)
    if isinstance(fields, dict):
        assert _wrong(refused) == {field: [why] for field, why in fields.items()}
    assert not Assignment.objects.exists()


def test_the_same_track_and_mode_at_the_same_time_is_refused(cohort: Cohort, terms: Terms, admin: User) -> None:
    _assign(cohort, terms, admin)

    with pytest.raises(ValidationError) as refused:
        _assign(cohort, replace(terms, due_at=NOW + 9 * DAY), admin)

    span = "from 1 December 2026, 12:00 (UTC) to 15 December 2026, 12:00 (UTC)"
    assert _wrong(refused) == {"track": [f"“Taster” is assigned to Autumn in this mode already, {span}."]}


def test_another_mode_cohort_or_time_is_no_overlap(
    cohort: Cohort, other_cohort: Cohort, terms: Terms, admin: User
) -> None:
    first = _assign(cohort, terms, admin)
    after = replace(terms, opens_at=terms.closes_at, due_at=NOW + 20 * DAY, closes_at=NOW + 20 * DAY)

    made = [
        _assign(cohort, replace(terms, mode=Mode.PRACTICE), admin),
        _assign(other_cohort, terms, admin),
        _assign(cohort, after, admin),
    ]

    assert len({first, *made}) == 4


def test_what_was_withdrawn_can_be_assigned_again(cohort: Cohort, terms: Terms, admin: User) -> None:
    first = _assign(cohort, terms, admin)
    withdraw(assignment=first, actor=admin, now=NOW)

    assert _assign(cohort, terms, admin) != first


def test_a_track_that_the_bank_cannot_fill_is_refused(cohort: Cohort, terms: Terms, admin: User) -> None:
    short = make_track(make_topic("empty"), slug="short", count=3)

    with pytest.raises(ValidationError) as refused:
        _assign(cohort, replace(terms, track=short), admin)

    assert _wrong(refused) == {
        "track": ["“Python” needs 3 questions on Empty and the bank has 0. Ask a mentor to publish more."]
    }


def test_nothing_is_assigned_to_an_archived_cohort(cohort: Cohort, terms: Terms, admin: User) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=NOW)

    with pytest.raises(ValidationError, match="Autumn is archived"):
        _assign(cohort, terms, admin)


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_assign_a_track_once(cohort: Cohort, terms: Terms, admin: User, site_admin: User) -> None:
    results = race(partial(_assign, cohort, terms, admin), partial(_assign, cohort, terms, site_admin))

    assert outcomes(results) == ["Assignment", "ValidationError"]
    assert Assignment.objects.count() == 1


# --- changing and withdrawing -------------------------------------------------------------------------------


def test_before_it_opens_everything_may_change(cohort: Cohort, terms: Terms, admin: User) -> None:
    publish_question("elsewhere", topic=make_topic("elsewhere"))
    other = make_track(make_topic("elsewhere"), slug="other")
    made = _assign(cohort, replace(terms, opens_at=NOW + 3 * DAY), admin)
    new = Terms(other, Mode.PRACTICE, NOW + 3 * DAY, NOW + 4 * DAY, NOW + DAY, None, reminds=False, note="Now this.")

    changed = change(assignment=made, terms=new, actor=admin, now=NOW)

    assert Terms.of(changed) == new
    entry = AuditEntry.objects.get(action="assignment.change")
    assert (entry.detail["before"]["track"], entry.detail["after"]["track"]) == ("taster", "other")


def test_once_open_dates_move_later_and_words_change(cohort: Cohort, terms: Terms, admin: User) -> None:
    made = _assign(cohort, terms, admin)
    new = replace(
        Terms.of(made), due_at=NOW + 9 * DAY, closes_at=NOW + 15 * DAY, attempts=2, reminds=False, note="Take time."
    )

    assert Terms.of(change(assignment=made, terms=new, actor=admin, now=NOW + DAY)) == new


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", Mode.PRACTICE),
        ("opens_at", NOW - DAY),
        ("due_at", NOW + 6 * DAY),
        ("closes_at", NOW + 13 * DAY),
        ("attempts", 1),
    ],
)
def test_once_open_nothing_is_taken_back(cohort: Cohort, terms: Terms, admin: User, field: str, value: Any) -> None:
    made = _assign(cohort, replace(terms, attempts=2), admin)
    wished = replace(Terms.of(made), **{field: value})

    with pytest.raises(ValidationError) as refused:
        change(assignment=made, terms=wished, actor=admin, now=NOW + DAY)

    assert _wrong(refused).keys() == {field}
    assert _wrong(refused)[field][0].startswith("It is open: ")


def test_after_the_due_date_the_word_can_change_and_the_date_move_on(
    cohort: Cohort, terms: Terms, admin: User
) -> None:
    made = _assign(cohort, terms, admin)
    later = NOW + 8 * DAY

    noted = change(assignment=made, terms=replace(Terms.of(made), note="Hurry."), actor=admin, now=later)
    with pytest.raises(ValidationError) as refused:
        change(assignment=noted, terms=replace(Terms.of(noted), due_at=NOW + 7.5 * DAY), actor=admin, now=later)

    assert (noted.note, _wrong(refused)) == ("Hurry.", {"due_at": ["This time is over. Choose one to come."]})


def test_moved_into_the_time_of_another_it_is_refused(cohort: Cohort, terms: Terms, admin: User) -> None:
    made = _assign(cohort, terms, admin)
    _assign(cohort, replace(terms, opens_at=NOW + 20 * DAY, due_at=NOW + 21 * DAY, closes_at=NOW + 21 * DAY), admin)

    with pytest.raises(ValidationError) as refused:
        change(assignment=made, terms=replace(Terms.of(made), closes_at=NOW + 21 * DAY), actor=admin, now=NOW)

    assert _wrong(refused).keys() == {"closes_at"}


def test_changing_nothing_writes_nothing(cohort: Cohort, terms: Terms, admin: User) -> None:
    made = _assign(cohort, terms, admin)

    change(assignment=made, terms=Terms.of(made), actor=admin, now=NOW + DAY)

    assert not AuditEntry.objects.filter(action="assignment.change").exists()


def test_withdrawing_is_audited_once_and_ends_changing(cohort: Cohort, terms: Terms, admin: User) -> None:
    made = _assign(cohort, terms, admin)

    withdrawn = [withdraw(assignment=made, actor=admin, now=NOW) for _ in range(2)]

    assert withdrawn == [True, False]
    assert AuditEntry.objects.filter(action="assignment.withdraw").count() == 1
    with pytest.raises(ValidationError, match="It was withdrawn"):
        change(assignment=made, terms=Terms.of(made), actor=admin, now=NOW)


# --- copying ------------------------------------------------------------------------------------------------


def test_copies_keep_the_time_of_day_over_a_change_of_the_clocks(
    cohort: Cohort, other_cohort: Cohort, terms: Terms, admin: User
) -> None:
    admin.time_zone = "Europe/Paris"
    summer = datetime(2027, 4, 1, tzinfo=UTC)
    made = _assign(cohort, terms, admin)
    withdraw(assignment=_assign(cohort, replace(terms, mode=Mode.PRACTICE), admin), actor=admin, now=NOW)

    (copy,) = copy_assignments(source=cohort, target=other_cohort, shift=182 * DAY, actor=admin, now=summer)

    hour = timedelta(hours=1)
    assert Terms.of(copy) == replace(
        Terms.of(made),
        opens_at=made.opens_at + 182 * DAY - hour,
        due_at=made.due_at + 182 * DAY - hour,
        closes_at=made.closes_at + 182 * DAY - hour,
    )
    assert AuditEntry.objects.get(object_id=str(copy.pk)).detail["copied_from"] == str(cohort.pk)


def test_what_would_be_past_due_is_not_copied(cohort: Cohort, other_cohort: Cohort, terms: Terms, admin: User) -> None:
    _assign(cohort, terms, admin)

    assert copy_assignments(source=cohort, target=other_cohort, shift=DAY, actor=admin, now=NOW + 60 * DAY) == []


# --- starting -----------------------------------------------------------------------------------------------


def _start(candidate: User, assignment: Assignment, now: datetime | None = None) -> Interview:
    return start_assigned(candidate=candidate, assignment=assignment, now=now or database_now())


def test_starting_counts_an_attempt_in_the_assigned_mode(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, mode=Mode.MOCK)

    interview = _start(candidate, assignment)

    assert (interview.assignment, interview.track, interview.mode) == (assignment, track, Mode.MOCK)
    assert (interview.questions.count(), interview.deadline_at is None) == (2, False)


def test_what_runs_is_gone_on_with(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=2)

    assert _start(candidate, assignment) == _start(candidate, assignment)
    assert Interview.objects.count() == 1


def test_each_candidate_has_attempts_of_their_own(cohort: Cohort, candidate: User, peer: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=1)

    assert _start(candidate, assignment) != _start(peer, assignment)


def test_practice_of_the_same_track_does_not_count(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=1)
    beside = make_interview(candidate, track)

    assert _start(candidate, assignment) != beside
    assert beside.assignment is None


def test_nobody_starts_more_often_than_allowed(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=2)
    for _ in range(2):
        finish(interview=_start(candidate, assignment), now=database_now())

    with pytest.raises(NoAttemptsLeft, match=r"You can start this 2 times, and you have\."):
        _start(candidate, assignment)
    assert Interview.objects.count() == 2


def test_without_a_limit_it_can_be_started_again_and_again(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=None)
    for _ in range(3):
        finish(interview=_start(candidate, assignment), now=database_now())

    assert Interview.objects.filter(assignment=assignment).count() == 3


def test_it_starts_from_opening_until_closing(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, now=NOW)
    moment = timedelta(microseconds=1)

    with pytest.raises(NotOpenYet, match=r"This opens on 30 November 2026, 12:00 \(UTC\)."):
        _start(candidate, assignment, assignment.opens_at - moment)
    with pytest.raises(AssignmentOver, match=r"This closed on 9 December 2026, 12:00 \(UTC\)."):
        _start(candidate, assignment, assignment.closes_at)
    finish(interview=_start(candidate, assignment, assignment.opens_at), now=NOW)
    assert _start(candidate, assignment, assignment.closes_at - moment).is_running


def test_what_runs_at_the_close_can_be_finished(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, mode=Mode.MOCK, now=NOW)
    begun = assignment.closes_at - timedelta(minutes=1)
    running = _start(candidate, assignment, begun)

    assert _start(candidate, assignment, assignment.closes_at + timedelta(minutes=1)) == running
    assert finish(interview=running, now=begun + timedelta(minutes=5)).finished_at == begun + timedelta(minutes=5)


def test_extra_time_holds_as_ever(cohort: Cohort, candidate: User, track: Track) -> None:
    candidate.extra_time_factor = 2
    candidate.save()

    interview = _start(candidate, make_assignment(cohort, track, mode=Mode.MOCK))

    assert interview.deadline_at == interview.started_at + timedelta(minutes=20)


def test_withdrawn_or_archived_it_starts_no_more(cohort: Cohort, candidate: User, admin: User, track: Track) -> None:
    assignment = make_assignment(cohort, track)
    withdraw(assignment=assignment, actor=admin, now=database_now())
    other = make_assignment(cohort, track, mode=Mode.MOCK)
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=database_now())

    with pytest.raises(AssignmentOver, match="was withdrawn"):
        _start(candidate, assignment)
    with pytest.raises(AssignmentOver, match="Autumn is over"):
        _start(candidate, other)


def test_who_has_left_or_leads_does_not_start_it(
    cohort: Cohort, candidate: User, admin: User, outsider: User, track: Track
) -> None:
    assignment = make_assignment(cohort, track)
    remove_member(cohort=cohort, user=candidate, actor=admin)

    for user in (candidate, admin, outsider):
        with pytest.raises(AssignmentOver, match="for candidates of Autumn"):
            _start(user, assignment)


def test_a_bank_that_has_become_too_small_uses_no_attempt(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=1)
    track.sections.update(count=5)

    with pytest.raises(NotEnoughQuestions):
        _start(candidate, assignment)
    assert not Interview.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_start_one(cohort: Cohort, candidate: User, track: Track) -> None:
    assignment = make_assignment(cohort, track, attempts=2)
    assert Membership.objects.filter(user=candidate).count() == 1

    started = race(*[partial(_start, candidate, assignment)] * 3)

    assert len({interview.pk for interview in started}) == 1
    assert Interview.objects.count() == 1
