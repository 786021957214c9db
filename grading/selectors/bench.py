"""Reads of the bench: what a trial has shown, and whether a version's exemplars have passed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from grading.models import (
    BenchPurpose,
    BenchRun,
    BenchState,
    Grade,
    GradingJob,
    KeyPointMark,
    WorkerHeartbeat,
)
from grading.selectors.grades import ShownGrade, ShownMark
from people.models import User
from questionbank.models import Import, KeyPoint, Mark, QuestionVersion


def running_identity() -> dict[str, str] | None:
    """Return the identity of the grader that runs, as its worker's latest heartbeat tells it; None where none runs.

    Web processes ask this instead of the grader, which they never load. While a new engine is rolled out two kinds of
    worker beat side by side; the latest counts, and what one of them has not tried is tried again.
    """
    identity: dict[str, str] | None = (
        WorkerHeartbeat.objects.exclude(identity={}).order_by("-seen_at").values_list("identity", flat=True).first()
    )
    return identity


def runs_of(user: User) -> QuerySet[BenchRun]:
    """Return the runs that user asked for. What others try on their bench is theirs."""
    return BenchRun.objects.filter(requested_by=user)


# --- One answer ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrialMark:
    """A mark of an answer on the bench, and the mark that the run before gave this point where it was another one."""

    shown: ShownMark
    before: Mark | None


@dataclass(frozen=True)
class ShownTrial:
    """A graded answer of the bench as the pages of grades show one, and what has changed since the run before."""

    shown: ShownGrade
    marks: list[TrialMark]
    score_before: float | None

    @property
    def changed(self) -> list[TrialMark]:
        return [mark for mark in self.marks if mark.before]

    @property
    def gain(self) -> int:
        """By how many points, as they are shown, the score has moved since the run before."""
        return 0 if self.score_before is None else round(self.shown.score) - round(self.score_before)

    @property
    def as_exemplar(self) -> str:
        """The answer with the marks that it was given, as JSON for the editor's script.

        Not with the score: how good an answer is its mentor says, or exemplars would check the grader against itself.
        """
        return json.dumps({"text": self.shown.job.text, "marks": [mark.shown.mark.value for mark in self.marks]})


def shown_answer(run: BenchRun, before: BenchRun | None = None) -> ShownTrial:
    """Return what a finished run of purpose ANSWER has shown; before: the run that stood in its place.

    What has changed since is what the key points have done: a run of another answer says nothing about them.
    """
    result = run.result or {}
    # Nothing of this is written: the pages of grades know how to show these.
    job = GradingJob(text=run.text)
    grade = Grade(
        score=result["score"], confidence=result["confidence"], flags=result["flags"], doubts=result["doubts"]
    )
    points = {point["id"]: point for point in run.content["key_points"]}
    marks = [_shown_mark(number, points[given["id"]], given, run) for number, given in _numbered(result)]
    is_same = before and before.is_done and (before.purpose, before.text) == (BenchPurpose.ANSWER, run.text)
    earlier = (before.result if before and is_same else None) or {}
    return ShownTrial(
        shown=ShownGrade(job, grade.score, marks, None, grade),
        marks=[TrialMark(mark, _before(mark, earlier, len(marks))) for mark in marks],
        score_before=earlier.get("score"),
    )


def _numbered(result: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate(result["key_points"], 1))


def _shown_mark(number: int, point: dict[str, Any], given: dict[str, Any], run: BenchRun) -> ShownMark:
    key_point = KeyPoint(slug=point["id"], claim=point["claim"], weight=point["weight"])
    machine = KeyPointMark(
        mark=given["mark"],
        similarity=given["similarity"],
        threshold=given["threshold"],
        p_stated=given["p_stated"],
        p_missing=given["p_missing"],
        p_contradicted=given["p_contradicted"],
        evidence_start=given["start"],
        evidence_end=given["end"],
    )
    evidence = run.text[given["start"] : given["end"]] if given["end"] else ""
    return ShownMark(key_point, number, Mark(given["mark"]), machine, evidence)


def _before(mark: ShownMark, earlier: dict[str, Any], count: int) -> Mark | None:
    """Return the mark that the run before gave this key point, None where it gave the same or did not know it.

    A point that was never saved is named after its claim, and so has another name once the claim is edited: where as
    many points stand as before, it is found by its place.
    """
    rows = earlier.get("key_points", [])
    named = {row["id"]: row for row in rows}
    row = named.get(mark.key_point.slug)
    if row is None and len(rows) == count:
        row = rows[mark.number - 1]
    return Mark(row["mark"]) if row and row["mark"] != mark.mark else None


# --- All exemplars ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TriedExemplar:
    """An exemplar with the score it should get and the one it gets (0–100), and the key points marked otherwise."""

    id: str
    text: str
    expected: int
    given: float
    other_marks: list[tuple[int, Mark, Mark]]  # number of the key point, the mark it should get, the one it gets

    @property
    def difference(self) -> int:
        return round(self.given) - self.expected


def tried_exemplars(run: BenchRun) -> list[TriedExemplar]:
    """Return the exemplars that a run has tried so far, those that are furthest off first."""
    numbers = {point["id"]: number for number, point in enumerate(run.content["key_points"], 1)}
    rows = (run.result or {}).get("exemplars", [])
    tried = [
        TriedExemplar(row["id"], said["text"], row["expected"], row["given"], _other_marks(row, numbers))
        for row, said in zip(rows, run.content["exemplars"], strict=False)
    ]
    return sorted(tried, key=lambda exemplar: -abs(exemplar.difference))


def _other_marks(row: dict[str, Any], numbers: dict[str, int]) -> list[tuple[int, Mark, Mark]]:
    pairs = [(numbers[key], Mark(mark), Mark(row["marks"][key])) for key, mark in row["expected_marks"].items()]
    return sorted(pair for pair in pairs if pair[1] != pair[2])


@dataclass(frozen=True)
class Check:
    """How a version stands on the bench: the run of its exemplars that counts, if any, and the grader that runs."""

    run: BenchRun | None
    identity: dict[str, str] | None

    @property
    def is_waiting(self) -> bool:
        return self.run is not None and self.run.is_pending

    @property
    def is_on_its_way(self) -> bool:
        """Whether a verdict comes by itself: of a version in review the sweep tries what nobody has tried."""
        return self.identity is not None and self.verdict is None and not self.has_failed

    @property
    def total(self) -> int:
        """How many exemplars the run tries."""
        return len(self.run.content["exemplars"]) if self.run else 0

    @property
    def is_current(self) -> bool:
        """Whether the run was done by the grader that runs; what another one has said is history."""
        return self.run is not None and self.identity is not None and self.run.grader == self.identity

    @property
    def has_failed(self) -> bool:
        return self.is_current and self.run is not None and self.run.state == BenchState.FAILED

    @property
    def verdict(self) -> dict[str, Any] | None:
        """The verdict of the grader that runs, None while there is none."""
        if self.run is None or not self.is_current or not self.run.is_done:
            return None
        found: dict[str, Any] = (self.run.result or {})["verdict"]
        return found

    @property
    def passed(self) -> bool:
        return self.verdict is not None and self.verdict["passed"]

    @cached_property
    def exemplars(self) -> list[TriedExemplar]:
        return tried_exemplars(self.run) if self.run else []


def check_of(version: QuestionVersion) -> Check:
    """Return how version's content stands on the bench.

    A run that the grader of now has done counts before one that waits, and that before all others.
    """
    identity = running_identity()
    runs = BenchRun.objects.filter(content_hash=version.content_hash, purpose=BenchPurpose.EXEMPLARS)
    return Check(runs.order_by(_rank(identity), "-created_at").first(), identity)


def _rank(identity: dict[str, str] | None) -> Case:
    """Sort the runs of one content: the lowest is the one that counts."""
    return Case(
        When(state=BenchState.DONE, grader=identity, then=Value(0)),
        When(state=BenchState.PENDING, then=Value(1)),
        When(state=BenchState.FAILED, grader=identity, then=Value(2)),
        default=Value(3),
    )


@dataclass(frozen=True)
class CheckedVersion:
    """A version with exemplars, and why these do not separate, where they do not."""

    question_id: UUID
    number: int
    title: str
    reasons: list[str]


@dataclass(frozen=True)
class ImportCheck:
    """How the versions with exemplars that came in a file stand on the bench.

    close: their exemplars do not separate; failed: they could not be tried.
    """

    passed: list[CheckedVersion] = field(default_factory=list)
    close: list[CheckedVersion] = field(default_factory=list)
    failed: list[CheckedVersion] = field(default_factory=list)
    waiting: list[CheckedVersion] = field(default_factory=list)
    untried: list[CheckedVersion] = field(default_factory=list)


def check_of_import(import_: Import) -> ImportCheck:
    """Return how the versions of an import that can be tried stand on the bench, in a fixed number of queries."""
    identity = running_identity()
    can_be_tried = import_.versions.exclude(exemplars=None).exclude(key_points=None)
    runs = (
        BenchRun.objects.filter(content_hash__in=can_be_tried.values("content_hash"), purpose=BenchPurpose.EXEMPLARS)
        .order_by("content_hash", _rank(identity), "-created_at")
        .distinct("content_hash")
    )
    found = {
        content_hash: _standing(state, verdict, is_current=grader == identity)
        for content_hash, state, grader, verdict in runs.values_list(
            "content_hash", "state", "grader", "result__verdict"
        )
    }
    check = ImportCheck()
    rows = can_be_tried.order_by("question__slug").values_list("question_id", "number", "title", "content_hash")
    for question_id, number, title, content_hash in rows:
        standing, reasons = found.get(content_hash, ("untried", []))
        getattr(check, standing).append(CheckedVersion(question_id, number, title, reasons))
    return check


def _standing(state: str, verdict: dict[str, Any] | None, *, is_current: bool) -> tuple[str, list[str]]:
    """Return the field of ImportCheck that a version with this run belongs to, and the verdict's reasons."""
    if state == BenchState.PENDING:
        return "waiting", []
    if not is_current:
        return "untried", []
    if state == BenchState.FAILED or verdict is None:
        return "failed", []
    return ("passed" if verdict["passed"] else "close"), verdict["reasons"]


def earlier_results(hashes: Iterable[str], identity: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return, by content hash, the latest result of these contents' exemplars by another grader than identity."""
    runs = BenchRun.objects.filter(purpose=BenchPurpose.EXEMPLARS, state=BenchState.DONE, content_hash__in=hashes)
    others = runs.exclude(grader=identity).order_by("content_hash", "-created_at").distinct("content_hash")
    return {content_hash: result for content_hash, result in others.values_list("content_hash", "result") if result}
