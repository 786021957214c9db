"""From marks to a score: the one formula that machine, mentor and counterfactual share."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

CREDIT: Mapping[str, float] = MappingProxyType({"stated": 1.0, "partly": 0.5, "missing": 0.0, "contradicted": 0.0})
"""The share of its weight that a mark earns."""

CONTRADICTION_COST = 0.15
"""What a contradicted point costs beside its lost credit, as a share of its weight."""


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
