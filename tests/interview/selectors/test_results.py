"""What results and history say, and in how many queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from grading.models import GradingJob
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.models import Interview, InterviewQuestion
from interview.selectors.results import (
    InterviewResult,
    history_of,
    questions_of,
    result_of,
    result_of_question,
    running_interview,
)
from interview.services.interviews import finish, save_draft, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import Mark, Topic, Track, TrackSection
from tests.factories import give_grade, make_interview, make_topic, make_track, publish_question


def _submit(interview: Interview, position: int, score: float | None = None) -> GradingJob:
    """Submit an answer to the question at position; with a score it is graded too."""
    asked = interview.questions.get(position=position)
    answer = submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())
    if score is not None:
        give_grade(answer.job, score)
    return answer.job


def _override(job: GradingJob, mentor: User, mark: Mark) -> float:
    job.refresh_from_db()
    marks = {point.pk: mark for point in job.version.key_points.all()}
    return review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now()).score


def _use_up_attempts(job: GradingJob) -> None:
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")


def _track_of(count: int, *, slug: str = "long") -> Track:
    topic = make_topic(slug)
    for number in range(count):
        publish_question(f"{slug}-{number}", topic=topic)
    return make_track(topic, count=count, slug=slug)


# --- result_of ----------------------------------------------------------------------------------------------


def test_the_score_is_the_mean_of_the_graded_answers(candidate: User) -> None:
    interview = make_interview(candidate, _track_of(4))
    _submit(interview, 1, score=80)
    _submit(interview, 2, score=50)
    _submit(interview, 3)

    result = result_of(interview)

    assert [question.shown and question.shown.score for question in result.questions] == [80, 50, None, None]
    assert result.score == 65
    assert [question.asked.position for question in result.graded] == [1, 2]


def test_there_is_no_score_before_the_first_grade(practice: Interview) -> None:
    _submit(practice, 1)

    assert result_of(practice).score is None


def test_a_result_is_complete_when_nothing_waits_for_the_machine(practice: Interview) -> None:
    job = _submit(practice, 1)
    waiting = result_of(practice)
    give_grade(job, 10)

    graded = result_of(practice)

    assert [question.is_waiting for question in waiting.questions] == [True, False]
    assert (waiting.is_complete, graded.is_complete) == (False, True)


def test_an_answer_that_could_not_be_graded_waits_for_a_mentor_and_is_no_score(practice: Interview) -> None:
    _submit(practice, 1, score=70)
    _use_up_attempts(_submit(practice, 2))

    result = result_of(practice)

    assert [(q.needs_mentor, q.is_waiting, q.shown is None) for q in result.questions] == [
        (False, False, False),
        (True, False, True),
    ]
    assert (result.score, result.is_complete) == (70, True)


def test_a_doubted_score_counts_and_is_provisional_until_a_mentor_has_looked(
    practice: Interview, mentor: User
) -> None:
    _submit(practice, 1, score=70)
    doubted = _submit(practice, 2)
    give_grade(doubted, 50, doubts=("unsure",))

    before = result_of(practice)
    _override(doubted, mentor, Mark.STATED)
    after = result_of(practice)

    assert [question.asked.position for question in before.provisional] == [2]
    assert [(q.needs_mentor, q.is_waiting) for q in before.questions] == [(False, False)] * 2
    assert (before.score, before.is_complete, after.provisional) == (60, True, [])


def test_a_mentors_marks_count_instead_of_the_machines(practice: Interview, mentor: User) -> None:
    job = _submit(practice, 1, score=70)
    _override(job, mentor, Mark.MISSING)
    latest = _override(job, mentor, Mark.PARTLY)

    (shown, _) = (question.shown for question in result_of(practice).questions)

    assert (latest, result_of(practice).score, shown.grade.score, shown.review.reviewer) == (50, 50, 70, mentor)


def test_a_mentors_marks_make_a_score_where_the_machine_had_none(practice: Interview, mentor: User) -> None:
    job = _submit(practice, 1)
    _use_up_attempts(job)
    _override(job, mentor, Mark.STATED)

    result = result_of(practice)

    assert (result.score, result.questions[0].needs_mentor) == (100, False)


def test_by_topic_gives_mean_and_count_of_each_section_in_the_order_asked(candidate: User) -> None:
    late, early = make_topic("late"), make_topic("early")
    for number in range(3):
        publish_question(f"late-{number}", topic=late)
    publish_question("early", topic=early)
    track = make_track(late, count=3)
    TrackSection.objects.create(track=track, position=1, title="Another", topic=early, count=1, minutes=5)
    interview = make_interview(candidate, track)
    for position, score in ((1, 90), (2, 30), (4, 55)):
        _submit(interview, position, score=score)

    assert result_of(interview).by_topic == [("Python", 60, 2), ("Another", 55, 1)]


def test_by_topic_names_no_section_without_a_grade(practice: Interview) -> None:
    _submit(practice, 1)

    assert result_of(practice).by_topic == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_result_takes_the_same_queries_whatever_the_number_of_questions(
    candidate: User, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    for position in range(1, count + 1):
        _override(_submit(interview, position, score=40), mentor, Mark.STATED)

    with django_assert_num_queries(16):
        found = _all_that_is_shown(result_of(interview))

    assert found == (100, [("Python", 100, count)], ["Lazily."] * 3 * count)


def _all_that_is_shown(result: InterviewResult) -> tuple[Any, ...]:
    """Touch all that the result page touches."""
    shown = [question.shown for question in result.questions]
    for one in shown:
        assert (one.remarks, one.review.reason, one.review.reviewer.display_name) == ([], "Because.", "Mentor")
        assert len(one.segments) == 1
        assert len(one.job.version.references.all()) == len(one.job.version.sources.all()) == 1
    evidence = [mark.evidence for one in shown for mark in one.marks]
    return result.score, result.by_topic, evidence


def test_the_result_of_one_question_says_what_the_whole_result_says_of_it(practice: Interview) -> None:
    _submit(practice, 1, score=80)

    ours = [result_of_question(asked) for asked in questions_of(practice)]

    assert ours == result_of(practice).questions


# --- questions_of -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_questions_come_with_what_is_written_in_one_query(
    candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    interview = make_interview(candidate, _track_of(count))
    save_draft(asked=interview.questions.get(position=1), text="A draft.", revision=0, now=database_now())

    with django_assert_num_queries(1):
        written = [(asked.text, asked.revision, asked.is_submitted) for asked in questions_of(interview)]

    assert written == [("A draft.", 1, False)] + [("", 0, False)] * (count - 1)


def test_the_text_of_a_question_is_its_answer_then_its_draft(practice: Interview, asked: InterviewQuestion) -> None:
    save_draft(asked=asked, text="A draft.", revision=0, now=database_now())
    before = [found.text for found in questions_of(practice)]
    _submit(practice, 1)

    assert before == ["A draft.", ""]
    assert [found.text for found in questions_of(practice)] == ["Lazily.", ""]


# --- history_of ---------------------------------------------------------------------------------------------


def test_history_counts_questions_answers_and_what_waits(candidate: User, mentor: User) -> None:
    interview = make_interview(candidate, _track_of(4))
    _override(_submit(interview, 1, score=0), mentor, Mark.STATED)
    _submit(interview, 2, score=40)
    _submit(interview, 3)

    (found,) = history_of(candidate)

    assert (found.question_count, found.answer_count, found.waiting_count, found.mean_score) == (4, 3, 1, 70)


def test_history_counts_doubted_grades_until_a_mentor_has_looked(candidate: User, mentor: User) -> None:
    interview = make_interview(candidate, _track_of(4))
    doubted, settled = _submit(interview, 1), _submit(interview, 2)
    for answer in (doubted, settled):
        give_grade(answer, 40, doubts=("unsure",))
    _override(settled, mentor, Mark.STATED)
    _submit(interview, 3, score=80)
    failed = _submit(interview, 4)
    while claimed := claim(job_id=failed.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")

    (found,) = history_of(candidate)

    assert (found.provisional_count, found.answer_count) == (1, 4)


def test_history_has_no_mean_before_the_first_grade(candidate: User, practice: Interview) -> None:
    _submit(practice, 1)

    (found,) = history_of(candidate)

    assert (found.question_count, found.answer_count, found.waiting_count, found.mean_score) == (2, 1, 1, None)


def test_history_says_the_same_mean_as_the_result(practice: Interview, candidate: User, mentor: User) -> None:
    _override(_submit(practice, 1, score=20), mentor, Mark.PARTLY)
    _submit(practice, 2, score=75)

    (found,) = history_of(candidate)

    assert found.mean_score == result_of(practice).score == 62.5


def test_history_lists_ones_own_interviews_newest_first(candidate: User, peer: User, track: Track) -> None:
    now = database_now()
    days_ago = {days: make_interview(candidate, track, now=now - timedelta(days=days)) for days in (2, 1, 3)}
    make_interview(peer, track)

    assert list(history_of(candidate)) == [days_ago[1], days_ago[2], days_ago[3]]


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_one_query(
    candidate: User, track: Track, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        _submit(make_interview(candidate, track), 1, score=50)

    with django_assert_num_queries(1):
        found = [(interview.track.title, interview.mean_score) for interview in history_of(candidate)]

    assert found == [("Taster", 50)] * count


# --- running_interview --------------------------------------------------------------------------------------


def test_the_running_interview_is_the_newest_that_is_not_finished(candidate: User, peer: User, track: Track) -> None:
    now = database_now()
    make_interview(candidate, track, now=now - timedelta(hours=2))
    newer = make_interview(candidate, track, now=now - timedelta(hours=1))
    finish(interview=make_interview(candidate, track, now=now), now=now)
    make_interview(peer, track)

    assert running_interview(candidate) == newer


def test_nothing_runs_once_all_is_finished(candidate: User, practice: Interview) -> None:
    finish(interview=practice, now=database_now())

    assert running_interview(candidate) is None


def test_a_question_counts_in_the_topic_of_its_section_not_of_its_subtopic(candidate: User) -> None:
    parent = make_topic("python")
    publish_question("one", topic=Topic.objects.create(slug="sub", title="Sub", parent=parent))
    interview = make_interview(candidate, make_track(parent))
    _submit(interview, 1, score=33)

    assert result_of(interview).by_topic == [("Python", 33, 1)]
