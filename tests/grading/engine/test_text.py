"""Sentences and words, and where they stand in the text."""

import pytest

from grading.engine.alignment import sentences_to_read
from grading.engine.text import (
    LONGEST_SENTENCE,
    STOP_WORDS,
    clauses,
    content_stems,
    distinct_sentences,
    sentences,
    stem,
    visible,
    words,
)

# --- Words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Values come, lazily!", ["values", "come", "lazily"]),
        ("don't it’s np.array state-of-the-art", ["don't", "it’s", "np.array", "state-of-the-art"]),
        ("L2, GPT-4o; 0.5", ["l2", "gpt-4o", "0.5"]),
        ("snake_case f(x) C++", ["snake", "case", "f", "x", "c"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("'quoted' -dashed- trailing-", ["quoted", "dashed", "trailing"]),
        ("… — !? 👍", []),
        ("", []),
    ],
)
def test_words_are_found_without_case_and_punctuation(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


def test_words_know_where_they_stand() -> None:
    text = "  Two Words."

    assert [(word.start, word.end, text[word.start : word.end]) for word in words(text)] == [
        (2, 5, "Two"),
        (6, 11, "Words"),
    ]


# --- Sentences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        ("What?! Yes...", ["What?!", "Yes..."]),
        ("It is 3.5 of np.array here.", ["It is 3.5 of np.array here."]),
        ("Lists, e.g. long ones, i.e. big vs. small etc. and more.",) * 2,
        ("- one\n- two\n\n\nthree", ["- one", "- two", "three"]),
        ("a\r\nb", ["a", "b"]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("(It ends.) It begins.", ["(It ends.)", "It begins."]),
        ("f(1.)x and f(2.)", ["f(1.)x and f(2.)"]),
        ("no stop at the end", ["no stop at the end"]),
        ("... !!! —", []),
        (" \n\t ", []),
        ("", []),
        ("word", ["word"]),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(text: str, expected: str | list[str]) -> None:
    assert [s.text for s in sentences(text)] == ([expected] if isinstance(expected, str) else expected)


def test_sentences_know_where_they_stand_without_the_space_around_them() -> None:
    text = "\n  One is here.   Two\tis there.\n\n Three. "

    found = sentences(text)

    assert (
        [text[s.start : s.end] for s in found]
        == [s.text for s in found]
        == ["One is here.", "Two\tis there.", "Three."]
    )


def test_a_sentence_without_an_end_comes_in_pieces_that_lose_no_word() -> None:
    text = ", ".join(f"word{n}" for n in range(2 * LONGEST_SENTENCE + 1)) + "."

    found = sentences(text)

    assert [len(words(s.text)) for s in found] == [LONGEST_SENTENCE, LONGEST_SENTENCE, 1]
    assert [text[s.start : s.end] for s in found] == [s.text for s in found]
    assert "".join(s.text for s in found).replace(" ", "") == text.replace(" ", "")


def test_a_sentence_of_just_the_longest_length_stays_whole() -> None:
    assert len(sentences("word " * LONGEST_SENTENCE)) == 1


@pytest.mark.parametrize(
    "text", ["." * 400_000 + "x", "?!" * 200_000 + "x", "a." * 200_000, ".'" * 200_000 + "x", "\n" * 400_000]
)
def test_sentences_of_a_long_run_of_punctuation_are_found_in_one_pass(text: str) -> None:
    """A pattern that looks at such a run again from each of its characters would be at it for an hour."""
    assert len(sentences(text)) <= 1


# --- What is seen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth space", "zero width space"),
        ("join\u200der word\u2060joiner \ufeffmark", "joiner wordjoiner mark"),
        ("\u202ereversed\u202c", "reversed"),
        ("tab\there\x00nul\x7fdel", "tab here nul del"),
        ("half \ud800 pair", "half   pair"),
        ("line\nbreak\r\n", "line\nbreak \n"),
        ("\u115f\u3164\uffa0", ""),
        ("👍\ufe0f \U000e0041", "👍 "),
        ("plain é", "plain é"),
        ("", ""),
    ],
)
def test_visible_is_what_a_reader_sees(text: str, seen: str) -> None:
    assert visible(text)[0] == seen


def test_visible_knows_where_each_character_stands() -> None:
    text = "a\u00adb\u200b\u200dc"

    seen, offsets = visible(text)

    assert (seen, offsets) == ("ab c", [0, 2, 3, 5])


def test_sentences_to_read_have_the_offsets_of_the_answer_and_the_text_that_is_seen() -> None:
    answer = "\u202eGen\u00aderators\tare lazy.\u200b  They\u200d run \ud800 once.\u2060"

    found = sentences_to_read(answer)

    assert [s.text for s in found] == ["Generators are lazy.", "They run   once."]
    assert [answer[s.start : s.end] for s in found] == ["Gen\u00aderators\tare lazy.", "They\u200d run \ud800 once."]


def test_a_word_with_invisible_characters_in_it_is_that_word() -> None:
    (plain,) = sentences_to_read("generators are lazy")
    (spiked,) = sentences_to_read("gen\u00ader\u2060ators a\u200dre la\ufeffzy")

    assert spiked.text == plain.text


# --- Repetition ---------------------------------------------------------------------------------------------


def test_a_sentence_said_again_counts_once_and_where_it_was_said_first() -> None:
    text = "Memory stays small. It is lazy. MEMORY, stays small!  It is lazy? It is not lazy."

    assert [(s.text, s.start) for s in distinct_sentences(text)] == [
        ("Memory stays small.", 0),
        ("It is lazy.", 20),
        ("It is not lazy.", 66),
    ]


# --- Stems and stop words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("averages", "averaging"), ("generator", "generators"), ("iterated", "iterates"), ("quick", "quickly")],
)
def test_forms_of_a_word_share_their_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["is", "bed", "red", "yes", "a", ""])
def test_a_short_word_keeps_its_letters(word: str) -> None:
    assert stem(word) == word


def test_negations_carry_meaning() -> None:
    assert STOP_WORDS.isdisjoint({"no", "not", "never", "none", "nor", "without", "cannot", "don't"})
    assert len(content_stems("It is not the one that never was.")) == 2


# --- Clauses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A generator yields values one by one. It runs once.",
            ["A generator yields values one by one.", "It runs once."],
        ),
        (
            "A generator yields values one by one, while a list holds them all in memory.",
            ["A generator yields values one by one", "while a list holds them all in memory."],
        ),
        ("A generator is lazy, and small.", ["A generator is lazy, and small."]),
        (
            "Two things matter here: speed of access and the size of memory.",
            ["Two things matter here", "speed of access and the size of memory."],
        ),
        ("", []),
        ("…", []),
    ],
)
def test_clauses_split_a_reference_where_a_new_claim_begins(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected
