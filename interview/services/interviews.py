"""What a candidate does: start, write, submit, finish. Deadlines are checked against the database's clock."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.text import Truncator

from grading.services.jobs import request_grade
from interview.models import Answer, Assignment, Draft, Interview, InterviewQuestion, Mode, extended
from people.models import User
from questionbank.models import QuestionVersion, Track, TrackSection, VersionState
from questionbank.selectors import published_in


class Refused(Exception):
    """Something a candidate asked for cannot be done; message is for them, code for programs."""

    code = "refused"


class NotEnoughQuestions(Refused):
    """A section of the track asks for more questions than the bank has published."""

    code = "not_enough_questions"


class TooLong(Refused):
    """The text is over the limit."""

    code = "too_long"


class Closed(Refused):
    """The interview is finished, or the question submitted: nothing can be written any more."""

    code = "closed"


class DeadlinePassed(Closed):
    """The mock interview's time is over."""

    code = "deadline_passed"


class KeptLate(DeadlinePassed):
    """The time is over; the text is kept beside the answer, ungraded."""

    code = "kept_late"


class KeyReused(Refused):
    """An idempotency key came again with another text or for another question."""

    code = "idempotency_key_reused"


class DraftConflict(Refused):
    """The draft was saved elsewhere meanwhile; text and revision are what the server has now."""

    code = "draft_conflict"

    def __init__(self, draft: Draft) -> None:
        super().__init__("This answer was changed in another tab or on another device.")
        self.text = draft.text
        self.revision = draft.revision


@dataclass(frozen=True)
class SavedDraft:
    """What the server holds after a save."""

    revision: int
    saved_at: datetime


@transaction.atomic
def start_interview(
    *,
    candidate: User,
    track: Track,
    mode: Mode,
    now: datetime,
    interview_id: UUID | None = None,
    assignment: Assignment | None = None,
) -> Interview:
    """Draw the questions of track and start the clock.

    interview_id: the client's name for this act; sent again for the same, it returns the interview that is there.
    assignment: what it is an attempt at (services.assignments says who may). Raises NotEnoughQuestions, KeyReused.
    """
    factor = candidate.extra_time_factor
    is_timed = mode == Mode.MOCK and not candidate.untimed
    interview, is_new = Interview.objects.get_or_create(
        pk=interview_id or uuid4(),
        defaults={
            "candidate": candidate,
            "track": track,
            "assignment": assignment,
            "title": track.title,
            "mode": mode,
            "started_at": now,
            "minutes": track.minutes,
            "extra_time_factor": factor,
            "untimed": candidate.untimed,
            "deadline_at": now + timedelta(minutes=extended(track.minutes, factor)) if is_timed else None,
        },
    )
    if is_new:
        _ask(interview, _draw_all(track, candidate))
    elif (interview.candidate_id, interview.track_id, interview.mode) != (candidate.pk, track.pk, mode):
        raise KeyReused("This page has started an interview already. Press Start again to start another one.")
    return interview


@transaction.atomic
def start_chosen(*, candidate: User, title: str, versions: Sequence[QuestionVersion], now: datetime) -> Interview:
    """Start a practice interview with questions chosen for this candidate, in their order.

    versions: published ones, each question once, fetched with their question's topic. Raises NotEnoughQuestions for
    none.
    """
    if not versions:
        raise NotEnoughQuestions("There is no question to ask just now.")
    interview = Interview.objects.create(
        candidate=candidate,
        title=title,
        mode=Mode.PRACTICE,
        started_at=now,
        minutes=sum(version.minutes for version in versions),
        extra_time_factor=candidate.extra_time_factor,
        untimed=candidate.untimed,
    )
    _ask(interview, [(version.question.topic.title, version) for version in versions])
    return interview


@transaction.atomic
def try_again(*, asked: InterviewQuestion, now: datetime) -> InterviewQuestion:
    """Start a second try of a question: a practice interview with it alone, as it is published now.

    Returns the question as asked there, or in a practice of chosen questions that runs and has it open. Raises Closed
    while the first answer is not submitted.
    """
    first = _lock_asked(asked)
    if not first.is_submitted:
        raise Closed("You can try a question again once your answer is submitted.")
    candidate, question = first.interview.candidate, first.version.question_id
    chosen = InterviewQuestion.objects.filter(interview__candidate=candidate, interview__track=None)
    running = chosen.filter(interview__finished_at=None, version__question=question, answer=None).first()
    if running:
        return running
    published = QuestionVersion.objects.filter(question=question, state=VersionState.PUBLISHED)
    version = published.select_related("question__topic").first() or first.version
    title = Truncator(f"Second try: {version.title}").chars(120)
    return start_chosen(candidate=candidate, title=title, versions=[version], now=now).questions.get()


