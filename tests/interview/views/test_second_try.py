"""The pages of a second try and of everything that is mine, used as a browser without scripts uses them."""

import io
import json
import re
from html import unescape
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from grading.models import GradingJob
from interview.models import Answer, Interview, InterviewQuestion, Mode
from interview.services.interviews import finish, start_chosen, submit_answer, try_again
from people.clock import database_now
from people.models import User
from questionbank.models import Topic, Track
from tests.conftest import client_of
from tests.factories import give_grade, make_interview, make_track, publish_question
from tests.grading.conftest import TEXT, grade_by_hand, make_result, marked


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


def _words(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def _answer(asked: InterviewQuestion, text: str = "Lazily.") -> Answer:
    return submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=database_now())


def _again(client: Client, interview: Interview, position: int = 1) -> Any:
    return client.post(reverse("try_again", args=[interview.pk, position]))


def _page(client: Client, asked: InterviewQuestion) -> Any:
    return client.get(reverse("question", args=[asked.interview_id, asked.position]))


def _form_of(asked: InterviewQuestion) -> str:
    return f'action="{reverse("try_again", args=[asked.interview_id, asked.position])}"'


# --- trying again -------------------------------------------------------------------------------------------


def test_trying_again_leads_to_the_question(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked).job, 40)

    first, second = (_again(browser, asked.interview) for _ in range(2))

    started = Interview.objects.get(track=None)
    assert (first.status_code, first.url) == (302, reverse("question", args=[started.pk, 1]))
    assert second.url == first.url
    assert 'id="answer"' in browser.get(first.url).content.decode()


def test_the_page_of_a_second_try_tells_nothing_before_it_is_submitted(
    browser: Client, asked: InterviewQuestion
) -> None:
    give_grade(_answer(asked).job, 40)

    page = browser.get(_again(browser, asked.interview).url)

    assert "CANARYCLAIM" in _page(browser, asked).content.decode()
    assert "CANARY" not in page.content.decode()


def test_trying_again_too_early_says_so(browser: Client, asked: InterviewQuestion) -> None:
    response = browser.post(reverse("try_again", args=[asked.interview_id, 1]), follow=True)

    assert response.redirect_chain == [(reverse("question", args=[asked.interview_id, 1]), 302)]
    assert "You can try a question again once your answer is submitted." in _words(response)


def test_a_running_mock_gives_no_second_try(browser: Client, asked_in_mock: InterviewQuestion) -> None:
    _again(browser, asked_in_mock.interview)

    assert Interview.objects.count() == 1


def test_opening_the_address_starts_nothing(browser: Client, asked: InterviewQuestion) -> None:
    _answer(asked)

    response = browser.get(reverse("try_again", args=[asked.interview_id, 1]))

    assert (response.status_code, Interview.objects.count()) == (405, 1)


@pytest.mark.parametrize("who", ["peer", "outsider", "mentor", "other_mentor", "admin", "site_admin"])
def test_nobody_else_tries_again(request: pytest.FixtureRequest, asked: InterviewQuestion, who: str) -> None:
    give_grade(_answer(asked).job, 40)

    response = _again(client_of(request.getfixturevalue(who)), asked.interview)

    assert (response.status_code, Interview.objects.count()) == (404, 1)


def test_the_feedback_on_a_practised_answer_offers_a_second_try(browser: Client, asked: InterviewQuestion) -> None:
    answer = _answer(asked)
    waiting = _page(browser, asked)
    give_grade(answer.job, 40)

    assert _form_of(asked) not in waiting.content.decode()
    assert _form_of(asked) in _page(browser, asked).content.decode()


def test_the_feedback_on_a_second_try_says_what_was_gained(browser: Client, asked: InterviewQuestion) -> None:
    grade_by_hand(_answer(asked, TEXT).job)
    again = try_again(asked=asked, now=database_now())
    give_grade(_answer(again).job, 90)

    words = _words(_page(browser, again))

    assert re.search(r"Since your last try \( ?64 on \d+ \w+ \d{4}\): gained 2 key points, kept 1\.", words)
    assert re.search("Gained Point 2 Memory stays small for long sequences. Point 3 Generators can be", words)
    assert "Since your last try" not in _words(_page(browser, asked))


def test_what_was_never_stated_is_named_by_its_number_alone(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked).job, 90)
    again = try_again(asked=asked, now=database_now())
    grade_by_hand(_answer(again, TEXT).job)
    third = try_again(asked=asked, now=database_now())
    grade_by_hand(_answer(third, TEXT).job)

    since = [re.search(r"Since your last try(.*?)Your answer", _words(_page(browser, one))) for one in (again, third)]

    assert all(since)
    assert "lost 2 key points, kept 1. Lost Point 2 Memory stays small" in since[0][1]
    assert "kept 1 key point. Kept Point 1 CANARYCLAIM" in since[1][1]
    assert "Memory stays small" not in since[1][1].split("Kept")[0]


# --- results ------------------------------------------------------------------------------------------------


