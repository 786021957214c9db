"""The fitted part of the engine: kept exactly, named by its content, and fitted to what it is shown."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grading.engine.calibration import Calibration, Logistic, fit_logistic

PLAIN = Calibration(
    coverage=Logistic((2.0, -1.0, 0.5, 0.75), 0.25),
    polarity=Logistic((1.5,), -0.5),
    polarity_with_misconceptions=Logistic((1.0, 2.0, 8.0, 3.0), 0.0),
    reference=Logistic((3.0, 2.0), -2.5),
    confidence=Logistic((-4.0,), 1.0),
    denial=2.0,
    sharpness=1.0,
    partly_from=0.35,
    stated_from=0.55,
    contradicted_from=0.45,
    review_below=0.4,
)


def _always(probability: float, features: int) -> Logistic:
    """Return a logistic that gives this probability whatever it sees."""
    return Logistic((0.0,) * features, math.log(probability / (1 - probability)))


@pytest.mark.parametrize(("features", "p"), [((0, 0), 0.5), ((1, 0), 0.8808), ((0, 2), 0.1192), ((1, 2), 0.5)])
def test_a_logistic_gives_a_probability(features: tuple[float, float], p: float) -> None:
    assert Logistic((2.0, -1.0), 0.0).probability(features) == pytest.approx(p, abs=1e-4)


def test_a_logistic_refuses_features_that_it_was_not_fitted_to() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Logistic((2.0, -1.0), 0.0).probability((1.0,))


@pytest.mark.parametrize("logit", [-1e6, -800.0, 800.0, 1e6])
def test_a_probability_far_out_is_a_probability(logit: float) -> None:
    assert Logistic((1.0,), 0.0).probability((logit,)) == pytest.approx(float(logit > 0), abs=1e-9)


# --- Chances and marks --------------------------------------------------------------------------------------


def test_of_what_is_spoken_of_a_part_is_contradicted() -> None:
    fitted = replace(PLAIN, coverage=_always(0.8, 4), polarity=_always(0.25, 1))

    assert fitted.chances([0.0] * 4, [0.0], 0.0) == (0.6, 0.2, 0.2)


def test_a_denial_moves_the_odds_of_the_contrary() -> None:
    fitted = replace(PLAIN, coverage=_always(1 - 1e-12, 4), polarity=_always(0.5, 1), denial=math.log(3))

    assert [fitted.chances([0.0] * 4, [0.0], denial)[2] for denial in (-1.0, 0.0, 1.0)] == [0.25, 0.5, 0.75]


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0, 4.0])
def test_sharpness_is_a_power_of_the_chances(sharpness: float) -> None:
    fitted = replace(PLAIN, coverage=_always(0.8, 4), polarity=_always(0.25, 1), sharpness=sharpness)

    powers = [p**sharpness for p in (0.6, 0.2, 0.2)]
    assert fitted.chances([0.0] * 4, [0.0], 0.0) == pytest.approx([p / sum(powers) for p in powers], abs=1e-4)


def test_written_misconceptions_have_a_fit_of_their_own() -> None:
    fitted = replace(
        PLAIN,
        coverage=_always(0.8, 4),
        polarity=_always(0.25, 1),
        polarity_with_misconceptions=_always(0.75, 4),
    )

    assert fitted.chances([0.0] * 4, [0.0] * 4, 0.0) == (0.2, 0.2, 0.6)


@pytest.mark.parametrize("count", [0, 2, 3, 5])
def test_signals_that_no_fit_is_made_for_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="argument 2 is"):
        PLAIN.chances([0.0] * 4, [0.0] * count, 0.0)


def test_chances_are_not_below_zero_and_sum_to_one() -> None:
    """Rounded each by itself, stated and contradicted could sum to more than what is spoken of."""
    for spoken in (0.00001, 0.3, 0.99999):
        for denied in (n / 997 for n in range(1, 997)):
            fitted = replace(PLAIN, coverage=_always(spoken, 4), polarity=_always(denied, 1))

            chances = fitted.chances([0.0] * 4, [0.0], 0.0)

            assert min(chances) >= 0
            assert sum(chances) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("stated", "contradicted", "mark"),
    [
        (0.0, 0.0, "missing"),
        (0.3499, 0.0, "missing"),
        (0.35, 0.0, "partly"),
        (0.5499, 0.0, "partly"),
        (0.55, 0.0, "stated"),
        (1.0, 0.0, "stated"),
        (0.0, 0.4499, "missing"),
        (0.0, 0.45, "contradicted"),
        (0.46, 0.45, "partly"),
        (0.4, 0.5, "contradicted"),
        # As likely the one as the other: what is wrong weighs more.
        (0.5, 0.5, "contradicted"),
    ],
)
def test_the_limits_part_the_marks(stated: float, contradicted: float, mark: str) -> None:
    assert PLAIN.mark(stated, contradicted) == mark


# --- Kept ---------------------------------------------------------------------------------------------------


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"

    PLAIN.save(path)

    assert Calibration.load(path) == PLAIN
    assert Calibration.load(path).identity == PLAIN.identity


def test_the_identity_changes_with_every_figure() -> None:
    others = [
        replace(PLAIN, coverage=Logistic((2.0, -1.0, 0.5, 0.75), 0.26)),
        replace(PLAIN, polarity=Logistic((1.6,), -0.5)),
        replace(PLAIN, polarity_with_misconceptions=Logistic((1.0, 2.0, 8.0, 3.1), 0.0)),
        replace(PLAIN, reference=Logistic((3.0, 2.0), -2.4)),
        replace(PLAIN, confidence=Logistic((-4.0,), 1.1)),
        replace(PLAIN, sharpness=1.1),
        replace(PLAIN, partly_from=0.3),
        replace(PLAIN, stated_from=0.5),
        replace(PLAIN, contradicted_from=0.5),
        replace(PLAIN, review_below=0.5),
    ]

    assert len({PLAIN.identity, *(other.identity for other in others)}) == len(others) + 1


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    PLAIN.save(path)
    raw = json.loads(path.read_text(encoding="utf-8"))
    del raw["confidence"]
    path.write_text(json.dumps(raw), encoding="utf-8")

    with pytest.raises(TypeError, match="confidence"):
        Calibration.load(path)


def test_the_shipped_calibration_means_what_the_engine_takes_it_to_mean() -> None:
    """More likeness and a surer verdict, more coverage; the misconception nearer, more contradiction."""
    shipped = Calibration.load()

    fits = (shipped.coverage, shipped.polarity, shipped.polarity_with_misconceptions)
    assert [len(fit.weights) for fit in (*fits, shipped.reference, shipped.confidence)] == [4, 1, 4, 1, 1]
    likeness, _, _, verdict = shipped.coverage.weights
    assert likeness > 0  # the threshold of a mark is reckoned by it
    assert verdict > 0
    assert shipped.polarity.weights[0] > 0
    assert min(shipped.polarity_with_misconceptions.weights[:3]) > 0
    assert shipped.reference.logit((1,)) > 0.8
    assert shipped.reference.logit((0.2,)) < 0.2
    assert shipped.confidence.weights[0] < 0
    assert 0 < shipped.partly_from < shipped.stated_from < 1
    assert 0 < shipped.contradicted_from < 1
    assert 0 < shipped.review_below < 1
    assert shipped.sharpness > 0
    sure = math.log(0.95 / 0.05)
    assert shipped.coverage.probability((1, 1, 0, sure)) > 0.95
    assert shipped.coverage.probability((0.3, 0.2, 0.3, -sure)) < 0.05


# --- Fitting ------------------------------------------------------------------------------------------------


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
