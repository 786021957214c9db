"""Moodle XML of Moodle's own making, and our block in it."""

import re
from pathlib import Path

import pytest

from questionbank.content import KeyPointContent, QuestionContent
from questionbank.formats import moodle
from questionbank.formats.common import Note, Problem
from questionbank.formats.pack import PackQuestion
from tests.factories import make_content

FILES = Path(__file__).parent / "files"
TOPICS = [{"id": "core", "title": "Core"}]


def written(**changes: object) -> str:
    question = PackQuestion("generators", "core", make_content(**changes))
    return moodle.write([question], TOPICS).decode()


def essay(inside: str) -> bytes:
    return (
        '<quiz><question type="category"><category><text>top/Core</text></category></question><question type="essay">'
        f"<name><text>A name</text></name>{inside}</question></quiz>"
    ).encode()


def test_a_course_of_moodle_is_read_question_by_question() -> None:
    reading = moodle.read((FILES / "moodle-course.xml").read_bytes())

    assert [(read.place, read.question.slug, read.question.topic) for read in reading.questions] == [
        ("line 26", "handshake-1", "networks"),
        ("line 65", "port-of-https", "networks"),
        ("line 131", "generators", "python"),
        ("line 143", "without-an-answer", "python"),
    ]
    assert all(read.unfinished for read in reading.questions)
    assert [read.named for read in reading.questions] == [True, False, False, False]
    assert reading.topics == [
        {"id": "default-for-ds101", "title": "Default for DS101"},
        {"id": "networks", "title": "Networks: TCP/IP", "parent": "default-for-ds101"},
        {"id": "python", "title": "Python", "parent": "default-for-ds101"},
    ]


def test_an_essay_of_moodle_keeps_its_words_and_its_grader_information() -> None:
    reading = moodle.read((FILES / "moodle-course.xml").read_bytes())

    assert reading.questions[0].question.content == QuestionContent(
        title="Handshake",
        prompt="Explain the **three-way handshake** of TCP & say why\xa0two messages are *not* enough.\n\n"
        "- SYN\n- ACK\n\n```\na_b * c\n```",
        kind="concept",
        difficulty="hard",
        minutes=5,
        references=("SYN, SYN-ACK, ACK. Both sides have to know that the other side hears them.",),
        key_points=(),
    )


def test_a_short_answer_of_moodle_becomes_one_key_point() -> None:
    content = moodle.read((FILES / "moodle-course.xml").read_bytes()).questions[1].question.content

    assert content.prompt == "Which port does HTTPS use?  \nAnswer with a number or a word."
    assert content.references == ("443",)
    assert content.key_points == (KeyPointContent("answer", "443", 1, "", ("port 443",)),)


def test_general_feedback_is_the_reference_where_there_is_no_grader_information() -> None:
    content = moodle.read((FILES / "moodle-course.xml").read_bytes()).questions[2].question.content

    assert content.references == ("When the values are needed one at a time.",)


def test_all_that_was_dropped_assumed_or_skipped_is_noted() -> None:
    reading = moodle.read((FILES / "moodle-course.xml").read_bytes())

    draft = "it comes in as a draft for a mentor to finish"
    assert reading.notes == [
        Note("", "1 question: has tags, which were left out."),
        Note("", "5 questions: no kind, so it is concept."),
        Note("", "5 questions: no minutes, so it is 5."),
        Note("", "4 questions: no difficulty, so it is medium."),
        Note("line 26", "its responsetemplate was left out"),
        Note("line 26", "1 picture or file dropped"),
        Note("line 26", "its name “Handshake 1” became “handshake-1”"),
        Note("line 26", f"has no key points yet: {draft}"),
        Note("line 65", "its hint was left out"),
        Note("line 65", "answers with the wildcard * were left out"),
        Note("line 65", "answers for a part of the marks were left out"),
        Note("line 65", "its answer became its one key point: it comes in as a draft for a mentor to look at"),
        Note("line 109", "“Choose one” was left out: it is of the type multichoice"),
        Note("line 116", "“True or false” was left out: it is of the type truefalse"),
        Note("line 122", "“Gaps” was left out: it is of the type cloze"),
        Note("line 126", "“Numbers” was left out: it is of the type calculated"),
        Note("line 127", "“Drag” was left out: it is of the type ddwtos"),
        Note("line 128", "“Read this” was left out: it is of the type description"),
        Note("line 131", "its general feedback became its reference answer"),
        Note("line 131", f"has no key points yet: {draft}"),
        Note("line 138", "a question that is hidden in Moodle was left out"),
        Note("line 143", f"has no reference answer and no key points yet: {draft}"),
        Note("line 148", "1 picture or file dropped"),
    ]
    assert reading.problems == [Problem("line 148", "prompt", "must not be blank")]


def test_a_file_of_moodle_1_9_is_read() -> None:
    reading = moodle.read((FILES / "moodle-1.9.xml").read_bytes())

    assert reading.problems == []
    assert reading.topics == [{"id": "statistics", "title": "Statistics"}]
    assert reading.questions[0].question.content.prompt == "What does a p-value < 0.05 mean? **Careful**."


