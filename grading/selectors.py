"""Reads of jobs and grades: what is shown is the latest review's marks, or else the machine's."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from grading.engine.guards import IN_WORDS, ZEROING
from grading.models import (
    OPEN_STATES,
    Grade,
    GradingJob,
    JobState,
    KeyPointMark,
    Review,
    ReviewMark,
    WorkerHeartbeat,
)
from people.models import User
from questionbank.models import KeyPoint, Mark, QuestionVersion
from questionbank.selectors import with_parts

# How likely the grader must hold its mark for the page to call it so. Between the first two nothing is said:
# a word beside every mark would drown those that matter.
CLEARLY_FROM = 0.8  # the other marks together are at most a quarter as likely
PLAINLY_FROM = 0.6  # below this, a few other words could have turned the mark
ONLY_JUST_FROM = 0.45  # below this the mark is likelier wrong than right: "only just" would promise too much

Certainty = Literal["clearly", "", "only just", "not sure"]


@dataclass(frozen=True)
class ShownMark:
    """One key point as shown: its mark, the machine's mark and evidence (None where only a mentor has marked)."""

    key_point: KeyPoint
    number: int
    mark: Mark
    machine: KeyPointMark | None
    evidence: str

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
    """A piece of the answer and the numbers of the key points whose evidence it is."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class ShownGrade:
    """A job's result as shown. score is 0–100."""

    job: GradingJob
    score: float
    marks: list[ShownMark]
    review: Review | None
    grade: Grade | None

    @property
    def is_read(self) -> bool:
        """Whether the machine compared the answer with the key points: no guard ended the grading before."""
        return self.grade is not None and not ZEROING.intersection(self.grade.flags)

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
        return _segments(self.job.text, spans)


def _segments(text: str, spans: list[tuple[int, int, int]]) -> list[Segment]:
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        Segment(text[start:end], tuple(number for first, last, number in spans if first <= start and end <= last))
        for start, end in pairwise(edges)
    ]


def with_results(jobs: QuerySet[GradingJob]) -> QuerySet[GradingJob]:
    """Fetch all that shown_grade needs, in a fixed number of queries."""
    marks = KeyPointMark.objects.select_related("key_point").order_by("key_point__position")
    reviews = Review.objects.select_related("reviewer").prefetch_related(
        Prefetch("marks", ReviewMark.objects.select_related("key_point").order_by("key_point__position"))
    )
    return jobs.select_related("grade", "candidate").prefetch_related(
        Prefetch("grade__marks", marks),
        Prefetch("reviews", reviews),
        Prefetch("version", with_parts(QuestionVersion.objects.all())),
    )


def shown_grade(job: GradingJob) -> ShownGrade | None:
    """Return the result to show of a job fetched by with_results; None while there is none."""
    grade: Grade | None = getattr(job, "grade", None)
    latest = next(iter(job.reviews.all()), None)
    decisive = latest or grade
    if decisive is None:
        return None
    machine = {mark.key_point_id: mark for mark in grade.marks.all()} if grade else {}
    human = {mark.key_point_id: mark.mark for mark in latest.marks.all()} if latest else {}
    marks = [
        _shown_mark(number, point, machine.get(point.pk), human.get(point.pk), job.text)
        for number, point in enumerate(job.version.key_points.all(), 1)
    ]
    return ShownGrade(job, decisive.score, marks, latest, grade)


def _shown_mark(number: int, point: KeyPoint, machine: KeyPointMark | None, human: str | None, text: str) -> ShownMark:
    mark = Mark(human or (machine.mark if machine else Mark.MISSING))
    evidence = text[machine.evidence_start : machine.evidence_end] if machine and machine.evidence_end else ""
    return ShownMark(point, number, mark, machine, evidence)


def with_shown_score(jobs: QuerySet[GradingJob]) -> QuerySet[Any]:
    """Annotate shown_score (0–100): the latest review's, else the machine's, else None."""
    latest = Review.objects.filter(job=OuterRef("pk")).order_by("-created_at").values("score")[:1]
    return jobs.annotate(shown_score=Coalesce(Subquery(latest), F("grade__score"), output_field=FloatField()))


def answers_to_review(user: User) -> QuerySet[Any]:
    """Return the jobs of other people that user may read: those that wait for a mentor first, then the newest."""
    jobs = GradingJob.objects.visible_to(user).exclude(candidate=user)
    reviewed = Review.objects.filter(job=OuterRef("pk"))
    return (
        with_shown_score(jobs)
        .annotate(is_reviewed=Exists(reviewed))
        .annotate(waits=ExpressionWrapper(Q(state=JobState.NEEDS_REVIEW, is_reviewed=False), BooleanField()))
        .select_related("candidate", "version__question__topic", "grade")
        .order_by("-waits", "-created_at")
    )


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
