"""The fitted part of the engine: four small logistic regressions and four thresholds, kept as JSON beside this file.

`manage.py train_verifier` fits them to exemplars that the claim reader was not trained on.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grading.engine.types import Mark
from grading.engine.verifier import hash_of

CALIBRATION_FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Logistic:
    """p = 1 / (1 + exp(-(bias + weights · features)))."""

    weights: tuple[float, ...]
    bias: float

    def logit(self, features: Sequence[float]) -> float:
        return self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))

    def probability(self, features: Sequence[float]) -> float:
        return sigmoid(self.logit(features))


def sigmoid(logit: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


@dataclass(frozen=True)
class Calibration:
    """What turns a key point's signals into probabilities, and probabilities into marks.

    coverage: whether the answer speaks of the point (features: grader.Signals.coverage); polarity: whether it then
    says the contrary (grader.Signals.polarity), with one fit for points without written misconceptions and one for
    points with them; reference: the score, as a straight line, where there are references alone
    (grader.Grader.likeness); confidence: whether the score is within 15 points of the raters' (grader.uncertainty).
    denial: by how much an outright denial moves the log-odds of the contrary (grader.Signals.denial).
    sharpness: the power to which the probabilities of the three marks are raised (1 leaves them as fitted);
    stated_from, partly_from, contradicted_from: the probabilities at which a mark is given; review_below: the
    confidence under which a mentor is asked to look.
    """

    coverage: Logistic
    polarity: Logistic
    polarity_with_misconceptions: Logistic
    reference: Logistic
    confidence: Logistic
    denial: float
    sharpness: float
    partly_from: float
    stated_from: float
    contradicted_from: float
    review_below: float

    @classmethod
    def load(cls, path: Path = CALIBRATION_FILE) -> "Calibration":
        """Read a calibration that save wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: Logistic(tuple(v["weights"]), v["bias"]) for name, v in raw.items() if isinstance(v, dict)}
        return cls(**{**raw, **parts})

    def chances(
        self, coverage: Sequence[float], polarity: Sequence[float], denial: float
    ) -> tuple[float, float, float]:
        """Return the probabilities that a key point is stated, missing, contradicted; rounded, they sum to 1."""
        fitted = self.polarity if len(polarity) == len(self.polarity.weights) else self.polarity_with_misconceptions
        spoken = self.coverage.probability(coverage)
        reversed_ = sigmoid(fitted.logit(polarity) + self.denial * denial)
        powers = [p**self.sharpness for p in (spoken * (1 - reversed_), 1 - spoken, spoken * reversed_)]
        stated, contradicted = (round(power / sum(powers), 4) for power in (powers[0], powers[2]))
        return stated, max(0.0, round(1 - stated - contradicted, 4)), contradicted

    def mark(self, stated: float, contradicted: float) -> Mark:
        """Return the mark for these probabilities."""
        if contradicted >= max(self.contradicted_from, stated):
            return "contradicted"
        if stated >= self.stated_from:
            return "stated"
        return "partly" if stated >= self.partly_from else "missing"

    @property
    def identity(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of its canonical JSON, for the receipt."""
        return hash_of(json.dumps(asdict(self), sort_keys=True).encode())

    def save(self, path: Path = CALIBRATION_FILE) -> None:
        """Write this calibration as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def fit_logistic(features: NDArray[np.float64], targets: NDArray[np.float64], *, ridge: float = 1e-3) -> Logistic:
    """Fit a logistic regression by Newton's method. features (n, k), targets (n,) in 0..1; ridge on scaled weights."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    design = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    penalty = np.diag([ridge] * features.shape[1] + [0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ solution))
        gradient = design.T @ (p - targets) / len(targets) + penalty @ solution
        hessian = (design.T * (p * (1 - p))) @ design / len(targets) + penalty + 1e-9 * np.eye(len(solution))
        solution = solution - np.linalg.solve(hessian, gradient)
    weights = solution[:-1] / scale
    return Logistic(tuple(round(float(w), 6) for w in weights), round(float(solution[-1] - weights @ mean), 6))
