"""Means of people's scores with their uncertainty, from what PostgreSQL has added up.

Answers of one person are alike, so the unit is the person: a mean is that of candidates' own means, and its interval
comes of how far candidates lie apart, not of how many answers there are.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.special import stdtrit

from analytics.item_statistics import FEWEST


@dataclass(frozen=True)
class Estimate:
    """The mean (0–100) of n candidates' own means over so many answers; deviation: their standard deviation.

    deviation is None for a single candidate: nothing says how far another one would lie.
    """

    mean: float
    deviation: float | None
    n: int
    answers: int

    @property
    def is_small(self) -> bool:
        """Whether so few candidates stand behind it that it says more about them than about anything else."""
        return self.n < FEWEST

    @property
    def low(self) -> float | None:
        return self.interval[0] if self.interval else None

    @property
    def high(self) -> float | None:
        return self.interval[1] if self.interval else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the mean of all such candidates lies with 95 % confidence (Student's t), within 0 to 100."""
        if self.deviation is None:
            return None
        reach = _quantile(self.n - 1) * self.deviation / sqrt(self.n)
        return max(0.0, self.mean - reach), min(100.0, self.mean + reach)


@dataclass(frozen=True)
class Difference:
    """How many points one mean lies above another, and where that lies with 95 % confidence (-100 to 100)."""

    points: float
    low: float
    high: float

    @property
    def distance(self) -> float:
        return abs(self.points)

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would hardly make it: the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def difference(before: Estimate, after: Estimate) -> Difference | None:
    """Return after's mean less before's, of different candidates (Welch 1947); None with fewer than two on a side."""
    if before.deviation is None or after.deviation is None:
        return None
    points = after.mean - before.mean
    parts = [(one.deviation or 0) ** 2 / one.n for one in (before, after)]
    if not sum(parts):
        return Difference(points, points, points)
    # The degrees of freedom of Welch and Satterthwaite.
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (before.n - 1) + parts[1] ** 2 / (after.n - 1))
    reach = _quantile(freedom) * sqrt(sum(parts))
    return Difference(points, max(-100.0, points - reach), min(100.0, points + reach))


def _quantile(freedom: float) -> float:
    return float(stdtrit(freedom, 0.975))
