"""What those who lead a cohort see and do of its assignments."""

import html
import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Assignment
from interview.services.assignments import start_assigned
from interview.services.interviews import finish
from people.clock import database_now
from people.models import Cohort, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import MembershipFactory, make_assignment

DAY = timedelta(days=1)


@pytest.fixture
def browser(admin: User) -> Client:
    return client_of(admin)


@pytest.fixture
def assignment(cohort: Cohort, track: Track, admin: User) -> Assignment:
    return make_assignment(cohort, track, created_by=admin)


def _words(response: Any) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def _address(name: str, assignment: Assignment) -> str:
    return reverse(name, args=[assignment.cohort_id, assignment.pk])


def _fields(chosen: Track, **changes: Any) -> dict[str, Any]:
    """Return what the form sends: a mock, open at once, due and closed in a week."""
    in_a_week = f"{database_now() + 7 * DAY:%Y-%m-%dT%H:%M}"
    fields = {"track": chosen.pk, "mode": "mock", "opens_at": "", "due_at": in_a_week, "closes_at": in_a_week}
    return {**fields, "attempts": "2", "reminds": "on", "note": "Read first.", **changes}


def _assign(browser: Client, cohort: Cohort, fields: dict[str, Any]) -> Any:
    return browser.post(reverse("new_assignment", args=[cohort.pk]), fields)


# --- assigning ----------------------------------------------------------------------------------------------


def test_an_admin_assigns_in_the_time_of_their_own_zone(
    browser: Client, cohort: Cohort, admin: User, track: Track
) -> None:
    User.objects.filter(pk=admin.pk).update(time_zone="Asia/Tokyo")
    day = f"{database_now() + 7 * DAY:%Y-%m-%d}"

    page = browser.get(reverse("new_assignment", args=[cohort.pk]))
    response = _assign(browser, cohort, _fields(track, due_at=f"{day}T09:00", closes_at=f"{day}T18:30"))

    made = Assignment.objects.get()
    tokyo = [at.astimezone(ZoneInfo("Asia/Tokyo")) for at in (made.due_at, made.closes_at)]
    assert "All times are in your time zone, Asia/Tokyo." in _words(page)
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in tokyo] == [f"{day}T09:00", f"{day}T18:30"]
    assert (made.track, made.mode, made.attempts, made.reminds, made.note) == (track, "mock", 2, True, "Read first.")
    assert response["Location"] == _address("assignment", made)


def test_a_double_click_assigns_once(browser: Client, cohort: Cohort, track: Track) -> None:
    fields = _fields(track)

    first, second = _assign(browser, cohort, fields), _assign(browser, cohort, fields)

    assert first["Location"] == second["Location"]
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"track": ""}, "track", "This field is required."),
        ({"mode": "exam"}, "mode", "Select a valid choice."),
        ({"due_at": "tomorrow"}, "due_at", "Enter a valid date/time."),
        ({"due_at": "2020-01-01T12:00"}, "due_at", "This time is over. Choose one to come."),
        ({"opens_at": "2020-01-01T12:00"}, "opens_at", "This time is over."),
        ({"closes_at": "9999-12-31T23:59"}, "closes_at", "This is more than two years away."),
        ({"attempts": "0"}, "attempts", "Ensure this value is greater than or equal to 1."),
        ({"attempts": "99999999999"}, "attempts", "Ensure this value is less than or equal to 99."),
        ({"note": "x" * 2001}, "note", "Ensure this value has at most 2000 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Client, cohort: Cohort, track: Track, changes: dict[str, str], field: str, words: str
) -> None:
    response = _assign(browser, cohort, _fields(track, **changes))

    assert (response.status_code, Assignment.objects.exists()) == (400, False)
    assert response.context["form"].errors[field][0].startswith(words)
    assert changes.get("note", "Read first.") in response.content.decode()


def test_an_overlap_and_an_archived_cohort_are_said(browser: Client, cohort: Cohort, assignment: Assignment) -> None:
    overlap = _assign(browser, cohort, _fields(assignment.track, mode="practice"))
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=database_now())
    archived = _assign(browser, cohort, _fields(assignment.track))

    assert "is assigned to Autumn in this mode already, from" in _words(overlap)
    assert (archived.status_code, "Autumn is archived" in _words(archived)) == (400, True)
    assert Assignment.objects.count() == 1


def test_a_time_that_the_clocks_skip_is_said(browser: Client, cohort: Cohort, admin: User, track: Track) -> None:
    User.objects.filter(pk=admin.pk).update(time_zone="Europe/Paris")
    skipped = "2027-03-28T02:30"

    response = _assign(browser, cohort, _fields(track, due_at=skipped, closes_at="2027-04-01T12:00"))

    assert (response.status_code, list(response.context["form"].errors)) == (400, ["due_at"])


# --- reading ------------------------------------------------------------------------------------------------


def test_mentors_read_and_are_offered_nothing_to_change(
    cohort: Cohort, assignment: Assignment, mentor: User, candidate: User
) -> None:
    browser = client_of(mentor)

    listed = browser.get(reverse("assignments", args=[cohort.pk]))
    page = browser.get(_address("assignment", assignment))

    assert ("0 of 1 finished" in _words(listed), "Assign a track" in _words(listed)) == (True, False)
    assert ("Candidate Not started" in _words(page), "Withdraw" in _words(page)) == (True, False)


