"""The figures of classical test theory, worked out by hand, and what must hold of them for any scores."""

from itertools import pairwise
from statistics import pvariance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.item_statistics import (
    Discrimination,
    Quartiles,
    all_alike,
    alpha,
    correlation,
    facility,
    histogram,
    is_weak,
    pass_share,
    quartiles,
    rest_scores,
)

SCORES = st.lists(st.integers(0, 100).map(float), min_size=1, max_size=40)

# Six candidates × four questions. Rows add up to 8, 6, 6, 4, 2, 2; everybody has met everything.
COMPLETE = [[2, 2, 2, 2], [2, 2, 1, 1], [2, 1, 2, 1], [1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]


def _long(table: list[list[float | None]]) -> tuple[list[int], list[int], list[float]]:
    """Return persons, items, scores of the cells that have a score."""
    cells = [(p, i, s) for p, row in enumerate(table) for i, s in enumerate(row) if s is not None]
    return [p for p, _, _ in cells], [i for _, i, _ in cells], [s for _, _, s in cells]


def _cronbach(table: list[list[float]]) -> float:
    """The formula of 1951: k / (k - 1) · (1 - Σ variances of the items / variance of the sums)."""
    k = len(table[0])
    items = sum(pvariance([row[i] for row in table]) for i in range(k))
    return k / (k - 1) * (1 - items / pvariance([sum(row) for row in table]))


def test_facility_is_the_mean_as_a_share() -> None:
    assert facility([0, 50, 100, 80]) == 0.575  # 230 / 4 / 100


def test_a_score_of_60_passes() -> None:
    assert pass_share([59.9, 60, 100, 0]) == 0.5


def test_the_histogram_has_ten_bands_and_the_last_takes_100() -> None:
    assert histogram([0, 9.99, 10, 55, 90, 100]) == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]


def test_quartiles_are_interpolated() -> None:
    # Four values have three gaps: the quarter lies 0.75 gaps from the first, 1 + 0.75; the half between 2 and 4.
    assert quartiles([1, 2, 4, 10]) == Quartiles(1.75, 3, 5.5)


def test_the_rest_leaves_the_item_out_and_minds_how_hard_the_others_are() -> None:
    # Means of the items: 50, 70, 30, 10. The first candidate lies 50, 20, 10, 0 above them, the second as far below.
    persons, items, scores = _long([[100, 90, 40, 10], [0, 50, 20, 10]])

    rest = rest_scores(persons, items, scores)

    # Of the first: (20 + 10 + 0) / 3 = 10, (50 + 10 + 0) / 3 = 20, (50 + 20 + 0) / 3, (50 + 20 + 10) / 3.
    assert rest.tolist() == pytest.approx([10, 20, 70 / 3, 80 / 3, -10, -20, -70 / 3, -80 / 3])


def test_fewer_than_three_other_answers_tell_no_rest() -> None:
    persons, items, scores = _long([[10, 20, 30, None], [10, 20, 30, 40]])

    rest = rest_scores(persons, items, scores)

    assert np.isnan(rest).tolist() == [True, True, True, False, False, False, False]


def test_nobody_is_taken_for_weak_who_drew_hard_questions() -> None:
    # Both lie exactly in the middle of every question they drew; the second drew those with means of 10.
    easy = [[90.0, 90, 90, 90, None, None, None, None]] * 2
    hard = [[None, None, None, None, 10.0, 10, 10, 10]] * 2

    assert rest_scores(*_long([*easy, *hard])).tolist() == [0] * 16


def test_discrimination_is_pearsons_correlation_with_its_interval() -> None:
    # Deviations -2 -1 0 1 2 and -2 0 -1 1 2: products 4 + 0 + 0 + 1 + 4 = 9, squares 10 and 10: r = 0.9.
    # Fisher: z = atanh 0.9 = 1.4722, ± 1.96 / √2 = 1.3859: tanh 0.0863 = 0.0861, tanh 2.8581 = 0.9934.
    found = correlation([1, 2, 3, 4, 5], [1, 3, 2, 4, 5])

    assert found
    assert (found.value, found.n) == (pytest.approx(0.9), 5)
    assert (found.low, found.high) == (pytest.approx(0.0861, abs=1e-3), pytest.approx(0.9934, abs=1e-3))


def test_the_correlation_of_stated_or_not_is_the_point_biserial_one() -> None:
    stated, rest = [True, True, True, False, False], [10.0, 20, 30, 0, 5]
    # (mean of 1s - mean of 0s) / standard deviation of all · √(p q): 20 and 2.5; all: mean 13, variance 116.
    by_hand = (20 - 2.5) / 116**0.5 * (0.6 * 0.4) ** 0.5

    found = correlation(stated, rest)

    assert found
    assert found.value == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("values", "rest"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, float("nan")]),
        ([3, 3, 3, 3, 3], [1, 2, 3, 4, 5]),
        ([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]),
    ],
    ids=["four", "four with a rest", "all scores alike", "all rests alike"],
)
def test_what_cannot_be_told_is_none(values: list[float], rest: list[float]) -> None:
    assert correlation(values, rest) is None


