"""How well grades agree with raters: the figures that evaluate_grader prints."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

from grading.engine import GradeResult
from grading.records import MARKS

LEVELS = 6


def evaluate(records: Sequence[dict[str, Any]], results: Sequence[GradeResult]) -> dict[str, Any]:
    """Compare results with the records' score (0..1) and marks, in the same order.

    Returns n, questions, pearson, spearman, qwk (on 6 levels), rmse, by_kind (mean score and raters' mean) and
    key_points (precision, recall and F1 by mark, and their macro F1), as far as the records have what is needed.
    """
    human = np.array([float(record["score"]) for record in records])
    machine = np.array([result.score for result in results])
    report: dict[str, Any] = {
        "n": len(records),
        "questions": len({record.get("qid", record["question"]) for record in records}),
        "rmse": _rounded(np.sqrt(np.mean((human - machine) ** 2))),
    }
    levels = _levels(human), _levels(machine)
    if len(np.unique(levels)) > 1:
        # All levels by name: without them, one that nobody gave would bring its neighbours closer together.
        report["qwk"] = _rounded(cohen_kappa_score(*levels, labels=range(LEVELS), weights="quadratic"))
    if human.std() > 0 and machine.std() > 0:
        report["pearson"] = _rounded(pearsonr(human, machine).statistic)
        report["spearman"] = _rounded(spearmanr(human, machine).statistic)
    if any("kind" in record for record in records):
        report["by_kind"] = _by_kind(records, human, machine)
    if any(record.get("marks") for record in records):
        report["key_points"] = _key_points(records, results)
    return report


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def _levels(scores: np.ndarray) -> np.ndarray:
    return np.rint(scores * (LEVELS - 1)).astype(int)


def _by_kind(records: Sequence[dict[str, Any]], human: np.ndarray, machine: np.ndarray) -> dict[str, Any]:
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


def _key_points(records: Sequence[dict[str, Any]], results: Sequence[GradeResult]) -> dict[str, Any]:
    true: list[str] = []
    given: list[str] = []
    for record, result in zip(records, results, strict=True):
        marked = {point.id: point.mark for point in result.key_points}
        for key, value in (record.get("marks") or {}).items():
            true.append(MARKS[value])
            given.append(marked[key])
    labels = list(MARKS.values())
    precision, recall, f1, count = precision_recall_fscore_support(true, given, labels=labels, zero_division=0.0)
    by_mark = {
        label: {"precision": _rounded(p), "recall": _rounded(r), "f1": _rounded(f), "n": int(n)}
        for label, p, r, f, n in zip(labels, precision, recall, f1, count, strict=True)
    }
    return {"by_mark": by_mark, "macro_f1": _rounded(np.mean([row["f1"] for row in by_mark.values() if row["n"]]))}
