"""What one point more would be worth: told by the grader itself, with parts whose sums are easy to do."""

import pytest

from grading.counterfactual import LONGEST_ANSWER, scores_with_points
from grading.engine import Grader, Question
from tests.grading.engine.plain import plain_grader
from tests.grading.engine.test_grader import FILLER, LATE, LAZY, ONCE, QUESTION, SMALL, WITH_LATE

GRADER = plain_grader()


def _scores_with(answer: str, question: Question = QUESTION, grader: Grader = GRADER) -> dict[str, float]:
    return scores_with_points(grader, question, answer, grader.grade(question, answer))


def test_each_point_that_is_not_stated_has_the_score_of_the_answer_that_states_it() -> None:
    answer = f"{SMALL} {FILLER}"

    graded_with = {
        "lazy": GRADER.grade(QUESTION, f"{answer} {LAZY}").score,
        "once": GRADER.grade(QUESTION, f"{answer} {ONCE}").score,
    }
    assert _scores_with(answer) == pytest.approx(graded_with, abs=1e-3)
    assert _scores_with(answer) == pytest.approx({"lazy": 5 / 6, "once": 3 / 6}, abs=1e-3)


def test_an_answer_that_states_all_has_nothing_to_gain() -> None:
    assert _scores_with(f"{SMALL} {LAZY} {ONCE}") == {}


def test_a_claim_takes_the_place_of_the_sentence_that_contradicts_it() -> None:
    scores = _scores_with(f"{SMALL} {LATE} {ONCE}", WITH_LATE)

    assert scores == pytest.approx({"lazy": GRADER.grade(WITH_LATE, f"{SMALL} {LAZY} {ONCE}").score}, abs=1e-3)


def test_a_claim_stays_a_sentence_of_its_own_where_nothing_ends_with_a_full_stop() -> None:
    bare = Question("When?", (), tuple(point for point in QUESTION.key_points if point.id != "once"))
    spoken = SMALL.rstrip(".")

    graded_with = {"lazy": GRADER.grade(bare, f"{SMALL} {LAZY}").score}
    assert _scores_with(spoken, bare) == pytest.approx(graded_with, abs=1e-3)


def test_an_answer_that_a_guard_stopped_has_no_such_scores() -> None:
    assert _scores_with("") == {}
    assert _scores_with("Das ist nicht der Fall, und ein Generator wird nur mit dem ersten Wert bei Bedarf.") == {}


def test_an_answer_of_great_length_is_graded_once_alone() -> None:
    longest = (f"{SMALL} " + f"{FILLER} " * LONGEST_ANSWER)[:LONGEST_ANSWER]

    assert set(_scores_with(longest)) == {"lazy", "once"}
    assert _scores_with(f"{longest}.") == {}


def test_all_of_them_are_graded_in_one_batch() -> None:
    class Counting(Grader):
        batches = 0

        def grade_many(self, pairs):  # type: ignore[no-untyped-def]
            self.batches += 1
            return super().grade_many(pairs)

    grader = Counting(GRADER._encoder, GRADER._verifier, GRADER._calibration)  # noqa: SLF001
    result = grader.grade(QUESTION, FILLER)
    grader.batches = 0

    assert set(scores_with_points(grader, QUESTION, FILLER, result)) == {"small", "lazy", "once"}
    assert grader.batches == 1
