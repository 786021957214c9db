"""From alignment to marks, evidence and receipt, with the stub encoder and a calibration whose sums are easy to do."""

import math
from dataclasses import replace

import pytest

from grading.engine import CREDIT, ENGINE_VERSION, Evidence, Grader, KeyPoint, Misconception, Question
from grading.engine.calibration import Calibration, Logistic
from grading.engine.encoder import StubEncoder

SMALL, LAZY, ONCE = "Memory stays small.", "Values arrive lazily.", "Each runs a single time."
WRONG = "Everything gets computed beforehand."
FILLER = "Pears grow near quiet northern villages."
QUESTION = Question(
    "When would you write a generator?",
    (),
    (KeyPoint("small", SMALL, 2), KeyPoint("lazy", LAZY, 3), KeyPoint("once", ONCE, 1, ("You cannot rewind it.",))),
    (Misconception("eager", WRONG, "lazy"),),
)
# Covered by 20 × whole - 12: 1 where all is said, 1/2 where .6 is. Contradicted where the misconception is nearer.
PLAIN = Calibration(Logistic((20.0, 0.0, 0.0), -12.0), Logistic((-20.0, 0.0), 0.0), 0.35, 0.55, 0.5)


def _grader(calibration: Calibration = PLAIN) -> Grader:
    return Grader(StubEncoder(quiet=True), calibration)


def _marks(answer: str, question: Question = QUESTION) -> dict[str, str]:
    return {point.id: point.mark for point in _grader().grade(question, answer).key_points}


# --- Marks --------------------------------------------------------------------------------------------------


def test_what_is_said_is_stated_and_what_is_not_is_missing() -> None:
    result = _grader().grade(QUESTION, f"{SMALL} {FILLER} {LAZY}")

    assert [(p.id, p.mark, p.credit) for p in result.key_points] == [
        ("small", "stated", 1.0),
        ("lazy", "stated", 1.0),
        ("once", "missing", 0.0),
    ]
    assert (result.score, result.flags) == (0.8333, ())


def test_an_accepted_phrasing_is_as_good_as_the_claim() -> None:
    assert _marks(f"{FILLER} You cannot rewind it.")["once"] == "stated"


def test_the_misconception_instead_of_the_claim_is_a_contradiction_with_its_sentence_as_evidence() -> None:
    """A misconception shares the claim's words, as it does in real questions."""
    question = replace(QUESTION, misconceptions=(Misconception("late", "Values arrive eagerly beforehand.", "lazy"),))
    answer = f"{SMALL} Values arrive eagerly beforehand. {FILLER}"

    result = _grader().grade(question, answer)
    lazy = result.key_points[1]

    assert lazy.mark == "contradicted"
    assert lazy.evidence is not None
    assert lazy.evidence.text == "Values arrive eagerly beforehand."
    assert lazy.p_contradicted > lazy.p_stated
    assert result.score == pytest.approx((2 - 0.15 * 3) / 6, abs=1e-4)


def test_a_contradiction_rests_on_the_false_sentence_and_not_on_the_one_nearest_to_the_claim() -> None:
    question = replace(QUESTION, misconceptions=(Misconception("late", "Values arrive eagerly beforehand.", "lazy"),))
    answer = f"Lazily values. {FILLER} Apples too. Values arrive eagerly beforehand."

    lazy = _grader().grade(question, answer).key_points[1]

    assert lazy.mark == "contradicted"
    assert lazy.evidence is not None
    assert lazy.evidence.text == "Values arrive eagerly beforehand."


def test_the_claim_itself_is_not_taken_for_its_misconception() -> None:
    question = replace(QUESTION, misconceptions=(Misconception("late", "Values arrive eagerly beforehand.", "lazy"),))

    assert _marks(LAZY, question)["lazy"] == "stated"


def test_a_misconception_of_one_point_leaves_the_others_alone() -> None:
    assert _marks(f"{SMALL} {WRONG}")["small"] == "stated"


