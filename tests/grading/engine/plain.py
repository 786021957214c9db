"""A grader whose sums are easy to do: stub parts, and a calibration of round figures."""

from grading.engine import Grader
from grading.engine.calibration import Calibration, Logistic
from grading.engine.encoder import StubEncoder
from grading.engine.verifier import StubVerifier

PLAIN = Calibration(
    # 1 where all is said, 1/2 where .6 of it is.
    coverage=Logistic((20.0, 0.0, 0.0, 0.0), -12.0),
    # The stub's own odds: of what is spoken of, a twentieth is taken for contradicted.
    polarity=Logistic((1.0,), 0.0),
    # Contradicted where the misconception is nearer than the claim.
    polarity_with_misconceptions=Logistic((0.0, 0.0, 20.0, 0.0), 0.0),
    # As much as is said of the nearest reference.
    reference=Logistic((1.0,), 0.0),
    # 1/2 where the score spreads by .3.
    confidence=Logistic((-10.0,), 3.0),
    # What is likely is as good as sure: a point that is said earns its whole weight, to four digits.
    denial=2.0,
    sharpness=4.0,
    partly_from=0.35,
    stated_from=0.55,
    contradicted_from=0.5,
    review_below=0.4,
)


def plain_grader(calibration: Calibration = PLAIN) -> Grader:
    """Return a new grader of stub parts."""
    return Grader(StubEncoder(quiet=True), StubVerifier(quiet=True), calibration)
