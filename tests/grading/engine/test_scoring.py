"""The one formula from marks to score."""

import pytest

from grading.engine import CREDIT, score_of
from grading.engine.scoring import likely_credit
from questionbank.models import Mark


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ([("stated", 1)], 1.0),
        ([("partly", 1)], 0.5),
        ([("missing", 1)], 0.0),
        ([("contradicted", 1)], 0.0),
        ([("stated", 3), ("missing", 1)], 0.75),
        ([("stated", 3), ("partly", 2), ("missing", 1)], 4 / 6),
        ([("stated", 3), ("contradicted", 1)], 2.85 / 4),  # a contradiction costs .15 of its own weight
        ([("stated", 1), ("contradicted", 3)], 0.55 / 4),
        ([("partly", 1), ("contradicted", 9)], 0.0),  # never below nothing
        ([("stated", 0.5), ("partly", 0.5)], 0.75),
    ],
)
def test_score_is_credit_by_weight_less_what_contradictions_cost(marks: list[tuple[str, float]], score: float) -> None:
    assert score_of(marks) == pytest.approx(score)


@pytest.mark.parametrize("marks", [[], [("stated", 0)]])
def test_nothing_to_earn_scores_nothing(marks: list[tuple[str, float]]) -> None:
    assert score_of(marks) == 0


def test_the_order_of_marks_and_the_size_of_weights_do_not_matter() -> None:
    marks = [("stated", 3.0), ("partly", 2.0), ("contradicted", 1.0)]

    assert score_of(reversed(marks)) == score_of(marks)
    assert score_of((mark, 10 * weight) for mark, weight in marks) == pytest.approx(score_of(marks))


def test_a_mark_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError, match="brilliant"):
        score_of([("brilliant", 1)])


@pytest.mark.parametrize(
    ("mark", "stated", "contradicted", "credit"),
    [
        ("stated", 0.9, 0.05, 0.9),
        ("partly", 0.4, 0.1, 0.4),
        ("missing", 0.2, 0.2, 0.0),
        ("contradicted", 0.3, 0.6, -0.09),
    ],
)
def test_a_machines_mark_earns_or_costs_as_far_as_it_is_likely(
    mark: str, stated: float, contradicted: float, credit: float
) -> None:
    assert likely_credit(mark, stated, contradicted) == pytest.approx(credit)


@pytest.mark.parametrize("mark", ["stated", "missing", "contradicted"])
def test_a_sure_mark_is_worth_to_a_machine_what_it_is_to_a_mentor(mark: str) -> None:
    """Beside a point that is stated: a score is never below 0."""
    sure = likely_credit(mark, float(mark == "stated"), float(mark == "contradicted"))

    assert (1 + sure) / 2 == pytest.approx(score_of([("stated", 1), (mark, 1)]))


def test_the_engine_and_the_question_bank_have_the_same_marks() -> None:
    assert list(CREDIT) == Mark.values
