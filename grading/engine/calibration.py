"""The fitted part of the engine: two small logistic regressions, kept as JSON beside this file.

coverage: does the answer speak of the key point (stated or contradicted against missing)? polarity: if it does, does
it say the misconception rather than the claim? `manage.py fit_grader` fits them on the exemplars of packs.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CALIBRATION_FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Logistic:
    """p = 1 / (1 + exp(-(bias + weights · features)))."""

    weights: tuple[float, ...]
    bias: float

    def logit(self, features: Sequence[float]) -> float:
        return self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))

    def probability(self, features: Sequence[float]) -> float:
        return 1 / (1 + math.exp(-self.logit(features)))


@dataclass(frozen=True)
class Calibration:
    """coverage's features: see grader.coverage_features; polarity's: grader.polarity_features.

    partly_from and stated_from: the coverage at which a key point is partly stated, and stated; contradicted_from: the
    polarity at which a covered key point is contradicted.
    """

    coverage: Logistic
    polarity: Logistic
    partly_from: float
    stated_from: float
    contradicted_from: float

    @classmethod
    def load(cls, path: Path = CALIBRATION_FILE) -> "Calibration":
        """Read a calibration that save wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        for name in ("coverage", "polarity"):
            raw[name] = Logistic(tuple(raw[name]["weights"]), raw[name]["bias"])
        return cls(**raw)

    @property
    def identity(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of its canonical JSON, for the receipt."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

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
