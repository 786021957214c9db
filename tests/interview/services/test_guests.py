"""A guest's way: a first question, into an account with all that was written, or out after a week."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from grading.models import Grade, GradingJob
from grading.services.jobs import claim, complete, grade
from interview.models import Answer, Draft, Interview, Mode, PointToRecall, PracticePlan
from interview.services.guests import STAY, remove_idle_guests, start_as_guest
from interview.services.interviews import NotEnoughQuestions, save_draft, submit_answer
from people.clock import database_now
from people.models import AuditEntry, User
from people.services.guests import join_guest
from questionbank.models import QuestionVersion, Track
from questionbank.selectors import with_parts
from tests.factories import give_grade, make_interview, make_topic, make_track, publish_question
from tests.grading.conftest import make_result, marked

LATER = STAY + timedelta(minutes=1)


def start() -> Interview:
    return start_as_guest(now=database_now())


def answer(interview: Interview) -> Answer:
    asked = interview.questions.get(position=1)
    return submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())


def let_pass(guest: User, **time: float) -> None:
    """Put everything that guest has done so far into the past."""
    ago = database_now() - timedelta(**time)
    User.objects.filter(pk=guest.pk).update(date_joined=ago, last_login=ago)
    Interview.objects.filter(candidate=guest).update(started_at=ago)
    Draft.objects.filter(question__interview__candidate=guest).update(saved_at=ago)


# --- The first question -------------------------------------------------------------------------------------


def test_a_guest_gets_one_easy_question_of_what_the_shortest_track_begins_with() -> None:
    python, statistics = make_topic("python"), make_topic("statistics")
    easy = publish_question("easy", topic=python, difficulty="easy")
    publish_question("hard", topic=python, difficulty="hard")
    publish_question("elsewhere", topic=statistics, difficulty="easy")
    make_track(statistics, slug="long", minutes=60)
    make_track(python, slug="short", minutes=20)

    interview = start()

    guest = interview.candidate
    assert [asked.version for asked in interview.questions.all()] == [easy]
    assert (interview.mode, interview.track) == (Mode.PRACTICE, None)
    assert (guest.is_guest, guest.has_usable_password(), guest.display_name) == (True, False, "Guest")


def test_where_the_shortest_track_begins_with_nothing_easy_a_guest_gets_a_question_of_the_next() -> None:
    python, statistics = make_topic("python"), make_topic("statistics")
    publish_question("hard", topic=python, difficulty="hard")
    easy = publish_question("easy", topic=statistics, difficulty="easy")
    make_track(python, slug="short", minutes=20)
    make_track(statistics, slug="long", minutes=60)

    assert [asked.version for asked in start().questions.all()] == [easy]


@pytest.mark.parametrize("bank", ["empty", "no track", "nothing easy"])
def test_where_there_is_no_easy_question_no_guest_is_made(bank: str) -> None:
    if bank != "empty":
        publish_question(difficulty="hard" if bank == "nothing easy" else "easy")
    if bank == "nothing easy":
        make_track(make_topic())

    with pytest.raises(NotEnoughQuestions):
        start()

    assert not User.objects.exists()


# --- Into an account ----------------------------------------------------------------------------------------


def test_all_that_a_guest_wrote_passes_to_the_account(track: Track, stranger: User) -> None:
    interview = start()
    guest = interview.candidate
    written = answer(interview)
    give_grade(written.job, 80)
    PracticePlan.objects.create(candidate=guest, track=track)
    recalled = _recall(guest, written)

    assert join_guest(guest=guest, user=stranger)

    interview.refresh_from_db()
    written.job.refresh_from_db()
    recalled.refresh_from_db()
    assert {interview.candidate, written.job.candidate, recalled.candidate} == {stranger}
    assert PracticePlan.objects.get().candidate == stranger
    assert Grade.objects.get().score == 80
    assert not User.objects.filter(pk=guest.pk).exists()
    entry = AuditEntry.objects.get(action="guest.join")
    assert (entry.actor, entry.object_id, entry.detail) == (stranger, str(stranger.pk), {"guest": str(guest.pk)})


def test_an_answer_still_being_graded_passes_too(track: Track, stranger: User) -> None:
    interview = start()
    written = answer(interview)

    join_guest(guest=interview.candidate, user=stranger)
    grade(job_id=written.job_id)

    assert Grade.objects.get().job.candidate == stranger


def test_a_grade_for_which_the_worker_began_before_the_account_reaches_its_plan(
    track: Track, stranger: User, django_capture_on_commit_callbacks: Any
) -> None:
    interview = start()
    claimed = claim(job_id=answer(interview).job_id, now=database_now())
    assert claimed is not None
    join_guest(guest=interview.candidate, user=stranger)
    version = with_parts(QuestionVersion.objects.filter(pk=claimed.version_id)).get()
    missed = tuple(marked(point.slug, "missing", text=claimed.text) for point in version.key_points.all())

    with django_capture_on_commit_callbacks(execute=True):
        complete(job=claimed, version=version, result=make_result(*missed))

    assert {point.candidate for point in PointToRecall.objects.all()} == {stranger}


def test_what_the_account_plans_and_recalls_already_stays_its_own(track: Track, stranger: User) -> None:
    interview = start()
    written = answer(interview)
    _recall(interview.candidate, written)
    own = _recall(stranger, written)
    PracticePlan.objects.create(candidate=interview.candidate, minutes_a_day=5)
    PracticePlan.objects.create(candidate=stranger, minutes_a_day=20)

    join_guest(guest=interview.candidate, user=stranger)

    assert [point.pk for point in PointToRecall.objects.all()] == [own.pk]
    assert [plan.minutes_a_day for plan in PracticePlan.objects.all()] == [20]


def test_joining_twice_changes_nothing(track: Track, stranger: User, peer: User) -> None:
    interview = start()
    join_guest(guest=interview.candidate, user=stranger)

    assert not join_guest(guest=interview.candidate, user=peer)

    interview.refresh_from_db()
    assert interview.candidate == stranger
    assert AuditEntry.objects.filter(action="guest.join").count() == 1


def test_nobody_with_an_account_is_taken_for_a_guest(candidate: User, track: Track, stranger: User) -> None:
    interview = make_interview(candidate, track)

    assert not join_guest(guest=candidate, user=stranger)

    interview.refresh_from_db()
    assert interview.candidate == candidate


def test_only_a_guests_job_may_change_hands(candidate: User, track: Track, stranger: User) -> None:
    written = answer(make_interview(candidate, track))

    with pytest.raises(DatabaseError, match="inputs of job"), transaction.atomic():
        GradingJob.objects.filter(pk=written.job_id).update(candidate=stranger)


def test_even_a_guests_job_keeps_its_text(track: Track) -> None:
    written = answer(start())

    with pytest.raises(DatabaseError, match="inputs of job"), transaction.atomic():
        GradingJob.objects.filter(pk=written.job_id).update(text="Something else.")


def _recall(candidate: User, written: Answer) -> PointToRecall:
    question = written.question.version.question
    return PointToRecall.objects.create(
        candidate=candidate,
        question=question,
        slug="lazy",
        card={},
        due_at=database_now(),
        mark="missing",
        job=written.job,
    )


# --- Out after a week ---------------------------------------------------------------------------------------


def test_a_guest_of_whom_nothing_was_heard_for_a_week_is_removed_with_their_drafts(track: Track) -> None:
    interview = start()
    save_draft(asked=interview.questions.get(), text="A beginning.", revision=0, now=database_now())

    assert remove_idle_guests(now=database_now() + LATER) == 1

    assert (User.objects.count(), Interview.objects.count(), Draft.objects.count()) == (0, 0, 0)


def test_an_answer_that_was_never_graded_goes_too(track: Track) -> None:
    answer(start())

    remove_idle_guests(now=database_now() + LATER)

    assert (User.objects.count(), Answer.objects.count(), GradingJob.objects.count()) == (0, 0, 0)


def test_of_a_graded_answer_the_record_stays_of_nobody_who_can_enter(track: Track) -> None:
    """Grades are only ever added, so whom they refer to stays: without a name, an address or a way in."""
    interview = start()
    give_grade(answer(interview).job, 80)

    assert remove_idle_guests(now=database_now() + LATER) == 1

    guest = User.objects.get()
    assert (guest.pk, guest.is_active, guest.name) == (interview.candidate_id, False, "Guest")
    assert (Interview.objects.count(), Answer.objects.count(), Grade.objects.count()) == (0, 0, 1)
    assert remove_idle_guests(now=database_now() + LATER) == 0


@pytest.mark.parametrize("sign", ["started", "saved", "submitted", "logged in"])
def test_a_guest_who_was_there_this_week_stays(track: Track, sign: str) -> None:
    interview = start()
    asked = interview.questions.get()
    guest = interview.candidate
    let_pass(guest, days=8)
    if sign == "started":
        Interview.objects.update(started_at=database_now())
    elif sign == "saved":
        save_draft(asked=asked, text="A beginning.", revision=0, now=database_now())
    elif sign == "submitted":
        answer(interview)
    else:
        User.objects.filter(pk=guest.pk).update(last_login=database_now())

    assert remove_idle_guests(now=database_now()) == 0

    assert Interview.objects.get().candidate == guest


def test_people_with_an_account_are_never_removed(candidate: User, track: Track) -> None:
    make_interview(candidate, track)

    assert remove_idle_guests(now=database_now() + timedelta(days=400)) == 0
    assert Interview.objects.count() == 1
