"""Files of graded answers, one JSON object a line: what grade_file and evaluate_grader read and write.

A record has id, question, references, answer; key_points ([{id, text, weight, accepted}]), misconceptions
([{id, claim, contradicts}]), score (0..1), marks ({key point id: 1 | 0.5 | 0 | -1}), qid and kind where there are any.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grading.engine import GradeResult, KeyPoint, Misconception, Question


class RecordError(Exception):
    """A line cannot be graded; the message names file, line and field."""


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON Lines file. Raises RecordError for a file or line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _record(line, f"{path.name}, line {number}")


def _record(line: str, place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordError(f"{place}: is not JSON: {error.msg}") from error
    if not isinstance(record, dict):
        raise RecordError(f"{place}: must be an object")
    for field, kind in (("id", (str, int)), ("question", str), ("answer", str), ("references", list)):
        if not isinstance(record.get(field), kind):
            raise RecordError(f"{place}: “{field}” is missing or not of its kind")
    if not record["references"] and not record.get("key_points"):
        raise RecordError(f"{place}: has neither references nor key_points to grade by")
    return record


def question_of(record: dict[str, Any]) -> Question:
    """Return the record's question as the engine sees it."""
    return Question(
        prompt=record["question"],
        references=tuple(record["references"]),
        key_points=tuple(
            KeyPoint(str(p["id"]), p["text"], float(p.get("weight", 1)), tuple(p.get("accepted", ())))
            for p in record.get("key_points") or ()
        ),
        misconceptions=tuple(
            Misconception(str(m["id"]), m["claim"], str(m["contradicts"])) for m in record.get("misconceptions") or ()
        ),
    )


def graded_record(record: dict[str, Any], result: GradeResult) -> dict[str, Any]:
    """Return what grade_file writes for a record. Scores and probabilities are 0..1."""
    return {
        "id": record["id"],
        "score": result.score,
        "confidence": result.confidence,
        "flags": list(result.flags),
        "key_points": {
            point.id: {
                "mark": point.mark,
                "p": {"stated": point.p_stated, "missing": point.p_missing, "contradicted": point.p_contradicted},
                "similarity": point.similarity,
                "evidence": point.evidence.text if point.evidence else "",
            }
            for point in result.key_points
        },
    }
