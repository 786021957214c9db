"""Reads of jobs and grades: what is shown is the latest review's marks, or else the machine's."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from django.db.models import (
    Exists,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from grading.engine.guards import IN_WORDS, ZEROING
from grading.engine.text import sentences
from grading.models import (
    OPEN_STATES,
    Appeal,
    Grade,
    GradingJob,
    KeyPointMark,
    MentorQuestion,
    Regrade,
    Review,
    ReviewMark,
    WorkerHeartbeat,
)
from people.models import Membership, Role
from questionbank.models import KeyPoint, Mark, QuestionVersion
from questionbank.selectors import with_parts

# How likely the grader must hold its mark for the page to call it so. Between the first two nothing is said:
# a word beside every mark would drown those that matter.
CLEARLY_FROM = 0.8  # the other marks together are at most a quarter as likely
PLAINLY_FROM = 0.6  # below this, a few other words could have turned the mark
ONLY_JUST_FROM = 0.45  # below this the mark is likelier wrong than right: "only just" would promise too much

# A gain of less than a point of the score is no reason to name a key point.
LEAST_GAIN = 1

Certainty = Literal["clearly", "", "only just", "not sure"]


@dataclass(frozen=True)
class ShownMark:
    """One key point as shown: its mark, the machine's mark and evidence (None where only a mentor has marked).

    score_with: the score (0–100) that the answer would have with this point, where that is news; appeal: what the
    candidate had to say to the machine's mark.
    """

    key_point: KeyPoint
    number: int
    mark: Mark
    machine: KeyPointMark | None
    evidence: str
    score_with: float | None = None
    appeal: Appeal | None = None

    @property
    def is_overridden(self) -> bool:
        return self.machine is not None and self.machine.mark != self.mark

    @property
    def certainty(self) -> Certainty:
        """How sure the machine is of its own mark, in words; "" where nothing need be said or it gave none."""
        if self.machine is None:
            return ""
        chance = _chance(self.machine)
        if chance < ONLY_JUST_FROM:
            return "not sure"
        if chance < PLAINLY_FROM:
            return "only just"
        # Partly is given where the machine is between stated and missing: that is never clear.
        return "clearly" if chance >= CLEARLY_FROM and self.machine.mark != Mark.PARTLY else ""


def _chance(given: KeyPointMark) -> float:
    """Return how likely (0..1) the machine holds the mark given; partly is all that lies from stated to missing."""
    chances = {
        Mark.STATED: given.p_stated,
        Mark.PARTLY: given.p_stated + given.p_missing,
        Mark.MISSING: given.p_missing,
        Mark.CONTRADICTED: given.p_contradicted,
    }
    return chances[Mark(given.mark)]


@dataclass(frozen=True)
class Segment:
    """A piece of the answer, and the numbers of the key points whose evidence it is and for which it is appealed."""

    text: str
    numbers: tuple[int, ...]
    appealed: tuple[int, ...] = ()


@dataclass(frozen=True)
class ShownGrade:
    """A job's result as shown. score is 0–100; has_mentor says whether anybody can set the candidate's marks.

    score_before: the machine's score before its latest one, where there was a regrade.
    """

    job: GradingJob
    score: float
    marks: list[ShownMark]
    review: Review | None
    grade: Grade | None
    has_mentor: bool = False
    score_before: float | None = None

    @property
    def is_read(self) -> bool:
        """Whether the machine compared the answer with the key points: no guard ended the grading before."""
        return self.grade is not None and not ZEROING.intersection(self.grade.flags)

    @property
    def regrade(self) -> Regrade | None:
        """The regrade that the score shown comes of, if it does: a mentor's marks come of none."""
        return self.grade.regrade if self.grade and self.review is None else None

    @property
    def is_provisional(self) -> bool:
        """Whether the machine doubts its grade and no mentor has looked yet."""
        return self.grade is not None and bool(self.grade.doubts) and self.review is None

    @property
    def remarks(self) -> list[str]:
        """What the guards had to say beside the doubts, in words."""
        said = [IN_WORDS[flag] for flag in self.grade.flags if flag in IN_WORDS] if self.grade else []
        return [remark for remark in said if remark not in self.doubts]

    @property
    def doubts(self) -> list[str]:
        """Why a mentor should look at the machine's grade, in words; nothing once one has."""
        if self.review or not self.grade:
            return []
        return [IN_WORDS[doubt] for doubt in self.grade.doubts if doubt in IN_WORDS]

    @property
    def segments(self) -> list[Segment]:
        """The answer's whole text in pieces, for highlighting the evidence in place."""
        spans = [
            (m.machine.evidence_start, m.machine.evidence_end, m.number)
            for m in self.marks
            if m.machine and m.machine.evidence_start is not None and m.machine.evidence_end is not None
        ]
        appealed = [(m.appeal.said, m.number) for m in self.marks if m.appeal and m.appeal.is_open]
        starts = [(self.job.text.index(said), len(said), number) for said, number in appealed]
        return _segments(self.job.text, spans, [(start, start + length, number) for start, length, number in starts])

    @cached_property
    def sentences(self) -> list[str]:
        """The answer's sentences, in one of which a candidate may find a key point stated."""
        return [sentence.text for sentence in sentences(self.job.text) if sentence.text]

    @property
    def may_be_appealed(self) -> bool:
        """Whether its candidate can say of a mark that it is wrong: the machine's word stands, and somebody reads."""
        return self.grade is not None and self.review is None and self.has_mentor


Span = tuple[int, int, int]  # start, end, number of the key point


