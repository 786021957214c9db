"""A graded answer as its candidate reads it: what is told at once, what is told on request, what can be said to it."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grading.models import GradingJob
from grading.services.reviews import answer_mentor_question, appeal, ask_mentor, review
from interview.models import InterviewQuestion, Mode
from interview.services.interviews import finish, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Mark, Track
from tests.conftest import client_of
from tests.factories import make_interview
from tests.grading.conftest import TEXT, grade_by_hand

CLAIM = "Memory stays small for long sequences."


@pytest.fixture
def browser(candidate: User, mentor: User) -> Client:
    return client_of(candidate)


def _practised(candidate: User, track: Track, **grade: Any) -> tuple[InterviewQuestion, GradingJob]:
    asked = make_interview(candidate, track).questions.get(position=1)
    job = submit_answer(asked=asked, text=TEXT, idempotency_key=uuid4(), now=database_now()).job
    return asked, grade_by_hand(job, **grade)


def _feedback(browser: Client, asked: InterviewQuestion) -> str:
    return browser.get(reverse("feedback", args=[asked.interview_id, asked.position])).content.decode()


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def _unfolded(html: str) -> str:
    """Return the words that are read before anything is opened."""
    return _words(re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL))


# --- Told at once and on request ----------------------------------------------------------------------------


def test_a_practised_answer_hints_first_and_tells_the_point_on_request(
    browser: Client, candidate: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)
    marks = {point.pk: Mark.MISSING for point in job.version.key_points.all()}

    html = _feedback(browser, asked)

    assert CLAIM not in _unfolded(html)
    assert f"Show the point , key point 2 {CLAIM}" in _words(html)
    assert "CANARYCLAIM Generators produce values on demand." in _unfolded(html)  # the stated one
    assert "CANARYREFERENCE" not in _unfolded(html)
    review(job=job, reviewer=User.objects.get(name="Mentor"), marks=marks, reason="No.", now=database_now())
    assert "Ask yourself: CANARYHINT When?" in _unfolded(_feedback(browser, asked))


def test_a_mocks_result_tells_every_point_at_once(browser: Client, candidate: User, track: Track) -> None:
    mock = make_interview(candidate, track, mode=Mode.MOCK)
    finish(interview=mock, now=database_now())
    for job in GradingJob.objects.all():
        grade_by_hand(job)

    html = browser.get(reverse("result", args=[mock.pk])).content.decode()

    assert (CLAIM in _words(html), "Show the point" in html) == (True, False)


def test_what_contradicts_is_quoted_beside_its_mark(browser: Client, candidate: User, track: Track) -> None:
    asked, _ = _practised(candidate, track)

    assert "You can run through it twice. says the opposite." in _unfolded(_feedback(browser, asked))


def test_what_one_point_more_would_be_worth_is_told(browser: Client, candidate: User, track: Track) -> None:
    asked, _ = _practised(candidate, track, scores_with={"memory": 0.78, "once": 0.3})

    words = _unfolded(_feedback(browser, asked))

    assert "With this point, your 64 would be 78 ." in words
    assert words.count("With this point") == 1


def test_a_graded_answer_says_by_whom_and_by_which_version(
    browser: Client, candidate: User, mentor: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)
    before = _unfolded(_feedback(browser, asked))
    marks = {point.pk: Mark.STATED for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="You do say it.", now=database_now())
    after = _unfolded(_feedback(browser, asked))

    assert "Graded by Greenroom’s grader, question version 1" in before
    assert "Marked by Mentor in place of the grader, question version 1" in after
    assert "Graded by" not in after


# --- Said to it ---------------------------------------------------------------------------------------------


def test_a_mark_that_is_not_stated_can_be_appealed_with_a_sentence_of_the_answer(
    browser: Client, candidate: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)

    html = _feedback(browser, asked)

    forms = re.findall(rf'action="{reverse("appeal", args=[job.pk])}".*?</form>', html, re.DOTALL)
    assert len(forms) == 2
    assert re.findall(r'<option value="(\d+)">(.*?)</option>', forms[0]) == [
        ("0", "Values come on demand, CANARYANSWER."),
        ("1", "Memory stays small."),
        ("2", "You can run through it twice."),
    ]


def test_an_appeal_and_its_outcome_stand_beside_the_mark(
    browser: Client, candidate: User, mentor: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)
    point = job.version.key_points.get(slug="memory")
    appeal(job=job, key_point_id=point.pk, said="Memory stays small.", reason="It does.", now=database_now())
    waiting = _feedback(browser, asked)
    marks = {point.pk: Mark.STATED for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="So it does.", now=database_now())
    decided = _feedback(browser, asked)

    assert "Appealed. Memory stays small. It does. A mentor will look at it." in _unfolded(waiting)
    assert waiting.count("This mark is wrong") == 1
    assert "The appeal was accepted by Mentor: So it does." in _unfolded(decided)
    assert "This mark is wrong" not in decided


def test_a_question_to_a_mentor_and_its_answer_stand_under_the_answer(
    browser: Client, candidate: User, mentor: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)
    form = reverse("ask_mentor", args=[job.pk])
    before = _feedback(browser, asked)
    question = ask_mentor(job=job, text="Why not all of it?", now=database_now())
    waiting = _feedback(browser, asked)
    answer_mentor_question(question=question, mentor=mentor, answer="Two words.", now=database_now())
    answered = _feedback(browser, asked)

    assert [form in html for html in (before, waiting, answered)] == [True, False, True]
    assert "Why not all of it? A mentor will answer here." in _unfolded(waiting)
    assert re.search(r"Why not all of it\? Mentor answered on .*: Two words\.", _unfolded(answered))


def test_who_has_no_mentor_is_told_so_and_offered_no_form(stranger: User, track: Track) -> None:
    asked, job = _practised(stranger, track)

    html = _feedback(client_of(stranger), asked)

    assert "Nobody but you reads your answers yet." in _words(html)
    assert [reverse(name, args=[job.pk]) in html for name in ("appeal", "ask_mentor")] == [False, False]


# --- The way back to an answer ------------------------------------------------------------------------------


def test_an_answer_is_found_on_its_own_page_while_it_is_practised_and_then_on_the_result(
    browser: Client, candidate: User, track: Track
) -> None:
    asked, job = _practised(candidate, track)
    address = reverse("own_answer", args=[job.pk])

    running = browser.get(address)
    finish(interview=asked.interview, now=database_now())
    finished = browser.get(address)

    assert running.url == reverse("question", args=[asked.interview_id, 1]) + "#graded-1"
    assert finished.url == reverse("result", args=[asked.interview_id]) + "#graded-1"
    assert 'id="graded-1"' in browser.get(finished.url).content.decode()


@pytest.mark.parametrize("who", ["peer", "outsider", "mentor", "admin", "site_admin"])
def test_nobody_elses_answer_is_found(candidate: User, track: Track, request: pytest.FixtureRequest, who: str) -> None:
    _, job = _practised(candidate, track)

    response = client_of(request.getfixturevalue(who)).get(reverse("own_answer", args=[job.pk]))

    assert response.status_code == 404


def test_an_answer_that_there_is_not_is_not_found(browser: Client) -> None:
    assert browser.get(reverse("own_answer", args=[uuid4()])).status_code == 404
