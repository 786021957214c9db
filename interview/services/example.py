"""The example interview: what a result looks like, for who has none yet."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from interview.models import Interview, InterviewQuestion, Mode
from interview.selectors.example import EXAMPLE_EMAIL
from interview.services.interviews import NotEnoughQuestions, finish, save_draft
from people.models import User
from questionbank.models import QuestionVersion, Track, TrackSection
from questionbank.selectors import published_in

TOOK = timedelta(minutes=14)


@transaction.atomic
def make_example(*, track: Track, answers: Mapping[str, str], now: datetime) -> Interview:
    """Make a finished mock of track by somebody who cannot log in, with answers: question's slug → text, in order.

    The answers are queued for grading like anybody's. Called again it returns the first. Raises NotEnoughQuestions
    where a question is not published, or no section of the track may ask it.
    """
    candidate = User.objects.filter(email=EXAMPLE_EMAIL).select_for_update().first()
    if candidate is None:
        candidate = User.objects.create_user(
            EXAMPLE_EMAIL, name="Example candidate", is_active=False, mail_when_graded=False
        )
    made = Interview.objects.filter(candidate=candidate).first()
    return made or _make(track, candidate, answers, now)


def _make(track: Track, candidate: User, answers: Mapping[str, str], now: datetime) -> Interview:
    began = now - TOOK
    interview = Interview.objects.create(
        candidate=candidate,
        track=track,
        title=track.title,
        mode=Mode.MOCK,
        started_at=began,
        minutes=track.minutes,
        deadline_at=began + timedelta(minutes=max(track.minutes, TOOK.seconds // 60)),
    )
    for position, (slug, text) in enumerate(answers.items(), 1):
        section, version = _place(track, slug)
        asked = InterviewQuestion.objects.create(
            interview=interview, position=position, section=section.title, version=version
        )
        save_draft(asked=asked, text=text.strip(), revision=0, now=now)
    return finish(interview=interview, now=now)


def _place(track: Track, slug: str) -> tuple[TrackSection, QuestionVersion]:
    for section in track.sections.select_related("topic"):
        version = published_in(section.topic, section.difficulties).filter(question__slug=slug).first()
        if version:
            return section, version
    raise NotEnoughQuestions(f"No section of “{track.title}” asks {slug}.")
