"""The rules of words: each with a question that has the fault and one that has not."""

import pytest

from grading.linter import Rule, findings_of_words
from grading.linter.compound import halves
from grading.linter.reading_level import reading_level
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent
from tests.factories import make_content

SOUND = make_content(
    references=("A generator computes its values on demand. So memory stays small. It can be read only once.",),
    key_points=(
        KeyPointContent(
            "lazy", "A generator computes its values on demand.", 3, "", ("it makes each one when asked",)
        ),
        KeyPointContent("memory", "Memory stays small however long the sequence is.", 2),
    ),
    misconceptions=(MisconceptionContent("eager", "A generator builds all of its values first.", "lazy"),),
    exemplars=tuple(ExemplarContent(f"e{score}", "made", "An answer.", score, ()) for score in (90, 50, 10)),
)


def rules_of(content: QuestionContent) -> list[tuple[str, str]]:
    return [(found.rule.value, found.field) for found in findings_of_words(content)]


def claims(*texts: str) -> QuestionContent:
    points = tuple(KeyPointContent(f"p{number}", text, 1) for number, text in enumerate(texts))
    return make_content(
        key_points=points,
        misconceptions=(MisconceptionContent("eager", "A generator builds all of its values first.", "p0"),),
        exemplars=SOUND.exemplars,
    )


def test_a_sound_question_has_nothing_to_find() -> None:
    assert rules_of(SOUND) == []


@pytest.mark.parametrize(
    "claim",
    [
        "A generator yields values on demand. A list keeps all values in memory.",
        "A generator yields values on demand; a list keeps all values in memory.",
        "A generator yields values on demand, and a list keeps all values in memory.",
        "A generator yields values on demand but a list keeps all values in memory.",
        "The L2 penalty shrinks all weights and keeps every feature in the model.",
    ],
)
def test_a_compound_claim_is_found_with_both_halves(claim: str) -> None:
    (found,) = [f for f in findings_of_words(claims(claim)) if f.rule == Rule.COMPOUND]

    assert found.field == "key_points.p0"
    assert [evidence.label for evidence in found.evidence] == ["One", "The other"]
    assert all(evidence.text in claim for evidence in found.evidence)


@pytest.mark.parametrize(
    "claim",
    [
        "Queries, keys and values come from three learned projections of the tokens.",
        "A row lock is held until the transaction ends, so slow calls belong outside it.",
        "The L1 penalty sums absolute values, whereas the L2 penalty sums squared ones.",
        "`pivot` raises an error when a question and a model occur twice.",
        "FastText marks the start and the end of a word before cutting out n-grams.",
        "A general wrapper takes `*args` and `**kwargs` to pass every argument on.",
        "A new GPU worker needs minutes, since node, image and weights must be loaded first.",
    ],
)
def test_one_claim_with_its_reason_or_several_things_is_no_compound(claim: str) -> None:
    assert halves(claim) is None


def test_words_that_are_said_twice_are_found() -> None:
    doubled = make_content(
        key_points=(
            KeyPointContent(
                "a", "A generator computes its values on demand.", 1, "", ("Values come when asked for.",)
            ),
            KeyPointContent("b", "a generator computes its values, on demand", 1),
            KeyPointContent("c", "Memory stays small for a long sequence.", 1, "", ("values come when asked for",)),
        ),
        misconceptions=(MisconceptionContent("m", "Memory stays small for a long sequence!", "c"),),
        exemplars=SOUND.exemplars,
    )

    found = [field for rule, field in rules_of(doubled) if rule == "said-twice"]

    assert found == ["key_points.b", "key_points.c", "misconceptions.m"]


@pytest.mark.parametrize(("score", "band"), [(90, "strong"), (50, "half"), (10, "wrong")])
def test_an_exemplar_of_each_sort_is_asked_for(score: int, band: str) -> None:
    without = make_content(exemplars=tuple(e for e in SOUND.exemplars if e.score != score))

    (found,) = [f for f in findings_of_words(without) if f.rule == Rule.EXEMPLARS]

    assert found.is_warning
    assert f"a {band} answer" in found.message


def test_a_question_without_misconceptions_gets_advice() -> None:
    (found,) = findings_of_words(
        make_content(misconceptions=(), exemplars=SOUND.exemplars, key_points=SOUND.key_points)
    )

    assert (found.rule, found.is_warning) == (Rule.MISCONCEPTIONS, False)


def test_a_claim_that_points_elsewhere_is_found() -> None:
    assert ("self-contained", "key_points.p0") in rules_of(claims("It keeps the memory small for long sequences."))
    assert ("self-contained", "key_points.p0") not in rules_of(claims("Iteration keeps the memory small for all."))


def test_very_short_and_very_long_claims_are_found() -> None:
    long = "A generator " + "of very many values " * 6 + "keeps memory small."

    assert [field for rule, field in rules_of(claims("Memory stays small.", long)) if rule == "length"] == [
        "key_points.p0",
        "key_points.p1",
    ]


def test_what_is_hard_to_read_is_found_with_its_level() -> None:
    hard = (
        "Notwithstanding the aforementioned considerations regarding the computational characteristics of lazily "
        "evaluated iterators, elaborate the circumstances necessitating materialisation of intermediate collections "
        "versus incremental generation of constituent elements in memory-constrained environments."
    )

    (found,) = [f for f in findings_of_words(make_content(prompt=hard)) if f.rule == Rule.READING_LEVEL]

    assert found.field == "prompt"
    assert found.evidence[0].text.startswith(f"{reading_level(hard):.0f}")


def test_the_reading_level_is_that_of_the_published_formula() -> None:
    # 6 words in one sentence, 6 syllables: 0.39 × 6 + 11.8 × 1 − 15.59
    assert reading_level("The cat sat on the mat.") == pytest.approx(-1.45)


def test_warnings_come_before_advice() -> None:
    found = findings_of_words(make_content(misconceptions=(), exemplars=()))

    severities = [f.is_warning for f in found]
    assert severities == sorted(severities, reverse=True)
    assert set(severities) == {True, False}
