"""The fitted part of the engine: kept exactly, named by its content, and fitted to what it is shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grading.engine.calibration import Calibration, Logistic, fit_logistic

PLAIN = Calibration(Logistic((2.0, -1.0, 0.5), 0.25), Logistic((-8.0, -3.0), 0.0), 0.35, 0.55, 0.45)


@pytest.mark.parametrize(("features", "p"), [((0, 0), 0.5), ((1, 0), 0.8808), ((0, 2), 0.1192), ((1, 2), 0.5)])
def test_a_logistic_gives_a_probability(features: tuple[float, float], p: float) -> None:
    assert Logistic((2.0, -1.0), 0.0).probability(features) == pytest.approx(p, abs=1e-4)


def test_a_logistic_refuses_features_that_it_was_not_fitted_to() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Logistic((2.0, -1.0), 0.0).probability((1.0,))


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"

    PLAIN.save(path)

    assert Calibration.load(path) == PLAIN
    assert Calibration.load(path).identity == PLAIN.identity


def test_the_identity_changes_with_every_figure() -> None:
    others = [
        replace(PLAIN, coverage=Logistic((2.0, -1.0, 0.5), 0.26)),
        replace(PLAIN, polarity=Logistic((-8.0, -3.1), 0.0)),
        replace(PLAIN, partly_from=0.3),
        replace(PLAIN, stated_from=0.5),
        replace(PLAIN, contradicted_from=0.5),
    ]

    assert len({PLAIN.identity, *(other.identity for other in others)}) == 6


def test_the_shipped_calibration_means_what_the_engine_takes_it_to_mean() -> None:
    """More likeness, more coverage; nearer to the claim than to the misconception, less contradiction."""
    shipped = Calibration.load()

    assert (len(shipped.coverage.weights), len(shipped.polarity.weights)) == (3, 2)
    assert shipped.coverage.weights[0] > 0
    assert shipped.polarity.weights[0] < 0
    assert 0 < shipped.partly_from < shipped.stated_from < 1
    assert 0 < shipped.contradicted_from < 1
    assert shipped.coverage.probability((1, 1, 0)) > 0.95
    assert shipped.coverage.probability((0, 0, 0)) < 0.05


def test_fitting_finds_the_figures_that_made_the_data() -> None:
    rng = np.random.default_rng(7)
    features = rng.normal(size=(4000, 2)) * [1.0, 5.0] + [0.5, -3.0]
    true = Logistic((3.0, -0.4), -1.0)
    targets = np.array([true.probability(row) for row in features])

    fitted = fit_logistic(features, targets, ridge=0.0)

    assert (*fitted.weights, fitted.bias) == pytest.approx((3.0, -0.4, -1.0), abs=1e-3)


def test_fitting_data_that_one_line_parts_stays_finite() -> None:
    fitted = fit_logistic(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 0.0, 1.0, 1.0]))

    assert fitted.probability((0.0,)) < 0.2
    assert fitted.probability((3.0,)) > 0.8
    assert np.isfinite([*fitted.weights, fitted.bias]).all()
