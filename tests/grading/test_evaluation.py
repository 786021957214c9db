"""Agreement with the raters, against figures computed by hand."""

from typing import Any

import pytest

from grading.engine import GradeResult, KeyPointResult
from grading.evaluation import evaluate


def _record(score: float, **fields: Any) -> dict[str, Any]:
    return {"id": "a", "qid": "q1", "question": "Why?", "references": ["So."], "answer": "", "score": score, **fields}


def _result(score: float, confidence: float = 1.0, **marks: str) -> GradeResult:
    points = tuple(KeyPointResult(key, mark, 0, 0, 0, 0, 1, 0, None) for key, mark in marks.items())  # type: ignore[arg-type]
    return GradeResult(score, confidence, points)


def _result_with(**probabilities: tuple[float, float, float]) -> GradeResult:
    """Return a grade whose key points are stated, missing and contradicted with these probabilities."""
    points = (KeyPointResult(key, "partly", 0, 0, 0, *p, None) for key, p in probabilities.items())
    return GradeResult(0.5, 1.0, tuple(points))


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
        "calibration_error": 0.15,  # bins .8 .6 0 .2 with one answer each: (.2 + 0 + .2 + .2) / 4
        "confidence": {">=.9": {"n": 4, "mean": 1.0, "close": 0.25}},
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

    assert set(report) == {"n", "questions", "rmse", "qwk", "calibration_error", "confidence"}


def test_agreement_is_left_out_where_neither_side_ever_varies() -> None:
    assert evaluate([_record(0.4)] * 2, [_result(0.4)] * 2) == {
        "n": 2,
        "questions": 1,
        "rmse": 0.0,
        "calibration_error": 0.0,
        "confidence": {">=.9": {"n": 2, "mean": 1.0, "close": 1.0}},
    }


def test_calibration_compares_means_within_tenths_of_the_scale() -> None:
    human = [0.3, 0.05, 0.9, 0.65]
    machine = [0.1, 0.15, 0.95, 1.0]

    report = evaluate([_record(score) for score in human], [_result(score) for score in machine])

    # From .1: .125 against .175, too much and too little cancel. From .9, with 1: .975 against .775. Two answers each.
    assert report["calibration_error"] == 0.125


def test_confidence_is_set_beside_how_many_scores_are_close_to_the_raters() -> None:
    rows = [(0.2, 0.9, 0.3), (0.85, 0.7, 0.5), (0.9, 0.5, 0.6), (0.5, 0.5, 0.7)]  # raters, score, confidence

    report = evaluate([_record(human) for human, _, _ in rows], [_result(m, c) for _, m, c in rows])

    assert report["confidence"] == {
        "<.5": {"n": 1, "mean": 0.3, "close": 0.0},
        ".5-.7": {"n": 2, "mean": 0.55, "close": 0.5},  # .85 and .7 are 15 points apart: close
        ".7-.9": {"n": 1, "mean": 0.7, "close": 1.0},
    }


def test_answers_of_less_than_four_words_are_left_out_once() -> None:
    answers = ["It is the first.", "", "It is the second.", "I don't know", "It is the third one."]
    human = [1.0, 0.0, 0.5, 0.0, 0.0]
    machine = [0.8, 0.0, 0.2, 0.0, 0.2]

    report = evaluate(
        [_record(score, answer=answer) for score, answer in zip(human, answers, strict=True)],
        [_result(score) for score in machine],
    )

    assert report["n"] == 5
    assert report["without_empty"] == {
        "n": 3,
        "pearson": 0.866,  # deviations .5 0 -.5 and .4 -.2 -.2: .3 / √(.5 × .24)
        "rmse": 0.238,  # √((.2² + .3² + .2²) / 3)
    }


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


# --- Pairs --------------------------------------------------------------------------------------------------


