"""Fits the engine's calibration to exemplars that the claim reader was not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from sklearn.metrics import f1_score

from grading.engine import Grader, KeyPointResult
from grading.engine.calibration import Calibration, Logistic, fit_logistic
from grading.engine.grader import Signals, uncertainty
from grading.engine.guards import ZEROING, flags_before_reading
from grading.engine.scoring import likely_credit, score_of_credits
from grading.evaluation import CLOSE
from grading.grader import question_saying
from questionbank.content import ExemplarContent, QuestionContent

# How far a mark goes towards "the answer speaks of it": a partly stated point counts a little more often than not.
SPOKEN = {"stated": 1.0, "contradicted": 1.0, "partly": 0.6, "missing": 0.0}
# A mentor is asked to look at a score that is less likely right than this.
REVIEW_BELOW = 0.4
# A corpus that is wrong by half on purpose makes the fitted probabilities timid: candidates contradict less.
SHARPNESS = 1.5
# What an outright denial is worth. Not fitted: the corpus holds as many negations in right answers as in wrong ones,
# on purpose, so that none is learnt as a manner; candidates deny a claim in its own words to say that it is false.
DENIAL = 2.0
# From here on a point earns something.
PARTLY_FROM = 0.25
STATED_FROM = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
CONTRADICTED_FROM = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
# The claim reader's verdict taken as it is: enough to read by, and for what there is nothing to fit to.
UNFITTED = Calibration(
    coverage=Logistic((0.0, 0.0, 0.0, 1.0), 0.0),
    polarity=Logistic((1.0,), 0.0),
    polarity_with_misconceptions=Logistic((1.0, 0.0, 0.0, 0.0), 0.0),
    reference=Logistic((1.0,), 0.0),
    confidence=Logistic((0.0,), 0.0),
    denial=DENIAL,
    sharpness=SHARPNESS,
    partly_from=PARTLY_FROM,
    stated_from=0.5,
    contradicted_from=0.5,
    review_below=REVIEW_BELOW,
)


@dataclass(frozen=True)
class Marked:
    """An exemplar with the signals of its key points, their marks and weights, its likeness, and its score (0..1)."""

    signals: tuple[Signals, ...]
    likeness: float
    marks: tuple[str, ...]
    weights: tuple[float, ...]
    score: float


def read_exemplars(grader: Grader, questions: Sequence[QuestionContent]) -> list[Marked]:
    """Read the exemplars of questions that no guard stops."""
    return [
        _read(grader, content, exemplar)
        for content in questions
        for exemplar in content.exemplars
        if not ZEROING.intersection(flags_before_reading(question_saying(content), exemplar.text))
    ]


def _read(grader: Grader, content: QuestionContent, exemplar: ExemplarContent) -> Marked:
    signals, likeness = grader.read(question_saying(content), exemplar.text)
    marks = dict(exemplar.marks)
    return Marked(
        signals=tuple(signals),
        likeness=likeness,
        marks=tuple(marks[point.id] for point in content.key_points),
        weights=tuple(float(point.weight) for point in content.key_points),
        score=exemplar.score / 100,
    )


def calibrate(read: Sequence[Marked]) -> Calibration:
    """Fit all regressions, then choose the thresholds whose marks agree best with the raters'.

    Where few exemplars leave a regression without a row, the claim reader's verdict stands. Raises ValueError for no
    exemplars at all.
    """
    if not read:
        raise ValueError("There are no exemplars to calibrate by.")
    points = [(s, mark) for answer in read for s, mark in zip(answer.signals, answer.marks, strict=True)]
    spoken = [(s, mark) for s, mark in points if mark in ("stated", "contradicted")]
    fitted = replace(
        UNFITTED,
        coverage=_fit([(s.coverage, SPOKEN[mark]) for s, mark in points], UNFITTED.coverage),
        polarity=_fit([(s.polarity[:1], float(mark == "contradicted")) for s, mark in spoken], UNFITTED.polarity),
        polarity_with_misconceptions=_fit(
            [(s.polarity, float(mark == "contradicted")) for s, mark in spoken if s.wrong is not None],
            UNFITTED.polarity_with_misconceptions,
        ),
        reference=_fit_line(read),
    )
    chances = [[fitted.chances(s.coverage, s.polarity, s.denial) for s in answer.signals] for answer in read]
    fitted = max(
        (
            replace(fitted, stated_from=stated, contradicted_from=contradicted)
            for stated, contradicted in product(STATED_FROM, CONTRADICTED_FROM)
        ),
        key=lambda candidate: _agreement(candidate, read, chances),
    )
    return replace(fitted, confidence=_fit_confidence(fitted, read, chances))


Chances = Sequence[Sequence[tuple[float, float, float]]]


def _fit(rows: Sequence[tuple[Sequence[float], float]], otherwise: Logistic) -> Logistic:
    """otherwise: what stands where there are no rows."""
    if not rows:
        return otherwise
    return fit_logistic(np.array([features for features, _ in rows]), np.array([target for _, target in rows]))


def _fit_line(read: Sequence[Marked]) -> Logistic:
    """A straight line keeps the order and the distances of answers that are shorter than those it was fitted to."""
    likeness = np.array([answer.likeness for answer in read])
    if np.ptp(likeness) == 0:
        return UNFITTED.reference
    slope, bias = np.polyfit(likeness, [answer.score for answer in read], 1)
    return Logistic((round(float(slope), 6),), round(float(bias), 6))


def _agreement(calibration: Calibration, read: Sequence[Marked], chances: Chances) -> float:
    """Return the macro F1 of the marks that calibration gives."""
    marks = [mark for answer in read for mark in answer.marks]
    given = [calibration.mark(stated, contradicted) for row in chances for stated, _, contradicted in row]
    return float(f1_score(marks, given, average="macro", zero_division=0.0))


def _fit_confidence(calibration: Calibration, read: Sequence[Marked], chances: Chances) -> Logistic:
    rows: list[tuple[list[float], float]] = []
    for row, answer in zip(chances, read, strict=True):
        results = [_result(calibration, *one) for one in row]
        score = score_of_credits([result.credit for result in results], answer.weights)
        rows.append((uncertainty(results, answer.weights), float(abs(score - answer.score) <= CLOSE)))
    return _fit(rows, UNFITTED.confidence)


def _result(calibration: Calibration, stated: float, missing: float, contradicted: float) -> KeyPointResult:
    mark = calibration.mark(stated, contradicted)
    return KeyPointResult(
        "", mark, likely_credit(mark, stated, contradicted), 0.0, 0.0, stated, missing, contradicted, None
    )
