"""How well grades agree with raters: the figures that evaluate_grader prints."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

from grading.engine import GradeResult, KeyPointResult
from grading.engine.text import words
from grading.records import MARKS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVELS = 6
CALIBRATION_BINS = 10
LABELS = list(MARKS.values())

FEWEST_WORDS = 4
"""An answer of fewer words is as good as empty: it is easily graded, and many of them make a correlation look good."""

SURE_CONFIDENCE = 0.7
"""From this confidence on a grade is taken to be sure: whoever ranks two sure answers by it should be right."""

CLOSE = 0.15
"""How far from the raters' score a score may be and still pass for theirs: 15 of 100 points."""

CONFIDENCE_BANDS = {"<.5": 0.0, ".5-.7": 0.5, ".7-.9": 0.7, ">=.9": 0.9}
"""The bands of confidence, by the figure at which each begins."""

RESAMPLES = 1000
FEWEST_QUESTIONS = 3
"""Fewer questions cannot tell how much a figure would move with other questions."""

# What ranks a stated key point before one that the raters marked so.
RANKS: dict[str, Callable[[KeyPointResult], float]] = {
    "missing": lambda point: point.p_stated - point.p_missing,
    "contradicted": lambda point: point.p_stated - point.p_contradicted,
}


@dataclass(frozen=True)
class Marks:
    """The raters' marks, true (n,), and the grade's, given (n,), as places in LABELS; rows (n,): of which record."""

    rows: Ints
    true: Ints
    given: Ints


@dataclass(frozen=True)
class Comparisons:
    """Pairs in which one side should rank higher: won (n,) is 1, for a tie .5, else 0; rows (n,): of which record."""

    won: Floats
    rows: Ints

    @property
    def share(self) -> float:
        return _rounded(self.won.mean())


@dataclass(frozen=True)
class Addends:
    """What a figure is computed from.

    values (n, k) add up over the records; rows (n,) says of which record each is; figure turns m sums of them, (m, k),
    into m figures, nan where there is none.
    """

    values: Floats
    rows: Ints
    figure: Callable[[Floats], Floats]


def evaluate(records: Sequence[dict[str, Any]], results: Sequence[GradeResult]) -> dict[str, Any]:
    """Compare results with the records' score (0..1) and marks, in the same order.

    Returns, as far as the records have what is needed:
    n, questions, pearson, spearman, qwk (on 6 levels), rmse;
    calibration_error: how far scores are from the raters' mean, by tenths of the scale, on average over the answers;
    confidence: by band the n, their mean confidence, and the share of them that is close (15 points) to the raters;
    without_empty: n, pearson and rmse of the answers of four words and more;
    by_kind: mean score and raters' mean;
    key_points: precision, recall and F1 by mark, and their macro_f1;
    within_answer: by stated_missing and stated_contradicted the auc, that is the share of the n pairs of key points of
    one answer in which the one that is stated ranks higher;
    twins: the share of the n pairs of twins in which the raters' better one scores higher, and the same among those of
    which both are sure;
    intervals: by figure the 95 % interval [low, high] over other choices of questions, from three questions on.
    """
    human = np.array([float(record["score"]) for record in records])
    machine = np.array([result.score for result in results])
    confidence = np.array([result.confidence for result in results])
    question = _numbered([record.get("qid", record["question"]) for record in records])
    report = {
        "n": len(records),
        "questions": len(np.unique(question)),
        **_agreement(human, machine),
        "calibration_error": _calibration_error(human, machine),
    }
    long_enough = np.array([len(words(record["answer"])) >= FEWEST_WORDS for record in records])
    marks = _marks(records, results)
    within = {f"stated_{other}": _within_answer(records, results, other) for other in RANKS}
    twins, sure = _twins(records, human, machine, confidence)
    addends = {
        "pearson": _moments(human, machine, _pearson),
        "rmse": _moments(human, machine, _rmse),
        "qwk": Addends(_cells(_levels(human), _levels(machine), LEVELS), np.arange(len(records)), _qwk),
        "macro_f1": Addends(_cells(marks.true, marks.given, len(LABELS)), marks.rows, _macro_f1),
        **{name: _compared(pairs) for name, pairs in within.items()},
        "twins": _compared(twins),
    }
    parts = {
        "confidence": _by_confidence(human, machine, confidence),
        "without_empty": _without_empty(human[long_enough], machine[long_enough]),
        "by_kind": _by_kind(records, human, machine),
        "key_points": _key_points(marks),
        "within_answer": {name: {"auc": p.share, "n": len(p.won)} for name, p in within.items() if len(p.won)},
        "twins": _twin_shares(twins, sure),
        "intervals": _intervals(question, addends),
    }
    return report | {name: part for name, part in parts.items() if part}


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def _levels(scores: Floats) -> Ints:
    return np.rint(scores * (LEVELS - 1)).astype(int)


