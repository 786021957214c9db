"""What a grade leaves to recall, what a plan says, and what starting today's practice starts."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from grading.models import GradingJob
from grading.services.reviews import review
from interview.models import Interview, PointToRecall, PracticePlan
from interview.selectors import plan as plans
from interview.services.interviews import NotEnoughQuestions, finish, start_chosen, submit_answer
from interview.services.plan import DayIsOver, remember, save_plan, start_today, start_topic
from people.clock import database_now
from people.models import User
from questionbank.models import Mark, QuestionVersion, Topic
from tests.factories import give_grade, make_topic, publish_question
from tests.grading.conftest import TEXT, grade_by_hand, make_result, marked

NOW = database_now


def _answered(candidate: User, version: QuestionVersion, *marks: str, days_ago: float = 0) -> GradingJob:
    """Let candidate answer version so that its points lazy, memory and once get these marks."""
    when = NOW() - timedelta(days=days_ago)
    practice = start_chosen(candidate=candidate, title="One question", versions=[version], now=when)
    asked = practice.questions.get()
    job = submit_answer(asked=asked, text=TEXT, idempotency_key=uuid4(), now=when).job
    slugs = ("lazy", "memory", "once")
    return grade_by_hand(job, make_result(*(marked(s, m) for s, m in zip(slugs, marks, strict=True))))


def _kept(candidate: User) -> list[tuple[Any, ...]]:
    rows = PointToRecall.objects.filter(candidate=candidate).order_by("question__slug", "slug")
    return list(rows.values_list("slug", "mark", "due_at", "card", "job"))


def _days(candidate: User, job: GradingJob) -> dict[str, int]:
    """Return in how many days after job's answer each point comes."""
    return {p.slug: (p.due_at - job.created_at).days for p in PointToRecall.objects.filter(candidate=candidate)}


# --- remember -----------------------------------------------------------------------------------------------


def test_missed_points_are_scheduled_and_stated_ones_are_not(candidate: User, published: QuestionVersion) -> None:
    job = _answered(candidate, published, "stated", "partly", "contradicted")

    remember(job=job)

    assert [(row[0], row[1]) for row in _kept(candidate)] == [("memory", "partly"), ("once", "contradicted")]
    assert _days(candidate, job) == {"memory": 1, "once": 1}