def test_a_question_without_a_category_takes_the_topic_that_was_chosen() -> None:
    data = essay("<questiontext><text>Why?</text></questiontext>").replace(b"top/Core", b"$course$/top")

    assert [read.question.topic for read in moodle.read(data, topic="python").questions] == ["python"]
    assert moodle.read(data).problems == [
        Problem("line 1", "topic", "names no topic, and none was chosen for the file")
    ]


def test_two_categories_of_one_name_are_two_topics() -> None:
    data = b"<quiz>" + b"".join(
        b'<question type="category"><category><text>top/%s/Basics</text></category></question>' % name
        for name in (b"SQL", b"Python", b"SQL")
    )

    assert moodle.read(data + b"</quiz>").topics == [
        {"id": "sql", "title": "SQL"},
        {"id": "basics", "title": "Basics", "parent": "sql"},
        {"id": "python", "title": "Python"},
        {"id": "python-basics", "title": "Basics", "parent": "python"},
    ]


def test_who_grades_in_moodle_can_read_the_key_points() -> None:
    text = written()

    assert "<h4>Key points</h4>" in text
    assert "<li>CANARYCLAIM Generators produce values on demand. (weight 3) Hint: CANARYHINT When?</li>" in text


def test_a_question_of_one_short_point_becomes_a_shortanswer() -> None:
    point = KeyPointContent("answer", "Port 443", 1, "", ("443 * TLS",))
    text = written(references=("443",), key_points=(point,), misconceptions=(), exemplars=())

    assert '<question type="shortanswer">' in text
    assert [line.split("<text>")[1].split("<")[0] for line in text.split("\n") if "<answer " in line] == [
        "443",
        "Port 443",
        r"443 \* TLS",
    ]


def test_title_prompt_name_and_category_may_change_in_moodle() -> None:
    text = (
        written()
        .replace("Generators versus lists", "Generators and lists")
        .replace("rather than a list?</text>", "instead of a list?</text>")
        .replace("<idnumber>generators<", "<idnumber>lazy-lists<")
        .replace("<idnumber>core<", "<idnumber>python<")
    )

    reading = moodle.read(text.encode())

    (read,) = reading.questions
    assert read.question == PackQuestion(
        "lazy-lists",
        "python",
        make_content(title="Generators and lists", prompt="When would you write a generator instead of a list?"),
    )
    assert [note.message for note in reading.notes] == [
        "its title was changed outside Greenroom; the change was taken",
        "its prompt was changed outside Greenroom; the change was taken",
    ]


def test_a_change_of_the_readable_part_is_not_taken_and_noted() -> None:
    reading = moodle.read(written().replace("(weight 3)", "(weight 1)").encode())

    assert reading.questions[0].question.content == make_content()
    assert [note.message for note in reading.notes] == [
        "its grader information was changed in Moodle; Greenroom's own block counts, not the change"
    ]


def test_a_block_survives_an_editor_that_adds_tags_and_lines() -> None:
    text = written().replace("<pre>", "<pre><p>").replace("</pre>", "</p></pre>")

    reading = moodle.read(text.replace("question-1:", "question-1:<br />\n  ").encode())

    assert [read.question.content for read in reading.questions] == [make_content()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("question-1:e", "question-1:A"), "Greenroom's block was changed. Export the question from Greenroom again"),
        (("question-1:", "question-2:"), "Greenroom's block has version 2; this Greenroom reads version 1"),
        ((":end", ""), "Greenroom's block is cut off. Export the question from Greenroom again"),
    ],
)
def test_a_damaged_block_is_named(change: tuple[str, str], message: str) -> None:
    text = written()
    whole = re.sub("(?s)<pre>.*</pre>", lambda found: found[0].replace("\n", ""), text)  # the block on one line
    assert change[0] in whole

    reading = moodle.read(whole.replace(*change).encode())

    assert reading.problems == [Problem("line 8", "graderinfo", message)]


@pytest.mark.parametrize(
    ("format_", "text", "prompt"),
    [
        ("html", "<p>A &lt;b&gt;</p><p>x<sup>2</sup> H<sub>2</sub>O</p>", "A <b>\n\nx^2 H2O"),
        ("moodle_auto_format", "one\ntwo", "one  \ntwo"),
        ("plain_text", "1 < 2 & <b>", "1 < 2 & <b>"),
        ("markdown", "# A *b* ![x](y.png)", "# A *b*"),
        ("html", '<a href="@@PLUGINFILE@@/x.pdf">the paper</a>', "the paper"),
        ("html", '<a href="https://example.org">there</a>', "[there](https://example.org)"),
        ("html", "<h2>Head</h2><ol><li>one</li><li>two</li></ol>", "## Head\n\n1. one\n2. two"),
        ("html", "a * b _c_", r"a \* b \_c\_"),
    ],
)
def test_prompts_become_markdown(format_: str, text: str, prompt: str) -> None:
    data = essay(f'<questiontext format="{format_}"><text><![CDATA[{text}]]></text></questiontext>')

    assert [read.question.content.prompt for read in moodle.read(data).questions] == [prompt]


def test_a_long_title_is_cut_and_noted() -> None:
    data = essay("<questiontext><text>Why?</text></questiontext>").replace(b"A name", b"word " * 40)

    reading = moodle.read(data)

    assert len(reading.questions[0].question.content.title) <= 120
    assert Note("line 1", "its title was longer than 120 characters and was cut") in reading.notes
