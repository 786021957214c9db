"""Agreement with the raters, against figures computed by hand."""

from typing import Any

import pytest

from grading.engine import GradeResult, KeyPointResult
from grading.evaluation import evaluate


def _record(score: float, **fields: Any) -> dict[str, Any]:
    return {"id": "a", "qid": "q1", "question": "Why?", "references": ["So."], "answer": "", "score": score, **fields}


def _result(score: float, **marks: str) -> GradeResult:
    points = tuple(KeyPointResult(key, mark, 0, 0, 0, 0, 1, 0, None) for key, mark in marks.items())  # type: ignore[arg-type]
    return GradeResult(score, 1.0, points)


# Deviations from the means .45 and .4: .55 .15 -.25 -.45 and .4 .2 -.4 -.2.
HUMAN = [1.0, 0.6, 0.2, 0.0]
MACHINE = [0.8, 0.6, 0.0, 0.2]


def test_agreement_is_computed_over_all_answers() -> None:
    report = evaluate([_record(score) for score in HUMAN], [_result(score) for score in MACHINE])

    assert report == {
        "n": 4,
        "questions": 1,
        "rmse": 0.1732,  # √((.2² + 0 + .2² + .2²) / 4)
        "pearson": 0.9057,  # .44 / √(.59 × .40)
        "spearman": 0.8,  # 1 - 6 × 2 / (4 × 15)
        # Levels 5 3 1 0 and 4 3 0 1: squared distances 3, of all pairs 100 / 4. Nobody has level 2: it counts still.
        "qwk": 0.88,
    }


def test_questions_are_told_apart_by_their_id_and_without_one_by_their_text() -> None:
    records = [_record(0, qid="q1"), _record(1, qid="q2"), _record(1, qid="q2", question="How?")]
    assert evaluate(records, [_result(0), _result(1), _result(1)])["questions"] == 2

    for record in records:
        del record["qid"]
    assert evaluate(records, [_result(0), _result(1), _result(1)])["questions"] == 2


@pytest.mark.parametrize(("human", "machine"), [([0.4, 0.4], [0.1, 0.9]), ([0.1, 0.9], [0.4, 0.4])])
def test_correlation_is_left_out_where_one_side_never_varies(human: list[float], machine: list[float]) -> None:
    report = evaluate([_record(score) for score in human], [_result(score) for score in machine])

    assert set(report) == {"n", "questions", "rmse", "qwk"}


def test_agreement_is_left_out_where_neither_side_ever_varies() -> None:
    assert evaluate([_record(0.4)] * 2, [_result(0.4)] * 2) == {"n": 2, "questions": 1, "rmse": 0.0}


def test_mean_scores_are_told_by_kind() -> None:
    records = [_record(1.0, kind="good"), _record(0.0, kind="parrot"), _record(0.5, kind="good")]

    report = evaluate(records, [_result(0.8), _result(0.3), _result(0.4)])

    assert report["by_kind"] == {
        "good": {"n": 2, "mean": 0.6, "raters": 0.75},
        "parrot": {"n": 1, "mean": 0.3, "raters": 0.0},
    }


def test_key_points_are_compared_mark_by_mark() -> None:
    records = [_record(1.0, marks={"a": 1, "b": 0.5, "c": 0}), _record(0.0, marks={"a": 1, "b": -1}), _record(0.5)]
    results = [
        _result(0.9, a="stated", b="partly", c="missing"),
        _result(0.1, a="missing", b="stated", c="stated"),  # nobody marked its c
        _result(0.5, a="contradicted"),
    ]

    assert evaluate(records, results)["key_points"] == {
        "by_mark": {
            "stated": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2},
            "partly": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 1},
            "missing": {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "n": 1},
            "contradicted": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1},
        },
        "macro_f1": 0.5417,
    }


def test_a_mark_that_no_rater_gave_does_not_lower_the_macro_figure() -> None:
    report = evaluate([_record(1.0, marks={"a": 1})], [_result(1.0, a="stated")])

    assert report["key_points"]["macro_f1"] == 1.0
    assert report["key_points"]["by_mark"]["contradicted"]["n"] == 0


def test_the_two_lists_must_match() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        evaluate([_record(1.0), _record(0.5)], [_result(1.0), _result(0.5), _result(0.1)])