def _segments(text: str, evidence: list[Span], appealed: list[Span]) -> list[Segment]:
    edges = sorted({0, len(text), *(edge for start, end, _ in evidence + appealed for edge in (start, end))})
    return [
        Segment(text[start:end], _covering(evidence, start, end), _covering(appealed, start, end))
        for start, end in pairwise(edges)
    ]


def _covering(spans: list[Span], start: int, end: int) -> tuple[int, ...]:
    return tuple(number for first, last, number in spans if first <= start and end <= last)


def mentors_of(candidate: Any) -> QuerySet[Membership]:
    """Return the memberships of those who may set candidate's marks. candidate: a person, an id or a reference."""
    cohorts = Membership.objects.filter(user=candidate, role=Role.CANDIDATE).values("cohort")
    return Membership.objects.filter(cohort__in=cohorts, role=Role.MENTOR)


def with_results(jobs: QuerySet[GradingJob]) -> QuerySet[Any]:
    """Fetch all that shown_grade needs, in a fixed number of queries; annotate has_mentor and score_before."""
    marks = KeyPointMark.objects.select_related("key_point").order_by("key_point__position")
    reviews = Review.objects.select_related("reviewer", "version").prefetch_related(
        "version__key_points",
        Prefetch("marks", ReviewMark.objects.select_related("key_point").order_by("key_point__position")),
    )
    earlier = Grade.objects.filter(job=OuterRef("pk")).exclude(pk=OuterRef("grade")).order_by("-created_at")
    return (
        jobs.annotate(
            has_mentor=Exists(mentors_of(OuterRef(OuterRef("candidate")))),
            score_before=Subquery(earlier.values("score")[:1]),
        )
        .select_related("grade__version", "grade__regrade", "candidate")
        .prefetch_related(
            Prefetch("grade__marks", marks),
            Prefetch("reviews", reviews),
            Prefetch("appeals", Appeal.objects.select_related("review__reviewer", "key_point")),
            Prefetch("mentor_questions", MentorQuestion.objects.select_related("answered_by")),
            Prefetch("version", with_parts(QuestionVersion.objects.all())),
            # After a regrade the key points are another version's than the one that was asked.
            "grade__version__key_points",
        )
    )


def shown_grade(job: Any) -> ShownGrade | None:
    """Return the result to show of a job fetched by with_results; None while there is none."""
    grade: Grade | None = job.grade
    latest = next(iter(job.reviews.all()), None)
    decisive: Review | Grade | None = latest or grade
    if decisive is None:
        return None
    marks = _shown_marks(job, decisive.version, latest, decisive.score)
    return ShownGrade(job, decisive.score, marks, latest, grade, job.has_mentor, job.score_before)


def marks_to_set(job: Any) -> list[ShownMark]:
    """Return the key points that a review of job (fetched by with_results) marks, with what is shown of each now.

    They are those of its key: after a regrade another version's than the ones that an earlier review has marked.
    """
    return _shown_marks(job, job.key, next(iter(job.reviews.all()), None), 0)


def _shown_marks(job: Any, version: QuestionVersion, latest: Review | None, score: float) -> list[ShownMark]:
    """Return version's key points with their marks: latest's, or else the machine's, or else missing."""
    machine = {mark.key_point.slug: mark for mark in job.grade.marks.all()} if job.grade else {}
    human = {mark.key_point.slug: mark.mark for mark in latest.marks.all()} if latest else {}
    appeals = {appeal.key_point.slug: appeal for appeal in job.appeals.all()}
    return [
        ShownMark(
            key_point=point,
            number=number,
            mark=Mark(human.get(point.slug) or (machine[point.slug].mark if point.slug in machine else Mark.MISSING)),
            machine=machine.get(point.slug),
            evidence=_evidence(machine.get(point.slug), job.text),
            score_with=None if latest else _score_with(machine.get(point.slug), score),
            appeal=appeals.get(point.slug),
        )
        for number, point in enumerate(version.key_points.all(), 1)
    ]


def _evidence(given: KeyPointMark | None, text: str) -> str:
    return text[given.evidence_start : given.evidence_end] if given and given.evidence_end else ""


def _score_with(given: KeyPointMark | None, score: float) -> float | None:
    """Return the score that the answer would have with this point, where that is a gain worth naming."""
    if given is None or given.score_with is None or given.score_with < score + LEAST_GAIN:
        return None
    return given.score_with


def with_shown_score(jobs: QuerySet[GradingJob]) -> QuerySet[Any]:
    """Annotate shown_score (0–100): the latest review's, else the machine's, else None."""
    return jobs.annotate(shown_score=shown_score("pk", "grade"))


def shown_score(job: str, grade: str) -> Coalesce:
    """Return the expression of what is shown (0–100 or None) of the job and grade at these lookups."""
    latest = Review.objects.filter(job=OuterRef(job)).order_by("-created_at").values("score")[:1]
    return Coalesce(Subquery(latest), F(f"{grade}__score"), output_field=FloatField())


def oldest_waiting() -> datetime | None:
    """Return since when the oldest open job waits, or None when none does."""
    oldest: datetime | None = GradingJob.objects.filter(state__in=OPEN_STATES).aggregate(Min("created_at"))[
        "created_at__min"
    ]
    return oldest


def model_seen_at() -> datetime | None:
    """Return when a worker with a loaded model was last seen, or None."""
    seen: datetime | None = WorkerHeartbeat.objects.aggregate(Max("seen_at"))["seen_at__max"]
    return seen
