"""The plan's pages, used as a browser without scripts uses them."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Interview, PracticePlan
from interview.services.interviews import start_chosen, submit_answer
from interview.services.plan import remember
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion, Topic, Track
from tests.conftest import client_of
from tests.factories import give_grade, make_topic, make_track, publish_question
from tests.grading.conftest import grade_by_hand, make_result, marked


@pytest.fixture
def browser(candidate: User) -> Client:
    return client_of(candidate)


def _words(response: Any) -> str:
    """Return the page's text as a reader sees it: no tags, one space between words."""
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())
    return words.replace(" ,", ",")


def _answer(candidate: User, version: QuestionVersion, score: float) -> Interview:
    practice = start_chosen(candidate=candidate, title="One question", versions=[version], now=database_now())
    answer = submit_answer(asked=practice.questions.get(), text="Lazily.", idempotency_key=uuid4(), now=database_now())
    give_grade(answer.job, score)
    return practice


def _miss(candidate: User, version: QuestionVersion) -> None:
    """Miss the points of version two days ago, so that they are due."""
    when = database_now() - timedelta(days=2)
    practice = start_chosen(candidate=candidate, title="One question", versions=[version], now=when)
    job = submit_answer(asked=practice.questions.get(), text="So.", idempotency_key=uuid4(), now=when).job
    slugs = ("lazy", "memory", "once")
    remember(job=grade_by_hand(job, make_result(*(marked(slug, "missing") for slug in slugs))))


def _in_days(days: int) -> str:
    return (database_now() + timedelta(days=days)).date().isoformat()


def _save(browser: Client, **changes: Any) -> Any:
    return browser.post(reverse("plan"), {"track": "", "interview_on": "", "minutes_a_day": "10", **changes})


# --- the plan -----------------------------------------------------------------------------------------------


def test_the_plan_of_a_newcomer_offers_new_questions(browser: Client, published: QuestionVersion) -> None:
    words = _words(browser.get(reverse("plan")))

    assert "1 question about 4 minutes" in words
    assert "Start today’s 10 minutes" in words
    assert "Generators versus lists" in words
    assert "Once you have answered a question, its topic is here." in words
    assert not PracticePlan.objects.exists()


def test_the_plan_says_what_is_due_and_gives_no_point_away(
    browser: Client, candidate: User, published: QuestionVersion
) -> None:
    _miss(candidate, published)

    response = browser.get(reverse("plan"))

    assert "3 points to recall" in _words(response)
    assert "CANARY" not in response.content.decode()


def test_the_plan_says_how_ready_one_is_as_a_range(
    browser: Client, candidate: User, published: QuestionVersion
) -> None:
    _answer(candidate, published, 80)

    words = _words(browser.get(reverse("plan")))

    assert "Python between 42 and 78, from 1 answer" in words


def test_the_plan_with_an_empty_bank_says_no_more_than_it_can(browser: Client) -> None:
    response = browser.get(reverse("plan"))

    assert response.status_code == 200
    assert reverse("start_today") not in response.content.decode()


def test_a_plan_is_saved_and_shown(browser: Client, candidate: User, track: Track) -> None:
    response = _save(browser, track=track.pk, interview_on=_in_days(12), minutes_a_day="15")

    assert (response.status_code, response.url) == (302, reverse("plan"))
    plan = PracticePlan.objects.get(candidate=candidate)
    assert (plan.track, str(plan.interview_on), plan.minutes_a_day) == (track, _in_days(12), 15)
    words = _words(browser.get(reverse("plan")))
    assert "Your plan is saved." in words
    assert "Your interview is in 12 days." in words
    assert "Start today’s 15 minutes" in words
    assert "Python not asked yet" in words


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("interview_on", "2026-05-04", "That day is over."),
        ("interview_on", "tomorrow", "Enter a valid date."),
        ("interview_on", "0000-00-00", "Enter a valid date."),
        ("minutes_a_day", "4", "greater than or equal to 5"),
        ("minutes_a_day", "61", "less than or equal to 60"),
        ("minutes_a_day", "ten", "Enter a whole number."),
        ("minutes_a_day", "", "This field is required."),
        ("track", "999999", "Select a valid choice."),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(browser: Client, field: str, value: str, message: str) -> None:
    response = _save(browser, **{field: value})

    assert response.status_code == 400
    assert message in _words(response)
    assert not PracticePlan.objects.exists()


def test_after_the_day_the_plan_says_so_and_can_be_saved_without_it(browser: Client, candidate: User) -> None:
    PracticePlan.objects.create(candidate=candidate, interview_on=_in_days(-3))

    response = browser.get(reverse("plan"))

    assert "Your interview was on" in _words(response)
    assert response.context["form"]["interview_on"].value() is None
    assert _save(browser).status_code == 302


