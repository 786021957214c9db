"""What comes today, what can wait, and what the day of the real interview changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fsrs import Card, Rating

from grading.models import GradingJob
from interview.models import Interview, PointToRecall, PracticePlan
from interview.selectors.plan import Today, last_day, today
from interview.services.interviews import finish, start_chosen, submit_answer
from interview.services.plan import SCHEDULER, start_today
from people.models import User
from questionbank.content import KeyPointContent
from questionbank.models import QuestionVersion, Topic
from questionbank.services.versions import publish, save_draft
from tests.factories import give_grade, make_content, make_interview, make_topic, make_track, publish_question

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = NOW.date()


def _answered(candidate: User, version: QuestionVersion, score: float = 80) -> GradingJob:
    when = NOW - timedelta(days=1)
    practice = start_chosen(candidate=candidate, title="One question", versions=[version], now=when)
    job = submit_answer(asked=practice.questions.get(), text="Lazily.", idempotency_key=uuid4(), now=when).job
    give_grade(job, score)
    return job


def _recall(
    candidate: User, version: QuestionVersion, due_in: int, *, slug: str = "lazy", seen: datetime = NOW - timedelta(2)
) -> PointToRecall:
    """Let a point of an answered question come in so many days."""
    card, _ = SCHEDULER.review_card(Card(card_id=0, due=seen), Rating.Good, seen)
    job = GradingJob.objects.filter(candidate=candidate, version=version).first() or _answered(candidate, version)
    return PointToRecall.objects.create(
        candidate=candidate,
        question=version.question,
        slug=slug,
        card=card.to_dict(),
        due_at=NOW + timedelta(days=due_in),
        mark="missing",
        job=job,
    )


def _plan(candidate: User, **fields: Any) -> PracticePlan:
    return PracticePlan.objects.create(candidate=candidate, **fields)


def _asked(found: Today) -> list[str]:
    return [chosen.version.question.slug for chosen in found.questions]


def _questions(count: int, minutes: int = 4, topic: Topic | None = None) -> list[QuestionVersion]:
    return [publish_question(f"question-{number}", topic=topic, minutes=minutes) for number in range(count)]


# --- what is due --------------------------------------------------------------------------------------------


def test_what_is_due_comes_with_its_points_and_what_is_not_does_not(candidate: User, peer: User) -> None:
    due, later, others = _questions(3)
    _recall(candidate, due, 0)
    _recall(candidate, due, -1, slug="once")
    _recall(candidate, due, 9, slug="memory")
    _recall(candidate, later, 2)
    _answered(candidate, others)
    _recall(peer, others, -1)

    found = today(candidate, NOW)

    assert [(chosen.version, chosen.points) for chosen in found.questions] == [(due, 2)]


def test_what_comes_later_today_is_due_by_the_candidates_own_day(candidate: User) -> None:
    (version,) = _questions(1)
    point = _recall(candidate, version, 0)
    PointToRecall.objects.filter(pk=point.pk).update(due_at=datetime(2026, 5, 4, 23, 30, tzinfo=UTC))

    assert today(candidate, NOW).recalled == 1
    candidate.time_zone = "Asia/Tokyo"  # where that is half past eight tomorrow
    assert today(candidate, NOW).recalled == 0


def test_the_most_overdue_and_then_the_heaviest_comes_first(candidate: User) -> None:
    light, heavy, overdue = _questions(3, minutes=3)
    _recall(candidate, light, 0, slug="once")
    _recall(candidate, heavy, 0, slug="lazy")
    _recall(candidate, overdue, -3, slug="once")

    assert _asked(today(candidate, NOW)) == ["question-2", "question-1", "question-0"]


def test_a_point_that_the_published_version_has_no_more_does_not_come(candidate: User) -> None:
    (version,) = _questions(1)
    _recall(candidate, version, -1)
    points = (KeyPointContent("other", "Generators are objects.", 1),)
    content = make_content(title="Changed", key_points=points, misconceptions=(), exemplars=())
    draft = save_draft(question=version.question, content=content, author=None)
    publish(version=draft, actor=None, now=NOW)

    assert today(candidate, NOW).recalled == 0


def test_a_question_in_a_running_mock_does_not_come(candidate: User, mock: Interview) -> None:
    """Its feedback would give the mock's answer away."""
    for asked in mock.questions.select_related("version__question"):
        _recall(candidate, asked.version, -1)

    assert _asked(today(candidate, NOW)) == []


# --- relief from backlog ------------------------------------------------------------------------------------


def test_a_backlog_comes_as_fits_the_day_and_the_rest_can_wait(candidate: User) -> None:
    _plan(candidate, minutes_a_day=10)
    for number, version in enumerate(_questions(7)):
        _recall(candidate, version, -20 + number)

    found = today(candidate, NOW)

    assert _asked(found) == ["question-0", "question-1"]
    assert (found.waiting, found.waiting_days) == (5, 3)


def test_a_question_longer_than_the_day_comes_alone(candidate: User) -> None:
    _plan(candidate, minutes_a_day=5)
    for version in _questions(2, minutes=20):
        _recall(candidate, version, -1)

    found = today(candidate, NOW)

    assert (_asked(found), found.waiting, found.waiting_days) == (["question-0"], 1, 1)


# --- the day of the interview -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interview_on", "expected"),
    [
        (None, None),
        (DAY - timedelta(1), None),
        (DAY, None),
        (DAY + timedelta(1), DAY),
        (date(2026, 6, 1), date(2026, 5, 31)),
    ],
)
def test_the_last_day_to_practise_is_the_one_before(interview_on: date | None, expected: date | None) -> None:
    assert last_day(PracticePlan(interview_on=interview_on), DAY) == expected


