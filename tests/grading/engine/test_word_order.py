"""Text, the same words shuffled, and lists of words."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grading.engine import word_order
from grading.engine.word_order import SHORTEST, WordOrder, classes, is_shuffled, is_word_list

# Each on a subject of its own: what counts is the order of its words, not what they say.
TEXTS = (
    (
        "A generator produces its values one by one, so it never holds all of them in memory. Once it is exhausted "
        "you cannot rewind it, and a second loop over it sees nothing at all."
    ),
    (
        "The bakery on the corner opens before six. When I was a child we went there on Sundays, and my father "
        "would always buy one roll more than we could eat."
    ),
    (
        "If the p-value is below the threshold you reject the null hypothesis. That does not mean the effect is "
        "large; with enough data even a tiny difference becomes significant."
    ),
    (
        "We looked at the errors first. Most of them came from two customers whose dates were written in another "
        "format, so the parser had swapped day and month without saying a word."
    ),
    (
        "Because attention compares every token with every other one, its cost grows with the square of the "
        "length. A cache of keys and values makes the next token cheap, but it takes memory."
    ),
)


def _shuffled(text: str, seed: int) -> str:
    return " ".join(np.random.default_rng(seed).permutation(text.split()))


def _score(text: str) -> float:
    score = WordOrder.load().score(text)
    assert score is not None
    return score


# --- The score ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_text_scores_higher_than_its_own_words_shuffled(text: str) -> None:
    assert _score(text) > 0
    assert all(_score(text) > _score(_shuffled(text, seed)) for seed in range(20))


@pytest.mark.parametrize("text", TEXTS)
def test_case_and_space_do_not_matter(text: str) -> None:
    assert _score(text.upper()) == _score(text)
    assert _score(text.replace(" ", "\n  ")) == _score(text)


def test_the_more_of_a_text_is_shuffled_the_lower_it_scores() -> None:
    text = " ".join(TEXTS)
    half = f"{' '.join(TEXTS[:3])} {_shuffled(' '.join(TEXTS[3:]), 1)}"

    assert _score(text) > _score(half) > _score(_shuffled(text, 1))


def test_a_text_too_short_to_tell_has_no_score() -> None:
    """Its start and its end are classes too."""
    short = " ".join(["word"] * (SHORTEST - 3))

    assert len(classes(short)) == SHORTEST - 1
    assert WordOrder.load().score(short) is None
    assert WordOrder.load().score(f"{short} word") is not None
    assert WordOrder.load().score("") is None


def test_a_text_of_words_never_seen_has_a_score() -> None:
    assert (
        WordOrder({"^": 1, ".": 1}, {"^ .": 1}).score("the cat sat on the mat and it was not that big a mat")
        is not None
    )


# --- Classes and counts -------------------------------------------------------------------------------------


def test_function_words_and_signs_are_their_own_class_and_other_words_go_by_their_ending() -> None:
    assert classes("The model, trained on 300 images, is not learning badly: generalisation needs batches!") == [
        *("^", "the", "C", ",", "Ced", "on", "#", "Cs", ",", "is", "not", "Cing", "Cly", ":", "Ction", "Cs", "Cs"),
        *(".", "."),
    ]


@pytest.mark.parametrize("word", ["red", "ring", "fly", "gas"])
def test_what_is_too_short_for_an_ending_has_none(word: str) -> None:
    assert classes(word) == ["^", "C", "."]


def test_counting_counts_classes_and_neighbours_text_by_text() -> None:
    counted = WordOrder.count(["The cat.", "the dogs"])

    assert counted.single == {"^": 2, "the": 2, "C": 1, "Cs": 1, ".": 3}
    assert counted.pairs == {"^ the": 2, "the C": 1, "the Cs": 1, "C .": 1, ". .": 1, "Cs .": 1}


def test_what_was_counted_tells_that_order_from_another() -> None:
    counted = WordOrder.count(["the cat of the house and the dog of the street and the fish of the sea"] * 20)

    right, wrong = (
        counted.score("the bird of the tree and the fox of the wood"),
        counted.score("the of the the and of the bird tree fox wood the"),
    )

    assert right is not None
    assert wrong is not None
    assert right > 0 > wrong


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let counts be read from a file of the test's own, and forget afterwards what was read of it."""
    path = tmp_path / "word_order.json"
    monkeypatch.setattr(word_order, "WORD_ORDER_FILE", path)
    WordOrder.load.cache_clear()  # type: ignore[attr-defined]
    yield path
    WordOrder.load.cache_clear()  # type: ignore[attr-defined]


def test_counts_are_read_as_they_were_written(elsewhere: Path) -> None:
    counted = WordOrder.count(TEXTS)

    counted.save(elsewhere)

    assert WordOrder.load() == counted
    assert json.loads(elsewhere.read_text(encoding="utf-8")) == {"single": counted.single, "pairs": counted.pairs}


def test_the_same_texts_make_the_same_file_in_any_order(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]

    for path, texts in zip(paths, (TEXTS, TEXTS[::-1]), strict=True):
        WordOrder.count(texts).save(path)

    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_shipped_counts_are_whole() -> None:
    """Each class but the last of a text has a follower, so pairs sum to as many as there are classes less texts."""
    shipped = WordOrder.load()

    texts = shipped.single["^"]
    assert sum(shipped.pairs.values()) == sum(shipped.single.values()) - texts
    assert {part for pair in shipped.pairs for part in pair.split()} == set(shipped.single)


# --- Shuffled texts and lists of words ----------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_not_taken_for_shuffled(text: str) -> None:
    assert not is_shuffled(text)


def test_most_shuffled_paragraphs_are_recognised_and_long_ones_always() -> None:
    paragraphs = [is_shuffled(_shuffled(text, seed)) for text in TEXTS for seed in range(20)]
    pages = [is_shuffled(_shuffled(" ".join(TEXTS), seed)) for seed in range(20)]

    assert sum(paragraphs) > 0.5 * len(paragraphs)
    assert all(pages)


@pytest.mark.parametrize(
    "text", ["", "small memory the stays of", "Yes.", "only once through, values no rewinding it the of"]
)
def test_a_short_text_gets_the_benefit_of_doubt(text: str) -> None:
    assert not is_shuffled(text)


@pytest.mark.parametrize(
    "text",
    [
        "memory values lazy demand iterator yield next exhausted rewind stream pipeline file",
        "memory, values, lazy, demand, iterator, yield, next, exhausted, rewind, stream, pipeline, file",
        "Memory\nValues\nLazy\nDemand\nIterator\nYield\nNext\nExhausted\nRewind\nStream\nPipeline\nFile",
        "embeddings cosine similarity vector store chunking overlap reranking BM25 hybrid search recall precision",
    ],
)
def test_words_without_a_sentence_are_a_list(text: str) -> None:
    assert is_word_list(text)


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        "memory values lazy demand",
        "lazy: values on demand; memory small; one pass only - no rewind; good for files > RAM",
        "LEFT JOIN -> all rows of A; no match -> NULL; INNER JOIN -> matches only; filter in ON, not WHERE",
        "precision = TP / (TP + FP); recall = TP / (TP + FN); threshold up -> precision up, recall down",
        "1. clean data 2. split train, test 3. fit scaler on train 4. tune with cross-validation 5. report test",
    ],
)
def test_sentences_short_answers_and_terse_notes_are_no_list(text: str) -> None:
    assert not is_word_list(text)
