"""How well machine and mentors agree: figures in plain numpy, for pages. The command has grading.evaluation's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

LEVELS = 6
"""Scores are compared in so many levels: 0, 20, … 100."""

FEWEST = 5
"""A figure of fewer answers says more about them than about the grader, and is not shown."""


@dataclass(frozen=True)
class ScoreAgreement:
    """Machine's and mentors' scores of n answers, in points of 100; None where fewer than FEWEST tell nothing.

    bias: by how much the machine gives more than the mentors (below 0: less), on average; error: how far apart they
    are, on average; qwk: quadratic weighted kappa on six levels, 1 for perfect agreement and 0 for chance, also None
    where all scores are of one level.
    """

    n: int
    bias: float | None
    error: float | None
    qwk: float | None

    @property
    def is_enough(self) -> bool:
        return self.n >= FEWEST


@dataclass(frozen=True)
class MarkAgreement:
    """Machine's and mentors' marks of n key points; None where fewer than FEWEST tell nothing.

    equal: the share (0..1) in which both give the same mark; f1: of finding what the mentors hold for stated, also
    None where neither ever says so.
    """

    n: int
    equal: float | None
    f1: float | None


def agreement_of_scores(pairs: Sequence[tuple[float, float]]) -> ScoreAgreement:
    """Compare (machine's, mentor's) scores, 0–100 each."""
    if len(pairs) < FEWEST:
        return ScoreAgreement(len(pairs), None, None, None)
    machine, mentors = np.array(pairs, dtype=float).T
    difference = machine - mentors
    return ScoreAgreement(
        n=len(pairs),
        bias=float(difference.mean()),
        error=float(np.abs(difference).mean()),
        qwk=quadratic_weighted_kappa(machine, mentors),
    )


def quadratic_weighted_kappa(machine: np.ndarray, mentors: np.ndarray) -> float | None:
    """Return Cohen's kappa with quadratic weights (Cohen 1968) of scores 0–100 (n,) on LEVELS levels.

    None where all of both are of one level: nothing could disagree by chance.
    """
    given, true = (np.rint(scores / 100 * (LEVELS - 1)).astype(int) for scores in (machine, mentors))
    apart = np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)) ** 2
    shares = [np.bincount(levels, minlength=LEVELS) / len(levels) for levels in (true, given)]
    by_chance = float((np.outer(*shares) * apart).sum())
    if by_chance == 0:
        return None
    return 1 - float(((given - true) ** 2).mean()) / by_chance


def agreement_of_marks(counts: Iterable[tuple[str, str, int]]) -> MarkAgreement:
    """Compare marks, counted as (machine's, mentors', how often)."""
    rows = list(counts)
    n = sum(count for _, _, count in rows)
    if n < FEWEST:
        return MarkAgreement(n, None, None)
    both, one = 0, 0
    for machine, mentors, count in rows:
        said = (machine == "stated") + (mentors == "stated")
        both += count * (said == 2)
        one += count * (said == 1)
    return MarkAgreement(
        n=n,
        equal=sum(count for machine, mentors, count in rows if machine == mentors) / n,
        f1=2 * both / (2 * both + one) if both + one else None,
    )