def test_alpha_of_complete_data_is_cronbachs() -> None:
    # Variances of the items: 20/36 · 3 + 12/36... by the formula itself, in _cronbach.
    persons, items, scores = _long(COMPLETE)

    assert alpha(persons, items, scores, length=4) == pytest.approx(_cronbach(COMPLETE))


def test_alpha_of_alike_columns_is_one() -> None:
    assert alpha(*_long([[n, n, n] for n in range(5)]), length=3) == pytest.approx(1)


def test_a_longer_interview_is_more_reliable_by_spearman_and_brown() -> None:
    data = _long(COMPLETE)
    four, eight = alpha(*data, length=4), alpha(*data, length=8)

    assert four
    assert eight == pytest.approx(2 * four / (1 + four))


def test_alpha_of_different_draws_lies_near_what_the_scores_were_made_with() -> None:
    # Persons vary by 15, items by 10, the rest by 20: 225 / (225 + 400 / 8) = 0.818. Each draws 8 of 40.
    random = np.random.default_rng(5)
    able, hard = random.normal(50, 15, 400), random.normal(0, 10, 40)
    draws = [(p, i) for p in range(400) for i in random.choice(40, 8, replace=False)]
    scores = [able[p] + hard[i] + random.normal(0, 20) for p, i in draws]

    found = alpha([p for p, _ in draws], [i for _, i in draws], scores, length=8)

    assert found == pytest.approx(0.818, abs=0.03)


@pytest.mark.parametrize(
    "table",
    [[], COMPLETE[:4], [[1]] * 6, [[5, 5, 5]] * 6],
    ids=["nobody", "four persons", "one item", "no variance"],
)
def test_alpha_is_none_where_the_scores_cannot_tell(table: list[list[float]]) -> None:
    assert alpha(*_long(table), length=3) is None


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([95] * 9 + [20], "high"),
        ([95] * 8 + [20, 20], ""),
        ([95] * 9, ""),
        ([90] * 10, ""),
        ([5] * 9 + [60], "low"),
        ([10] * 10, ""),
    ],
)
def test_nine_in_ten_above_90_or_below_10_are_nearly_all(scores: list[float], said: str) -> None:
    assert all_alike(scores) == said


@pytest.mark.parametrize(
    ("value", "n", "weak"), [(0.09, 20, True), (0.09, 19, False), (0.1, 20, False), (-0.5, 30, True)]
)
def test_an_item_is_weak_below_a_tenth_from_20_candidates_on(*, value: float, n: int, weak: bool) -> None:
    assert is_weak(Discrimination(value, n, -1, 1)) == weak


@given(SCORES)
def test_shares_lie_between_none_and_all(scores: list[float]) -> None:
    assert 0 <= facility(scores) <= 1
    assert 0 <= pass_share(scores) <= 1
    assert sum(histogram(scores)) == len(scores)
    found = quartiles(scores)
    assert all(a <= b for a, b in pairwise([min(scores), found.low, found.median, found.high, max(scores)]))


@st.composite
def tables(draw: st.DrawFn) -> list[list[float | None]]:
    width = draw(st.integers(2, 6))
    cell = st.one_of(st.none(), st.integers(0, 100).map(float))
    return draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=5, max_size=12))


@given(tables())
def test_figures_stay_within_their_ranges(table: list[list[float | None]]) -> None:
    persons, items, scores = _long(table)
    found = correlation(scores, rest_scores(persons, items, scores))
    reliability = alpha(persons, items, scores, length=6)

    assert found is None or -1 <= found.low <= found.value <= found.high <= 1
    assert reliability is None or reliability <= 1


@given(tables(), st.randoms())
def test_the_order_of_persons_and_items_does_not_matter(table: list[list[float | None]], random: object) -> None:
    persons, items, scores = _long(table)
    shuffled = list(zip(persons, items, scores, strict=True))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    others = ([p + 7 for p, _, _ in shuffled], [i for _, i, _ in shuffled], [s for _, _, s in shuffled])

    rests = dict(zip(zip(persons, items, strict=True), rest_scores(persons, items, scores), strict=True))
    again = dict(zip(zip(*others[:2], strict=True), rest_scores(*others), strict=True))

    assert again == pytest.approx({(p + 7, i): rest for (p, i), rest in rests.items()}, nan_ok=True)
    assert alpha(*others, length=6) == pytest.approx(alpha(persons, items, scores, length=6), abs=1e-6)