@pytest.mark.parametrize(
    ("partly_from", "stated_from", "mark"),
    [(0.05, 0.999, "partly"), (0.05, 0.06, "stated"), (0.998, 0.999, "missing")],
)
def test_the_calibrations_limits_part_stated_partly_and_missing(
    partly_from: float, stated_from: float, mark: str
) -> None:
    """Two words of three are said: somewhere between nothing and all."""
    limits = replace(PLAIN, partly_from=partly_from, stated_from=stated_from)

    point = _grader(limits).grade(QUESTION, f"Memory small. {FILLER}").key_points[0]

    assert (point.mark, point.credit) == (mark, CREDIT[mark])


@pytest.mark.parametrize("answer", [SMALL, f"Memory small. {FILLER}", f"Memory. {FILLER}", FILLER])
def test_a_point_is_above_its_threshold_just_when_it_is_stated(answer: str) -> None:
    point = _grader().grade(QUESTION, answer).key_points[0]

    assert (point.similarity >= point.threshold) == (point.mark == "stated")
    assert point.margin == point.similarity - point.threshold
    assert point.threshold == pytest.approx(0.61, abs=0.001)  # 20 × .61 - 12 = ln(.55 / .45)


def test_probabilities_sum_to_one_and_confidence_is_the_surest_by_weight() -> None:
    result = _grader().grade(QUESTION, f"{SMALL} Values arrive. {FILLER}")

    for point in result.key_points:
        assert min(point.p_stated, point.p_missing, point.p_contradicted) >= 0
        assert point.p_stated + point.p_missing + point.p_contradicted == pytest.approx(1, abs=1e-9)
    sure = [max(p.p_stated, p.p_missing, p.p_contradicted) for p in result.key_points]
    assert result.confidence == pytest.approx((2 * sure[0] + 3 * sure[1] + sure[2]) / 6, abs=1e-4)


def test_probabilities_of_a_point_that_is_surely_covered_leave_nothing_below_zero() -> None:
    """Rounded each by itself, stated and contradicted could sum to more than one."""
    for denied in (n / 997 for n in range(1, 997, 6)):
        polarity = Logistic((0.0, 0.0), math.log(denied / (1 - denied)))
        sure = replace(PLAIN, coverage=Logistic((0.0001, 0.0, 0.0), 30.0), polarity=polarity)

        point = _grader(sure).grade(QUESTION, FILLER).key_points[1]

        assert min(point.p_stated, point.p_missing, point.p_contradicted) >= 0
        assert point.p_stated + point.p_missing + point.p_contradicted == pytest.approx(1, abs=1e-9)


# --- Evidence -----------------------------------------------------------------------------------------------


def test_evidence_is_the_sentence_where_it_stands() -> None:
    answer = f"  {FILLER}\n\n{SMALL}  {FILLER}"

    point = _grader().grade(QUESTION, answer).key_points[0]

    assert point.evidence == Evidence(SMALL, answer.index(SMALL), answer.index(SMALL) + len(SMALL))


@pytest.mark.parametrize("spike", ["\u00ad", "\u200d", "\u2060", "\ufeff", "\u202e", "\ufe0f"])
def test_evidence_is_the_answers_own_text_with_all_that_nobody_sees(spike: str) -> None:
    said = f"Mem{spike}ory stays{spike} small."
    answer = f"{spike}{FILLER} {said}{spike} {FILLER}"

    point = _grader().grade(QUESTION, answer).key_points[0]

    assert point.mark == "stated"
    assert point.evidence is not None
    assert answer[point.evidence.start : point.evidence.end] == point.evidence.text == said


@pytest.mark.parametrize("space", ["\t", "\x00", "\r", "\x85", "\u200b", "\u00a0", "\ud800"])
def test_what_stands_between_words_stays_in_the_evidence(space: str) -> None:
    said = f"Memory{space}stays small."

    point = _grader().grade(QUESTION, f"{FILLER} {said}").key_points[0]

    assert point.mark == "stated"
    assert point.evidence == Evidence(said, len(FILLER) + 1, len(FILLER) + 1 + len(said))


