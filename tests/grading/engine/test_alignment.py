"""How much of a claim an answer says. To the stub encoder equal words are alike, and all others are not."""

import numpy as np
import pytest

from grading.engine.alignment import (
    WORDS_A_READING,
    Alignment,
    ReadAnswer,
    align,
    read_answer,
    read_claims,
    sentences_to_read,
    texts_to_read,
)
from grading.engine.encoder import StubEncoder
from grading.engine.text import words

ENCODER = StubEncoder(quiet=True)
FILLER = "Pears grow near quiet northern villages"


def _read(answer: str) -> ReadAnswer:
    sentences = sentences_to_read(answer)
    return read_answer(sentences, ENCODER.encode(texts_to_read(sentences)))


def _align(claim: str, answer: str, prompt: str = "") -> Alignment:
    ((read, _),) = read_claims(ENCODER, [claim], prompt)
    return align(read, _read(answer))


def test_a_claim_said_word_for_word_aligns_fully() -> None:
    aligned = _align("Memory stays small.", f"{FILLER}. Memory stays small. {FILLER} today.")

    assert (aligned.whole, aligned.near, aligned.cosine) == pytest.approx((1, 1, 1), abs=1e-5)
    assert int(np.argmax(aligned.by_sentence)) == 1


def test_an_answer_about_something_else_does_not_align() -> None:
    aligned = _align("Memory stays small.", f"{FILLER}.")

    assert max(aligned.whole, aligned.near, aligned.cosine) < 0.5


def test_each_word_of_the_claim_counts_as_much_as_the_next() -> None:
    without = _align("Memory stays small.", f"{FILLER}.").whole
    one, two = (_align("Memory stays small.", f"{FILLER} {said}.").whole for said in ("memory", "memory small"))

    assert without < one < two < 1
    assert one > 1 / 3
    assert two > 2 / 3


def test_stop_words_neither_earn_nor_cost() -> None:
    plain = _align("Memory stays small.", "Memory stays small.")
    wrapped = _align("It is the memory that stays very small.", "So memory, well, stays small.")

    assert wrapped.whole == pytest.approx(plain.whole, abs=1e-5)
    assert _align("Memory stays small.", "It is what it is.").whole == 0


def test_words_of_the_prompt_do_not_count_in_any_of_their_forms() -> None:
    prompt = "What is a generator?"

    assert _align("Generators save memory.", "They save memory.", prompt).whole == pytest.approx(1, abs=1e-5)
    assert _align("Generators save memory.", "It is a generator.", prompt).whole < 0.5


def test_a_claim_made_of_the_prompts_words_is_taken_as_it_is() -> None:
    aligned = _align("Generators save memory.", "Generators save memory.", "Do generators save memory?")

    assert aligned.whole == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("claim", ["It is what it is.", "…", ""])
def test_a_claim_without_content_words_is_no_trouble(claim: str) -> None:
    aligned = _align(claim, f"{FILLER}.")

    assert np.isfinite([aligned.whole, aligned.near, aligned.cosine, *aligned.by_sentence]).all()


def test_near_looks_at_two_neighbouring_sentences_and_whole_at_all() -> None:
    apart = _align("Memory stays small.", f"Memory. {FILLER}. Stays small.")
    together = _align("Memory stays small.", f"{FILLER}. Memory. Stays small.")

    assert apart.whole == together.whole == pytest.approx(1, abs=1e-5)
    assert together.near == pytest.approx(1, abs=1e-5)
    assert apart.near < 0.9


def test_the_last_sentence_is_no_neighbour_of_the_first() -> None:
    aligned = _align("Memory stays small.", f"Memory. {FILLER}. {FILLER} today. Stays small.")

    assert aligned.near < 0.9


def test_a_single_sentence_has_no_neighbour() -> None:
    aligned = _align("Memory stays small.", "Memory stays.")

    assert aligned.near == pytest.approx(aligned.whole)


# --- Answers of many sentences ------------------------------------------------------------------------------


def _long_answer(sentences: int) -> str:
    return " ".join(f"{FILLER} number{n} with house{n} and river{n}." for n in range(sentences))


def test_long_answers_are_read_in_pieces_of_whole_sentences() -> None:
    sentences = sentences_to_read(_long_answer(100))

    readings = texts_to_read(sentences)

    assert " ".join(readings) == " ".join(sentence.text for sentence in sentences)
    sizes = [len(words(reading)) for reading in readings]
    assert (len(readings), max(sizes) <= WORDS_A_READING, sum(sizes)) == (8, True, 1100)


