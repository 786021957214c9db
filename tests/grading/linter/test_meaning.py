"""The rules that ask the engine, with the real model: each with a fault and without."""

from functools import lru_cache

import pytest

from grading.engine import Grader
from grading.grader import get_grader
from grading.linter import Finding, Rule, Similar, findings
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent
from tests.factories import make_content

pytestmark = pytest.mark.model

LAZY = "A generator computes each value only when it is asked for."
MEMORY = "A list holds all of its elements in memory at the same time."
ONCE = "A generator that has been read to its end cannot be read again."
SEND = "The caller can pass a value back into a generator with its method `send`."
REFERENCE = (
    "I take a generator when the sequence is long or never ends. A generator computes each value only when it is "
    "asked for, so the first ones are there at once. A list holds all of its elements in memory at the same time, "
    "which may not fit. The price is that a generator that has been read to its end cannot be read again."
)


def question(**changes: object) -> QuestionContent:
    fields: dict[str, object] = {
        "prompt": "When would you write a generator rather than a list, and what do you give up?",
        "references": (REFERENCE,),
        "key_points": (
            KeyPointContent("lazy", LAZY, 3),
            KeyPointContent("memory", MEMORY, 2),
            KeyPointContent("once", ONCE, 1),
        ),
        "misconceptions": (
            MisconceptionContent("again", "A generator can be read from the start as often as you like.", "once"),
        ),
        "exemplars": tuple(ExemplarContent(f"e{s}", "made", "An answer.", s, ()) for s in (90, 50, 10)),
    }
    return make_content(**{**fields, **changes})


@lru_cache(maxsize=1)
def grader() -> Grader:
    get_grader.cache_clear()
    from grading.engine.claim_reader import ClaimReader
    from grading.engine.model import SentenceModel

    return Grader(SentenceModel(), ClaimReader())


def found_in(content: QuestionContent, rule: Rule) -> list[Finding]:
    return [finding for finding in findings(content, grader=grader()) if finding.rule == rule]


def test_a_sound_question_has_nothing_to_find() -> None:
    assert findings(question(), grader=grader()) == []


def test_a_key_point_that_no_reference_states_is_found() -> None:
    points = (*question().key_points, KeyPointContent("send", SEND, 1))

    (found,) = found_in(question(key_points=points), Rule.REFERENCE_MISSES)

    assert found.field == "key_points.send"
    assert found.is_warning


def test_a_second_reference_that_states_it_is_enough() -> None:
    points = (*question().key_points, KeyPointContent("send", SEND, 1))

    assert found_in(question(key_points=points, references=(REFERENCE, SEND)), Rule.REFERENCE_MISSES) == []


def test_a_reference_that_says_a_misconception_is_found_with_the_sentence() -> None:
    wrong = REFERENCE.replace(
        "a generator that has been read to its end cannot be read again",
        "a generator can be read from the start as often as you like",
    )

    (found,) = found_in(question(references=(wrong,)), Rule.REFERENCE_CONTRADICTS)

    assert found.field == "key_points.once"
    assert "as often as you like" in " ".join(evidence.text for evidence in found.evidence)


@pytest.mark.parametrize(
    "again",
    [
        "A generator computes each value only once it is asked for it.",
        "Only when it is asked for does a generator compute a value.",
    ],
)
def test_two_key_points_that_say_the_same_are_found(again: str) -> None:
    points = (*question().key_points, KeyPointContent("again", again, 1))

    (found,) = found_in(question(key_points=points), Rule.TOO_CLOSE)

    assert found.field == "key_points.again"
    assert found.evidence[0].text == LAZY


@pytest.mark.parametrize(
    ("prompt", "claim"),
    [
        ("When would you write a generator rather than a list?", "You would write a generator rather than a list."),
        ("What is overfitting, and how do you notice it?", "Overfitting can be noticed."),
        ("How does BERT differ from GPT?", "BERT and GPT differ from each other."),
        ("How can prompt injection be contained?", "Prompt injection can be contained."),
    ],
)
def test_a_key_point_that_repeats_the_question_is_found(prompt: str, claim: str) -> None:
    points = (KeyPointContent("said", claim, 1), KeyPointContent("lazy", LAZY, 1))

    (found,) = found_in(question(prompt=prompt, key_points=points, misconceptions=()), Rule.REPEATS_QUESTION)

    assert found.field == "key_points.said"


def test_a_key_point_that_denies_what_is_asked_repeats_nothing() -> None:
    points = (KeyPointContent("no", "Accuracy is not a good measure for rare classes.", 1),)
    asked = question(prompt="Is accuracy a good measure for rare classes?", key_points=points, misconceptions=())

    assert found_in(asked, Rule.REPEATS_QUESTION) == []


def test_the_rules_of_words_speak_too() -> None:
    assert [finding.rule for finding in findings(question(exemplars=()), grader=grader())] == [Rule.EXEMPLARS] * 3


def test_a_question_that_asks_nearly_the_same_is_found_and_a_neighbour_is_not() -> None:
    same = Similar("1", 1, "Generators", "Generator or list?", 0.83)
    near = Similar("2", 1, "Iterators", "What is an iterator?", 0.55)

    found = findings(question(), grader=grader(), similar=[same, near])

    assert [(finding.rule, finding.field) for finding in found] == [(Rule.NEARLY_EQUAL, "prompt")]
    assert "Generator or list?" in found[0].evidence[0].text
