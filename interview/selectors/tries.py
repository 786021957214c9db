"""How an answer compares with the candidate's answer before it to the same question, key point by key point."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from grading.models import GradingJob, Review
from grading.selectors.grades import ShownGrade, ShownMark, shown_grade, with_results
from interview.models import Answer, InterviewQuestion
from questionbank.models import Mark

# What can become of a key point from one try to the next, in the order told.
CHANGES = {
    "gained": "gained",
    "better": "came nearer to",
    "lost": "lost",
    "worse": "fell back on",
    "kept": "kept",
}


@dataclass(frozen=True)
class SinceLastTry:
    """An answer beside the one before. score is that one's, 0–100; changes: (one of CHANGES, mark now)."""

    score: float
    answered_at: datetime
    question_changed: bool
    changes: list[tuple[str, ShownMark]]

    @property
    def groups(self) -> list[tuple[str, list[ShownMark]]]:
        """The key points by what became of them, as ("gained", marks); none is empty."""
        found = {change: [mark for named, mark in self.changes if named == change] for change in CHANGES}
        return [(words, found[change]) for change, words in CHANGES.items() if found[change]]

    @property
    def in_words(self) -> str:
        """For example "gained 2 key points, lost 1, kept 3"."""
        counts = [f"{words} {len(marks)}" for words, marks in self.groups]
        if not counts:
            return "no key point has changed"
        noun = "key point" if counts[0].endswith(" 1") else "key points"
        return ", ".join([f"{counts[0]} {noun}", *counts[1:]])


def compare(before: ShownGrade, answered_at: datetime, now: ShownGrade) -> SinceLastTry:
    """Compare the grades of two answers to one question; of another version, the key points that both have."""
    marks = {mark.key_point.slug: mark.mark for mark in before.marks}
    both = [(marks[mark.key_point.slug], mark) for mark in now.marks if mark.key_point.slug in marks]
    changes = [(change, mark) for earlier, mark in both if (change := _change(earlier, mark.mark))]
    return SinceLastTry(before.score, answered_at, before.job.version_id != now.job.version_id, changes)


def _change(before: Mark, now: Mark) -> str:
    """Name what became of a key point, one of CHANGES; "" where it is as far from being stated as it was."""
    if before == now:
        return "kept" if now == Mark.STATED else ""
    if Mark.STATED in (before, now):
        return "gained" if now == Mark.STATED else "lost"
    return "better" if now.is_better_than(before) else "worse"


def since_last_tries(results: Sequence[tuple[InterviewQuestion, ShownGrade]]) -> dict[int, SinceLastTry]:
    """Compare answers of one interview with the candidate's latest graded one before each, where there is one.

    results: submitted questions, fetched with version and answer, and what is shown of them. Returned by their id;
    the number of queries is fixed.
    """
    if not results:
        return {}
    earlier = list(_graded_answers(asked for asked, _ in results))
    before = {asked.pk: answer for asked, _ in results if (answer := _latest_before(asked, earlier))}
    jobs = with_results(GradingJob.objects.filter(pk__in=[answer.job_id for answer in before.values()]))
    grades = {job.pk: shown for job in jobs if (shown := shown_grade(job))}
    return {asked.pk: _compared(before[asked.pk], grades, shown) for asked, shown in results if asked.pk in before}


def _compared(before: Answer, grades: Mapping[UUID, ShownGrade], now: ShownGrade) -> SinceLastTry:
    return compare(grades[before.job_id], before.submitted_at, now)


def _graded_answers(questions: Iterable[InterviewQuestion]) -> QuerySet[Answer, Any]:
    """Return the candidate's answers to these questions, in whatever interview, that have a result; newest first."""
    asked = list(questions)
    reviewed = Exists(Review.objects.filter(job=OuterRef("job")))
    return (
        Answer.objects.filter(
            Q(job__grade__isnull=False) | reviewed,
            question__interview__candidate=asked[0].interview.candidate_id,
            question__version__question__in=[one.version.question_id for one in asked],
        )
        .select_related("question__version")
        .order_by("-submitted_at")
    )


def _latest_before(asked: InterviewQuestion, answers: Iterable[Answer]) -> Answer | None:
    same = (answer for answer in answers if answer.question.version.question_id == asked.version.question_id)
    return next((answer for answer in same if answer.submitted_at < asked.answer.submitted_at), None)