def _numbered(names: Sequence[Any]) -> Ints:
    """Return names as numbers from 0, the same number for the same name."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names])


# --- Scores -------------------------------------------------------------------------------------------------


def _agreement(human: Floats, machine: Floats) -> dict[str, float]:
    figures = {"rmse": _rounded(np.sqrt(np.mean((human - machine) ** 2)))}
    levels = _levels(human), _levels(machine)
    if len(np.unique(levels)) > 1:
        # All levels by name: without them, one that nobody gave would bring its neighbours closer together.
        figures["qwk"] = _rounded(cohen_kappa_score(*levels, labels=range(LEVELS), weights="quadratic"))
    if human.std() > 0 and machine.std() > 0:
        figures["pearson"] = _rounded(pearsonr(human, machine).statistic)
        figures["spearman"] = _rounded(spearmanr(human, machine).statistic)
    return figures


def _calibration_error(human: Floats, machine: Floats) -> float:
    bins = np.minimum((machine * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    # A bin's difference of means counts once for each of its answers: that is the difference of its sums.
    return _rounded(np.abs(np.bincount(bins, weights=machine - human)).sum() / len(machine))


def _without_empty(human: Floats, machine: Floats) -> dict[str, Any]:
    if not len(human):
        return {}
    figures = _agreement(human, machine)
    return {"n": len(human), **{name: figures[name] for name in ("pearson", "rmse") if name in figures}}


def _by_confidence(human: Floats, machine: Floats, confidence: Floats) -> dict[str, Any]:
    close = np.round(np.abs(human - machine), 6) <= CLOSE  # rounded: .85 - .7 is a little more than .15
    band = np.digitize(confidence, list(CONFIDENCE_BANDS.values())) - 1
    return {
        name: {
            "n": int(inside.sum()),
            "mean": _rounded(confidence[inside].mean()),
            "close": _rounded(close[inside].mean()),
        }
        for number, name in enumerate(CONFIDENCE_BANDS)
        if (inside := band == number).any()
    }


def _by_kind(records: Sequence[dict[str, Any]], human: Floats, machine: Floats) -> dict[str, Any]:
    if not any("kind" in record for record in records):
        return {}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        rows[record.get("kind", "")].append(row)
    return {
        kind: {
            "n": len(found),
            "mean": _rounded(machine[found].mean()),
            "raters": _rounded(human[found].mean()),
        }
        for kind, found in sorted(rows.items())
    }


# --- Key points ---------------------------------------------------------------------------------------------


def _marks(records: Sequence[dict[str, Any]], results: Sequence[GradeResult]) -> Marks:
    found: list[tuple[int, int, int]] = []
    for row, (record, result) in enumerate(zip(records, results, strict=True)):
        given = {point.id: LABELS.index(point.mark) for point in result.key_points}
        found += [(row, LABELS.index(MARKS[mark]), given[key]) for key, mark in (record.get("marks") or {}).items()]
    return Marks(*np.array(found, dtype=int).reshape(-1, 3).T)


def _key_points(marks: Marks) -> dict[str, Any]:
    if not len(marks.rows):
        return {}
    precision, recall, f1, count = precision_recall_fscore_support(
        marks.true, marks.given, labels=range(len(LABELS)), zero_division=0.0
    )
    by_mark = {
        label: {"precision": _rounded(p), "recall": _rounded(r), "f1": _rounded(f), "n": int(n)}
        for label, p, r, f, n in zip(LABELS, precision, recall, f1, count, strict=True)
    }
    return {"by_mark": by_mark, "macro_f1": _rounded(np.mean([row["f1"] for row in by_mark.values() if row["n"]]))}


def _within_answer(records: Sequence[dict[str, Any]], results: Sequence[GradeResult], other: str) -> Comparisons:
    """Compare each key point that raters marked stated with each of the same answer that they marked other."""
    won: list[Floats] = []
    rows: list[int] = []
    for row, (record, result) in enumerate(zip(records, results, strict=True)):
        marks = {key: MARKS[mark] for key, mark in (record.get("marks") or {}).items()}
        ranks = {
            mark: np.array([RANKS[other](point) for point in result.key_points if marks.get(point.id) == mark])
            for mark in ("stated", other)
        }
        won.append(_won(np.subtract.outer(ranks["stated"], ranks[other]).ravel()))
        rows += [row] * len(won[-1])
    return Comparisons(np.concatenate(won), np.array(rows, dtype=int))


def _won(lead: Floats) -> Floats:
    """Return 1 for a lead above 0, .5 for none, 0 below. Rounded: .3 - .1 is a little less than .4 - .2."""
    return (np.sign(np.round(lead, 6)) + 1) / 2


# --- Twins --------------------------------------------------------------------------------------------------


def _twins(
    records: Sequence[dict[str, Any]], human: Floats, machine: Floats, confidence: Floats
) -> tuple[Comparisons, NDArray[np.bool_]]:
    """Compare the twins between which the raters see a difference; return also of which pairs (n,) both are sure.

    Twins that name each other are one pair. A pair is of the record that comes first.
    """
    row_of = {str(record["id"]): row for row, record in enumerate(records)}
    named = [
        (row, row_of[record["twin_of"]]) for row, record in enumerate(records) if record.get("twin_of") is not None
    ]
    pairs = np.array(sorted({(min(pair), max(pair)) for pair in named}), dtype=int).reshape(-1, 2)
    gap = np.round(human[pairs[:, 0]] - human[pairs[:, 1]], 6)
    first, second = pairs[gap != 0].T
    better = np.sign(gap[gap != 0])
    sure = np.minimum(confidence[first], confidence[second]) >= SURE_CONFIDENCE
    return Comparisons(_won(better * (machine[first] - machine[second])), first), sure


def _twin_shares(twins: Comparisons, sure: NDArray[np.bool_]) -> dict[str, Any]:
    if not len(twins.won):
        return {}
    shares: dict[str, Any] = {"share": twins.share, "n": len(twins.won)}
    if sure.any():
        shares["sure"] = {"share": _rounded(twins.won[sure].mean()), "n": int(sure.sum())}
    return shares


# --- Intervals ----------------------------------------------------------------------------------------------
# Answers to one question are alike, so it is questions that are drawn. Every figure is one of sums over questions: a
# draw then costs one product with how often each question was drawn, however many answers there are.


def _intervals(question: Ints, figures: dict[str, Addends]) -> dict[str, list[float]]:
    """Return by figure the percentiles 2.5 and 97.5 over resamples of the questions; question (n,): of each record.

    A figure is left out where fewer than three questions have anything to say about it. A resample in which it does
    not exist does not count.
    """
    count = int(question.max()) + 1
    drawn = np.random.default_rng(0).integers(count, size=(RESAMPLES, count))
    cells = drawn + count * np.arange(RESAMPLES)[:, np.newaxis]
    times = np.bincount(cells.ravel(), minlength=RESAMPLES * count).reshape(RESAMPLES, count).astype(float)
    found: dict[str, list[float]] = {}
    for name, addends in figures.items():
        of = question[addends.rows]
        sums = np.zeros((count, addends.values.shape[1]))
        np.add.at(sums, of, addends.values)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = addends.figure(times @ sums)
        values = values[np.isfinite(values)]
        if len(np.unique(of)) >= FEWEST_QUESTIONS and len(values):
            found[name] = [_rounded(end) for end in np.percentile(values, (2.5, 97.5))]
    return found


def _moments(human: Floats, machine: Floats, figure: Callable[[Floats], Floats]) -> Addends:
    # About the means, so that small variances are not lost between large sums.
    h, m = human - human.mean(), machine - machine.mean()
    values = np.column_stack([np.ones(len(h)), h, m, h * h, m * m, h * m, (human - machine) ** 2])
    return Addends(values, np.arange(len(h)), figure)


def _pearson(sums: Floats) -> Floats:
    n, h, m, hh, mm, hm, _ = sums.T
    varied = (hh - h * h / n) * (mm - m * m / n)
    return np.where(varied > 1e-12, (hm - h * m / n) / np.sqrt(varied), np.nan)


def _rmse(sums: Floats) -> Floats:
    rmse: Floats = np.sqrt(sums[:, -1] / sums[:, 0])
    return rmse


def _cells(true: Ints, given: Ints, size: int) -> Floats:
    """Return (n, size²): for each pair a 1 in its cell of the confusion matrix, whose rows are what is true."""
    cells: Floats = np.eye(size * size)[true * size + given]
    return cells


def _qwk(sums: Floats) -> Floats:
    matrix = sums.reshape(-1, LEVELS, LEVELS)
    distance = np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)) ** 2
    true, given = matrix.sum(axis=2), matrix.sum(axis=1)
    found: Floats = np.einsum("rij,ij->r", matrix, distance)
    expected: Floats = np.einsum("ri,rj,ij->r", true, given, distance) / sums.sum(axis=1)
    return 1 - found / expected


def _macro_f1(sums: Floats) -> Floats:
    matrix = sums.reshape(-1, len(LABELS), len(LABELS))
    true, given = matrix.sum(axis=2), matrix.sum(axis=1)
    right: Floats = np.einsum("rii->ri", matrix)
    f1: Floats = np.where(true > 0, 2 * right / (true + given), 0)
    macro: Floats = f1.sum(axis=1) / (true > 0).sum(axis=1)
    return macro


def _compared(pairs: Comparisons) -> Addends:
    values = np.column_stack([pairs.won, np.ones(len(pairs.won))])
    return Addends(values, pairs.rows, lambda sums: sums[:, 0] / sums[:, 1])
