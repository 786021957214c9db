"""Learning from graded answers without training: what mentors gave near answers moves a score.

A Gaussian process over the residuals of a question's graded answers (Rasmussen and Williams 2006, ch. 2): the score p
of an answer becomes p + k (K + s I)⁻¹ (given - predicted), where near answers by cosine count most and all count a
little. docs/decisions/0006-learning-from-mentors.md has what it gains with 5, 10 and 20 graded answers.
"""

import numpy as np
from numpy.typing import NDArray

# Of the variance of residuals: what all answers to a question share, what near ones share, and the mentors' own noise.
SHARED = 0.02
NEAR = 0.03
NEAR_SCALE = 0.25
NOISE = 0.05


def correction(answer: NDArray[np.float32], graded: NDArray[np.float32], residuals: NDArray[np.float64]) -> float:
    """Return what to add to an answer's score (0..1).

    answer (D,) and graded (n, D): vectors of length 1; residuals (n,): the mentors' scores less the engine's, 0..1.
    """
    if len(graded) == 0:
        return 0.0
    among = _covariance(graded @ graded.T) + NOISE * np.eye(len(graded))
    return float(_covariance(graded @ answer) @ np.linalg.solve(among, residuals))


def _covariance(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    return SHARED + NEAR * np.exp(-(1 - cosines.astype(np.float64)) / NEAR_SCALE)
