"""Reads of how far a candidate is: all graded answers over time, and readiness topic by topic."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist, fmean
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects

from grading.selectors.grades import shown_score
from interview.models import Answer
from people.models import User
from questionbank.models import Difficulty, Kind, QuestionVersion, Source, Topic, Track, VersionState

# Before the first answer nothing is known but that scores lie around the middle: that counts as much as two answers.
PRIOR_MEAN = 50.0
PRIOR_ANSWERS = 2
# How far the scores of one person's answers to one topic lie apart (standard deviation).
ANSWER_SPREAD = 25.0
# The range shown holds the true mean four times in five.
INTERVAL = 0.8

TREND_OF = 5
HISTORY_OF = 40  # more points than these would be a cloud


@dataclass(frozen=True)
class Readiness:
    """Where the mean score (0–100) of a topic most likely lies, from so many answers. Few answers make it wide."""

    mean: float
    low: int
    high: int
    answers: int

    @property
    def width(self) -> int:
        return self.high - self.low


def readiness_from(scores: list[float]) -> Readiness | None:
    """Return the posterior of the mean of scores (0–100), cut to 0–100; None for no scores.

    The model is a normal prior and normal answers of known spread: simple enough to check by hand.
    """
    if not scores:
        return None
    worth = PRIOR_ANSWERS + len(scores)
    mean = (PRIOR_ANSWERS * PRIOR_MEAN + sum(scores)) / worth
    reach = NormalDist().inv_cdf((1 + INTERVAL) / 2) * ANSWER_SPREAD / math.sqrt(worth)
    return Readiness(mean, max(0, round(mean - reach)), min(100, round(mean + reach)), len(scores))


@dataclass(frozen=True)
class TopicProgress:
    """A topic and what lies below it: its published questions, and the latest score of each question answered.

    latest: question id → score (0–100), None while the first answer to it is being graded.
    """

    topic: Topic
    versions: list[QuestionVersion]
    latest: Mapping[UUID, float | None]
    parts: list["TopicProgress"] = field(default_factory=list)

    @property
    def readiness(self) -> Readiness | None:
        return readiness_from([score for score in self.latest.values() if score is not None])

    @property
    def met(self) -> int:
        """How many of its published questions are answered."""
        return sum(version.question_id in self.latest for version in self.versions)

    @property
    def kinds(self) -> list[str]:
        """What its questions ask for, in words, each kind once."""
        asked = {version.kind for version in self.versions}
        return [kind.label.lower() for kind in Kind if kind in asked]

    @property
    def sources(self) -> list[Source]:
        """What to read about its questions, each source once."""
        found = {(source.title, source.url): source for v in self.versions for source in v.sources.all()}
        return list(found.values())


def past_answers(user: User) -> QuerySet[Any]:
    """Return user's answers, the oldest first, each with shown_score (0–100), None while there is no grade."""
    return (
        Answer.objects.filter(question__interview__candidate=user)
        .select_related("question__interview", "question__version__question__topic")
        .annotate(shown_score=shown_score("job", "job__grade"))
        .order_by("submitted_at", "question__position")
    )


@dataclass(frozen=True)
class ScoredAnswer:
    """A graded answer and the mean of the latest five up to it: single scores jump, their mean shows where it goes."""

    answer: Answer
    score: float
    trend: float


@dataclass(frozen=True)
class ScoreHistory:
    """Graded answers, the oldest first. topics: those of the first level with any; topic: the one they are of."""

    topics: list[Topic]
    topic: Topic | None
    answers: list[ScoredAnswer]

    @property
    def newest_first(self) -> list[ScoredAnswer]:
        return self.answers[::-1]


def score_history(user: User, slug: str = "") -> ScoreHistory | None:
    """Return user's latest graded answers, those of a topic and below where slug names one; None for an unknown slug.

    Two queries.
    """
    topics = list(Topic.objects.all())
    topic = next((each for each in topics if each.slug == slug), None)
    if slug and topic is None:
        return None
    graded = [answer for answer in past_answers(user) if answer.shown_score is not None]
    first = roots_of([each for each in topics if each.parent_id is None], topics)
    met = {first[_topic_of(answer)] for answer in graded}
    within = roots_of([topic], topics) if topic else first
    scored = _with_trend([answer for answer in graded if _topic_of(answer) in within])
    return ScoreHistory([each for each in topics if each in met], topic, scored[-HISTORY_OF:])