def test_a_result_says_what_to_do_next(browser: Client, mock: Interview) -> None:
    finish(interview=mock, now=database_now())
    first, second = GradingJob.objects.order_by("created_at", "pk")
    grade_by_hand(first, make_result(marked("lazy", "missing"), score=0.8))
    half_way = browser.get(reverse("result", args=[mock.pk]))
    grade_by_hand(second, make_result(marked("lazy", "missing"), score=0.45))

    response = browser.get(reverse("result", args=[mock.pk]))

    weakest = Answer.objects.get(job=second).question
    step = re.search(r'class="panel next-step".*?</section>', response.content.decode(), re.DOTALL)
    assert step is not None
    assert (_form_of(weakest) in step[0], "with 45 of 100" in " ".join(step[0].split())) == (True, True)
    assert "What to do next" not in _words(half_way)


def test_where_every_key_point_is_stated_nothing_is_weak(browser: Client, practice: Interview) -> None:
    give_grade(_answer(practice.questions.get(position=1)).job, 90)
    finish(interview=practice, now=database_now())

    assert "Try the weakest again" not in _words(browser.get(reverse("result", args=[practice.pk])))


def test_each_graded_question_of_a_result_can_be_tried_again(browser: Client, practice: Interview) -> None:
    first, second = practice.questions.all()
    give_grade(_answer(first).job, 100)
    finish(interview=practice, now=database_now())

    html = browser.get(reverse("result", args=[practice.pk])).content.decode()

    assert (_form_of(first) in html, _form_of(second) in html) == (True, False)


def test_the_result_of_chosen_questions_has_no_track_to_practise(browser: Client, asked: InterviewQuestion) -> None:
    give_grade(_answer(asked).job, 40)
    again = try_again(asked=asked, now=database_now())
    give_grade(_answer(again).job, 90)

    words = _words(browser.get(reverse("result", args=[again.interview_id])))

    assert "Second try: Generators versus lists" in words
    assert ("Since your last try" in words, "Practise this again" in words) == (True, False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "10 minutes"),
        ({"extra_time_factor": "1.50"}, "15 minutes (extended from 10)"),
        ({"untimed": True}, "no time limit"),
    ],
)
def test_the_result_of_a_mock_says_how_long_it_could_take(
    browser: Client, candidate: User, track: Track, given: dict[str, Any], words: str
) -> None:
    User.objects.filter(pk=candidate.pk).update(**given)
    candidate.refresh_from_db()
    interview = make_interview(candidate, track, mode=Mode.MOCK)
    finish(interview=interview, now=database_now())

    facts = _words(browser.get(reverse("result", args=[interview.pk]))).split("Practise this again")[0]

    assert (words in facts, facts.count("minutes")) == (True, 0 if "untimed" in given else 1)


def test_a_result_shows_what_was_written_too_late(browser: Client, mock: Interview) -> None:
    mock.questions.filter(position=2).update(late_text="My <last> words.")
    finish(interview=mock, now=database_now())

    words = _words(browser.get(reverse("result", args=[mock.pk])))

    assert words.count("Written after the time was over; not graded") == 1
    assert "My <last> words." in words


@pytest.mark.parametrize("count", [1, 3])
def test_a_result_with_second_tries_takes_the_same_queries_whatever_its_length(
    browser: Client, candidate: User, topic_of: Any, count: int, django_assert_num_queries: Any
) -> None:
    track = make_track(topic_of(count), count=count)
    for _ in range(2):
        interview = make_interview(candidate, track)
        for asked in interview.questions.all():
            grade_by_hand(_answer(asked, TEXT).job)
    finish(interview=interview, now=database_now())

    with django_assert_num_queries(30):
        response = browser.get(reverse("result", args=[interview.pk]))

    assert [question.since.in_words for question in response.context["result"].questions] == [
        "kept 1 key point"
    ] * count


@pytest.fixture
def topic_of() -> Any:
    def make(count: int) -> Topic:
        versions = [publish_question(f"question-{number}") for number in range(count)]
        return versions[0].question.topic

    return make


# --- everything that is mine --------------------------------------------------------------------------------


def test_the_profile_leads_to_the_download(browser: Client) -> None:
    profile = browser.get(reverse("profile")).content.decode()
    page = browser.get(reverse("my_data"))

    assert f'href="{reverse("my_data")}"' in profile
    assert f'href="{reverse("download_my_data")}"' in page.content.decode()
    assert "Your interviews" in _words(page)


def test_the_download_is_a_file_of_ones_own(
    browser: Client, candidate: User, peer: User, asked: InterviewQuestion
) -> None:
    _answer(asked, "Mine.")
    theirs = start_chosen(candidate=peer, title="Theirs", versions=[asked.version], now=database_now())
    _answer(theirs.questions.get(), "Not mine.")

    response = browser.get(reverse("download_my_data"))

    everything = _everything(response)
    written = [
        asked["answer"]["text"] for one in everything["interviews"] for asked in one["questions"] if asked["answer"]
    ]
    assert response["Content-Type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="greenroom-\d{4}-\d\d-\d\d.zip"', response["Content-Disposition"])
    assert (everything["profile"]["email"], written) == (candidate.email, ["Mine."])
    assert "no-store" in response["Cache-Control"]


def _everything(response: Any) -> Any:
    with ZipFile(io.BytesIO(response.content)) as archive:
        return json.loads(archive.read("everything.json"))


@pytest.mark.parametrize("mode", list(Mode))
def test_the_download_tells_nothing_before_an_answer_is_submitted(
    browser: Client, candidate: User, asked: InterviewQuestion, mode: Mode
) -> None:
    make_interview(candidate, asked.interview.track, mode=mode)

    assert "CANARY" not in json.dumps(_everything(browser.get(reverse("download_my_data"))))
