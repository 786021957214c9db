"""What is seen before any mark is given."""

import pytest

from grading.engine import Grader, KeyPoint, Question
from grading.engine.encoder import StubEncoder
from grading.engine.guards import EMPTY, IN_WORDS, OFF_TOPIC, QUESTION_REPEATED, ZEROING, flags_before_reading

PROMPT = "When would you write a generator rather than a list?"


@pytest.mark.parametrize(
    "answer", ["", " \n\t", "…", "?!", "---", "👍", "\u200b\u200d", "\x00", "\ud800", "\u115f\u3164", "\u0301\u0301"]
)
def test_an_answer_without_a_word_is_empty(answer: str) -> None:
    assert flags_before_reading(PROMPT, answer) == (EMPTY,)


@pytest.mark.parametrize(
    "answer",
    [
        PROMPT,
        PROMPT.upper(),
        f"{PROMPT} {PROMPT} {PROMPT}",
        "I would write a generator when I would write generators, rather than lists.",
        "Gen\u00aderator. Li\u200dst.",
        "generator",
        "Yes, it is.",
    ],
)
def test_an_answer_that_says_nothing_of_its_own_repeats_the_question(answer: str) -> None:
    assert flags_before_reading(PROMPT, answer) == (QUESTION_REPEATED,)


@pytest.mark.parametrize(
    "answer",
    ["lazily", "A generator saves memory.", f"{PROMPT} To save memory when values come slowly, one by one.", "Memory"],
)
def test_an_answer_with_words_of_its_own_passes(answer: str) -> None:
    assert flags_before_reading(PROMPT, answer) == ()


def test_an_answer_passes_where_the_prompt_has_no_words() -> None:
    assert flags_before_reading("", "Anything") == ()


def test_each_flag_is_said_in_words() -> None:
    assert set(IN_WORDS) == {EMPTY, QUESTION_REPEATED, OFF_TOPIC}
    assert set(IN_WORDS) > ZEROING


QUESTION = Question(PROMPT, (), (KeyPoint("small", "Memory stays small."), KeyPoint("lazy", "Values come on demand.")))


@pytest.mark.parametrize(
    ("answer", "flags", "score"),
    [
        ("", (EMPTY,), 0.0),
        (PROMPT, (QUESTION_REPEATED,), 0.0),
        ("Bananas ripen slowly.", (OFF_TOPIC,), 0.0),
        ("Memory stays small.", (), 0.5),
    ],
)
def test_a_grade_names_the_guards_that_spoke(answer: str, flags: tuple[str, ...], score: float) -> None:
    result = Grader(StubEncoder(quiet=True)).grade(QUESTION, answer)

    assert (result.flags, result.score) == (flags, score)


@pytest.mark.parametrize("answer", ["", PROMPT])
def test_an_answer_that_is_not_read_misses_every_point_for_sure(answer: str) -> None:
    result = Grader(StubEncoder(quiet=True)).grade(QUESTION, answer)

    assert result.confidence == 1
    assert [(p.id, p.mark, p.p_missing, p.evidence) for p in result.key_points] == [
        ("small", "missing", 1.0, None),
        ("lazy", "missing", 1.0, None),
    ]
