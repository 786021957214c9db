"""What a candidate meets of what is assigned to them: the practise page, the page to start, result and history."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Assignment, Interview, Mode
from interview.services.assignments import start_assigned
from interview.services.interviews import finish
from people.clock import database_now
from people.models import Cohort, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_assignment

DAY = timedelta(days=1)


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


@pytest.fixture
def assignment(cohort: Cohort, track: Track) -> Assignment:
    """Open since yesterday, due in a week; one attempt."""
    return make_assignment(cohort, track, attempts=1, note="Mind the <clock>.")


def _words(response: Any) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def _page(browser: Client, assignment: Assignment) -> Any:
    return browser.get(reverse("assigned", args=[assignment.pk]))


def _start(browser: Client, assignment: Assignment) -> Any:
    return browser.post(reverse("assigned", args=[assignment.pk]))


def _begin(user: User, assignment: Assignment) -> Interview:
    return start_assigned(candidate=user, assignment=assignment, now=database_now())


def _move(assignment: Assignment, by: timedelta) -> None:
    """Let so much time pass."""
    times = {name: getattr(assignment, name) - by for name in ("opens_at", "due_at", "closes_at")}
    Assignment.objects.filter(pk=assignment.pk).update(**times)
    assignment.refresh_from_db()


# --- the practise page --------------------------------------------------------------------------------------


def test_the_practise_page_says_on_top_what_is_assigned_and_by_when(
    browser: Client, candidate: User, assignment: Assignment
) -> None:
    User.objects.filter(pk=candidate.pk).update(time_zone="Pacific/Kiritimati")

    words = _words(browser.get(reverse("home")))

    due = assignment.due_at + timedelta(hours=14)
    assert words.index("Assigned to you") < words.index("Today’s practice")
    assert f"Due in 7 days, {due:%A} {due.day} {due:%B, %H:%M} Autumn · ".replace("· ", "") in words
    assert ("Times in Pacific/Kiritimati" in words, "1 attempt left" in words) == (True, True)


def test_what_runs_is_gone_on_with_by_one_button(browser: Client, candidate: User, assignment: Assignment) -> None:
    running = _begin(candidate, assignment)

    response = browser.get(reverse("home"))

    assert response.content.decode().count(f'href="{reverse("review_interview", args=[running.pk])}"') == 1
    assert "Go on where you stopped" not in _words(response)


def test_the_practise_page_says_what_is_done_and_what_is_late(
    browser: Client, candidate: User, assignment: Assignment
) -> None:
    _move(assignment, 7 * DAY)
    assert "You can still do it until" in _words(browser.get(reverse("home")))

    finish(interview=_begin(candidate, assignment), now=database_now())
    words = _words(browser.get(reverse("home")))

    assert re.search(r"Finished \d+ \w+, \d\d:\d\d, after the due date", words)
    assert "attempt left" not in words


def test_nothing_of_other_cohorts_is_on_it(
    browser: Client, other_cohort: Cohort, outsider: User, track: Track
) -> None:
    make_assignment(other_cohort, track, note="CANARYNOTE")

    assert "Assigned to you" not in _words(browser.get(reverse("home")))
    assert "Assigned to you" in _words(client_of(outsider).get(reverse("home")))


@pytest.mark.parametrize("count", [1, 3])
def test_the_practise_page_takes_the_same_queries_whatever_is_assigned(
    browser: Client, cohort: Cohort, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        _begin(candidate, make_assignment(cohort, track))

    with django_assert_num_queries(19):
        response = browser.get(reverse("home"))

    assert len(response.context["assigned"]) == count


# --- the page to start --------------------------------------------------------------------------------------


def test_the_page_says_what_awaits_and_who_reads(browser: Client, assignment: Assignment, mentor: User) -> None:
    words = _words(_page(browser, assignment))

    for told in ("Assigned to you in Autumn, as practice.", "Due in 7 days", "Mind the <clock>.", "0 of 1 used"):
        assert told in words
    assert "Besides you, Mentor can read the answers you submit." in words


def test_starting_leads_to_the_first_question_and_twice_to_the_same(
    browser: Client, candidate: User, assignment: Assignment
) -> None:
    first, second = _start(browser, assignment), _start(browser, assignment)

    interview = Interview.objects.get()
    assert interview.assignment == assignment
    assert first["Location"] == second["Location"] == reverse("question", args=[interview.pk, 1])


def test_before_it_opens_there_is_no_button_and_starting_is_refused(
    browser: Client, cohort: Cohort, track: Track
) -> None:
    upcoming = make_assignment(cohort, track, opens_at=database_now() + DAY)

    page, refused = _page(browser, upcoming), _start(browser, upcoming)

    assert ("It opens tomorrow" in _words(page), "<form" in _main(page)) == (True, False)
    assert (refused.status_code, "This opens on " in _words(refused)) == (400, True)


def test_after_it_closes_it_says_so(browser: Client, assignment: Assignment) -> None:
    _move(assignment, 9 * DAY)

    page, refused = _page(browser, assignment), _start(browser, assignment)

    assert ("It is closed" in _words(page), "<form" in _main(page)) == (True, False)
    assert (refused.status_code, "This closed on " in _words(refused)) == (400, True)
    assert not Interview.objects.exists()


def test_after_the_last_attempt_it_says_so_and_leads_to_the_result(
    browser: Client, candidate: User, assignment: Assignment
) -> None:
    done = finish(interview=_begin(candidate, assignment), now=database_now())

    page, refused = _page(browser, assignment), _start(browser, assignment)

    assert ("You have done it" in _words(page), "<form" in _main(page)) == (True, False)
    assert reverse("result", args=[done.pk]) in page.content.decode()
    assert (refused.status_code, "You can start this once, and you have." in _words(refused)) == (400, True)


def test_past_due_is_said_kindly_and_can_be_started(browser: Client, assignment: Assignment) -> None:
    _move(assignment, 7 * DAY)

    assert "The due date is over, but the door is open." in _words(_page(browser, assignment))
    assert _start(browser, assignment).status_code == 302


def test_withdrawn_or_archived_it_says_so(browser: Client, cohort: Cohort, assignment: Assignment) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(archived_at=database_now())
    assert "Autumn is over" in _words(_page(browser, assignment))

    Assignment.objects.update(withdrawn_at=database_now())
    assert "It was withdrawn" in _words(_page(browser, assignment))
    assert _start(browser, assignment).status_code == 400


def test_nobody_else_reaches_it(
    assignment: Assignment, outsider: User, mentor: User, admin: User, other_mentor: User, site_admin: User
) -> None:
    for user in (outsider, mentor, admin, other_mentor, site_admin):
        client = client_of(user)
        assert (_page(client, assignment).status_code, _start(client, assignment).status_code) == (404, 404)
    assert not Interview.objects.exists()


def test_a_peers_attempts_are_not_on_it(browser: Client, peer: User, assignment: Assignment) -> None:
    theirs = _begin(peer, assignment)

    page = _page(browser, assignment)

    assert (str(theirs.pk) in page.content.decode(), "0 of 1 used" in _words(page)) == (False, True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_was_tried(
    browser: Client, cohort: Cohort, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    made = make_assignment(cohort, track)
    for _ in range(count):
        finish(interview=_begin(candidate, made), now=database_now())

    with django_assert_num_queries(11):
        response = _page(browser, made)

    assert len(response.context["assigned"].attempts) == count


# --- afterwards ---------------------------------------------------------------------------------------------


def test_result_and_history_name_the_assignment(browser: Client, candidate: User, assignment: Assignment) -> None:
    in_time = finish(interview=_begin(candidate, assignment), now=database_now())
    result = browser.get(reverse("result", args=[in_time.pk]))
    history = browser.get(reverse("history"))

    assert f'href="{reverse("assigned", args=[assignment.pk])}"' in result.content.decode()
    assert ("finished later" in _words(result), "Assigned in Autumn" in _words(history)) == (False, True)

    _move(assignment, 7 * DAY)
    assert "finished later" in _words(browser.get(reverse("result", args=[in_time.pk])))
    assert "Assigned in Autumn, late" in _words(browser.get(reverse("history")))


def test_an_assigned_mock_has_the_clock_of_its_candidate(
    browser: Client, cohort: Cohort, candidate: User, track: Track
) -> None:
    User.objects.filter(pk=candidate.pk).update(extra_time_factor=2)
    mock = make_assignment(cohort, track, mode=Mode.MOCK)

    words = _words(_page(browser, mock))

    assert "This is a mock interview: 20 minutes (extended from 10), and the clock does not stop." in words


def _main(response: Any) -> str:
    return response.content.decode().partition("<main")[2].partition("</main>")[0]