def test_a_grade_is_remembered_when_it_is_announced(
    candidate: User, published: QuestionVersion, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _answered(candidate, published, "missing", "stated", "stated")

    assert [row[0] for row in _kept(candidate)] == ["lazy"]


def test_the_same_announcement_twice_changes_nothing(candidate: User, published: QuestionVersion) -> None:
    job = _answered(candidate, published, "missing", "partly", "stated")
    remember(job=job)
    once = _kept(candidate)

    remember(job=job)

    assert _kept(candidate) == once


def test_a_point_that_is_known_again_comes_later_and_later(candidate: User, published: QuestionVersion) -> None:
    waits = []
    for days_ago, mark in ((60, "missing"), (59, "stated"), (57, "stated"), (50, "stated")):
        job = _answered(candidate, published, mark, "stated", "stated", days_ago=days_ago)
        remember(job=job)
        waits.append(_days(candidate, job)["lazy"])

    assert waits == sorted(waits)
    assert waits[0] == 1
    assert waits[-1] > 10


def test_a_point_missed_again_comes_the_next_day(candidate: User, published: QuestionVersion) -> None:
    for days_ago, mark in ((20, "missing"), (19, "stated"), (10, "missing")):
        job = _answered(candidate, published, mark, "stated", "stated", days_ago=days_ago)
        remember(job=job)

    assert _days(candidate, job) == {"lazy": 1}


def test_the_order_in_which_grades_are_announced_does_not_matter(
    candidate: User, peer: User, published: QuestionVersion
) -> None:
    jobs = [
        _answered(candidate, published, mark, "stated", "stated", days_ago=days_ago)
        for days_ago, mark in ((9, "missing"), (5, "stated"), (2, "partly"))
    ]
    for job in jobs:
        remember(job=job)
    in_order = _kept(candidate)

    for job in reversed(jobs):
        remember(job=job)

    assert _kept(candidate) == in_order
    assert _kept(peer) == []


def test_what_a_mentor_marked_counts_as_if_it_had_been_the_mark(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    job = _answered(candidate, published, "missing", "missing", "stated")
    remember(job=job)
    marks = {point.pk: Mark.STATED for point in published.key_points.all()}
    marks[published.key_points.get(slug="memory").pk] = Mark.PARTLY
    review(job=job, reviewer=mentor, marks=marks, reason="You said so.", now=NOW())

    remember(job=job)

    assert [(row[0], row[1]) for row in _kept(candidate)] == [("memory", "partly")]


def test_an_answer_without_a_grade_leaves_nothing_to_recall(candidate: User, published: QuestionVersion) -> None:
    practice = start_chosen(candidate=candidate, title="One", versions=[published], now=NOW())
    answer = submit_answer(asked=practice.questions.get(), text=TEXT, idempotency_key=uuid4(), now=NOW())

    remember(job=answer.job)

    assert _kept(candidate) == []


@pytest.mark.parametrize("count", [1, 3])
def test_remembering_takes_the_same_queries_however_often_the_question_was_answered(
    candidate: User, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        job = _answered(candidate, published, "missing", "missing", "missing", days_ago=count - number)

    with django_assert_num_queries(18):
        remember(job=job)


# --- save_plan ----------------------------------------------------------------------------------------------


def test_saving_a_plan_twice_keeps_one(candidate: User) -> None:
    for minutes in (10, 20):
        save_plan(candidate=candidate, track=None, interview_on=None, minutes_a_day=minutes, now=NOW())

    assert PracticePlan.objects.get(candidate=candidate).minutes_a_day == 20


def test_a_day_is_over_by_the_candidates_own_clock(candidate: User) -> None:
    """It is never the same day in these two zones: today of the one is over in the other."""
    candidate.time_zone = "Etc/GMT+12"
    day = plans.local_date(candidate, NOW())
    save_plan(candidate=candidate, track=None, interview_on=day, minutes_a_day=10, now=NOW())

    candidate.time_zone = "Pacific/Kiritimati"
    with pytest.raises(DayIsOver):
        save_plan(candidate=candidate, track=None, interview_on=day, minutes_a_day=30, now=NOW())

    assert PracticePlan.objects.get(candidate=candidate).minutes_a_day == 10


# --- start_today and start_topic ------------------------------------------------------------------------------


def test_todays_practice_starts_with_what_is_due(candidate: User, published: QuestionVersion) -> None:
    publish_question("never-asked")
    remember(job=_answered(candidate, published, "missing", "stated", "stated", days_ago=3))

    practice = start_today(candidate=candidate, now=NOW())

    asked = list(practice.questions.values_list("version__question__slug", flat=True))
    assert (practice.title, practice.track, practice.mode) == ("Today’s practice", None, "practice")
    assert asked == ["generators", "never-asked"]


def test_starting_today_again_goes_on_with_what_runs(candidate: User, published: QuestionVersion) -> None:
    first = start_today(candidate=candidate, now=NOW())

    assert start_today(candidate=candidate, now=NOW()) == first


def test_a_practice_with_every_question_answered_is_finished_before_another_starts(
    candidate: User, published: QuestionVersion
) -> None:
    publish_question("second-question", minutes=10)
    first = start_today(candidate=candidate, now=NOW())
    for asked in first.questions.all():
        submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=NOW())

    second = start_today(candidate=candidate, now=NOW())

    first.refresh_from_db()
    assert first.finished_at is not None
    assert [q.version.question.slug for q in second.questions.all()] == ["second-question"]


def test_today_cannot_start_from_an_empty_bank(candidate: User) -> None:
    with pytest.raises(NotEnoughQuestions):
        start_today(candidate=candidate, now=NOW())


def test_practising_a_topic_asks_up_to_three_questions_new_ones_first(candidate: User) -> None:
    topic = make_topic("numpy")
    known = publish_question("a-known-one", topic=topic)
    for number in range(3):
        publish_question(f"new-{number}", topic=topic)
    publish_question("elsewhere", topic=make_topic("sql"))
    _answered(candidate, known, "stated", "stated", "stated")

    practice = start_topic(candidate=candidate, topic=topic, now=NOW())

    assert practice.title == "Numpy"
    assert [q.version.question.slug for q in practice.questions.all()] == ["new-0", "new-1", "new-2"]


def test_a_topic_above_others_asks_their_questions(candidate: User) -> None:
    parent = make_topic("python")
    child = Topic.objects.create(slug="pandas", title="pandas", parent=parent)
    version = publish_question("frames", topic=child)

    practice = start_topic(candidate=candidate, topic=parent, now=NOW())

    assert practice.questions.get().version == version


def test_what_a_running_mock_asks_is_not_practised(candidate: User, mock: Interview) -> None:
    with pytest.raises(NotEnoughQuestions):
        start_topic(candidate=candidate, topic=make_topic(), now=NOW())

    finish(interview=mock, now=NOW())
    for job in GradingJob.objects.all():
        give_grade(job, 0)

    assert start_topic(candidate=candidate, topic=make_topic(), now=NOW()).questions.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_at_once_starts_one_practice(candidate: User, published: QuestionVersion) -> None:
    together = Barrier(2)

    def press() -> None:
        together.wait()
        start_today(candidate=candidate, now=NOW())
        connection.close()

    presses = [Thread(target=press) for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()

    assert Interview.objects.filter(title="Today’s practice").count() == 1
