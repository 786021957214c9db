"""What a format writes, it reads back: all of it, or with exactly the losses that docs/formats.md lists."""

from typing import Any

import pytest
from hypothesis import example, given, settings

from questionbank.content import KeyPointContent, QuestionContent
from questionbank.formats.common import Reading
from questionbank.formats.pack import PackQuestion
from questionbank.formats.registry import FORMATS
from tests.factories import make_content
from tests.questionbank.test_pack import contents
from tests.questionbank.test_shipped_pack import shipped

TOPICS = [{"id": "core", "title": "Core"}]
# Tables name topics by their ids alone.
KEEP_TOPICS = ("pack", "pack-json", "moodle", "gift")
# Every one of these means something in one of the formats.
STRANGE = [
    "=1+1",
    "'quoted'",
    "''=",
    "@SUM(A1)",
    "-1",
    "+49 30",
    'a "b", c;\td',
    "one\ntwo\n\nthree",
    "one\r\ntwo\rthree",
    "\tindented\n\tlines",
    "::title:: {=a ~b} # \\n \\{ \\",
    "// no comment",
    "$CATEGORY: elsewhere",
    "[html] [markdown] <b>bold</b> &amp; ]]> <!-- -->",
    "_x000D_ _x005F_ \x07 \x0b \ufffe \x7f \x85 \u2028",
    "greenroom-question-1:abc:end",
    "日本語 😀 e\u0301 \u202e \u200b",
    "*",
    "NULL",
    "#REF!",
    "1e5",
    "2026-01-01",
]


def everything(text: str) -> QuestionContent:
    """Return a content that says text wherever it may say anything."""
    raw: dict[str, Any] = make_content().to_dict()
    raw["title"] = raw["prompt"] = text
    raw["references"] = [text, f"{text} again"]
    raw["key_points"][0] |= {"claim": text, "hint": text, "accepted": [text, f"and {text}"]}
    raw["misconceptions"][0]["claim"] = raw["exemplars"][0]["text"] = raw["sources"][0]["title"] = text
    return QuestionContent.from_dict(raw)


def there_and_back(name: str, questions: list[PackQuestion], topics: list[dict[str, Any]]) -> Reading:
    return FORMATS[name].read(FORMATS[name].write(questions, topics))


@pytest.mark.parametrize("name", FORMATS)
def test_the_shipped_pack_comes_back_as_it_was(name: str) -> None:
    pack = shipped()

    reading = there_and_back(name, pack.questions, pack.topics)

    assert (reading.problems, reading.notes) == ([], [])
    assert {read.question.slug: read.question for read in reading.questions} == {q.slug: q for q in pack.questions}
    assert len(reading.questions) == len(pack.questions)
    assert not any(read.unfinished or not read.named for read in reading.questions)
    assert reading.topics == (pack.topics if name in KEEP_TOPICS else [])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(content=contents())
@example(content=make_content(exemplars=(), misconceptions=(), sources=()))
@example(
    content=make_content(
        references=("Paris",),
        key_points=(KeyPointContent("answer", "Paris * City", 3),),
        misconceptions=(),
        exemplars=(),
    )
)
def test_any_content_comes_back_as_it_was(name: str, content: QuestionContent) -> None:
    question = PackQuestion("generators", "core", content)

    reading = there_and_back(name, [question], TOPICS)

    assert (reading.problems, reading.notes) == ([], [])
    assert [read.question for read in reading.questions] == [question]


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("name", FORMATS)
def test_signs_that_mean_something_in_a_format_come_back_as_they_were(name: str, text: str) -> None:
    question = PackQuestion("generators", "core", everything(text))

    reading = there_and_back(name, [question], TOPICS)

    assert (reading.problems, reading.notes) == ([], [])
    assert [read.question for read in reading.questions] == [question]


@pytest.mark.parametrize("name", ["moodle", "gift"])
def test_titles_of_topics_with_slashes_come_back(name: str) -> None:
    topics = [{"id": "io", "title": "I/O // files"}, {"id": "net", "title": "TCP/IP", "parent": "io"}]

    reading = there_and_back(name, [PackQuestion("generators", "net", make_content())], topics)

    assert reading.topics == topics
    assert reading.questions[0].question.topic == "net"


@pytest.mark.parametrize("name", FORMATS)
def test_no_questions_make_an_empty_file_that_can_be_read(name: str) -> None:
    reading = there_and_back(name, [], TOPICS)

    assert (reading.questions, reading.problems) == ([], [])
