"""Item statistics: what first attempts say about questions and tracks. Aggregates over all candidates of Greenroom.

They rest on the first answer of each candidate to each question, whatever the version, with the score that is shown.
Guests count for nothing (one person may be many of them), nor does who can read the questions' keys, nor the example.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, When, Window
from django.db.models.functions import Lag

from analytics import item_statistics as statistics
from analytics.item_statistics import FEWEST, Discrimination, Quartiles
from grading.engine.guards import EMPTY
from grading.models import Grade, KeyPointMark, Review, ReviewMark
from grading.selectors.grades import shown_score
from grading.selectors.queue import answers_to_review
from interview.models import Answer, InterviewQuestion, Mode
from people.models import Membership, Role, User
from questionbank.models import KeyPoint, Mark, QuestionVersion, Topic, Track
from questionbank.selectors import topics_within

# A longer pause than this was no thinking about one question: nobody is asked to write for an hour.
LONGEST = timedelta(hours=1)
TO_LOOK_AT = 5
# Nobody is strong or weak who is so near to the mean elsewhere (in points).
SURPRISE = 5


@dataclass(frozen=True)
class Attempt:
    """A candidate's first answer to a question: its job, shown score (0–100), and the track it was given in."""

    candidate: UUID
    question: UUID
    job: UUID
    score: float
    track: int | None


@dataclass(frozen=True)
class Figures:
    """One question's figures over n first attempts. Each is None where fewer than FEWEST candidates would show.

    scores: the n scores (0–100); minutes: of the timed ones; empty of asked candidates left it empty at their first
    meeting.
    """

    scores: tuple[float, ...]
    minutes: tuple[float, ...]
    asked: int
    empty: int
    discrimination: Discrimination | None

    @property
    def n(self) -> int:
        return len(self.scores)

    @property
    def is_enough(self) -> bool:
        return self.n >= FEWEST

    @property
    def facility(self) -> float | None:
        return statistics.facility(self.scores) if self.is_enough else None

    @property
    def pass_share(self) -> float | None:
        return statistics.pass_share(self.scores) if self.is_enough else None

    @property
    def omission(self) -> float | None:
        """The share (0..1) of those asked who left it empty."""
        return self.empty / self.asked if self.asked >= FEWEST else None

    @cached_property
    def time(self) -> Quartiles | None:
        """Quartiles of the minutes taken."""
        return statistics.quartiles(self.minutes) if len(self.minutes) >= FEWEST else None

    @property
    def flag(self) -> str:
        """Why this question tells nobody apart: "high", "low" (nearly all scores are), "weak"; "" where it does."""
        return statistics.all_alike(self.scores) or ("weak" if statistics.is_weak(self.discrimination) else "")

    @property
    def is_backwards(self) -> bool:
        """Whether it is flagged, and those who are weaker elsewhere do better here."""
        return bool(self.flag == "weak" and self.discrimination and self.discrimination.high < 0)

    @property
    def bands(self) -> list[tuple[str, int]]:
        """The histogram: (scores of the band, how many candidates)."""
        counts = statistics.histogram(self.scores)
        return [(f"{i * 10}–{100 if i == len(counts) - 1 else i * 10 + 9}", n) for i, n in enumerate(counts)]


def _counted() -> QuerySet[User]:
    """Return the people whose first attempts say something about a question."""
    mentors = Membership.objects.filter(role=Role.MENTOR).values("user")
    # Of who was erased the scores stay, of nobody known any more.
    there = Q(is_active=True) | Q(erasure__done_at__isnull=False)
    return User.objects.filter(there, is_guest=False, is_superuser=False).exclude(pk__in=mentors)


def first_attempts() -> list[Attempt]:
    """Return everybody's first answers to each question, those left out that have no score (yet). One query."""
    who, what = "question__interview__candidate_id", "question__version__question_id"
    first = (
        Answer.objects.filter(question__interview__candidate__in=_counted())
        .annotate(shown_score=shown_score("job", "job__grade"))
        .order_by(who, what, "submitted_at", "pk")
        .distinct(who, what)
    )
    rows = first.values_list(who, what, "job_id", "shown_score", "question__interview__track_id")
    return [Attempt(*row) for row in rows if row[3] is not None]


def minutes_taken(question: UUID | None = None) -> dict[UUID, float]:
    """Return by job how long its answer took, of all answers or of interviews that ask one question. One query.

    Only practice tells: it is the time from the submission before it in the same interview (or the interview's start)
    to its own. Not told: answers handed in together, and what took longer than LONGEST, which holds a break.
    """
    in_interview: dict[str, Any] = {"partition_by": "question__interview", "order_by": ["submitted_at", "pk"]}
    practised = Answer.objects.filter(question__interview__mode=Mode.PRACTICE)
    if question:
        asking = InterviewQuestion.objects.filter(version__question=question)
        practised = practised.filter(question__interview__in=asking.values("interview"))
    answers = practised.annotate(
        before=Window(Lag("submitted_at"), **in_interview),
        together=Window(Count("pk"), partition_by=["question__interview", "submitted_at"]),
    )
    rows = answers.values_list("job_id", "submitted_at", "before", "question__interview__started_at", "together")
    taken = {job: at - (before or started) for job, at, before, started, together in rows if together == 1}
    return {job: time / timedelta(minutes=1) for job, time in taken.items() if time <= LONGEST}