def test_the_page_says_who_stands_where(browser: Client, assignment: Assignment, candidate: User, peer: User) -> None:
    interview = start_assigned(candidate=candidate, assignment=assignment, now=database_now())
    finish(interview=interview, now=database_now())
    start_assigned(candidate=peer, assignment=assignment, now=database_now())

    words = _words(browser.get(_address("assignment", assignment)))

    assert "1 of 2 candidates finished. 1 running 1 finished in time" in words
    assert ("Candidate Finished in time" in words, "Peer Running not yet" in words) == (True, True)


def test_the_list_parts_what_is_closed(browser: Client, cohort: Cohort, assignment: Assignment) -> None:
    now = database_now()
    closed = make_assignment(
        cohort, assignment.track, opens_at=now - 9 * DAY, due_at=now - 8 * DAY, closes_at=now - DAY
    )

    context = browser.get(reverse("assignments", args=[cohort.pk])).context

    assert [[one.assignment for one in context[part]] for part in ("current", "closed")] == [[assignment], [closed]]


@pytest.mark.parametrize("count", [1, 3])
def test_both_pages_take_the_same_queries_whatever_they_list(
    browser: Client, cohort: Cohort, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    people = [MembershipFactory(cohort=cohort).user for _ in range(count)]
    for _ in range(count):
        made = make_assignment(cohort, track)
        for user in people:
            start_assigned(candidate=user, assignment=made, now=database_now())

    with django_assert_num_queries(10):
        listed = browser.get(reverse("assignments", args=[cohort.pk]))
    with django_assert_num_queries(11):
        page = browser.get(_address("assignment", made))

    assert (len(listed.context["current"]), len(page.context["page"])) == (count, count)


@pytest.mark.parametrize("name", ["assignment", "change_assignment", "withdraw_assignment"])
def test_nobody_reaches_another_cohorts_assignment(
    cohort: Cohort, other_cohort: Cohort, assignment: Assignment, name: str
) -> None:
    other_admin = MembershipFactory(cohort=other_cohort, role="admin").user
    client = client_of(other_admin)
    ways = [_address(name, assignment), reverse(name, args=[other_cohort.pk, assignment.pk])]

    codes = {client.get(way).status_code for way in ways} | {client.post(way).status_code for way in ways}

    assert codes <= {404, 405}
    assignment.refresh_from_db()
    assert assignment.withdrawn_at is None


# --- changing and withdrawing -------------------------------------------------------------------------------


def test_an_open_assignment_changes_where_it_may(browser: Client, assignment: Assignment) -> None:
    later = f"{database_now() + 20 * DAY:%Y-%m-%dT%H:%M}"
    fields = {"due_at": later, "closes_at": later, "attempts": "", "note": "More time.", "mode": "mock"}

    page = browser.get(_address("change_assignment", assignment))
    response = browser.post(_address("change_assignment", assignment), fields)

    assert [name for name in ("track", "mode", "opens_at") if name in page.context["form"].fields] == []
    assignment.refresh_from_db()
    assert response["Location"] == _address("assignment", assignment)
    assert (assignment.note, assignment.mode, assignment.reminds) == ("More time.", "practice", False)
    assert f"{assignment.due_at:%Y-%m-%dT%H:%M}" == later


def test_the_form_as_it_stands_changes_nothing(browser: Client, cohort: Cohort, track: Track) -> None:
    _assign(browser, cohort, _fields(track))
    made = Assignment.objects.get()
    before = Assignment.objects.values().get()
    form = browser.get(_address("change_assignment", made)).context["form"]

    sent = {name: form[name].value() for name in form.fields}
    sent |= {name: f"{form[name].value():%Y-%m-%dT%H:%M}" for name in ("due_at", "closes_at")}
    browser.post(_address("change_assignment", made), sent)

    assert Assignment.objects.values().get() == before


def test_what_would_take_something_back_is_said_at_the_field(browser: Client, assignment: Assignment) -> None:
    sooner = f"{database_now() + DAY:%Y-%m-%dT%H:%M}"

    response = browser.post(
        _address("change_assignment", assignment), {"due_at": sooner, "closes_at": sooner, "attempts": "1"}
    )

    assert (response.status_code, response.context["form"].errors.keys()) == (400, {"due_at", "closes_at", "attempts"})


def test_withdrawing_takes_it_from_the_lists_and_says_so(
    browser: Client, cohort: Cohort, assignment: Assignment, candidate: User
) -> None:
    response = browser.post(_address("withdraw_assignment", assignment), follow=True)

    assert "“Taster” is withdrawn." in _words(response)
    assert response.context["current"] == []
    page = browser.get(_address("assignment", assignment))
    assert ("This assignment was withdrawn on" in _words(page), "Who stands where" in _words(page)) == (True, False)
    assert "Assigned to you" not in _words(client_of(candidate).get(reverse("home")))
    again = browser.post(_address("change_assignment", assignment), _fields(assignment.track))
    assert (again.status_code, "It was withdrawn meanwhile." in _words(again)) == (400, True)
