"""From marks to a score: the formula for marks that stand, and what a mark of which the machine is not sure earns."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

CREDIT: Mapping[str, float] = MappingProxyType({"stated": 1.0, "partly": 0.5, "missing": 0.0, "contradicted": 0.0})
"""The share of its weight that a mark earns."""

CONTRADICTION_COST = 0.15
"""What a contradicted point costs beside its lost credit, as a share of its weight."""


def likely_credit(mark: str, stated: float, contradicted: float) -> float:
    """Return the share of its weight that a machine's mark earns, by the probabilities 0..1 that stand behind it.

    What is stated or partly stated counts as far as it is likely stated, what is contradicted costs as far as it is
    likely contradicted, and what is missing does neither.
    """
    if mark == "contradicted":
        return -CONTRADICTION_COST * contradicted
    return 0.0 if mark == "missing" else stated


def score_of_credits(earned: Sequence[float], weights: Sequence[float]) -> float:
    """Return the score 0..1 of what key points earn (-1..1 each): their mean by weight, and nothing below 0."""
    return max(0.0, sum(share * weight for share, weight in zip(earned, weights, strict=True)) / sum(weights))


def score_of(marks: Iterable[tuple[str, float]]) -> float:
    """Return the score 0..1 of (mark, weight) pairs: credit by weight, less the cost of contradictions.

    No pairs, or weights that sum to 0, give 0. Raises KeyError for a mark that there is not.
    """
    pairs = list(marks)
    total = sum(weight for _, weight in pairs)
    if total <= 0:
        return 0.0
    earned = sum(CREDIT[mark] * weight for mark, weight in pairs)
    lost = CONTRADICTION_COST * sum(weight for mark, weight in pairs if mark == "contradicted")
    return max(0.0, earned - lost) / total