def test_stated_key_points_are_ranked_against_the_others_of_the_same_answer() -> None:
    records = [
        _record(0.5, marks={"a": 1, "b": 1, "c": 0, "d": -1, "e": 0.5}),
        _record(0.5, marks={"a": 0, "b": 1}),
        _record(0.5, marks={"a": 1}),  # nothing to compare with
        _record(0.5),
    ]
    results = [
        # Stated less missing: a .3, b -.5, c -.1. Stated less contradicted: a .5, b .1, d .1. Nobody asks for e or f.
        _result_with(
            a=(0.6, 0.3, 0.1), b=(0.2, 0.7, 0.1), c=(0.4, 0.5, 0.1), d=(0.4, 0.3, 0.3), e=(1, 0, 0), f=(1, 0, 0)
        ),
        _result_with(a=(0.3, 0.6, 0.1), b=(0.5, 0.4, 0.1)),
        _result_with(a=(0, 1, 0)),
        _result_with(a=(0, 1, 0)),
    ]

    assert evaluate(records, results)["within_answer"] == {
        "stated_missing": {"auc": 0.6667, "n": 3},  # a over c, not b over c; b over a in the second answer
        "stated_contradicted": {"auc": 0.75, "n": 2},  # a over d, b level with d
    }


def test_ranking_is_left_out_where_there_is_nothing_to_compare() -> None:
    report = evaluate([_record(0.5, marks={"a": 1, "b": 0})], [_result_with(a=(1, 0, 0), b=(0, 1, 0))])
    assert report["within_answer"] == {"stated_missing": {"auc": 1.0, "n": 1}}

    report = evaluate([_record(0.5, marks={"a": 0, "b": -1})], [_result_with(a=(1, 0, 0), b=(0, 1, 0))])
    assert "within_answer" not in report


def test_twins_are_ranked_where_the_raters_see_a_difference() -> None:
    records = [
        _record(0.9, id="a"),
        _record(0.3, id="b", twin_of="a"),  # ranked as the raters do
        _record(0.2, id="c", twin_of="7"),  # the other way round, one side unsure
        _record(0.7, id=7),
        _record(0.5, id="e"),
        _record(0.5, id="f", twin_of="e"),  # no difference
        _record(1.0, id="g", twin_of=None),
        _record(0.0, id="h", twin_of="g"),  # a tie
    ]
    scores = [(0.8, 0.9), (0.5, 0.8), (0.6, 0.9), (0.4, 0.6), (0.1, 1.0), (0.9, 1.0), (0.5, 0.7), (0.5, 0.7)]

    report = evaluate(records, [_result(*score) for score in scores])

    assert report["twins"] == {"share": 0.5, "n": 3, "sure": {"share": 0.75, "n": 2}}


def test_twins_that_name_each_other_are_one_pair() -> None:
    records = [_record(0.9, id="a", twin_of="b"), _record(0.3, id="b", twin_of="a")]

    assert evaluate(records, [_result(0.8, 0.2), _result(0.5)])["twins"] == {"share": 1.0, "n": 1}


def test_twins_are_left_out_where_the_raters_see_no_difference() -> None:
    records = [_record(0.3, id="a"), _record(0.3, id="b", twin_of="a")]

    assert "twins" not in evaluate(records, [_result(0.8), _result(0.5)])


# --- Intervals ----------------------------------------------------------------------------------------------