def test_evidence_of_a_repeated_sentence_is_where_it_was_said_first() -> None:
    point = _grader().grade(QUESTION, f"{FILLER} {SMALL} {FILLER} {SMALL}").key_points[0]

    assert point.evidence is not None
    assert point.evidence.start == len(FILLER) + 1


def test_a_missing_point_has_no_evidence() -> None:
    assert _grader().grade(QUESTION, FILLER).key_points[0].evidence is None


# --- Answers of all sizes -----------------------------------------------------------------------------------


def test_saying_it_ten_times_scores_as_saying_it_once() -> None:
    once = _grader().grade(QUESTION, f"{SMALL} Values arrive.")
    often = _grader().grade(QUESTION, f"{SMALL} Values arrive. " * 10)

    assert often == once


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_point_is_found_at_either_end_of_a_very_long_answer(place: str) -> None:
    filler = " ".join(f"Pears grow near village{n} and river{n}." for n in range(520))
    answer = f"{SMALL} {filler}" if place == "first" else f"{filler} {SMALL}"

    result = _grader().grade(QUESTION, answer)

    point = result.key_points[0]
    assert len(answer) > 19_000
    assert (point.mark, point.evidence and point.evidence.text) == ("stated", SMALL)


def test_a_word_alone_can_earn_a_point_and_is_its_evidence() -> None:
    question = Question("Name it.", (), (KeyPoint("name", "Backpropagation"),))

    result = _grader().grade(question, "backpropagation")

    assert (result.score, result.key_points[0].evidence) == (1.0, Evidence("backpropagation", 0, 15))


def test_a_wrong_word_alone_earns_nothing() -> None:
    assert _grader().grade(QUESTION, "Banana").score == 0


# --- Questions of all kinds ---------------------------------------------------------------------------------


def test_without_key_points_the_first_references_clauses_are_what_counts() -> None:
    question = Question("Why?", (f"{SMALL} {LAZY}", ONCE))

    result = _grader().grade(question, LAZY)

    assert [(p.id, p.mark) for p in result.key_points] == [("c1", "missing"), ("c2", "stated")]
    assert result.score == 0.5


@pytest.mark.parametrize("references", [(), ("",), ("…", SMALL)])
def test_a_question_with_nothing_to_grade_by_is_refused(references: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="needs key points, or a reference answer with words in it"):
        _grader().grade(Question("Why?", references), "Because.")


def test_a_question_may_hold_any_characters() -> None:
    question = Question("\ud800 \x00", (), (KeyPoint("small", "Mem\u00adory \ud800 stays small.", 1, ("\x00",)),))

    assert _grader().grade(question, SMALL).score == 1


# --- Many at once -------------------------------------------------------------------------------------------


def test_many_are_graded_as_each_alone_and_in_their_order() -> None:
    other = Question("Why?", (f"{ONCE} {SMALL}",))
    pairs = [
        (QUESTION, SMALL),
        (other, ""),
        (QUESTION, ""),
        (other, ONCE),
        (QUESTION, f"{LAZY} {FILLER}"),
        (QUESTION, SMALL),
    ]

    together = _grader().grade_many(pairs)

    assert together == [_grader().grade(question, answer) for question, answer in pairs]


def test_none_are_graded_to_none() -> None:
    assert _grader().grade_many([]) == []


# --- Receipts -----------------------------------------------------------------------------------------------


def test_a_receipt_names_engine_encoder_and_calibration() -> None:
    result = _grader().grade(QUESTION, SMALL)

    assert result.receipt == {"engine": ENGINE_VERSION, "encoder": "stub", "calibration": PLAIN.identity}


def test_another_calibration_is_another_receipt() -> None:
    assert _grader().identity != _grader(replace(PLAIN, partly_from=0.36)).identity


def test_an_empty_answer_has_a_receipt_too() -> None:
    assert _grader().grade(QUESTION, "").receipt == _grader().identity