def test_one_persons_plan_is_nobody_elses(
    browser: Client, outsider: User, candidate: User, published: QuestionVersion, track: Track
) -> None:
    _miss(candidate, published)
    _answer(candidate, published, 80)
    _save(browser, track=track.pk, interview_on=_in_days(12), minutes_a_day="15")

    words = _words(client_of(outsider).get(reverse("plan")))

    assert "to recall" not in words
    assert "in 12 days" not in words
    assert "from 1 answer" not in words


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_takes_the_same_queries_whatever_it_lists(
    browser: Client, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        topic = make_topic(f"topic-{number}")
        _miss(candidate, publish_question(f"question-{number}", topic=topic, minutes=2))
        make_track(topic, slug=f"track-{number}")

    with django_assert_num_queries(18):
        response = browser.get(reverse("plan"))

    assert (len(response.context["topics"]), len(response.context["today"].questions)) == (count, count)


# --- today --------------------------------------------------------------------------------------------------


def test_one_button_leads_to_the_first_question(browser: Client, published: QuestionVersion) -> None:
    response = browser.post(reverse("start_today"))

    interview = Interview.objects.get()
    assert (response.status_code, response.url) == (302, reverse("question", args=[interview.pk, 1]))


def test_todays_practice_goes_on_where_it_stopped(browser: Client, published: QuestionVersion) -> None:
    publish_question("second-question")
    browser.post(reverse("start_today"))
    interview = Interview.objects.get()
    submit_answer(
        asked=interview.questions.get(position=1), text="Lazily.", idempotency_key=uuid4(), now=database_now()
    )

    assert "Go on with today’s practice" in _words(browser.get(reverse("plan")))
    assert browser.post(reverse("start_today")).url == reverse("question", args=[interview.pk, 2])


def test_an_empty_bank_is_said_and_nothing_starts(browser: Client) -> None:
    response = browser.post(reverse("start_today"), follow=True)

    assert "There is no question to ask just now." in _words(response)
    assert not Interview.objects.exists()


def test_home_offers_today_with_one_button(browser: Client, track: Track) -> None:
    response = browser.get(reverse("home"))

    assert "Start today’s 10 minutes" in _words(response)
    assert f'action="{reverse("start_today")}"' in response.content.decode()


# --- a topic and the path -----------------------------------------------------------------------------------


def test_a_topic_is_practised_by_one_button(browser: Client, published: QuestionVersion) -> None:
    response = browser.post(reverse("start_topic"), {"topic": "python"})

    interview = Interview.objects.get()
    assert (interview.title, interview.track) == ("Python", None)
    assert response.url == reverse("question", args=[interview.pk, 1])


@pytest.mark.parametrize("body", [{}, {"topic": ""}, {"topic": "astrology"}, {"topic": "x" * 500}])
def test_an_unknown_topic_is_not_found(browser: Client, body: dict[str, str]) -> None:
    assert browser.post(reverse("start_topic"), body).status_code == 404


def test_the_path_says_what_each_topic_asks_how_far_one_is_and_what_to_read(
    browser: Client, candidate: User, outsider: User
) -> None:
    python = make_topic("python")
    numpy = Topic.objects.create(slug="numpy", title="NumPy", parent=python)
    _answer(candidate, publish_question("arrays", topic=numpy, title="Arrays and lists"), 80)
    publish_question("views", topic=numpy, title="Views and copies", kind="concept")
    track = make_track(python)

    response = browser.get(reverse("path", args=[track.slug]))
    others = _words(client_of(outsider).get(reverse("path", args=[track.slug])))

    words = _words(response)
    assert "1 of 2 questions answered" in words
    assert "NumPy 1 of 2 answered concept, comparison between 42 and 78" in words
    assert "Arrays and lists" in words
    assert words.count("The Python tutorial") == 1
    assert 'name="topic" value="numpy"' in " ".join(response.content.decode().split())
    assert "CANARY" not in response.content.decode()
    assert "0 of 2 questions answered" in others
    assert "from 1 answer" not in others


def test_an_unknown_track_has_no_path(browser: Client) -> None:
    assert browser.get(reverse("path", args=["nowhere"])).status_code == 404


# --- scores over time ---------------------------------------------------------------------------------------


def test_history_has_a_table_of_scores_for_the_chart(
    browser: Client, candidate: User, outsider: User, published: QuestionVersion
) -> None:
    for score in (20, 60):
        _answer(candidate, published, score)

    page = browser.get(reverse("history")).content.decode()
    others = client_of(outsider).get(reverse("history")).content.decode()

    assert re.findall(r'data-score="(\d+)"\s+data-trend="(\d+)"', page) == [("60", "40"), ("20", "20")]
    assert 'role="img"' in page
    assert "score-chart" in page
    assert "data-score" not in others
    assert "score-chart" not in others


def test_history_can_be_narrowed_to_a_topic(browser: Client, candidate: User, published: QuestionVersion) -> None:
    _answer(candidate, published, 20)
    _answer(candidate, publish_question("select", topic=make_topic("sql"), title="Joins"), 60)

    words = _words(browser.get(reverse("history"), {"topic": "sql"}))

    assert "Your scores: Sql" in words
    assert "Joins" in words
    assert "Generators versus lists" not in words
    assert browser.get(reverse("history"), {"topic": "astrology"}).status_code == 404
