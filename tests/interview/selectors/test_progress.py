"""How ready a candidate is, and how sure that can be; scores over time."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from grading.models import GradingJob
from grading.services.reviews import review
from interview.selectors.progress import (
    PRIOR_ANSWERS,
    PRIOR_MEAN,
    past_answers,
    path_of,
    progress_of,
    readiness_from,
    score_history,
)
from interview.services.interviews import start_chosen, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Mark, QuestionVersion, Topic
from tests.factories import give_grade, make_topic, make_track, publish_question


def _answer(
    candidate: User, version: QuestionVersion, score: float | None, *, days_ago: int = 0, text: str = "Lazily."
) -> GradingJob:
    when = database_now() - timedelta(days=days_ago)
    practice = start_chosen(candidate=candidate, title="One question", versions=[version], now=when)
    job = submit_answer(asked=practice.questions.get(), text=text, idempotency_key=uuid4(), now=when).job
    if score is not None:
        give_grade(job, score)
    job.refresh_from_db()
    return job


def _child(parent: Topic, slug: str, position: int = 0) -> Topic:
    return Topic.objects.create(slug=slug, title=slug.title(), parent=parent, position=position)


# --- readiness_from -----------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_readiness_is_the_posterior_of_a_normal_mean(scores: list[float]) -> None:
    """The same by precisions: a prior of two answers, then each answer with standard deviation 25."""
    prior_variance, variance = 25**2 / PRIOR_ANSWERS, 25**2
    precision = 1 / prior_variance + len(scores) / variance
    mean = (PRIOR_MEAN / prior_variance + sum(scores) / variance) / precision
    low, high = stats.norm.interval(0.8, loc=mean, scale=precision**-0.5)

    ready = readiness_from(scores)

    assert ready is not None
    assert ready.mean == pytest.approx(mean)
    assert ready.low == pytest.approx(max(0, low), abs=0.5001)
    assert ready.high == pytest.approx(min(100, high), abs=0.5001)


def test_few_answers_make_it_wide_and_many_make_it_narrow() -> None:
    widths = [ready.width for count in (1, 3, 10, 30) if (ready := readiness_from([60.0] * count))]

    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 35
    assert widths[-1] < 15


def test_one_good_answer_does_not_make_anybody_ready() -> None:
    ready = readiness_from([100.0])

    assert ready is not None
    assert ready.low < 60
    assert ready.high < 100


def test_nothing_is_said_without_a_score() -> None:
    assert readiness_from([]) is None


# --- progress_of --------------------------------------------------------------------------------------------


def test_readiness_counts_each_questions_latest_score(candidate: User, peer: User, published: QuestionVersion) -> None:
    second = publish_question("second-question")
    publish_question("never-asked")
    _answer(candidate, published, 10, days_ago=3)
    _answer(candidate, published, 90, days_ago=1)
    _answer(candidate, second, None)
    _answer(peer, second, 5)

    (python,) = progress_of(candidate)

    assert (python.met, len(python.versions)) == (2, 3)
    assert python.readiness == readiness_from([90])


def test_a_grade_still_to_come_does_not_hide_the_one_before(candidate: User, published: QuestionVersion) -> None:
    _answer(candidate, published, 40, days_ago=1)
    _answer(candidate, published, None)

    assert progress_of(candidate)[0].readiness == readiness_from([40])


def test_a_mentors_score_counts_instead_of_the_machines(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    job = _answer(candidate, published, 90)
    marks = {point.pk: Mark.MISSING for point in published.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="None of it.", now=database_now())

    assert progress_of(candidate)[0].readiness == readiness_from([0])


def test_a_topic_counts_what_lies_below_it_and_has_its_parts_in_order(candidate: User) -> None:
    python = make_topic("python")
    numpy, pandas = _child(python, "numpy", 1), _child(python, "pandas", 2)
    first, second = publish_question("arrays", topic=numpy), publish_question("frames", topic=pandas)
    publish_question("elsewhere", topic=make_topic("sql"))
    _answer(candidate, first, 80)
    _answer(candidate, second, 20)
    track = make_track(python)

    (topic,) = progress_of(candidate, track)

    assert topic.readiness == readiness_from([80, 20])
    assert [(part.topic, part.met, part.readiness) for part in topic.parts] == [
        (numpy, 1, readiness_from([80])),
        (pandas, 1, readiness_from([20])),
    ]


def test_a_track_has_its_own_topics_alone(candidate: User, published: QuestionVersion) -> None:
    publish_question("select", topic=make_topic("sql"))

    assert [topic.topic.slug for topic in progress_of(candidate, make_track(make_topic("sql")))] == ["sql"]
    assert sorted(topic.topic.slug for topic in progress_of(candidate)) == ["python", "sql"]


def test_a_path_names_each_source_and_each_kind_once(candidate: User, published: QuestionVersion) -> None:
    publish_question("second-question")

    (topic,) = path_of(candidate, make_track(published.question.topic))

    assert [source.title for source in topic.sources] == ["The Python tutorial"]
    assert topic.kinds == ["comparison"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_path_takes_the_same_queries_whatever_it_holds(
    candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    parent = make_topic("python")
    for number in range(count):
        topic = _child(parent, f"part-{number}")
        _answer(candidate, publish_question(f"question-{number}", topic=topic), 50)
    track = make_track(parent)

    with django_assert_num_queries(5):
        (topic,) = path_of(candidate, track)
        sources = [part.sources for part in topic.parts]

    assert len(sources) == count


# --- score_history ------------------------------------------------------------------------------------------


def test_history_has_scores_in_order_with_the_mean_of_five(candidate: User, published: QuestionVersion) -> None:
    for number, score in enumerate([0, 10, 20, 30, 40, 100]):
        _answer(candidate, published, score, days_ago=9 - number)
    _answer(candidate, published, None)

    history = score_history(candidate)

    assert history is not None
    assert [scored.score for scored in history.answers] == [0, 10, 20, 30, 40, 100]
    assert [scored.trend for scored in history.answers] == [0, 5, 10, 15, 20, 40]


def test_history_can_be_of_one_topic(candidate: User, peer: User, published: QuestionVersion) -> None:
    part = _child(make_topic("sql"), "joins")
    _answer(candidate, published, 10)
    _answer(candidate, publish_question("select", topic=part), 70)
    _answer(peer, published, 99)

    of_sql, of_joins = score_history(candidate, "sql"), score_history(candidate, "joins")

    assert of_sql is not None
    assert of_joins is not None
    assert [topic.slug for topic in of_sql.topics] == ["python", "sql"]
    assert [scored.score for scored in of_sql.answers] == [70]
    assert [scored.score for scored in of_joins.answers] == [70]


def test_there_is_no_history_of_an_unknown_topic(candidate: User) -> None:
    assert score_history(candidate, "astrology") is None


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_two_queries(
    candidate: User, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        _answer(candidate, published, 50)

    with django_assert_num_queries(2):
        history = score_history(candidate)
        titles = [scored.answer.question.version.title for scored in history.answers] if history else []

    assert len(titles) == count


def test_past_answers_are_ones_own(candidate: User, outsider: User, published: QuestionVersion) -> None:
    _answer(candidate, published, 50)

    assert past_answers(outsider).count() == 0
