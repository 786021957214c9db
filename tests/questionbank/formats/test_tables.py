"""CSV and XLSX: columns, what stands in cells, and how a mentor's own table is mapped."""

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, SourceContent
from questionbank.formats import csv_table, table, xlsx_table
from questionbank.formats.common import Note, Problem, Reading, Unreadable, Unwritable
from questionbank.formats.pack import PackQuestion
from questionbank.formats.registry import FORMATS
from tests.factories import make_content

HEADERS = ["topic", "prompt", "reference_1", "key_point_1"]
RIGHT = ["core", "Why?", "Because.", "Because."]
TABLES = ["csv", "xlsx"]


def as_csv(rows: list[list[Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


MAKE = {"csv": as_csv, "xlsx": as_xlsx}


def read(name: str, rows: list[list[Any]], **options: Any) -> Reading:
    return FORMATS[name].read(MAKE[name](rows), **options)


# --- Columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_the_template_is_a_question_that_can_be_read(name: str) -> None:
    reading = FORMATS[name].read(FORMATS[name].template())

    assert (reading.problems, reading.notes) == ([], [])
    content = reading.questions[0].question.content
    assert [point.weight for point in content.key_points] == [3, 2, 1]
    assert content.misconceptions[0].contradicts == content.key_points[0].id
    assert [(exemplar.id, exemplar.score, len(exemplar.marks)) for exemplar in content.exemplars] == [
        ("strong", 95, 3),
        ("half", 50, 3),
        ("wrong", 0, 3),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_row_is_a_question(name: str) -> None:
    columns = ["key_point_1_weight", "key_point_1_hint", "key_point_1_accepted", "source_1", "source_1_url"]
    columns += ["misconception_1", "misconception_1_contradicts", "key_point_3"]
    columns += ["exemplar_1", "exemplar_1_kind", "exemplar_1_score", "exemplar_1_marks", "exemplar_2_kind"]
    columns += ["exemplar_2_score", "exemplar_2_twin_of"]
    cells = ["2", "What for?", "one\n\ntwo\n\tand more", "A book", "https://example.org", "Never.", "2", "Second."]
    cells += ["An answer", "Strong", "90", "1: Stated\nsecond: missing", "twin", "0", "1"]

    reading = read(name, [[*HEADERS, *columns], [*RIGHT, *cells]])

    assert reading.problems == []
    content = reading.questions[0].question.content
    assert content.key_points == (
        KeyPointContent("because", "Because.", 2, "What for?", ("one", "two\nand more")),
        KeyPointContent("second", "Second.", 1),
    )
    assert content.misconceptions == (MisconceptionContent("never", "Never.", "second"),)
    assert content.exemplars == (
        ExemplarContent("strong", "strong", "An answer", 90, (("because", "stated"), ("second", "missing"))),
        ExemplarContent("twin", "twin", "", 0, (), "strong"),
    )
    assert content.sources == (SourceContent("A book", "https://example.org"),)


@pytest.mark.parametrize("name", TABLES)
def test_what_a_row_leaves_out_is_assumed_and_noted(name: str) -> None:
    reading = read(name, [HEADERS, RIGHT, RIGHT])

    content = reading.questions[0].question.content
    assert (content.title, content.kind, content.difficulty, content.minutes) == ("Why?", "concept", "medium", 5)
    assert [(read.question.slug, read.named) for read in reading.questions] == [("why", False), ("why-2", False)]
    assert reading.notes == [
        Note("", "2 questions: no title, so it is made of the prompt."),
        Note("", "2 questions: no kind, so it is concept."),
        Note("", "2 questions: no difficulty, so it is medium."),
        Note("", "2 questions: no minutes, so it is 5."),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_question_without_key_points_comes_in_unfinished(name: str) -> None:
    reading = read(name, [["topic", "Question", "Answer"], ["core", "Why?", "Because."]])

    assert [(read.unfinished, read.question.content.references) for read in reading.questions] == [
        (True, ("Because.",))
    ]
    assert reading.notes[-1] == Note("row 2", "has no key points yet: it comes in as a draft for a mentor to finish")


def test_a_topic_in_words_becomes_an_id_and_is_told() -> None:
    reading = read("csv", [HEADERS, ["Machine learning", *RIGHT[1:]]])

    assert reading.questions[0].question.topic == "machine-learning"
    assert reading.topics == [{"id": "machine-learning", "title": "Machine learning"}]


def test_a_table_without_topics_takes_the_one_that_was_chosen() -> None:
    rows = [HEADERS[1:], RIGHT[1:]]

    assert [read.question.topic for read in read("csv", rows, topic="core").questions] == ["core"]
    assert read("csv", rows).problems == [
        Problem("row 2", "topic", "names no topic, and none was chosen for the file")
    ]


# --- Mapping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Prompt", "prompt"),
        ("Question", "prompt"),
        ("question text", "prompt"),
        ("Model answer", "reference_1"),
        ("Reference answer 2", "reference_2"),
        ("Key point 3", "key_point_3"),
        ("Key Point 3 weight (1-3)", "key_point_3_weight"),
        ("keypoint2 accepted phrasings", "key_point_2_accepted"),
        ("Minutes", "minutes"),
        ("Category", "topic"),
        ("exemplar_12_twin_of", "exemplar_12_twin_of"),
        ("exemplar_1_weight", ""),
        ("key_point_0", ""),
        ("Remarks", ""),
    ],
)
def test_headers_are_guessed(header: str, column: str) -> None:
    assert table.guess_mapping([header]) == {header: column}


def test_no_column_is_guessed_twice() -> None:
    assert table.guess_mapping(["Question", "Prompt"]) == {"Question": "prompt", "Prompt": ""}


def test_every_field_that_can_be_chosen_is_a_field() -> None:
    assert [name for name in table.fields(3) if not table.is_field(name)] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_peek_shows_headers_rows_and_the_guess(name: str) -> None:
    peek = FORMATS[name].peek(MAKE[name]([["", ""], ["Question", "Remarks"], ["Why?", "x"], ["How?", ""], ["a", "b"]]))

    assert peek.headers == ["Question", "Remarks"]
    assert peek.samples == [["Why?", "x"], ["How?", ""], ["a", "b"]]
    assert peek.mapping == {"Question": "prompt", "Remarks": ""}


@pytest.mark.parametrize("name", TABLES)
def test_a_mapping_says_what_is_read(name: str) -> None:
    rows = [["A", "B", "C"], ["Why?", "core", "Because."]]

    reading = read(name, rows, mapping={"A": "prompt", "B": "topic", "C": ""})

    assert reading.questions[0].question.content.references == ()
    assert Note("", "The column “C” was left out.") in reading.notes


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"A": "prompt", "B": "prompt"}, "would read two columns into prompt, one of them “B”"),
        ({"A": "promt"}, "has no field “promt” to read the column “A” into"),
        ({"A": "topic"}, "has no column for the prompt. Its first row must name the columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, str], message: str) -> None:
    assert read("csv", [["A", "B"], ["x", "y"]], mapping=mapping).problems == [Problem("", "", message)]


# --- Problems -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_problem_is_told_by_row_and_column(name: str) -> None:
    headers = ["Id", "Topic", "Question", "Kind", "Minutes", "Key point 2", "key_point_2_weight", "Key point 4"]
    headers += ["key_point_4_id", "misconception_1", "misconception_1_contradicts", "exemplar_1_marks"]

    reading = read(
        name,
        [
            headers,
            ["Not An Id", "core", "", "riddle", "5 min", "", "9", "", "", "", "", ""],
            ["right", "core", "Why?", "design", "61", "A", "0", "B", "a", "C", "z", "a: good"],
            ["right", "core", "Why?", "", "", "", "", "", "", "", "", ""],
            ["twice", "core", "Why?", "", "", "A", "", "B", "", "C", "7", ""],
        ],
    )

    assert reading.questions == []
    assert {(problem.place, problem.field): problem.message for problem in reading.problems} == {
        ("row 2", "Id"): "“Not An Id” is no id: lower-case letters and digits, words joined by hyphens",
        ("row 2", "Question"): "must not be blank",
        ("row 2", "title"): "must not be blank",
        ("row 2", "Kind"): "“riddle” is none of concept, comparison, procedure, design, troubleshooting",
        ("row 2", "Minutes"): "“5 min” is no whole number",
        ("row 2", "Key point 2"): "must not be blank",
        ("row 2", "key_point_2_weight"): "9 is greater than the maximum of 3",
        ("row 3", "Minutes"): "61 is greater than the maximum of 60",
        ("row 3", "key_point_2_weight"): "0 is less than the minimum of 1",
        ("row 3", "exemplar_1_kind"): "'' does not match '^[a-z_]+$'",
        ("row 3", "exemplar_1_score"): "must be a whole number",
        ("row 3", "exemplar_1_marks"): "“good” is none of stated, partly, missing, contradicted",
        ("row 4", "Id"): "“right” stands twice, also at row 3",
        ("row 5", "misconception_1_contradicts"): "there is no key point “7”",
    }


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_could_be_a_formula_is_refused_in_csv(start: str) -> None:
    reading = read("csv", [HEADERS, [*RIGHT[:3], start]])

    assert reading.questions == []
    assert [(problem.place, problem.field) for problem in reading.problems] == [("row 2", "key_point_1")]
    assert "spreadsheets take it for a formula" in reading.problems[0].message


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1", "''"])
@pytest.mark.parametrize("name", TABLES)
def test_what_could_be_a_formula_is_written_behind_an_apostrophe(name: str, start: str) -> None:
    question = PackQuestion("generators", "core", make_content(prompt=f"{start} x".strip(), title=start.strip()))

    data = FORMATS[name].write([question], [])

    rows = (
        csv.reader(io.StringIO(data.decode("utf-8-sig"))) if name == "csv" else load_workbook(io.BytesIO(data)).active
    )
    texts = [str(getattr(cell, "value", cell)) for row in rows for cell in row]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t"))]


def test_formulas_dates_and_errors_of_a_workbook_are_refused() -> None:
    day = dt.datetime(2026, 3, 5)  # noqa: DTZ001 (Excel knows no time zones)

    reading = read("xlsx", [[*HEADERS, "title"], [*RIGHT, "=1+1"], [*RIGHT, day], [*RIGHT, "#REF!"]])

    assert reading.problems == [
        Problem("row 2", "title", "is a formula. Put its result as plain text"),
        Problem("row 3", "title", "is a date or time. Format the column as text and type it again"),
        Problem("row 4", "title", "is an error of the spreadsheet (#REF!)"),
    ]


def test_numbers_of_a_workbook_are_what_they_look_like() -> None:
    reading = read("xlsx", [[*HEADERS, "minutes", "title", "reference_2"], [*RIGHT, 4.0, 42, 0.5]])

    content = reading.questions[0].question.content
    assert (content.minutes, content.title, content.references) == (4, "42", ("Because.", "0.5"))


# --- Texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = [HEADERS, ["core", "Why, or; why\tnot?", "Because.", "Because."]]

    content = csv_table.read(as_csv(rows, delimiter)).questions[0].question.content

    assert content.prompt == "Why, or; why\tnot?"


def test_the_delimiter_may_be_said_in_excels_way() -> None:
    assert len(csv_table.read(b"sep=;\r\n" + as_csv([HEADERS, RIGHT], ";")).questions) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(encoding: str) -> None:
    data = as_csv([HEADERS, ["core", "Naïve Bayes – “why”?", "Because.", "Because."]]).decode().encode(encoding)

    reading = csv_table.read(data)

    assert reading.questions[0].question.content.prompt == "Naïve Bayes – “why”?"
    assert any("Windows-1252" in note.message for note in reading.notes) == (encoding == "cp1252")


def test_accepted_phrasings_of_several_lines_stay_whole() -> None:
    texts = ["one", "two\n\tindented\n\nlast", "three"]

    assert table.lines_of(table.as_lines(texts)) == texts


def test_a_text_too_long_for_a_cell_of_excel_is_not_cut_silently() -> None:
    accepted = ("a" * 20_000, "b" * 20_000)
    content = make_content(key_points=(KeyPointContent("lazy", "A claim.", 1, "", accepted),), misconceptions=())

    with pytest.raises(Unwritable, match="generators: key_point_1_accepted is longer"):
        xlsx_table.write([PackQuestion("generators", "core", content)], [])


def test_a_table_without_headers_cannot_be_peeked_at() -> None:
    with pytest.raises(Unreadable, match="has no row of headers"):
        csv_table.peek(b",,\n,,\n")


def test_the_example_of_the_documentation_can_be_read() -> None:
    documentation = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", documentation, re.DOTALL)

    reading = csv_table.read(example.encode())

    assert reading.problems == []
    assert [point.weight for point in reading.questions[0].question.content.key_points] == [3]
