"""GIFT as people write it, after the examples of Moodle's documentation."""

from pathlib import Path

import pytest

from questionbank.content import KeyPointContent
from questionbank.formats import gift
from questionbank.formats.common import Note, Problem
from questionbank.formats.pack import PackQuestion
from tests.factories import make_content

FILES = Path(__file__).parent / "files"


def only(text: str, topic: str = "core"):
    reading = gift.read(text.encode(), topic=topic)
    assert reading.problems == []
    (read,) = reading.questions
    return read.question.content


def test_the_examples_of_moodle_are_read() -> None:
    reading = gift.read((FILES / "examples.gift").read_bytes())

    assert [(read.place, read.question.slug, read.question.topic) for read in reading.questions] == [
        ("line 17", "q3", "functions"),
        ("line 27", "best-language", "functions"),
        ("line 30", "which-operator-compares-or", "functions"),
        ("line 38", "sets-what-for", "functions"),
        ("line 48", "without-an-answer", "dick"),
    ]
    assert reading.problems == [
        Problem("line 46", "", "has a brace that is not closed, or one too many. Write \\{ for a brace")
    ]
    assert reading.topics == [
        {"id": "python", "title": "Python"},
        {"id": "functions", "title": "Functions", "parent": "python"},
        {"id": "tom", "title": "tom"},
        {"id": "dick", "title": "dick", "parent": "tom"},
    ]


def test_other_types_are_skipped_with_a_note_each() -> None:
    notes = gift.read((FILES / "examples.gift").read_bytes()).notes

    assert [(note.place, note.message) for note in notes if "left out: it is" in note.message] == [
        ("line 7", "“Q1” was left out: it is of the type truefalse"),
        ("line 10", "“Q2” was left out: it is of the type multichoice"),
        ("line 20", "“Q4” was left out: it is of the type matching"),
        ("line 23", "“Q5” was left out: it is of the type numerical"),
        (
            "line 42",
            "“You can use your pencil and paper for these.” was left out: it is no question",
        ),
    ]


def test_a_short_answer_is_one_key_point_and_keeps_escaped_signs() -> None:
    content = gift.read((FILES / "examples.gift").read_bytes()).questions[2].question.content

    assert content.prompt == "Which operator compares: = or ==?"
    assert content.key_points == (KeyPointContent("answer", "==", 1),)
    assert content.references == ("One equals sign assigns.",)


def test_an_essay_takes_its_general_feedback_for_its_reference() -> None:
    reading = gift.read((FILES / "examples.gift").read_bytes())
    content = reading.questions[3].question.content

    assert (content.title, content.references) == ("Sets: what for", ("Membership tests take constant time.",))
    assert content.prompt == "When is a `set`\nbetter than a *list*?\nSay why."
    assert Note("line 38", "its general feedback became its reference answer") in reading.notes


def test_an_answer_in_the_middle_leaves_a_gap() -> None:
    assert only("Two plus {=two} equals four.").prompt == r"Two plus \_\_\_\_\_ equals four."


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        (r"a \{ b \} c \~ d \# e \: f \\ g {}", r"a { b } c ~ d # e : f \ g"),
        ("[plain]1 < 2 {}", "1 < 2"),
        ("[html]<i>x</i> {}", "*x*"),
        ("\ufeffWhy? {}", "Why?"),
        ("One\r\ntwo\r\n{\r\n}", "One  \ntwo"),
    ],
)
def test_prompts_are_read_as_they_are_meant(text: str, prompt: str) -> None:
    assert only(text).prompt == prompt


def test_what_changed_in_the_text_counts_and_the_rest_comes_from_the_comment() -> None:
    text = gift.write([PackQuestion("generators", "core", make_content())], [{"id": "core", "title": "Core"}]).decode()

    reading = gift.read(text.replace("rather than a list?", "instead of a list?").encode())

    assert [read.question.content for read in reading.questions] == [
        make_content(prompt="When would you write a generator instead of a list?")
    ]
    assert [note.message for note in reading.notes] == [
        "its prompt was changed outside Greenroom; the change was taken"
    ]


def test_a_damaged_comment_is_named() -> None:
    text = gift.write([PackQuestion("generators", "core", make_content())], []).decode()

    reading = gift.read(text.replace("question-1:e", "question-1:A").encode())

    assert reading.problems == [
        Problem("line 8", "comment", "Greenroom's block was changed. Export the question from Greenroom again")
    ]