def test_a_short_answer_is_read_at_once_and_an_empty_one_not_at_all() -> None:
    assert texts_to_read(sentences_to_read(f"{FILLER}.\n\nMemory\u00ad stays.")) == [f"{FILLER}. Memory stays."]
    assert texts_to_read(sentences_to_read("…")) == []


@pytest.mark.parametrize("answer", [f"{FILLER}. Memory stays small.", _long_answer(60)])
def test_a_sentences_vector_is_the_mean_of_its_words_and_the_answers_own_that_of_its_readings(answer: str) -> None:
    read = _read(answer)

    alone = ENCODER.encode([sentence.text for sentence in read.sentences])
    assert read.vectors == pytest.approx(np.array([encoding.sentence for encoding in alone]), abs=1e-5)
    readings = ENCODER.encode(texts_to_read(read.sentences))
    total = np.sum([encoding.sentence for encoding in readings], axis=0)
    assert read.whole == pytest.approx(total / np.linalg.norm(total), abs=1e-5)


def test_the_verifier_gets_the_pieces_of_all_readings_in_their_order() -> None:
    answer = _long_answer(60)

    (at_once,) = ENCODER.encode([answer])
    assert len(texts_to_read(sentences_to_read(answer))) == 5
    assert _read(answer).pieces == pytest.approx(at_once.pieces, abs=1e-6)


def test_a_claim_is_read_with_its_pieces_and_a_vector_for_each_word_of_its_own() -> None:
    ((claim, pieces),) = read_claims(ENCODER, ["The generator\u00ad saves memory."], "What is a generator?")

    (plain,) = ENCODER.encode(["The generator saves memory."])
    assert pieces == pytest.approx(plain.pieces)
    assert claim.sentence == pytest.approx(plain.sentence)
    assert claim.words == pytest.approx(plain.word_vectors[2:])


def test_every_word_is_owned_by_the_sentence_it_stands_in() -> None:
    read = _read(_long_answer(60))

    numbered = {f"number{n}": n for n in range(60)}
    vectors = {word: ENCODER.encode([word])[0].word_vectors[0] for word in numbered}
    for word, sentence in numbered.items():
        (found,) = np.flatnonzero(read.words @ vectors[word] > 0.99)
        assert read.owner[found] == sentence


@pytest.mark.parametrize("place", [0, 1, 13, 14, 29, 58, 59])
def test_the_sentence_that_says_it_is_found_wherever_it_stands(place: int) -> None:
    sentences = [f"{FILLER} number{n} with house{n} and river{n}." for n in range(60)]
    sentences[place] = "Memory stays small."

    aligned = _align("Memory stays small.", "\n".join(sentences))

    assert int(np.argmax(aligned.by_sentence)) == place
    assert len(aligned.by_sentence) == 60


def test_saying_it_again_aligns_as_saying_it_once() -> None:
    once = _align("Memory stays small.", f"Memory is small. {FILLER}.")
    often = _align("Memory stays small.", f"Memory is small. {FILLER}. " + "Memory is small! " * 50)

    assert (often.whole, often.near, often.cosine) == (once.whole, once.near, once.cosine)


def test_the_stub_warns_wherever_it_is_not_wanted() -> None:
    with pytest.warns(UserWarning, match="knows no meaning"):
        StubEncoder()


# --- Denial -------------------------------------------------------------------------------------------------


def test_a_claim_is_denied_by_the_sentence_that_says_it_with_a_negation() -> None:
    claim = "Memory stays small."

    assert _align(claim, f"{FILLER}. Memory stays small.").denial == 0
    assert _align(claim, f"{FILLER}. Memory never stays small.").denial == pytest.approx(1)
    assert _align(claim, f"It is not the case that memory stays small. {FILLER}.").denial == pytest.approx(1)


def test_a_negation_elsewhere_denies_nothing() -> None:
    claim = "Memory stays small."

    assert _align(claim, f"Memory stays small. {FILLER.replace('grow', 'never grow')}.").denial == 0


def test_a_negation_of_a_claim_that_holds_one_may_agree_with_it() -> None:
    claim = "Memory does not grow."

    assert _align(claim, "Memory never does grow.").denial == 0
    assert _align(claim, "It is a myth that memory does not grow.").denial == pytest.approx(1)