def _topic_of(answer: Answer) -> int:
    return answer.question.version.question.topic_id


def _with_trend(answers: list[Any]) -> list[ScoredAnswer]:
    scores = [answer.shown_score for answer in answers]
    return [
        ScoredAnswer(answer, score, fmean(scores[max(0, number - TREND_OF) : number]))
        for number, (answer, score) in enumerate(zip(answers, scores, strict=True), 1)
    ]


def roots_of(roots: Iterable[Topic], topics: Iterable[Topic]) -> dict[int, Topic]:
    """Return, for the id of each of topics that is or lies below one of roots, that root (the nearest one)."""
    chosen = {root.pk: root for root in roots}
    parents = {topic.pk: topic.parent_id for topic in topics}
    found: dict[int, Topic] = {}
    for start in parents:
        above: int | None = start
        while above is not None and above not in chosen:
            above = parents[above]
        if above is not None:
            found[start] = chosen[above]
    return found


def progress_of(user: User, track: Track | None = None) -> list[TopicProgress]:
    """Return how far user is in the topics of track, or in all of the first level; in their order, with their parts.

    A fixed number of queries.
    """
    topics = list(Topic.objects.all())
    return _progress_in(user, _roots(track, topics), topics)


def progress_in(user: User, topic: Topic) -> TopicProgress:
    """Return how far user is in one topic."""
    return _progress_in(user, [topic], list(Topic.objects.all()))[0]


def path_of(user: User, track: Track) -> list[TopicProgress]:
    """Return progress_of with what there is to read."""
    progress = progress_of(user, track)
    prefetch_related_objects([version for topic in progress for version in topic.versions], "sources")
    return progress


def _progress_in(user: User, roots: list[Topic], topics: list[Topic]) -> list[TopicProgress]:
    of = roots_of(roots, topics)
    versions = _published(of)
    latest = _latest(user)
    progress = []
    for root in roots:
        within = [topic for topic in _family(topics) if of.get(topic.pk) == root]
        parts = [_progress(topic, [topic], versions, latest) for topic in within]
        progress.append(_progress(root, within, versions, latest, [part for part in parts if part.versions]))
    return progress


def _roots(track: Track | None, topics: list[Topic]) -> list[Topic]:
    if track is None:
        return [topic for topic in topics if topic.parent_id is None]
    asked = {section.topic_id for section in track.sections.all()}
    return [topic for topic in topics if topic.pk in asked]


def _family(topics: list[Topic]) -> list[Topic]:
    """Put each topic's children right after it, at any depth; both in their own order."""
    below: dict[int | None, list[Topic]] = {}
    for topic in topics:
        below.setdefault(topic.parent_id, []).append(topic)

    def line(parent: int | None) -> list[Topic]:
        return [each for topic in below.get(parent, []) for each in (topic, *line(topic.pk))]

    return line(None)


def _published(topics: Iterable[int]) -> list[QuestionVersion]:
    """Return the published versions of the questions of topics, easy ones first."""
    order = {difficulty: number for number, difficulty in enumerate(Difficulty.values)}
    found = QuestionVersion.objects.filter(state=VersionState.PUBLISHED, question__topic__in=list(topics))
    versions = found.select_related("question__topic").order_by("question__slug")
    return sorted(versions, key=lambda version: order[version.difficulty])


Latest = Mapping[UUID, tuple[int, float | None]]  # question id → its topic's id, its latest score


def _latest(user: User) -> Latest:
    """Return what is known of each question that user has answered."""
    asked = past_answers(user).values_list(
        "question__version__question", "question__version__question__topic", "shown_score"
    )
    latest: dict[UUID, tuple[int, float | None]] = {}
    for question, topic, score in asked:
        if score is not None or question not in latest:
            latest[question] = (topic, score)
    return latest


def _progress(
    topic: Topic,
    within: list[Topic],
    versions: list[QuestionVersion],
    latest: Latest,
    parts: list[TopicProgress] | None = None,
) -> TopicProgress:
    ids = {each.pk for each in within}
    mine = {question: score for question, (of, score) in latest.items() if of in ids}
    return TopicProgress(topic, [v for v in versions if v.question.topic_id in ids], mine, parts or [])
