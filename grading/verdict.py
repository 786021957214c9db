"""Whether a question's exemplars tell strong, half and wrong answers apart: what publishing asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

# By how many points (of 100) the mean of one band must lie above the next one's. The shipped pack's figures and what
# speaks against more and less are in docs/decisions/0011-bench.md.
MARGIN = 10.0


@dataclass(frozen=True)
class Band:
    """Exemplars that should get a score from low to high (0–100), called `name` answers. The best band comes first."""

    name: str
    low: int
    high: int

    def holds(self, expected: float) -> bool:
        return self.low <= expected <= self.high

    @property
    def in_words(self) -> str:
        """Which score puts an exemplar into this band."""
        if self.low == 0:
            return f"{self.high} or less"
        return f"{self.low} or more" if self.high == 100 else f"{self.low} to {self.high}"


BANDS = (Band("strong", 80, 100), Band("half", 30, 70), Band("wrong", 0, 20))


@dataclass(frozen=True)
class Judged:
    """An exemplar with the score that it should get and the one that the grader gives (0–100)."""

    id: str
    expected: float
    given: float


@dataclass(frozen=True)
class Verdict:
    """Why the bands do not separate, in words (nothing where they do); how many each has, and their mean."""

    reasons: tuple[str, ...]
    bands: tuple[dict[str, Any], ...]

    @property
    def passed(self) -> bool:
        return not self.reasons

    def as_dict(self) -> dict[str, Any]:
        return {"passed": self.passed, "reasons": list(self.reasons), "bands": list(self.bands), "margin": MARGIN}


def verdict_on(exemplars: Sequence[Judged]) -> Verdict:
    """Judge a question by its exemplars: each band must be there, and lie MARGIN points above the next one.

    Exemplars between the bands are tried and shown, and count for none.
    """
    groups = [(band, [found for found in exemplars if band.holds(found.expected)]) for band in BANDS]
    reasons = [
        f"There is no {band.name} answer among the exemplars: write one that should get {band.in_words}."
        for band, group in groups
        if not group
    ]
    for (upper, better), (lower, worse) in pairwise(groups):
        if better and worse and _mean(better) - _mean(worse) < MARGIN:
            reasons.append(_too_close(upper, better, lower, worse))
    return Verdict(tuple(reasons), tuple(_summary(band, group) for band, group in groups))


def _mean(group: Sequence[Judged]) -> float:
    return fmean(found.given for found in group)


def _too_close(upper: Band, better: Sequence[Judged], lower: Band, worse: Sequence[Judged]) -> str:
    # Only what stands too low above, or too high below, is in the way.
    lowest = max(better, key=lambda found: found.expected - found.given)
    highest = max(worse, key=lambda found: found.given - found.expected)
    furthest = max(lowest, highest, key=lambda found: abs(found.expected - found.given))
    above, below = _mean(better), _mean(worse)
    # Rounded, 9.9 points apart would read like 10.
    digits = 0 if round(above) - round(below) < MARGIN else 1
    return (
        f"The {lower.name} answers score {below:.{digits}f} on average, the {upper.name} ones {above:.{digits}f}: "
        f"at least {MARGIN:.0f} points apart are needed. The furthest off: “{furthest.id}” gets {furthest.given:.0f} "
        f"and should get {furthest.expected:.0f}."
    )


def _summary(band: Band, group: Sequence[Judged]) -> dict[str, Any]:
    mean = round(_mean(group), 4) if group else None
    return {"name": band.name, "in_words": band.in_words, "n": len(group), "mean": mean}
