"""Starting, drafting, submitting and finishing: what each promises, also to two who do it at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.db import DatabaseError, connection, transaction

from grading.models import GradingJob, JobState
from interview.models import Answer, Draft, Interview, InterviewQuestion, Mode
from interview.services.interviews import (
    Closed,
    DeadlinePassed,
    DraftConflict,
    KeptLate,
    KeyReused,
    NotEnoughQuestions,
    SavedDraft,
    TooLong,
    close_overdue,
    finish,
    flag_question,
    save_draft,
    start_chosen,
    start_interview,
    submit_answer,
)
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion, Topic, Track, TrackSection
from questionbank.services.versions import publish
from questionbank.services.versions import save_draft as save_version
from tests.factories import make_content, make_interview, make_topic, make_track, publish_question
from tests.races import outcomes, race


def _fresh(asked: InterviewQuestion) -> InterviewQuestion:
    return InterviewQuestion.objects.select_related("interview").get(pk=asked.pk)


def _save(asked: InterviewQuestion, text: str, revision: int, *, now: datetime | None = None) -> Any:
    return save_draft(asked=_fresh(asked), text=text, revision=revision, now=now or database_now())


def _submit(asked: InterviewQuestion, text: str = "Lazily.", **changes: Any) -> Answer:
    given = {"idempotency_key": uuid4(), "now": database_now(), **changes}
    return submit_answer(asked=_fresh(asked), text=text, **given)


def _in_thread(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def _asked_slugs(interview: Interview) -> list[str]:
    return list(interview.questions.values_list("version__question__slug", flat=True))


# --- start --------------------------------------------------------------------------------------------------


def test_start_pins_the_versions_that_are_published_at_that_moment(
    candidate: User, published: QuestionVersion
) -> None:
    track = make_track(published.question.topic)
    before = make_interview(candidate, track)
    draft = save_version(question=published.question, content=make_content(prompt="Another prompt?"), author=None)
    second = publish(version=draft, actor=None, now=database_now())

    after = make_interview(candidate, track)

    assert [asked.version for asked in before.questions.all()] == [published]
    assert [asked.version for asked in after.questions.all()] == [second]


def test_start_numbers_the_questions_in_the_order_of_the_sections(candidate: User) -> None:
    first, second = make_topic("first"), make_topic("second")
    publish_question("one", topic=first)
    publish_question("two", topic=second)
    track = make_track(first)
    TrackSection.objects.create(track=track, position=1, title="Then this", topic=second, count=1, minutes=5)

    interview = make_interview(candidate, track)

    found = interview.questions.values_list("position", "section", "version__question__slug")
    assert list(found) == [(1, "Python", "one"), (2, "Then this", "two")]


def test_start_of_a_mock_sets_the_deadline_with_the_candidates_extra_time(candidate: User, track: Track) -> None:
    candidate.extra_time_factor = Decimal("1.50")
    candidate.save()
    now = database_now()

    interview = start_interview(candidate=candidate, track=track, mode=Mode.MOCK, now=now)

    assert (interview.started_at, interview.deadline_at) == (now, now + timedelta(minutes=15))
    assert (interview.minutes, interview.extra_time_factor, interview.extended_minutes) == (10, Decimal("1.50"), 15)


def test_start_of_a_practice_interview_sets_no_deadline(candidate: User, track: Track) -> None:
    interview = start_interview(candidate=candidate, track=track, mode=Mode.PRACTICE, now=database_now())

    assert interview.deadline_at is None
    assert interview.remaining_ms(database_now()) is None


def test_a_begun_minute_of_extra_time_counts_for_the_candidate(candidate: User, track: Track) -> None:
    candidate.extra_time_factor = Decimal("1.25")

    interview = make_interview(candidate, track, mode=Mode.MOCK)

    assert interview.extended_minutes == 13  # 10 × 1.25 = 12.5
    assert interview.deadline_at - interview.started_at == timedelta(minutes=13)


def test_a_factor_that_is_only_stored_moves_no_deadline(candidate: User, mock: Interview) -> None:
    candidate.extra_time_factor = Decimal("2.00")
    candidate.save()

    mock.refresh_from_db()

    assert mock.deadline_at == mock.started_at + timedelta(minutes=10)


def test_start_draws_the_questions_the_candidate_has_met_least_often_first(candidate: User) -> None:
    topic = make_topic()
    for slug in ("one", "two", "three"):
        publish_question(slug, topic=topic)
    track = make_track(topic)

    met = [_asked_slugs(make_interview(candidate, track))[0] for _ in range(6)]

    assert sorted(met[:3]) == sorted(met[3:]) == ["one", "three", "two"]


def test_start_counts_a_question_as_met_whichever_version_was_asked(candidate: User) -> None:
    topic = make_topic()
    old = publish_question("one", topic=topic)
    track = make_track(topic)
    make_interview(candidate, track)
    draft = save_version(question=old.question, content=make_content(prompt="Another prompt?"), author=None)
    publish(version=draft, actor=None, now=database_now())
    publish_question("two", topic=topic)

    interview = make_interview(candidate, track)

    assert _asked_slugs(interview) == ["two"]


def test_start_does_not_count_what_other_candidates_have_met(candidate: User, peer: User) -> None:
    both = make_topic()
    met_by_candidate, met_by_peer = (
        Topic.objects.create(slug=slug, title=slug, parent=both) for slug in ("iteration", "memory")
    )
    publish_question("one", topic=met_by_candidate)
    publish_question("two", topic=met_by_peer)
    make_interview(candidate, make_track(met_by_candidate, slug="iteration"))
    for _ in range(2):
        make_interview(peer, Track.objects.filter(slug="memory").first() or make_track(met_by_peer, slug="memory"))

    interview = make_interview(candidate, make_track(both, slug="both"))

    assert _asked_slugs(interview) == ["two"]


def test_start_asks_no_question_twice_when_two_sections_share_a_topic(candidate: User) -> None:
    topic = make_topic()
    publish_question("one", topic=topic)
    publish_question("two", topic=topic)
    track = make_track(topic)
    TrackSection.objects.create(track=track, position=1, title="More", topic=topic, count=1, minutes=5)

    interview = make_interview(candidate, track)

    assert sorted(_asked_slugs(interview)) == ["one", "two"]


def test_start_draws_only_the_difficulties_the_section_names(candidate: User) -> None:
    topic = make_topic()
    for difficulty in ("easy", "medium", "hard"):
        publish_question(difficulty, topic=topic, difficulty=difficulty)
    track = make_track(topic, count=2)
    track.sections.update(difficulties=["medium", "hard"])

    assert sorted(_asked_slugs(make_interview(candidate, track))) == ["hard", "medium"]


def test_start_refuses_and_stores_nothing_when_a_section_lacks_questions(
    candidate: User, published: QuestionVersion
) -> None:
    save_version(question=published.question, content=make_content(prompt="A draft?"), author=None)
    track = make_track(published.question.topic, count=2)

    with pytest.raises(NotEnoughQuestions, match="needs 2 questions on Python and the bank has 1"):
        start_interview(candidate=candidate, track=track, mode=Mode.MOCK, now=database_now())

    assert not Interview.objects.exists()


def test_chosen_questions_are_a_practice_interview_in_their_order(candidate: User) -> None:
    second = publish_question("two", topic=make_topic("second"), minutes=6)
    first = publish_question("one", topic=make_topic("first"))

    interview = start_chosen(candidate=candidate, title="Today", versions=[second, first], now=database_now())

    found = interview.questions.values_list("position", "section", "version")
    assert list(found) == [(1, "Second", second.pk), (2, "First", first.pk)]
    assert (interview.mode, interview.track, interview.title, interview.minutes) == (Mode.PRACTICE, None, "Today", 10)
    assert interview.deadline_at is None


def test_no_chosen_questions_start_nothing(candidate: User) -> None:
    with pytest.raises(NotEnoughQuestions):
        start_chosen(candidate=candidate, title="Today", versions=[], now=database_now())

    assert not Interview.objects.exists()


def test_a_mock_of_somebody_who_is_untimed_has_no_deadline(candidate: User, published: QuestionVersion) -> None:
    candidate.untimed = True

    interview = make_interview(candidate, make_track(published.question.topic), mode=Mode.MOCK)

    assert (interview.mode, interview.untimed, interview.deadline_at) == (Mode.MOCK, True, None)


def _start(candidate: User, track: Track, **changes: Any) -> Interview:
    given = {"mode": Mode.MOCK, "now": database_now(), **changes}
    return start_interview(candidate=candidate, track=track, **given)


def test_a_start_sent_again_returns_the_interview_that_is_there(candidate: User, track: Track) -> None:
    key = uuid4()

    first = _start(candidate, track, interview_id=key)
    again = _start(candidate, track, interview_id=key, now=database_now() + timedelta(minutes=1))

    assert (first.pk, again, again.started_at, again.questions.count()) == (key, first, first.started_at, 2)


@pytest.mark.django_db(transaction=True)
def test_of_ten_clicks_on_start_one_starts(candidate: User, track: Track) -> None:
    key = uuid4()

    started = race(*[lambda: _start(candidate, track, interview_id=key)] * 10)

    assert {interview.pk for interview in started} == {key}
    assert Interview.objects.get().questions.count() == 2


def test_a_starts_key_starts_nothing_else(candidate: User, peer: User, track: Track) -> None:
    key = _start(candidate, track).pk
    another_track = make_track(make_topic(), slug="another")

    for who, what, mode in [
        (peer, track, Mode.MOCK),
        (candidate, another_track, Mode.MOCK),
        (candidate, track, Mode.PRACTICE),
    ]:
        with pytest.raises(KeyReused):
            _start(who, what, mode=mode, interview_id=key)

    assert Interview.objects.count() == 1


# --- flags --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flagged", [True, False])
def test_a_flag_stays_as_it_was_last_set(asked: InterviewQuestion, *, flagged: bool) -> None:
    for value in (not flagged, flagged, flagged):
        flag_question(asked=asked, flagged=value)

    asked.refresh_from_db()
    assert asked.flagged is flagged


def test_a_submitted_answer_can_be_flagged_while_the_interview_runs(asked: InterviewQuestion) -> None:
    _submit(asked)

    flag_question(asked=asked, flagged=True)

    asked.refresh_from_db()
    assert asked.flagged


def test_no_flag_changes_after_finishing(practice: Interview, asked: InterviewQuestion) -> None:
    finish(interview=practice, now=database_now())

    with pytest.raises(Closed, match="its flags cannot be changed"):
        flag_question(asked=asked, flagged=True)

    asked.refresh_from_db()
    assert not asked.flagged


# --- drafts -------------------------------------------------------------------------------------------------


def test_each_save_raises_the_revision(asked: InterviewQuestion) -> None:
    now = database_now()

    saved = [_save(asked, "A", 0, now=now), _save(asked, "A b", 1, now=now), _save(asked, "A b c", 2, now=now)]

    assert [(s.revision, s.saved_at) for s in saved] == [(1, now), (2, now), (3, now)]
    assert Draft.objects.values("text", "revision", "saved_at").get() == {
        "text": "A b c",
        "revision": 3,
        "saved_at": now,
    }


def test_a_text_is_kept_as_typed(asked: InterviewQuestion) -> None:
    typed = "\n  def f():\n\treturn 1  \n\nZoë 👩‍💻 \u202eabc\r\n\n"

    _save(asked, typed, 0)
    _submit(asked, typed)

    assert Draft.objects.get().text == Answer.objects.get().text == GradingJob.objects.get().text == typed


def test_a_save_over_a_revision_that_is_no_longer_the_newest_conflicts_and_carries_the_other_text(
    asked: InterviewQuestion,
) -> None:
    _save(asked, "first", 0)
    _save(asked, "from the other tab", 1)

    with pytest.raises(DraftConflict, match="another tab") as conflict:
        _save(asked, "from this tab", 1)

    assert (conflict.value.text, conflict.value.revision) == ("from the other tab", 2)
    assert Draft.objects.get().text == "from the other tab"


def test_the_text_chosen_in_a_conflict_is_saved_over_the_revision_it_carried(asked: InterviewQuestion) -> None:
    _save(asked, "first", 0)
    with pytest.raises(DraftConflict) as conflict:
        _save(asked, "mine", 0)

    saved = _save(asked, "mine", conflict.value.revision)

    assert (saved.revision, Draft.objects.get().text) == (2, "mine")


@pytest.mark.parametrize("revision", [0, 1])
def test_the_same_save_sent_twice_is_saved_once(asked: InterviewQuestion, revision: int) -> None:
    now = database_now()
    for earlier in range(revision):
        _save(asked, f"earlier {earlier}", earlier, now=now)

    first = _save(asked, "the text", revision, now=now)
    again = _save(asked, "the text", revision, now=now + timedelta(seconds=5))

    assert again == first
    assert Draft.objects.get().revision == revision + 1


def test_a_save_over_a_revision_that_never_was_is_refused(asked: InterviewQuestion) -> None:
    with pytest.raises(Closed, match="Reload the page"):
        _save(asked, "text", 7)

    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_first_at_once_meet_in_a_conflict(asked: InterviewQuestion) -> None:
    results = race(lambda: _save(asked, "left tab", 0), lambda: _save(asked, "right tab", 0))

    assert outcomes(results) == ["DraftConflict", "SavedDraft"]
    conflict, saved = sorted(results, key=lambda result: isinstance(result, SavedDraft))
    kept = Draft.objects.get()
    assert (saved.revision, conflict.revision, conflict.text) == (1, 1, kept.text)
    assert kept.text == ("left tab", "right tab")[results.index(saved)]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_saves_over_one_revision_one_wins(asked: InterviewQuestion) -> None:
    _save(asked, "before", 0)

    results = race(*[lambda n=n: _save(asked, f"text {n}", 1) for n in range(20)])

    assert outcomes(results) == ["DraftConflict"] * 19 + ["SavedDraft"]
    (saved,) = (result for result in results if isinstance(result, SavedDraft))
    kept = Draft.objects.get()
    assert (saved.revision, kept.revision, kept.text) == (2, 2, f"text {results.index(saved)}")
    assert {conflict.text for conflict in results if conflict is not saved} == {kept.text}


@pytest.mark.django_db(transaction=True)
def test_a_save_that_meets_a_finish_is_in_the_answer_or_refused(asked_in_mock: InterviewQuestion) -> None:
    """Without a lock the save would pass its check, be written behind the frozen answer and be called saved."""
    _save(asked_in_mock, "early", 0)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            finish(interview=asked_in_mock.interview, now=database_now())
            save = pool.submit(_in_thread, lambda: _save(asked_in_mock, "late", 1))
            while not save.done() and not _somebody_waits_for_a_lock():
                time.sleep(0.01)
        with pytest.raises(Closed, match="finished"):
            save.result(timeout=30)

    assert (Answer.objects.get(question=asked_in_mock).text, Draft.objects.get().text) == ("early", "early")


def test_a_text_at_the_limit_is_saved_and_one_over_it_is_not(asked: InterviewQuestion) -> None:
    _save(asked, "é" * 20_000, 0)

    with pytest.raises(TooLong, match=r"20,000 characters; this one has 20,001"):
        _save(asked, "é" * 20_001, 1)

    assert Draft.objects.get().text == "é" * 20_000


def test_nothing_is_saved_to_a_finished_interview(practice: Interview, asked: InterviewQuestion) -> None:
    finish(interview=practice, now=database_now())

    with pytest.raises(Closed, match="finished"):
        _save(asked, "late", 0)

    assert not Draft.objects.exists()


def test_nothing_is_saved_over_a_submitted_answer(asked: InterviewQuestion) -> None:
    _save(asked, "draft", 0)
    _submit(asked, "answer")

    with pytest.raises(Closed, match="submitted"):
        _save(asked, "late", 1)

    assert Draft.objects.get().text == "draft"


@pytest.mark.parametrize("seconds", [-1, 0, 29, 30])
def test_a_mock_draft_is_saved_up_to_thirty_seconds_after_the_deadline(
    mock: Interview, asked_in_mock: InterviewQuestion, seconds: int
) -> None:
    _save(asked_in_mock, "in time", 0, now=mock.deadline_at + timedelta(seconds=seconds))

    assert Draft.objects.get().text == "in time"


def test_a_text_that_comes_after_the_grace_is_kept_beside_the_answer(
    mock: Interview, asked_in_mock: InterviewQuestion
) -> None:
    _save(asked_in_mock, "in time", 0)
    now = mock.deadline_at + timedelta(seconds=30, microseconds=1)

    with pytest.raises(KeptLate, match="kept and shown beside your result, but not graded"):
        _save(asked_in_mock, "in time, and more", 1, now=now)

    asked_in_mock.refresh_from_db()
    assert (Draft.objects.get().text, asked_in_mock.late_text) == ("in time", "in time, and more")


def test_a_late_text_changes_no_answer_and_the_latest_stays(mock: Interview, asked_in_mock: InterviewQuestion) -> None:
    _save(asked_in_mock, "in time", 0)
    close_overdue(now=mock.deadline_at + timedelta(minutes=1))

    for text in ("late", "later"):
        with pytest.raises(KeptLate):
            _save(asked_in_mock, text, 1, now=mock.deadline_at + timedelta(hours=24))

    asked_in_mock.refresh_from_db()
    assert (asked_in_mock.answer.text, asked_in_mock.late_text) == ("in time", "later")


def test_a_text_saved_in_time_and_sent_again_after_the_end_is_not_late(
    mock: Interview, asked_in_mock: InterviewQuestion
) -> None:
    saved = _save(asked_in_mock, "in time", 0)
    close_overdue(now=mock.deadline_at + timedelta(minutes=1))

    again = _save(asked_in_mock, "in time", 0, now=mock.deadline_at + timedelta(minutes=2))

    asked_in_mock.refresh_from_db()
    assert (again, asked_in_mock.late_text) == (saved, "")


@pytest.mark.parametrize(("text", "after"), [("  ", timedelta(minutes=1)), ("late", timedelta(hours=24, seconds=1))])
def test_a_blank_text_and_one_of_another_day_are_not_kept(
    mock: Interview, asked_in_mock: InterviewQuestion, text: str, after: timedelta
) -> None:
    with pytest.raises(DeadlinePassed, match="What was saved before the end is what counts") as refused:
        _save(asked_in_mock, text, 0, now=mock.deadline_at + after)

    asked_in_mock.refresh_from_db()
    assert (refused.value.code, asked_in_mock.late_text) == ("deadline_passed", "")


def test_a_text_over_the_limit_is_not_kept_late_either(mock: Interview, asked_in_mock: InterviewQuestion) -> None:
    with pytest.raises(TooLong):
        _save(asked_in_mock, "é" * 20_001, 0, now=mock.deadline_at + timedelta(minutes=1))


def test_a_mock_that_its_candidate_finished_takes_no_late_text(
    mock: Interview, asked_in_mock: InterviewQuestion
) -> None:
    finish(interview=mock, now=mock.deadline_at - timedelta(minutes=1))

    with pytest.raises(DeadlinePassed, match="What was saved before the end is what counts"):
        _save(asked_in_mock, "late", 0, now=mock.deadline_at + timedelta(minutes=1))

    asked_in_mock.refresh_from_db()
    assert asked_in_mock.late_text == ""


# --- submit -------------------------------------------------------------------------------------------------


def test_submit_freezes_the_answer_and_queues_its_grading(asked: InterviewQuestion, candidate: User) -> None:
    now = database_now()

    answer = _submit(asked, "Lazily.", now=now)

    job = GradingJob.objects.get()
    assert (answer.question_id, answer.text, answer.submitted_at, answer.job) == (asked.pk, "Lazily.", now, job)
    assert (job.answer_id, job.candidate, job.version, job.text) == (answer.pk, candidate, asked.version, "Lazily.")
    assert (job.state, job.created_at) == (JobState.PENDING, now)


def test_submit_tells_a_worker_of_the_job_after_the_commit(
    asked: InterviewQuestion, django_capture_on_commit_callbacks: Any
) -> None:
    current_app.control.purge()

    with django_capture_on_commit_callbacks(execute=True):
        answer = _submit(asked)

    with current_app.connection_for_read() as broker, broker.SimpleQueue("grading") as queue:
        message = queue.get(timeout=5)
        assert (message.headers["task"], message.payload[0]) == ("grading.grade_job", [str(answer.job_id)])
        message.ack()
        assert queue.clear() == 0  # there was no other message


def test_submit_sent_again_with_its_key_and_text_returns_the_first_answer(
    asked: InterviewQuestion, practice: Interview
) -> None:
    key = uuid4()
    first = _submit(asked, idempotency_key=key)
    finish(interview=practice, now=database_now())

    again = _submit(asked, idempotency_key=key)

    assert again == first
    assert (Answer.objects.count(), GradingJob.objects.count()) == (1, 1)


def test_submit_refuses_a_key_that_came_with_another_text(asked: InterviewQuestion) -> None:
    key = uuid4()
    _submit(asked, "The first.", idempotency_key=key)

    with pytest.raises(KeyReused, match="another text"):
        _submit(asked, "Another.", idempotency_key=key)

    assert [answer.text for answer in Answer.objects.all()] == ["The first."]


def test_submit_refuses_a_key_that_was_used_for_another_question(
    asked: InterviewQuestion, practice: Interview
) -> None:
    key = uuid4()
    _submit(asked, "The same text.", idempotency_key=key)

    with pytest.raises(KeyReused):
        _submit(practice.questions.get(position=2), "The same text.", idempotency_key=key)

    assert [answer.question for answer in Answer.objects.all()] == [asked]


def test_submit_refuses_another_persons_key_without_showing_their_answer(
    asked: InterviewQuestion, peer: User, track: Track
) -> None:
    key = uuid4()
    _submit(asked, "The candidate's own words.", idempotency_key=key)
    theirs = make_interview(peer, track).questions.get(position=1)

    with pytest.raises(KeyReused) as refused:
        _submit(theirs, "The peer's words.", idempotency_key=key)

    assert "candidate's own" not in str(refused.value)
    assert not hasattr(refused.value, "text")


def test_submit_refuses_a_second_answer_to_a_question(asked: InterviewQuestion) -> None:
    _submit(asked, "The first.")

    with pytest.raises(Closed, match="submitted"):
        _submit(asked, "The second.")

    assert [answer.text for answer in Answer.objects.all()] == ["The first."]


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_submit_one_answer_and_one_job(asked: InterviewQuestion) -> None:
    key = uuid4()

    results = race(*[lambda: _submit(asked, idempotency_key=key)] * 20)

    (answer,) = Answer.objects.all()
    assert results == [answer] * 20
    assert [job.answer_id for job in GradingJob.objects.all()] == [answer.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_submissions_with_two_keys_at_once_one_counts(asked: InterviewQuestion) -> None:
    results = race(lambda: _submit(asked, "left"), lambda: _submit(asked, "right"))

    (answer,) = Answer.objects.all()
    assert outcomes(results) == ["Answer", "Closed"]
    assert answer in results
    assert GradingJob.objects.get().text == answer.text


def test_submit_refuses_a_text_over_the_limit(asked: InterviewQuestion) -> None:
    with pytest.raises(TooLong):
        _submit(asked, "x" * 20_001)

    assert not GradingJob.objects.exists()


def test_submit_takes_an_empty_answer(asked: InterviewQuestion) -> None:
    assert _submit(asked, "").job.text == ""


def test_a_mock_interview_refuses_single_submissions(asked_in_mock: InterviewQuestion) -> None:
    with pytest.raises(Closed, match="when you finish"):
        _submit(asked_in_mock)

    assert not Answer.objects.exists()


def test_submit_is_refused_after_finishing(asked: InterviewQuestion, practice: Interview) -> None:
    finish(interview=practice, now=database_now())

    with pytest.raises(Closed, match="finished"):
        _submit(asked)

    assert not Answer.objects.exists()


@pytest.mark.parametrize("field", ["text", "submitted_at", "idempotency_key"])
def test_the_database_refuses_to_change_an_answer(asked: InterviewQuestion, field: str) -> None:
    answer = _submit(asked, "As submitted.")
    changed = {"text": "Better.", "submitted_at": database_now(), "idempotency_key": uuid4()}[field]

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(**{field: changed})

    assert Answer.objects.values(field).get() == {field: getattr(answer, field)}


# --- finish -------------------------------------------------------------------------------------------------


def test_finishing_practice_submits_the_drafts_that_say_something(practice: Interview) -> None:
    first, second = practice.questions.all()
    _save(first, "A draft.", 0)
    _save(second, " \n ", 0)
    now = database_now()

    finish(interview=practice, now=now)

    practice.refresh_from_db()
    assert practice.finished_at == now
    assert [(a.question, a.text, a.submitted_at) for a in Answer.objects.all()] == [(first, "A draft.", now)]


def test_finishing_a_mock_submits_every_draft_and_every_gap(mock: Interview) -> None:
    first, second = mock.questions.all()
    _save(first, "A draft.", 0)

    finish(interview=mock, now=database_now())

    answers = Answer.objects.order_by("question__position")
    assert [(a.question, a.text, a.job.text) for a in answers] == [(first, "A draft.", "A draft."), (second, "", "")]


def test_finishing_leaves_submitted_answers_alone(practice: Interview, asked: InterviewQuestion) -> None:
    _save(asked, "An older draft.", 0)
    answer = _submit(asked, "The answer.")

    finish(interview=practice, now=database_now())

    assert list(Answer.objects.all()) == [answer]
    assert GradingJob.objects.count() == 1


@pytest.mark.parametrize("mode", list(Mode))
def test_finishing_twice_changes_nothing(candidate: User, track: Track, mode: Mode) -> None:
    interview = make_interview(candidate, track, mode=mode)
    _save(interview.questions.get(position=1), "A draft.", 0)
    first = finish(interview=interview, now=database_now())
    before = list(Answer.objects.order_by("pk").values())

    again = finish(interview=interview, now=database_now())

    assert again.finished_at == first.finished_at
    assert list(Answer.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_ten_who_finish_at_once_finish_once(mock: Interview) -> None:
    _save(mock.questions.get(position=1), "A draft.", 0)

    results = race(*[lambda: finish(interview=mock, now=database_now())] * 10)

    mock.refresh_from_db()
    assert [result.finished_at for result in results] == [mock.finished_at] * 10
    assert (Answer.objects.count(), GradingJob.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_a_submit_that_meets_a_finish_leaves_one_answer(practice: Interview, asked: InterviewQuestion) -> None:
    _save(asked, "Lazily.", 0)

    submitted, finished = race(
        lambda: _submit(asked, "Lazily."), lambda: finish(interview=practice, now=database_now())
    )

    answer = Answer.objects.get()
    assert submitted == answer or isinstance(submitted, Closed)
    assert (finished.pk, answer.text, GradingJob.objects.count()) == (practice.pk, "Lazily.", 1)


def test_a_mock_finished_before_the_deadline_ends_then(mock: Interview) -> None:
    now = mock.deadline_at - timedelta(minutes=2)

    assert finish(interview=mock, now=now).finished_at == now


def test_a_mock_finished_after_the_deadline_ended_at_the_deadline(mock: Interview) -> None:
    finish(interview=mock, now=mock.deadline_at + timedelta(hours=3))

    mock.refresh_from_db()
    assert mock.finished_at == mock.deadline_at
    assert {answer.submitted_at for answer in Answer.objects.all()} == {mock.deadline_at}


def test_an_answer_is_graded_by_the_version_that_was_asked(
    practice: Interview, asked: InterviewQuestion, published: QuestionVersion
) -> None:
    for question in practice.questions.select_related("version__question"):
        draft = save_version(question=question.version.question, content=make_content(title="New"), author=None)
        publish(version=draft, actor=None, now=database_now())

    assert _submit(asked).job.version == asked.version


@pytest.mark.parametrize(
    ("seconds", "handed_in", "ended"),
    [(-1, "in time, and more", -1), (0, "in time, and more", 0), (29, "in time, and more", 0), (31, "in time", 0)],
)
def test_handing_in_around_the_deadline_takes_what_was_typed_up_to_the_end_of_the_grace(
    mock: Interview, asked_in_mock: InterviewQuestion, seconds: int, handed_in: str, ended: int
) -> None:
    _save(asked_in_mock, "in time", 0)
    now = mock.deadline_at + timedelta(seconds=seconds)

    with suppress(KeptLate):  # what the page does: it saves what is typed, then it finishes
        _save(asked_in_mock, "in time, and more", 1, now=now)
    finish(interview=mock, now=now)

    mock.refresh_from_db()
    answer = Answer.objects.get(question=asked_in_mock)
    assert (answer.text, answer.job.text) == (handed_in, handed_in)
    assert mock.finished_at == answer.submitted_at == mock.deadline_at + timedelta(seconds=ended)


# --- close_overdue ------------------------------------------------------------------------------------------


def test_close_overdue_finishes_a_mock_whose_grace_is_over_at_its_deadline(mock: Interview) -> None:
    _save(mock.questions.get(position=2), "Saved in time.", 0)

    closed = close_overdue(now=mock.deadline_at + timedelta(seconds=30, microseconds=1))

    mock.refresh_from_db()
    assert (closed, mock.finished_at) == (1, mock.deadline_at)
    assert [a.text for a in Answer.objects.order_by("question__position")] == ["", "Saved in time."]


def test_close_overdue_leaves_what_still_runs_alone(mock: Interview, practice: Interview, peer: User) -> None:
    finished = finish(interview=make_interview(peer, mock.track, mode=Mode.MOCK), now=database_now())

    closed = close_overdue(now=mock.deadline_at + timedelta(seconds=30))

    assert closed == 0
    ended = Interview.objects.values_list("pk", "finished_at")
    assert dict(ended) == {mock.pk: None, practice.pk: None, finished.pk: finished.finished_at}


def test_close_overdue_run_again_closes_nothing_more(mock: Interview) -> None:
    later = mock.deadline_at + timedelta(hours=1)
    close_overdue(now=later)

    assert close_overdue(now=later) == 0
    assert Answer.objects.count() == 2