def left_empty(question: UUID | None = None) -> dict[UUID, tuple[int, int]]:
    """Return by question (all, or one) how many were asked it, and how many left it empty when they first met it.

    Only in interviews that are finished. One query.
    """
    who, what = "interview__candidate_id", "version__question_id"
    # Of who was erased the grade says it: the text is gone.
    graded_text = Q(answer__job__grade__isnull=False) & ~Q(answer__job__grade__flags__contains=[EMPTY])
    has_text = Q(answer__text__regex=r"\S") | graded_text
    written = Case(When(has_text, then=True), default=False, output_field=BooleanField())
    first = (
        InterviewQuestion.objects.filter(interview__finished_at__isnull=False, interview__candidate__in=_counted())
        .annotate(written=written)
        .order_by(who, what, "interview__started_at", "pk")
        .distinct(who, what)
    )
    if question:
        first = first.filter(version__question=question)
    empty: dict[UUID, list[bool]] = defaultdict(list)
    for asked, is_written in first.values_list(what, "written"):
        empty[asked].append(not is_written)
    return {asked: (len(each), sum(each)) for asked, each in empty.items()}


@dataclass(frozen=True)
class Attempts:
    """All first attempts, and for each how its candidate did on the other questions (nan: too few of them)."""

    attempts: list[Attempt]
    rests: list[float]

    @classmethod
    def all(cls) -> "Attempts":
        attempts = first_attempts()
        persons = _numbers(attempt.candidate for attempt in attempts)
        items = _numbers(attempt.question for attempt in attempts)
        rests = statistics.rest_scores(persons, items, [attempt.score for attempt in attempts])
        return cls(attempts, rests.tolist())

    def by_question(self) -> dict[UUID, list[tuple[Attempt, float]]]:
        """Return (attempt, rest) by question."""
        found: dict[UUID, list[tuple[Attempt, float]]] = defaultdict(list)
        for attempt, rest in zip(self.attempts, self.rests, strict=True):
            found[attempt.question].append((attempt, rest))
        return found


def _numbers(values: Iterable[Any]) -> list[int]:
    """Number values from 0 in the order in which they come."""
    seen: dict[Any, int] = {}
    return [seen.setdefault(value, len(seen)) for value in values]


def _figures(attempts: list[tuple[Attempt, float]], minutes: dict[UUID, float], asked: tuple[int, int]) -> Figures:
    scores = tuple(attempt.score for attempt, _ in attempts)
    timed = tuple(minutes[attempt.job] for attempt, _ in attempts if attempt.job in minutes)
    return Figures(scores, timed, *asked, statistics.correlation(scores, [rest for _, rest in attempts]))


@dataclass(frozen=True)
class QuestionFigures:
    """A row of the table of all questions. title: its newest version's."""

    pk: UUID
    title: str
    topic: Topic
    figures: Figures


@dataclass(frozen=True)
class TrackFigures:
    """How reliable the result of a whole interview is: alpha (at most 1, or None) over n candidates."""

    track: Track
    n: int
    length: int
    alpha: float | None


@dataclass(frozen=True)
class Overview:
    """The questions that anybody has answered, narrowed, and all tracks."""

    questions: list[QuestionFigures]
    tracks: list[TrackFigures]


def overview(*, topic: str = "", track: str = "", flagged: bool = False) -> Overview:
    """Return the figures of the questions of a topic (and below), asked in a track, or flagged, and of all tracks.

    A fixed number of queries.
    """
    known = Attempts.all()
    minutes, asked = minutes_taken(), left_empty()
    tracks = list(Track.objects.annotate(length=Sum("sections__count")))
    grouped = known.by_question()
    asked_in = {one.slug: {a.question for a in known.attempts if a.track == one.pk} for one in tracks}
    wanted = grouped.keys() & asked_in.get(track, set()) if track else grouped.keys()
    newest = (
        QuestionVersion.objects.filter(question__in=wanted).order_by("question_id", "-number").distinct("question_id")
    )
    if topic:
        newest = newest.filter(
            question__topic__in=[pk for t in Topic.objects.filter(slug=topic) for pk in topics_within(t)]
        )
    rows = [
        QuestionFigures(
            version.question_id,
            version.title,
            version.question.topic,
            _figures(grouped[version.question_id], minutes, asked.get(version.question_id, (0, 0))),
        )
        for version in newest.select_related("question__topic")
    ]
    return Overview(
        [row for row in rows if row.figures.flag] if flagged else rows,
        [_track_figures(one, known.attempts) for one in tracks],
    )


