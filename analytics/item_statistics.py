"""What the scores of many candidates say about a question: the figures of classical test theory, in plain numpy.

Scores are 0–100 and may lack for any pair of candidate and question: each candidate meets other questions. Persons and
items are whole numbers from 0. docs/decisions/0017-item-statistics.md has the reasons and the sources.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST = 5
"""A figure of fewer candidates says more about them than about the question, and might give one of them away."""

PASS_MARK = 60
LEAST_OTHERS = 3
"""The mean of one or two other answers says little about a candidate."""

WEAK_BELOW, WEAK_FROM = 0.1, 20
"""Ebel and Frisbie (1991) ask for 0.2. From 20 candidates on, less than half of that is worth a look."""

ALIKE_SHARE, ALIKE_FROM = 0.9, 10
VERY_HIGH, VERY_LOW = 90, 10

BANDS = 10
CONFIDENCE_95 = 1.959964

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Quartiles:
    """A quarter of the values lies below low, half below median, three quarters below high."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Discrimination:
    """Item-rest correlation (-1..1) over n candidates, and where it lies with 95 % confidence (Fisher's z)."""

    value: float
    n: int
    low: float
    high: float


def facility(scores: ArrayLike) -> float:
    """Return the mean score as a share of what could be had, 0 (nobody gets anything) to 1. scores: at least one.

    Formula: mean / 100, the classical difficulty index for items with partial credit (Lord and Novick 1968).
    """
    return float(np.mean(np.asarray(scores, float))) / 100


def pass_share(scores: ArrayLike) -> float:
    """Return the share (0..1) of scores from PASS_MARK on. scores: at least one."""
    return float(np.mean(np.asarray(scores, float) >= PASS_MARK))


def histogram(scores: ArrayLike) -> list[int]:
    """Return how many scores lie in each tenth of the scale: 0 to below 10, …, 90 to 100 inclusive."""
    counts, _ = np.histogram(np.asarray(scores, float), bins=BANDS, range=(0, 100))
    return [int(count) for count in counts]


def quartiles(values: ArrayLike) -> Quartiles:
    """Return the quartiles of at least one value, interpolated linearly (Hyndman and Fan 1996, type 7)."""
    low, median, high = np.percentile(np.asarray(values, float), [25, 50, 75])
    return Quartiles(float(low), float(median), float(high))


def rest_scores(persons: ArrayLike, items: ArrayLike, scores: ArrayLike) -> Floats:
    """Return, for each score, how the same person did on all other items: nan with fewer than LEAST_OTHERS.

    It is the mean of what lies between the person's scores and those items' means, in points. Where everybody has met
    the same items this correlates with any of them as the plain mean of the rest does; where the draws differ, nobody
    is taken for weak who drew hard questions. The item itself is left out, so that it does not correlate with itself
    (the correction of Henrysson 1963).
    """
    who, what, value = np.asarray(persons, int), np.asarray(items, int), np.asarray(scores, float)
    if not value.size:
        return np.empty(0)
    apart = value - (np.bincount(what, value) / np.maximum(np.bincount(what), 1))[what]
    others = np.bincount(who)[who] - 1
    total = np.bincount(who, apart)[who] - apart
    return np.where(others >= LEAST_OTHERS, total / np.maximum(others, 1), np.nan)


def correlation(values: ArrayLike, rest: ArrayLike) -> Discrimination | None:
    """Return Pearson's correlation of values with rest, pairs with a nan left out; None for fewer than FEWEST pairs.

    With values of 0 and 1 this is the point-biserial correlation. None also where all of either are alike.
    """
    x, y = np.asarray(values, float), np.asarray(rest, float)
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    if len(x) < FEWEST or _alike(x) or _alike(y):
        return None
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    low, high = _interval(r, len(x))
    return Discrimination(r, len(x), low, high)


def _alike(values: Floats) -> bool:
    return bool(np.ptp(values) < 1e-9)  # what is left of rounding


def _interval(r: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a correlation by Fisher's transformation (1921)."""
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    reach = CONFIDENCE_95 / np.sqrt(n - 3)
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))


def alpha(persons: ArrayLike, items: ArrayLike, scores: ArrayLike, *, length: int) -> float | None:
    """Return how reliable the mean of length items is (at most 1): Cronbach's alpha for draws that differ.

    The scores are split into what persons, items and the rest contribute, by fitting constants (Henderson's method 3;
    Searle, Casella and McCulloch 1992), and alpha = person / (person + rest / length), the generalizability
    coefficient (Brennan 2001). Where everybody has met the same length items it is Cronbach's alpha to the digit
    (Hoyt 1941). Each pair of person and item comes once. None where the scores cannot tell: fewer than FEWEST
    persons, nothing left to estimate from, or no variance at all.
    """
    who, what = _numbered(persons), _numbered(items)
    value = np.asarray(scores, float)
    n, q = int(who.max(initial=-1)) + 1, int(what.max(initial=-1)) + 1
    if n < FEWEST:
        return None
    met = np.zeros((n, q))
    met[who, what] = 1
    filled = np.zeros((n, q))
    filled[who, what] = value
    return _reliability(met, filled, length)


def _numbered(values: ArrayLike) -> NDArray[np.int64]:
    """Number the values from 0 without gaps."""
    return np.unique(np.asarray(values), return_inverse=True)[1].astype(np.int64)


def _reliability(met: Floats, scores: Floats, length: int) -> float | None:
    """Work alpha out of persons × items: met has 1 where there is a score, scores has 0 where there is none."""
    observed, (n, q) = met.sum(), met.shape
    per_person, per_item = met.sum(axis=1), met.sum(axis=0)
    squares = (scores**2).sum()
    without_persons = squares - (scores.sum(axis=0) ** 2 / per_item).sum()
    # Persons are eliminated from the normal equations, which leaves as many as there are items.
    left = np.diag(per_item) - (met.T / per_person) @ met
    right = scores.sum(axis=0) - (met.T / per_person) @ scores.sum(axis=1)
    sizes, axes = np.linalg.eigh(left)
    told = sizes > 1e-9 * q * max(sizes.max(), 1.0)
    along = axes[:, told].T @ right
    rest = max(squares - (scores.sum(axis=1) ** 2 / per_person).sum() - (along**2 / sizes[told]).sum(), 0.0)
    parts = q - int(told.sum())  # groups of persons who share no item
    freedom = observed - n - q + parts
    if freedom <= 0 or observed <= q:
        return None
    noise = rest / freedom
    person = (without_persons - rest - (n - parts) * noise) / (observed - q)
    whole = person + noise / length
    return float(min(person / whole, 1.0)) if whole > 1e-9 else None


def all_alike(scores: ArrayLike) -> str:
    """Return "high" or "low" where nearly all of at least ALIKE_FROM scores are above 90 or below 10, else ""."""
    values: Any = np.asarray(scores, float)
    if len(values) < ALIKE_FROM:
        return ""
    if np.mean(values > VERY_HIGH) >= ALIKE_SHARE:
        return "high"
    return "low" if np.mean(values < VERY_LOW) >= ALIKE_SHARE else ""


def is_weak(discrimination: Discrimination | None) -> bool:
    """Say whether an item tells strong and weak candidates apart no better than chance, from enough of them."""
    return discrimination is not None and discrimination.n >= WEAK_FROM and discrimination.value < WEAK_BELOW