def check_enough_questions(*, track: Track, candidate: User) -> None:
    """Raise NotEnoughQuestions where the bank cannot fill the track now."""
    _draw_all(track, candidate)


def _ask(interview: Interview, questions: Iterable[tuple[str, QuestionVersion]]) -> None:
    """Pin (section's title, version) as the interview's questions."""
    InterviewQuestion.objects.bulk_create(
        InterviewQuestion(interview=interview, position=position, section=section, version=version)
        for position, (section, version) in enumerate(questions, 1)
    )


def _draw_all(track: Track, candidate: User) -> list[tuple[str, QuestionVersion]]:
    """Draw (section's title, version) for the whole track; no question comes twice."""
    drawn: list[tuple[str, QuestionVersion]] = []
    for section in track.sections.select_related("topic"):
        taken = [version.pk for _, version in drawn]
        drawn += [(section.title, version) for version in _draw(section, candidate, taken)]
    return drawn


def _draw(section: TrackSection, candidate: User, taken: list[UUID]) -> list[QuestionVersion]:
    """Draw the section's questions at random, those the candidate has met least often first."""
    asked = InterviewQuestion.objects.filter(interview__candidate=candidate)
    met = dict(asked.values_list("version__question").annotate(times=Count("pk")))
    possible = list(published_in(section.topic, section.difficulties).exclude(pk__in=taken))
    if len(possible) < section.count:
        raise NotEnoughQuestions(
            f"“{section.title}” needs {section.count} questions on {section.topic} and the bank has {len(possible)}. "
            "Ask a mentor to publish more."
        )
    random.shuffle(possible)
    return sorted(possible, key=lambda version: met.get(version.question_id, 0))[: section.count]


def check_length(text: str) -> None:
    """Raise TooLong for a text over the limit."""
    limit = settings.ANSWER_MAX_CHARACTERS
    if len(text) > limit:
        raise TooLong(f"An answer can have {limit:,} characters; this one has {len(text):,}. Shorten it to save it.")


def _check_open(asked: InterviewQuestion, now: datetime, *, grace: timedelta = timedelta()) -> None:
    interview = asked.interview
    if interview.deadline_at and now > interview.deadline_at + grace:
        raise DeadlinePassed("The time is over. What was saved before the end is what counts.")
    if not interview.is_running:
        raise Closed("This interview is finished; its answers cannot be changed.")
    if asked.is_submitted:
        raise Closed("This answer is submitted; it cannot be changed.")


def save_draft(*, asked: InterviewQuestion, text: str, revision: int, now: datetime) -> SavedDraft:
    """Save text over the draft's revision (0: there was none).

    Raises DraftConflict when somebody saved meanwhile and another text, TooLong, Closed or DeadlinePassed; nothing is
    changed then. Raises KeptLate for a text that comes after the end: it is kept beside the answer.
    """
    check_length(text)
    with transaction.atomic():
        asked = _lock_asked(asked, "interview", "answer")
        if not (text.strip() and _is_late(asked.interview, now)):
            _check_open(asked, now, grace=timedelta(seconds=settings.MOCK_GRACE_SECONDS))
            return _write_draft(asked, text, revision, now)
        if text == asked.text and asked.revision:  # saved in time, sent again because its reply was lost
            return SavedDraft(asked.revision, asked.draft.saved_at)
        asked.late_text = text
        asked.save(update_fields=["late_text"])
    raise KeptLate("The time was over. This text is kept and shown beside your result, but not graded.")


def _is_late(interview: Interview, now: datetime) -> bool:
    """Tell whether the clock has ended this interview, and not so long ago that nobody waits for a text any more."""
    if interview.deadline_at is None or interview.finished_at not in (None, interview.deadline_at):
        return False
    grace = timedelta(seconds=settings.MOCK_GRACE_SECONDS)
    return grace < now - interview.deadline_at <= timedelta(hours=settings.LATE_TEXT_HOURS)