def test_everything_comes_once_more_before_the_interview(candidate: User) -> None:
    (version,) = _questions(1)
    _recall(candidate, version, 90)

    assert today(candidate, NOW).recalled == 0
    _plan(candidate, interview_on=DAY + timedelta(days=1))
    assert today(candidate, NOW).recalled == 1


def test_what_was_answered_on_the_last_day_does_not_come_again_that_day(candidate: User) -> None:
    (version,) = _questions(1)
    _recall(candidate, version, 90, seen=NOW - timedelta(hours=1))
    _plan(candidate, interview_on=DAY + timedelta(days=1))

    assert today(candidate, NOW).recalled == 0


def test_after_the_interview_the_plan_goes_on_without_it(candidate: User) -> None:
    due, later = _questions(2)
    _recall(candidate, due, 0)
    _recall(candidate, later, 90)
    _plan(candidate, interview_on=DAY - timedelta(days=1))

    found = today(candidate, NOW)

    assert (_asked(found), found.days_left) == (["question-0"], -1)


def test_what_would_all_come_on_the_last_day_is_spread_over_the_days_before(candidate: User) -> None:
    """Six questions of 5 minutes and 10 minutes a day need three days; the first of them is today."""
    _plan(candidate, minutes_a_day=10, interview_on=DAY + timedelta(days=3))
    for number, version in enumerate(_questions(6, minutes=5)):
        _recall(candidate, version, 30 + number)

    found = today(candidate, NOW)

    assert (_asked(found), found.waiting) == (["question-0", "question-1"], 0)


@pytest.mark.parametrize(("days", "tight"), [(2, "yes"), (3, "yes"), (4, "no")])
def test_it_is_said_when_what_waits_does_not_fit_before_the_interview(candidate: User, days: int, tight: str) -> None:
    """Eight questions at two a day take today and three days more; the day of the interview itself does not count."""
    _plan(candidate, minutes_a_day=10, interview_on=DAY + timedelta(days=days))
    for version in _questions(8, minutes=5):
        _recall(candidate, version, -1)

    found = today(candidate, NOW)

    assert (found.waiting, found.waiting_days, found.is_tight) == (6, 3, tight == "yes")


def test_nothing_comes_early_where_the_last_day_has_room(candidate: User) -> None:
    _plan(candidate, minutes_a_day=10, interview_on=DAY + timedelta(days=3))
    for version in _questions(2, minutes=5):
        _recall(candidate, version, 30)

    assert today(candidate, NOW).recalled == 0


# --- when there is room -------------------------------------------------------------------------------------


def test_room_is_filled_with_new_questions_one_topic_after_the_other(candidate: User) -> None:
    python, sql = make_topic("python"), make_topic("sql")
    for slug, topic in (("python-1", python), ("python-2", python), ("sql-1", sql)):
        publish_question(slug, topic=topic, minutes=5)

    found = today(candidate, NOW)

    assert _asked(found) == ["python-1", "sql-1"]
    assert [chosen.is_new for chosen in found.questions] == [True, True]


def test_what_is_due_leaves_the_room_that_is_left_to_new_questions(candidate: User) -> None:
    due, new, _ = _questions(3)
    _recall(candidate, due, 0)

    found = today(candidate, NOW)

    assert [(chosen.version, chosen.is_new) for chosen in found.questions] == [(due, False), (new, True)]


def test_the_plans_track_says_which_new_questions_come(candidate: User, published: QuestionVersion) -> None:
    wanted = publish_question("select", topic=make_topic("sql"))
    _plan(candidate, track=make_track(wanted.question.topic))

    assert _asked(today(candidate, NOW)) == ["select"]


def test_when_all_is_answered_the_weakest_topic_comes_again(candidate: User) -> None:
    python, sql = make_topic("python"), make_topic("sql")
    good, bad, worse = (
        publish_question(slug, topic=topic, minutes=8)
        for slug, topic in (("good", python), ("bad", sql), ("worse", sql))
    )
    for version, score in ((good, 90), (bad, 30), (worse, 10)):
        _answered(candidate, version, score)

    assert _asked(today(candidate, NOW)) == ["worse"]


def test_an_answer_that_is_being_graded_does_not_come_again(candidate: User, published: QuestionVersion) -> None:
    practice = start_chosen(candidate=candidate, title="One", versions=[published], now=NOW)
    submit_answer(asked=practice.questions.get(), text="Lazily.", idempotency_key=uuid4(), now=NOW)

    assert _asked(today(candidate, NOW)) == []


# --- where it stands ----------------------------------------------------------------------------------------


def test_today_knows_what_runs_and_what_is_done(candidate: User, published: QuestionVersion) -> None:
    before = today(candidate, NOW)
    practice = start_today(candidate=candidate, now=NOW)
    during = today(candidate, NOW)
    finish(interview=practice, now=NOW)
    after, tomorrow = today(candidate, NOW), today(candidate, NOW + timedelta(days=1))

    assert [(found.running, found.is_done) for found in (before, during, after, tomorrow)] == [
        (None, False),
        (practice, False),
        (None, True),
        (None, False),
    ]


def test_another_interview_is_not_todays_practice(candidate: User, published: QuestionVersion) -> None:
    make_interview(candidate, make_track(published.question.topic), now=NOW)

    assert today(candidate, NOW).running is None


@pytest.mark.parametrize("count", [1, 3])
def test_today_takes_the_same_queries_whatever_is_due(
    candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    for version in _questions(count, minutes=2):
        _recall(candidate, version, -1)

    with django_assert_num_queries(10):
        found = today(candidate, NOW)

    assert found.recalled == count