def test_questions_that_are_all_alike_leave_no_room_for_any_figure() -> None:
    """Whatever is drawn is then the same again: both ends are the figure that is computed without drawing."""
    records: list[dict[str, Any]] = []
    results: list[GradeResult] = []
    points = [
        KeyPointResult("a", "stated", 0, 0, 0, 0.6, 0.3, 0.1, None),
        KeyPointResult("b", "stated", 0, 0, 0, 0.2, 0.7, 0.1, None),
        KeyPointResult("c", "missing", 0, 0, 0, 0.4, 0.5, 0.1, None),
        KeyPointResult("d", "contradicted", 0, 0, 0, 0.4, 0.3, 0.3, None),
    ]
    for qid in ("q1", "q2", "q3", "q4"):
        records += [_record(score, id=f"{qid}-{row}", qid=qid) for row, score in enumerate(HUMAN)]
        records[-4].update(marks={"a": 1, "b": 1, "c": 0, "d": -1})
        records[-3].update(marks={"a": 1, "b": 0.5, "c": -1, "d": 0})
        records[-2]["twin_of"] = f"{qid}-1"  # 0 against .6: as the raters, .2 against .6
        records[-1]["twin_of"] = f"{qid}-2"  # .2 against 0, and the raters 0 against .2
        results += [GradeResult(score, 1.0, tuple(points)) for score in MACHINE]

    report = evaluate(records, results)

    figures = {
        "pearson": 0.9057,
        "rmse": 0.1732,
        "qwk": 0.88,
        "macro_f1": 0.4643,  # stated 6/7 (3 right, 4 given, 3 there), partly 0, missing and contradicted 1/2
        "stated_missing": 0.6667,  # a .3 over c -.1, not b -.5 over c; a over d .1
        "stated_contradicted": 0.8333,  # a .5 over d .1, b .1 level with d; a over c .3
        "twins": 0.5,
    }
    assert report["intervals"] == {name: [figure, figure] for name, figure in figures.items()}
    assert {name: report[name] for name in ("pearson", "rmse", "qwk")} == {
        name: figures[name] for name in ("pearson", "rmse", "qwk")
    }
    assert report["key_points"]["macro_f1"] == figures["macro_f1"]
    assert {name: row["auc"] for name, row in report["within_answer"].items()} == {
        name: figures[name] for name in ("stated_missing", "stated_contradicted")
    }
    assert report["twins"]["share"] == figures["twins"]


def test_questions_are_drawn_whole() -> None:
    """Of three questions a draw takes one three times in 1 of 27 draws: more than the 1 in 40 cut off at each end."""
    records = [_record(0.5, qid=qid) for qid in ("q1", "q2", "q3") for _ in range(2)]
    results = [_result(score) for score in (0.6, 0.4, 0.7, 0.3, 0.9, 0.1)]

    assert evaluate(records, results)["intervals"]["rmse"] == [0.1, 0.4]  # of the first question, of the third


def test_a_draw_without_a_figure_does_not_count() -> None:
    """One answer drawn three times has no correlation and no agreement beyond chance."""
    records = [_record(score, qid=f"q{score}") for score in (0.0, 0.4, 1.0)]

    report = evaluate(records, [_result(score) for score in (0.0, 0.4, 1.0)])

    assert report["intervals"] == {"pearson": [1.0, 1.0], "rmse": [0.0, 0.0], "qwk": [1.0, 1.0]}


def test_two_questions_cannot_tell_an_interval() -> None:
    records = [_record(score, id=f"{qid}-{score}", qid=qid) for qid in ("q1", "q2", "q3") for score in (0.0, 0.4, 1.0)]
    results = [_result(score) for score in (0.0, 0.4, 1.0)] * 3
    for row, twin in ((1, "q1-0.0"), (4, "q2-0.0")):
        records[row]["twin_of"] = twin

    assert "intervals" not in evaluate(records[:6], results[:6])
    report = evaluate(records, results)
    assert report["twins"]["n"] == 2
    assert set(report["intervals"]) == {"pearson", "rmse", "qwk"}  # no twins in the third question


def test_the_same_records_give_the_same_intervals() -> None:
    records = [_record(score, qid=f"q{score}") for score in HUMAN]
    results = [_result(score) for score in MACHINE]

    assert evaluate(records, results) == evaluate(records, results)


def test_the_two_lists_must_match() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        evaluate([_record(1.0), _record(0.5)], [_result(1.0), _result(0.5), _result(0.1)])
