"""The verdict on a question's exemplars."""

import pytest

from grading.verdict import MARGIN, Judged, Verdict, verdict_on

STRONG, HALF, WRONG = Judged("strong", 95, 85), Judged("half", 50, 50), Judged("wrong", 5, 10)


def _passes(*exemplars: Judged) -> bool:
    return verdict_on(exemplars).passed


def test_bands_that_lie_apart_pass() -> None:
    verdict = verdict_on([STRONG, HALF, WRONG])

    assert verdict == Verdict(
        reasons=(),
        bands=(
            {"name": "strong", "in_words": "80 or more", "n": 1, "mean": 85},
            {"name": "half", "in_words": "30 to 70", "n": 1, "mean": 50},
            {"name": "wrong", "in_words": "20 or less", "n": 1, "mean": 10},
        ),
    )
    assert verdict.passed


def test_each_band_has_to_be_there() -> None:
    assert verdict_on([STRONG, WRONG]).reasons == (
        "There is no half answer among the exemplars: write one that should get 30 to 70.",
    )
    assert len(verdict_on([]).reasons) == 3


def test_what_lies_between_the_bands_counts_for_none() -> None:
    between = [Judged("a", 71, 0), Judged("b", 79, 0), Judged("c", 21, 100), Judged("d", 29, 100)]

    assert _passes(STRONG, HALF, WRONG, *between)
    assert not _passes(*between)


def test_the_bands_hold_their_edges() -> None:
    assert _passes(Judged("a", 80, 90), Judged("b", 70, 60), Judged("c", 30, 60), Judged("d", 20, 0))


def test_the_margin_itself_is_enough() -> None:
    assert _passes(Judged("a", 90, 50 + MARGIN), HALF, WRONG)
    assert not _passes(Judged("a", 90, 49.9 + MARGIN), HALF, WRONG)


def test_half_and_wrong_answers_have_to_lie_apart_as_well() -> None:
    assert verdict_on([STRONG, HALF, Judged("confused", 10, 45)]).reasons == (
        (
            "The wrong answers score 45 on average, the half ones 50: at least 10 points apart are needed. "
            "The furthest off: “confused” gets 45 and should get 10."
        ),
    )


def test_the_reason_names_the_exemplar_that_is_most_in_the_way() -> None:
    """One that scores too high among the better ones, or too low among the worse, is in nobody's way."""
    verdict = verdict_on(
        [Judged("terse", 90, 70), Judged("long", 90, 90), Judged("twin", 50, 83), Judged("short", 50, 63), WRONG]
    )

    assert verdict.reasons == (
        (
            "The half answers score 73 on average, the strong ones 80: at least 10 points apart are needed. "
            "The furthest off: “twin” gets 83 and should get 50."
        ),
    )


def test_what_is_hardly_too_close_does_not_read_as_enough() -> None:
    (reason,) = verdict_on([Judged("a", 90, 74.8), Judged("b", 50, 64.9), WRONG]).reasons

    assert reason.startswith("The half answers score 64.9 on average, the strong ones 74.8: at least 10 points")


@pytest.mark.parametrize("scores", [[], [0, 0, 0], [100, 100, 100]])
def test_a_verdict_is_json_and_says_its_margin(scores: list[int]) -> None:
    found = verdict_on([Judged(str(i), score, 50) for i, score in enumerate(scores)]).as_dict()

    assert (found["passed"], found["margin"]) == (False, MARGIN)
    assert [band["n"] for band in found["bands"]] in ([0, 0, 0], [0, 0, 3], [3, 0, 0])
