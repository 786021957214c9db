"""A question's content on trial by a grader: what a BenchRun keeps as its result, and check_bench prints."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from grading.engine import Grader, GradeResult, KeyPointResult
from grading.grader import question_saying
from grading.verdict import Judged, Verdict, verdict_on
from questionbank.content import ExemplarContent, QuestionContent

Result = dict[str, Any]


def try_answer(grader: Grader, content: QuestionContent, text: str) -> Result:
    """Grade text; return its score (0–100), confidence, flags, doubts, and what is known of each key point.

    A key point's start and end are those of its evidence in text, None for a missing one.
    """
    grade = grader.grade(question_saying(content), text)
    return {
        "score": _points(grade),
        "confidence": grade.confidence,
        "flags": list(grade.flags),
        "doubts": list(grade.doubts),
        "key_points": [_key_point(found) for found in grade.key_points],
    }


def _points(grade: GradeResult) -> float:
    return round(grade.score * 100, 2)


def _key_point(found: KeyPointResult) -> Result:
    return {
        "id": found.id,
        "mark": found.mark,
        "p_stated": found.p_stated,
        "p_missing": found.p_missing,
        "p_contradicted": found.p_contradicted,
        "similarity": found.similarity,
        "threshold": found.threshold,
        "start": found.evidence.start if found.evidence else None,
        "end": found.evidence.end if found.evidence else None,
    }


def try_exemplars(grader: Grader, content: QuestionContent, exemplars: Sequence[ExemplarContent]) -> list[Result]:
    """Grade exemplars of content together; return a row for each, in their order, with scores from 0 to 100."""
    question = question_saying(content)
    grades = grader.grade_many([(question, exemplar.text) for exemplar in exemplars])
    return [
        {
            "id": exemplar.id,
            "expected": exemplar.score,
            "given": _points(grade),
            "flags": list(grade.flags),
            "expected_marks": dict(exemplar.marks),
            "marks": {found.id: found.mark for found in grade.key_points},
        }
        for exemplar, grade in zip(exemplars, grades, strict=True)
    ]


def judge(rows: Iterable[Result]) -> Verdict:
    """Return the verdict on a question whose exemplars gave these rows."""
    return verdict_on([Judged(row["id"], row["expected"], row["given"]) for row in rows])


def moves(old: Iterable[Result], new: Iterable[Result], *, at_least: float) -> Iterator[tuple[str, float, float]]:
    """Yield (exemplar, old score, new score) where the grader gives at_least so many points more or less than it did.

    Exemplars are told by their ids; one that is on one side alone has not moved.
    """
    before = {row["id"]: row["given"] for row in old}
    for row in new:
        if row["id"] in before and abs(row["given"] - before[row["id"]]) >= at_least:
            yield row["id"], before[row["id"]], row["given"]
