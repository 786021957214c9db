"""Guests: from the first page to a first question, into an account, or out again after a week."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from grading.models import GradingJob
from grading.services.jobs import hand_over_jobs
from interview.models import Answer, Draft, Interview, PointToRecall, PracticePlan
from interview.services.interviews import NotEnoughQuestions, start_chosen
from people.models import User
from people.services.guests import create_guest, retire_guest
from questionbank.models import Difficulty, QuestionVersion, Topic
from questionbank.selectors import published_in, tracks

STAY = timedelta(days=7)


@transaction.atomic
def start_as_guest(*, now: datetime) -> Interview:
    """Make a guest, and a practice interview with one easy question for them. Raises NotEnoughQuestions."""
    version = _first_question()
    if version is None:
        raise NotEnoughQuestions("There is no question to try yet. Please come back later.")
    return start_chosen(candidate=create_guest(), title="A first question", versions=[version], now=now)


def _first_question() -> QuestionVersion | None:
    """Return an easy question of what the shortest track that has one begins with, of its first such topic."""
    for track in tracks().order_by("minutes", "pk"):
        if (section := track.sections.first()) and (question := _easy_in(section.topic)):
            return question
    return None


def _easy_in(topic: Topic) -> QuestionVersion | None:
    easy = published_in(topic, [Difficulty.EASY]).select_related("question__topic")
    return easy.order_by("question__topic__position", "?").first()


@transaction.atomic
def hand_over(*, guest: User, user: User) -> None:
    """Pass everything that guest has written to user. What user has a plan for already, or recalls, stays theirs."""
    Interview.objects.filter(candidate=guest).update(candidate=user)
    hand_over_jobs(guest=guest, user=user)
    same = PointToRecall.objects.filter(candidate=user, question=OuterRef("question"), slug=OuterRef("slug"))
    PointToRecall.objects.filter(~Exists(same), candidate=guest).update(candidate=user)
    if not PracticePlan.objects.filter(candidate=user).exists():
        PracticePlan.objects.filter(candidate=guest).update(candidate=user)


def remove_idle_guests(*, now: datetime) -> int:
    """Remove the guests of whom nothing was heard for a week, with what they wrote; return how many.

    A grade is only ever added: of a graded answer the record of grading stays, of nobody known by name or address.
    """
    idle = list(_idle_since(now - STAY))
    for guest in idle:
        _remove(guest)
    return len(idle)


def _idle_since(since: datetime) -> list[User]:
    theirs = {"question__interview__candidate": OuterRef("pk")}
    return list(
        User.objects.filter(is_guest=True, is_active=True, date_joined__lt=since)
        .exclude(last_login__gte=since)
        .exclude(
            Exists(Interview.objects.filter(candidate=OuterRef("pk"), started_at__gte=since))
            | Exists(Draft.objects.filter(saved_at__gte=since, **theirs))
            | Exists(Answer.objects.filter(submitted_at__gte=since, **theirs))
        )
    )


@transaction.atomic
def _remove(guest: User) -> None:
    Interview.objects.filter(candidate=guest).delete()
    PointToRecall.objects.filter(candidate=guest).delete()
    PracticePlan.objects.filter(candidate=guest).delete()
    GradingJob.objects.filter(Q(grade=None, reviews=None), candidate=guest).delete()
    retire_guest(guest=guest)
