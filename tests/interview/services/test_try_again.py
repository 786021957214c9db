"""A second try of a question: what is asked then, and what starts no other one."""

from uuid import uuid4

import pytest

from grading.services.jobs import grade
from interview.models import Answer, Interview, InterviewQuestion, Mode
from interview.services.interviews import Closed, finish, start_chosen, submit_answer, try_again
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion, Topic, Track, VersionState
from questionbank.services.versions import publish, save_draft
from tests.factories import make_content, make_interview, make_track, publish_question
from tests.races import race


def _fresh(asked: InterviewQuestion) -> InterviewQuestion:
    return InterviewQuestion.objects.select_related("interview").get(pk=asked.pk)


def _submit(asked: InterviewQuestion, text: str = "Lazily.") -> Answer:
    return submit_answer(asked=_fresh(asked), text=text, idempotency_key=uuid4(), now=database_now())


def _again(asked: InterviewQuestion) -> InterviewQuestion:
    return try_again(asked=_fresh(asked), now=database_now())


def _publish_another(version: QuestionVersion) -> QuestionVersion:
    draft = save_draft(question=version.question, content=make_content(prompt="Another prompt?"), author=None)
    return publish(version=draft, actor=None, now=database_now())


def test_a_second_try_is_a_practice_with_that_question_alone(asked: InterviewQuestion, candidate: User) -> None:
    _submit(asked)

    again = _again(asked)

    started = again.interview
    assert (started.candidate, started.mode, started.deadline_at) == (candidate, Mode.PRACTICE, None)
    assert (started.title, started.track, started.is_running) == ("Second try: Generators versus lists", None, True)
    assert list(started.questions.values_list("position", "version")) == [(1, asked.version_id)]
    assert (again.is_submitted, again.text, again.section) == (False, "", "Python")


def test_a_second_try_asks_what_is_published_now(asked: InterviewQuestion) -> None:
    _submit(asked)
    newer = _publish_another(asked.version)

    assert _again(asked).version == newer


def test_a_second_try_of_a_retired_question_asks_what_was_asked(asked: InterviewQuestion) -> None:
    _submit(asked)
    QuestionVersion.objects.filter(pk=asked.version_id).update(state=VersionState.RETIRED)

    assert _again(asked).version == asked.version


def test_a_long_title_is_cut_to_what_an_interview_can_be_called(candidate: User) -> None:
    version = publish_question("long", title="A" * 120)
    asked = make_interview(candidate, make_track(version.question.topic)).questions.get()
    _submit(asked)

    title = _again(asked).interview.title

    assert (len(title), title[:14], title[-1]) == (120, "Second try: AA", "…")


def test_asking_again_goes_on_with_the_second_try_that_runs(asked: InterviewQuestion) -> None:
    _submit(asked)
    first = _again(asked)
    _publish_another(asked.version)

    assert _again(asked) == first
    assert Interview.objects.count() == 2


def test_what_is_chosen_and_has_the_question_open_is_gone_on_with(asked: InterviewQuestion, candidate: User) -> None:
    _submit(asked)
    other = publish_question("other", topic=asked.version.question.topic)
    today = start_chosen(candidate=candidate, title="Today", versions=[other, asked.version], now=database_now())

    assert _again(asked) == today.questions.get(position=2)


def test_an_ordinary_practice_that_has_the_question_open_is_left_alone(
    asked: InterviewQuestion, candidate: User, track: Track
) -> None:
    _submit(asked)
    make_interview(candidate, track)

    assert _again(asked).interview.track is None


def test_a_second_try_of_somebody_else_is_theirs(asked: InterviewQuestion, peer: User) -> None:
    theirs = start_chosen(candidate=peer, title="Theirs", versions=[asked.version], now=database_now())
    _submit(asked)

    assert _again(asked).interview != theirs


def test_a_second_try_is_over_with_its_answer_and_can_be_tried_again(asked: InterviewQuestion) -> None:
    _submit(asked)
    second = _again(asked)
    _submit(second, "Better.")

    second.interview.refresh_from_db()
    third = _again(second)

    assert not second.interview.is_running
    assert second.interview.finished_at == second.answer.submitted_at
    assert third.interview not in (asked.interview, second.interview)


def test_a_practice_of_chosen_questions_is_over_with_the_last_answer_only(candidate: User) -> None:
    versions = [publish_question("one"), publish_question("two")]
    chosen = start_chosen(candidate=candidate, title="Today", versions=versions, now=database_now())
    running = []
    for asked in chosen.questions.all():
        _submit(asked)
        chosen.refresh_from_db()
        running.append(chosen.is_running)

    assert running == [True, False]


def test_a_practice_of_a_track_goes_on_after_its_last_answer(practice: Interview) -> None:
    for asked in practice.questions.all():
        _submit(asked)

    practice.refresh_from_db()
    assert practice.is_running


def test_the_last_answer_sent_twice_is_the_same_answer(asked: InterviewQuestion) -> None:
    _submit(asked)
    again, key = _again(asked), uuid4()

    sent = [
        submit_answer(asked=_fresh(again), text="Once.", idempotency_key=key, now=database_now()) for _ in range(2)
    ]

    assert sent[0] == sent[1]


def test_there_is_no_second_try_before_the_first_is_submitted(asked: InterviewQuestion) -> None:
    with pytest.raises(Closed, match="once your answer is submitted"):
        _again(asked)

    assert Interview.objects.count() == 1


def test_a_mock_gives_second_tries_once_it_is_finished(mock: Interview, asked_in_mock: InterviewQuestion) -> None:
    with pytest.raises(Closed):
        _again(asked_in_mock)
    finish(interview=mock, now=database_now())
    for job in [answer.job for answer in Answer.objects.select_related("job")]:
        grade(job_id=job.pk)

    assert _again(asked_in_mock).version == asked_in_mock.version


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_start_one_second_try(asked: InterviewQuestion) -> None:
    _submit(asked)

    first, second = race(lambda: _again(asked), lambda: _again(asked))

    assert first == second
    assert first.interview.title.startswith("Second try")
    assert Interview.objects.count() == 2


def test_a_second_try_belongs_to_the_questions_topic(candidate: User) -> None:
    parent = Topic.objects.create(slug="parent", title="Parent")
    version = publish_question("one", topic=Topic.objects.create(slug="sub", title="Sub", parent=parent))
    asked = make_interview(candidate, make_track(parent)).questions.get()
    _submit(asked)

    assert (asked.version, _again(asked).section) == (version, "Sub")
