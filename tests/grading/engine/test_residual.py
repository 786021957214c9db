"""What graded answers add to a score. The sums are those of a Gaussian process, done by hand or the long way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from grading.engine.encoder import unit
from grading.engine.residual import NEAR, NEAR_SCALE, NOISE, SHARED, correction

K = SHARED + NEAR
"""What an answer shares with itself."""


def _vector(*numbers: float) -> NDArray[np.float32]:
    return unit(np.array(numbers, dtype=np.float32))


def _at(cosine: float) -> NDArray[np.float32]:
    """Return a vector at this cosine to _at(1)."""
    return _vector(cosine, np.sqrt(1 - cosine**2))


def _correction(answer: NDArray[np.float32], *graded: tuple[NDArray[np.float32], float]) -> float:
    vectors = np.array([vector for vector, _ in graded], dtype=np.float32)
    return correction(answer, vectors, np.array([residual for _, residual in graded]))


def test_nothing_is_learnt_from_no_answers() -> None:
    assert correction(_at(1), np.zeros((0, 2), dtype=np.float32), np.zeros(0)) == 0


@pytest.mark.parametrize("residual", [-1.0, -0.3, 0.0, 0.2, 1.0])
def test_one_identical_answer_counts_against_the_mentors_noise(residual: float) -> None:
    assert _correction(_at(1), (_at(1), residual)) == pytest.approx(residual * K / (K + NOISE), abs=1e-6)


@pytest.mark.parametrize("count", [2, 5, 50])
def test_many_identical_answers_drown_the_noise(count: int) -> None:
    moved = _correction(_at(1), *[(_at(1), 0.4)] * count)

    assert moved == pytest.approx(0.4 * count * K / (count * K + NOISE), abs=1e-6)


@pytest.mark.parametrize("cosine", [1, 0.75, 0.5, 0, -1])
def test_one_answer_counts_by_its_cosine(cosine: float) -> None:
    shared = SHARED + NEAR * np.exp(-(1 - cosine) / NEAR_SCALE)

    assert _correction(_at(1), (_at(cosine), 0.4)) == pytest.approx(0.4 * shared / (K + NOISE), abs=1e-6)


def test_the_nearer_a_graded_answer_the_more_it_moves_and_even_the_farthest_moves_a_little() -> None:
    moved = [_correction(_at(1), (_at(cosine), 0.4)) for cosine in (1, 0.9, 0.5, 0, -1)]

    assert moved == sorted(moved, reverse=True)
    assert moved[-1] == pytest.approx(0.4 * SHARED / (K + NOISE), abs=1e-4)


def test_of_two_that_disagree_the_nearer_one_wins() -> None:
    assert _correction(_at(1), (_at(0.95), 0.3), (_at(0.2), -0.3)) > 0
    assert _correction(_at(1), (_at(0.95), -0.3), (_at(0.2), 0.3)) < 0


def test_mentors_who_cancel_each_other_out_move_nothing() -> None:
    assert _correction(_at(1), (_at(0.6), 0.3), (_at(0.6), -0.3)) == pytest.approx(0, abs=1e-9)


def test_the_order_of_graded_answers_does_not_matter() -> None:
    graded = [(_at(0.9), 0.3), (_at(0.1), -0.2), (_at(0.5), 0.05)]

    assert _correction(_at(1), *graded) == pytest.approx(_correction(_at(1), *graded[::-1]), abs=1e-9)


def test_it_is_the_posterior_mean_of_the_gaussian_process() -> None:
    """k (K + s I)⁻¹ r, element by element."""
    rng = np.random.default_rng(3)
    vectors = unit(rng.standard_normal((8, 6)).astype(np.float32))
    answer, graded, residuals = vectors[0], vectors[1:], rng.uniform(-0.5, 0.5, 7)

    def covariance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
        return float(SHARED + NEAR * np.exp((a.astype(float) @ b.astype(float) - 1) / NEAR_SCALE))

    among = np.array([[covariance(a, b) for b in graded] for a in graded]) + NOISE * np.identity(7)
    towards = np.array([covariance(answer, b) for b in graded])
    expected = sum(towards[i] * np.linalg.inv(among)[i, j] * residuals[j] for i in range(7) for j in range(7))

    assert correction(answer, graded, residuals) == pytest.approx(expected, abs=1e-6)
