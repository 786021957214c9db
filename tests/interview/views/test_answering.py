"""The answer page around the answer: flags, the row of numbered questions, how long and how much to write."""

import re
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Draft, Interview, InterviewQuestion, Mode
from interview.services.interviews import finish, flag_question, save_draft, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview, make_track, publish_question


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


def _page(client: Client, interview: Interview, position: int = 1) -> str:
    return " ".join(client.get(reverse("question", args=[interview.pk, position])).content.decode().split())


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def _palette(html: str) -> list[str]:
    """Return each numbered question's name; the one that is open is current."""
    items = re.findall(r'<a class="palette__item"(.*?)</a>', html)
    return [re.search('aria-label="(.*?)"', item)[1] + ", current" * ("aria-current" in item) for item in items]


def _draft(asked: InterviewQuestion, text: str) -> None:
    save_draft(asked=asked, text=text, revision=0, now=database_now())


def _submit(asked: InterviewQuestion) -> None:
    submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())


# --- flags --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "flagged"), [("flag", True), ("unflag", False)])
def test_the_answers_form_flags_and_saves_what_is_typed(
    browser: Client, asked: InterviewQuestion, action: str, *, flagged: bool
) -> None:
    flag_question(asked=asked, flagged=not flagged)
    address = reverse("question", args=[asked.interview_id, 1])

    response = browser.post(address, {"text": "Typed so far.", "action": action, "revision": 0})

    asked.refresh_from_db()
    assert (response.status_code, response.url, asked.flagged) == (302, address, flagged)
    assert Draft.objects.get().text == "Typed so far."


def test_a_text_that_cannot_be_saved_is_shown_and_nothing_is_flagged(
    browser: Client, asked: InterviewQuestion
) -> None:
    typed = "é" * 20_001

    response = browser.post(
        reverse("question", args=[asked.interview_id, 1]), {"text": typed, "action": "flag", "revision": 0}
    )

    asked.refresh_from_db()
    assert (response.status_code, response.context["text"], asked.flagged) == (400, typed, False)


@pytest.mark.parametrize(("action", "flagged"), [("flag", True), ("unflag", False)])
def test_a_submitted_answer_is_flagged_by_a_form_of_its_own(
    browser: Client, asked: InterviewQuestion, action: str, *, flagged: bool
) -> None:
    _submit(asked)
    flag_question(asked=asked, flagged=not flagged)

    response = browser.post(reverse("flag", args=[asked.interview_id, 1]), {"action": action})

    asked.refresh_from_db()
    assert (response.url, asked.flagged) == (reverse("question", args=[asked.interview_id, 1]), flagged)
    assert f'aria-pressed="{str(flagged).lower()}"' in _page(browser, asked.interview)


def test_a_finished_interview_has_no_flags_to_set_and_says_so(browser: Client, asked: InterviewQuestion) -> None:
    finish(interview=asked.interview, now=database_now())

    response = browser.post(reverse("flag", args=[asked.interview_id, 1]), {"action": "flag"}, follow=True)

    assert "This interview is finished; its flags cannot be changed." in _words(response.content.decode())
    assert "aria-pressed" not in response.content.decode()


def test_looking_over_leads_to_what_is_flagged(browser: Client, practice: Interview) -> None:
    flag_question(asked=practice.questions.get(position=2), flagged=True)

    page = browser.get(reverse("review_interview", args=[practice.pk])).content.decode()

    assert "You flagged 1 to come back to: question 2" in _words(page)
    assert "2 questions are still open." in _words(page)


# --- the row of numbered questions --------------------------------------------------------------------------


def test_the_palette_tells_each_state_and_counts_the_answered(browser: Client, candidate: User) -> None:
    topic = publish_question("first").question.topic
    for number in range(4):
        publish_question(f"question-{number}", topic=topic)
    interview = make_interview(candidate, make_track(topic, count=5))
    blank, draft, submitted, flagged, _ = interview.questions.all()
    _draft(blank, " \n")
    _draft(draft, "A draft.")
    _submit(submitted)
    for asked in (draft, flagged):
        flag_question(asked=asked, flagged=True)

    page = _page(browser, interview, 2)

    assert _palette(page) == [
        "Question 1, not answered",
        "Question 2, draft, flagged, current",
        "Question 3, submitted",
        "Question 4, not answered, flagged",
        "Question 5, not answered",
    ]
    assert re.findall('data-state="(.*?)"', page)[:5] == ["open", "draft", "submitted", "open", "open"]
    assert "2 of 5 answered" in _words(page)
    assert '<progress value="2" max="5"' in page


def test_a_submitted_question_leads_to_its_neighbours(browser: Client, practice: Interview) -> None:
    for asked in practice.questions.all():
        _submit(asked)

    assert f'href="{reverse("question", args=[practice.pk, 2])}" data-shortcut="n"' in _page(browser, practice, 1)
    last = _page(browser, practice, 2)
    assert f'href="{reverse("question", args=[practice.pk, 1])}" data-shortcut="p"' in last
    assert f'href="{reverse("review_interview", args=[practice.pk])}" data-shortcut="n"' in last


# --- how much, how long -------------------------------------------------------------------------------------


def test_the_page_says_how_many_words_to_aim_for(browser: Client, practice: Interview) -> None:
    page = _page(browser, practice)

    assert "Aim for 60–120 words" in _words(page)
    assert 'data-least="60" data-most="120" data-max="20000"' in page


@pytest.mark.parametrize(
    ("factor", "untimed", "mode", "words"),
    [
        (1, False, Mode.MOCK, "Mock interview, 10 minutes "),
        (Decimal("1.25"), False, Mode.MOCK, "Mock interview, 13 minutes (extended from 10) "),
        (Decimal("1.25"), True, Mode.MOCK, "Mock interview Say the time No time limit "),
        (Decimal("1.25"), False, Mode.PRACTICE, "Practice Say the time No time limit "),
    ],
)
def test_the_page_says_how_long_the_interview_may_take(
    browser: Client, candidate: User, track: Track, factor: Any, mode: Mode, words: str, *, untimed: bool
) -> None:
    candidate.extra_time_factor, candidate.untimed = factor, untimed
    candidate.save()

    page = _page(browser, make_interview(candidate, track, mode=mode))

    assert words in _words(page)
    assert ("data-practice-clock" in page) is (mode == Mode.PRACTICE)
    assert ("data-countdown" in page) is (mode == Mode.MOCK and not untimed)


def test_a_text_sent_after_the_session_ended_is_given_back(asked: InterviewQuestion) -> None:
    """Without scripts nobody logs in again in place."""
    address = reverse("question", args=[asked.interview_id, asked.position])

    response = Client().post(address, {"text": "Never <lost>.", "revision": 0, "action": "save"})

    page = response.content.decode()
    assert response.status_code == 401
    assert "Never &lt;lost&gt;.</textarea>" in page
    assert f'href="{reverse("account_login")}?next={address}"' in page
    assert not Draft.objects.exists()


def test_nobody_who_is_logged_out_sees_a_question(asked: InterviewQuestion) -> None:
    address = reverse("question", args=[asked.interview_id, asked.position])

    for response in (Client().get(address), Client().post(address, {"text": " ", "revision": 0, "action": "save"})):
        assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={address}")