def _write_draft(asked: InterviewQuestion, text: str, revision: int, now: datetime) -> SavedDraft:
    if revision == 0 and _save_first(asked, text, now):
        return SavedDraft(1, now)
    saved = Draft.objects.filter(question=asked, revision=revision).update(
        text=text, revision=revision + 1, saved_at=now
    )
    if saved == 1:
        return SavedDraft(revision + 1, now)
    current = Draft.objects.filter(question=asked).first()
    if current is None:  # a revision that never was
        raise Closed("This draft does not exist. Reload the page.")
    if current.text == text:  # the same save, sent again because its reply was lost
        return SavedDraft(current.revision, current.saved_at)
    raise DraftConflict(current)


def _save_first(asked: InterviewQuestion, text: str, now: datetime) -> bool:
    _, created = Draft.objects.get_or_create(question=asked, defaults={"text": text, "revision": 1, "saved_at": now})
    return created


def flag_question(*, asked: InterviewQuestion, flagged: bool) -> None:
    """Note that the candidate wants to come back to the question, or no longer. Raises Closed."""
    running = InterviewQuestion.objects.filter(pk=asked.pk, interview__finished_at=None)
    if running.update(flagged=flagged) != 1:
        raise Closed("This interview is finished; its flags cannot be changed.")


@transaction.atomic
def submit_answer(*, asked: InterviewQuestion, text: str, idempotency_key: UUID, now: datetime) -> Answer:
    """Submit text as the answer of a practice question: from then on it cannot change, and it is being graded.

    Sent again with the same key and text, it returns the first answer. Raises KeyReused, TooLong, Closed.
    """
    asked = _lock_asked(asked)
    earlier = Answer.objects.filter(idempotency_key=idempotency_key).first()
    if earlier:
        if earlier.question_id != asked.pk or earlier.text != text:
            raise KeyReused("This submission's key was used for another text. Reload the page and submit again.")
        return earlier
    check_length(text)
    _check_open(asked, now)
    if asked.interview.is_mock:
        raise Closed("In a mock interview all answers are submitted together, when you finish.")
    answer = _freeze(asked, text, idempotency_key, now)
    _end_with_the_last_answer(asked.interview, now)
    return answer


def _end_with_the_last_answer(interview: Interview, now: datetime) -> None:
    """Finish a practice of chosen questions once all are answered: there is nothing left to look over."""
    if interview.track_id is None and not interview.questions.filter(answer=None).exists():
        interview.finished_at = now
        interview.save(update_fields=["finished_at"])


def _lock(interview_id: UUID) -> Interview:
    """Let one save, submit or finish of an interview happen at a time: none is written behind a frozen answer."""
    return Interview.objects.select_for_update(of=("self",)).select_related("track", "candidate").get(pk=interview_id)


WHOLE = ("interview__candidate", "version", "answer")


def _lock_asked(asked: InterviewQuestion, *related: str) -> InterviewQuestion:
    """Lock the question's interview, and read again what another may have changed before the lock was had.

    related: what to read with it, unless all that an answer is made of.
    """
    Interview.objects.select_for_update().values_list("pk").get(pk=asked.interview_id)
    return InterviewQuestion.objects.select_related(*(related or WHOLE)).get(pk=asked.pk)


def _freeze(asked: InterviewQuestion, text: str, key: UUID, now: datetime) -> Answer:
    answer_id = uuid4()
    job = request_grade(
        answer_id=answer_id, candidate=asked.interview.candidate, version=asked.version, text=text, now=now
    )
    return Answer.objects.create(
        id=answer_id, question=asked, text=text, submitted_at=now, idempotency_key=key, job=job
    )


@transaction.atomic
def finish(*, interview: Interview, now: datetime) -> Interview:
    """Finish an interview: in a mock, every draft (and every gap) becomes an answer; in practice, drafts with text do.

    Finishing twice changes nothing. After the deadline the finish time is the deadline.
    """
    locked = _lock(interview.pk)
    if not locked.is_running:
        return locked
    ended = min(now, locked.deadline_at) if locked.deadline_at else now
    open_questions = locked.questions.filter(answer=None).select_related("draft", "version", "interview__candidate")
    for asked in open_questions:
        if locked.is_mock or asked.text.strip():
            _freeze(asked, asked.text, uuid4(), ended)
    locked.finished_at = ended
    locked.save(update_fields=["finished_at"])
    return locked


def close_overdue(*, now: datetime) -> int:
    """Finish every mock interview whose deadline and grace are over; return how many."""
    grace = timedelta(seconds=settings.MOCK_GRACE_SECONDS)
    overdue = Interview.objects.filter(finished_at=None, deadline_at__lt=now - grace)
    for interview in overdue:
        finish(interview=interview, now=now)
    return len(overdue)