def _track_figures(track: Any, attempts: list[Attempt]) -> TrackFigures:
    """Return the figures of track from the first attempts that were made in its interviews."""
    own = [attempt for attempt in attempts if attempt.track == track.pk]
    persons = _numbers(attempt.candidate for attempt in own)
    items = _numbers(attempt.question for attempt in own)
    scores = [attempt.score for attempt in own]
    length = track.length or 0
    alpha = statistics.alpha(persons, items, scores, length=length) if length else None
    return TrackFigures(track, len(set(persons)), length, alpha)


@dataclass(frozen=True)
class PointFigures:
    """A key point in n first attempts: how many carry each mark, and the point-biserial correlation of "stated"."""

    key_point: KeyPoint
    marks: dict[str, int]
    discrimination: Discrimination | None

    @property
    def n(self) -> int:
        return sum(self.marks.values())

    @property
    def is_enough(self) -> bool:
        return self.n >= FEWEST

    @property
    def shares(self) -> list[float]:
        """The shares (0..1) of stated, partly, missing and contradicted."""
        return [self.marks.get(mark, 0) / self.n for mark in Mark.values]


@dataclass(frozen=True)
class ToLookAt:
    """An answer that may tell what is wrong. rest: how its candidate did on other questions, in points about the mean.

    name: whose it is, "" until a mentor is done with the answer.
    """

    job: Any
    score: float
    rest: float
    name: str

    @property
    def below(self) -> float:
        return -self.rest


@dataclass(frozen=True)
class QuestionStatistics:
    """All figures of one question, and those answers that the viewer may read: surprising failures and successes."""

    figures: Figures
    points: list[PointFigures]
    failed: list[ToLookAt]
    passed: list[ToLookAt]


def of_question(user: User, version: QuestionVersion) -> QuestionStatistics:
    """Return the figures of version's question over all its versions, with the key points of this one.

    version: fetched with its key points. A key point is known by its short name through all versions. A fixed number
    of queries.
    """
    question = version.question_id
    attempts = Attempts.all().by_question().get(question, [])
    figures = _figures(attempts, minutes_taken(question), left_empty(question).get(question, (0, 0)))
    failed, passed = _to_look_at(user, attempts) if figures.is_enough else ([], [])
    return QuestionStatistics(figures, _points(version, attempts), failed, passed)


def _points(version: QuestionVersion, attempts: list[tuple[Attempt, float]]) -> list[PointFigures]:
    marks = _shown_marks([attempt.job for attempt, _ in attempts])
    found = []
    for point in version.key_points.all():
        marked = [(marks[a.job, point.slug], rest) for a, rest in attempts if (a.job, point.slug) in marks]
        given = [mark for mark, _ in marked]
        stated = statistics.correlation([mark == Mark.STATED for mark in given], [rest for _, rest in marked])
        found.append(PointFigures(point, {mark: given.count(mark) for mark in Mark.values}, stated))
    return found


def _shown_marks(jobs: Collection[UUID]) -> dict[tuple[UUID, str], str]:
    """Return the marks shown of jobs by (job, key point's slug): the latest review's, or else the latest grade's."""
    reviews = Review.objects.filter(job__in=jobs).order_by("job_id", "-created_at").distinct("job_id")
    human = ReviewMark.objects.filter(review__in=reviews.values("pk"))
    latest = Grade.objects.filter(job__in=jobs, pk__in=Grade.objects.filter(job__in=jobs).values("job__grade"))
    machine = KeyPointMark.objects.filter(grade__in=latest.values("pk")).exclude(grade__job__reviews__isnull=False)
    return {
        (job, slug): mark
        for job, slug, mark in [
            *machine.values_list("grade__job", "key_point__slug", "mark"),
            *human.values_list("review__job", "key_point__slug", "mark"),
        ]
    }


def _to_look_at(user: User, attempts: list[tuple[Attempt, float]]) -> tuple[list[ToLookAt], list[ToLookAt]]:
    """Return strong candidates' failures and weak ones' successes that user may read, the clearest first."""
    known = [(attempt, rest) for attempt, rest in attempts if not np.isnan(rest)]
    readable = {
        job.pk: job
        for job in answers_to_review(user)
        .filter(pk__in=[attempt.job for attempt, _ in known])
        .select_related("candidate")
    }
    seen = [
        ToLookAt(job, attempt.score, rest, job.candidate.display_name if job.is_done else "")
        for attempt, rest in known
        if (job := readable.get(attempt.job))
    ]
    failed = [one for one in seen if one.score < statistics.PASS_MARK and one.rest > SURPRISE]
    passed = [one for one in seen if one.score >= statistics.PASS_MARK and one.rest < -SURPRISE]
    return (
        sorted(failed, key=lambda one: -one.rest)[:TO_LOOK_AT],
        sorted(passed, key=lambda one: one.rest)[:TO_LOOK_AT],
    )
