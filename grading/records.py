"""Files of graded answers, one JSON object a line: what grade_file and evaluate_grader read and write.

A record has id, question, references, answer; and where there are any: key_points ([{id, text, weight, accepted}]),
misconceptions ([{id, claim, contradicts}]), graded ([{answer, score}], what mentors gave to other answers), score
(0..1), marks ({key point id: 1 | 0.5 | 0 | -1}), qid, kind, and twin_of, the id of the record of which this one is the
twin.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from grading.engine import GradedAnswer, GradeResult, KeyPoint, Misconception, Question
from grading.engine.text import words
from grading.json_lines import LineError, read_objects

MARKS = {1: "stated", 0.5: "partly", 0: "missing", -1: "contradicted"}
"""The marks of graded files, by their figures."""


def read_records(path: Path, *, rated: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON Lines file.

    rated: each must have a score, and marks and a twin that fit where it has any.
    Raises LineError for a file or line that cannot be used; for a twin that is not there, after the last record.
    """
    ids: Counter[str] = Counter()
    twins: list[tuple[str, str, str]] = []
    for place, record in read_objects(path):
        problem = next(chain(_problems(record), _problems_of_rating(record) if rated else ()), None)
        if problem:
            raise LineError(f"{place}: {problem}")
        ids[str(record["id"])] += 1
        if rated and record.get("twin_of") is not None:
            twins.append((place, str(record["id"]), record["twin_of"]))
        yield record
    _check_twins(twins, ids)


def _check_twins(twins: list[tuple[str, str, str]], ids: Counter[str]) -> None:
    """Raise LineError for the first of twins (place, id, twin_of) whose twin_of does not name one other record."""
    for place, own, twin in twins:
        if twin == own:
            raise LineError(f"{place}: “twin_of” names the record itself: {twin}")
        if ids[twin] != 1:
            raise LineError(f"{place}: “twin_of” names {'several records' if twin in ids else 'no record'}: {twin}")


def _problems(record: dict[str, Any]) -> Iterator[str]:
    """Yield why the record cannot be graded. Each check rests on those before it: the first problem counts."""
    for field, kind in (("id", (str, int)), ("question", str), ("answer", str), ("references", list)):
        if not isinstance(record.get(field), kind):
            yield f"“{field}” is missing or not of its kind"
    if not _all(_is_text, record["references"]):
        yield "“references” must be texts"
    points = record.get("key_points") or []
    if not _all(_is_key_point, points):
        yield "“key_points” must each have an id, a text, and a weight above 0 and accepted texts if any"
    if not _all(_is_misconception, record.get("misconceptions") or []):
        yield "“misconceptions” must each have an id, a claim, and the id of the key point that they contradict"
    if not _all(_is_graded, record.get("graded") or []):
        yield "“graded” must each have an answer and its score from 0 to 1"
    if not points and not words("".join(record["references"][:1])):
        yield "has neither “references” nor “key_points” to grade by"


def _problems_of_rating(record: dict[str, Any]) -> Iterator[str]:
    """Yield why the record cannot be compared with a grade."""
    if not _is_score(record.get("score")):
        yield "“score” must be a number from 0 to 1"
    marks = record.get("marks") or {}
    if not isinstance(marks, dict) or not _all(_is_mark, list(marks.values())):
        yield "“marks” must be 1, 0.5, 0 or -1 by key point"
    if unknown := set(marks) - {str(point["id"]) for point in record.get("key_points") or []}:
        yield f"“marks” names no key point: {', '.join(sorted(unknown))}"
    if not isinstance(record.get("twin_of"), (str, type(None))):
        yield "“twin_of” must be a text: the id of another record"


def _all(check: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, list) and all(check(item) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_mark(value: Any) -> bool:
    return isinstance(value, (int, float)) and value in MARKS


def _is_key_point(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), (str, int))
        and _is_text(value.get("text"))
        and isinstance(weight := value.get("weight", 1), (int, float))
        and 0 < weight < math.inf
        and _all(_is_text, value.get("accepted", []))
    )


def _is_graded(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("answer")) and _is_score(value.get("score"))


def _is_score(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= 1


def _is_misconception(value: Any) -> bool:
    names = ("id", "claim", "contradicts")
    return isinstance(value, dict) and all(isinstance(value.get(name), (str, int)) for name in names)


def question_of(record: dict[str, Any]) -> Question:
    """Return the record's question as the engine sees it."""
    return Question(
        prompt=record["question"],
        references=tuple(record["references"]),
        graded=tuple(GradedAnswer(g["answer"], float(g["score"])) for g in record.get("graded") or ()),
        key_points=tuple(
            KeyPoint(str(p["id"]), p["text"], float(p.get("weight", 1)), tuple(p.get("accepted", ())))
            for p in record.get("key_points") or ()
        ),
        misconceptions=tuple(
            Misconception(str(m["id"]), m["claim"], str(m["contradicts"])) for m in record.get("misconceptions") or ()
        ),
    )


def with_graded(records: list[dict[str, Any]], count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Draw count rated records of each question and return the others, each with these as its graded answers.

    Questions with no more than count records are left out.
    """
    by_question: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_question[record.get("qid", record["question"])].append(record)
    others: list[dict[str, Any]] = []
    for group in by_question.values():
        order = rng.permutation(len(group)).tolist()
        graded = [{"answer": group[i]["answer"], "score": group[i]["score"]} for i in order[:count]]
        others += [{**group[i], "graded": graded} for i in order[count:]]
    return others


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
