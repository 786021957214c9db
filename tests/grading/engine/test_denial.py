"""Which words a text denies: a plain “not” and what it is said of, and nothing that merely holds one."""

import pytest

from grading.engine.denial import deniable_words, denied_words, offers_a_choice
from grading.engine.text import words


def _denied(text: str) -> list[str]:
    found = denied_words(text)
    return [word.text for word in words(text) if word.start in found]


def _deniable(claim: str) -> list[str]:
    found = deniable_words(claim)
    return [word.text for word in words(claim) if word.start in found]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("LoRA does not keep the pre-trained weights frozen.", ["keep", "pre-trained", "weights"]),
        ("The weights aren't frozen.", ["frozen"]),
        ("the weights dont stay frozen", ["stay", "frozen"]),
        ("The cache never grows. Memory stays small.", ["grows"]),
        ("Trees can’t overfit, forests vote.", ["overfit"]),
        ("There is no causal mask.", ["causal"]),
        (
            "It is not the case that the cache grows.",
            ["it", "is", "not", "the", "case", "that", "the", "cache", "grows"],
        ),
        ("It's a myth that caches grow.", ["it's", "a", "myth", "that", "caches", "grow"]),
        ("It isn’t true that caches grow.", ["it", "isn’t", "true", "that", "caches", "grow"]),
    ],
)
def test_a_plain_negation_denies_what_follows_it(text: str, denied: list[str]) -> None:
    assert _denied(text) == denied


@pytest.mark.parametrize(
    "text",
    [
        "The cache grows with every request.",
        "It is true that the cache grows.",
        "It is the case that the cache grows.",
        "Not only the cache grows.",
        "The first layers don't learn much.",
        "More data does not always help.",
        "It does not drop rows but keeps them.",
        "The text is embedded again, not the old vector.",
        "Unless it is pruned, the cache does not shrink.",
        "Without a mask the model would not train.",
    ],
)
def test_degrees_contrasts_and_conditions_deny_nothing_for_sure(text: str) -> None:
    assert _denied(text) == []


def test_the_further_from_the_negation_the_less_sure_it_is() -> None:
    assert list(denied_words("It never drops old cached keys.").values()) == [1.0, 0.75, 0.5]


def test_a_negation_ends_with_its_clause() -> None:
    assert _denied("It is not lazy, it reads everything.") == ["lazy"]
    assert _denied("It is not lazy because it reads rows.") == ["lazy"]


def test_offsets_are_those_of_the_text() -> None:
    text = "Memory stays small. It does not grow."

    assert [text[start : start + 4] for start in denied_words(text)] == ["grow"]


def test_a_claim_that_denies_something_itself_cannot_be_denied_word_by_word() -> None:
    assert _deniable("Adapters add latency.") == ["adapters", "add", "latency"]
    assert _deniable("Adapters do not add latency.") == []
    assert _deniable("Adapters are merged without added latency.") == ["adapters", "are", "merged", "without"]


@pytest.mark.parametrize(
    "sentence",
    ["Either it grows or it shrinks.", "It's either lazy, or it reads all of it.", "either a\nor b"],
)
def test_either_or_offers_a_choice(sentence: str) -> None:
    assert offers_a_choice(sentence)


@pytest.mark.parametrize(
    "sentence", ["Either way it grows.", "It grows or it shrinks.", "You can store it in either format or order."]
)
def test_other_sentences_offer_none(sentence: str) -> None:
    assert not offers_a_choice(sentence)
