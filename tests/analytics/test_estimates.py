"""Means of candidates with their uncertainty, against SciPy's own."""

import math
from statistics import mean, stdev

import pytest
from scipy import stats

from analytics.estimates import Estimate, difference


def _estimate(*scores: float) -> Estimate:
    return Estimate(mean(scores), stdev(scores) if len(scores) > 1 else None, len(scores), len(scores))


def test_the_interval_is_student_s() -> None:
    scores = [52, 61, 47, 70, 66, 58]

    low, high = stats.t.interval(0.95, 5, loc=59, scale=stats.sem(scores))

    assert _estimate(*scores).interval == pytest.approx((low, high))


def test_the_interval_stays_on_the_scale() -> None:
    assert [_estimate(1, 3).interval, _estimate(97, 99).interval] == [
        (0, pytest.approx(14.706205)),
        (pytest.approx(85.293795), 100),
    ]


def test_one_candidate_has_no_interval() -> None:
    assert (_estimate(50).interval, difference(_estimate(50), _estimate(60, 70))) == (None, None)


def test_candidates_who_score_alike_leave_no_room() -> None:
    apart = difference(_estimate(50, 50), _estimate(60, 60))

    assert apart
    assert (_estimate(50, 50).interval, (apart.points, apart.low, apart.high)) == ((50, 50), (10, 10, 10))


@pytest.mark.parametrize("after", [[71, 80, 66, 92, 75], [49, 62, 55, 70, 41]])
def test_the_difference_is_welch_s(after: list[float]) -> None:
    before = [52.0, 61, 47, 70, 66, 58, 49]

    apart = difference(_estimate(*before), _estimate(*after))

    theirs = stats.ttest_ind(after, before, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert apart
    assert (apart.low, apart.high) == pytest.approx((interval.low, interval.high))
    assert apart.is_clear == (theirs.pvalue < 0.05)
    assert math.isclose(apart.points, mean(after) - mean(before))


def test_fewer_than_five_candidates_are_few() -> None:
    assert [Estimate(50, 1, n, 100).is_small for n in (4, 5)] == [True, False]
