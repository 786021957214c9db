"""Tables in and out. What hostile files do is tested where questions are read: tests/questionbank/formats."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from tables.formats import FORMATS, read
from tables.table import Cell, Unwritable
from tables.text import Unreadable
from tables.xlsx_table import write as write_xlsx

HEADER = ["name", "score"]
# ASVS 5.0, 1.2.10; and the signs of full width, which some Excels take for the narrow ones.
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'quoted", "'=1"]


def cells_of(name: str, data: bytes) -> list[list[object]]:
    """Return what another program finds in the cells."""
    if name == "csv":
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_taken_for_a_formula_and_it_comes_back_as_it_was(name: str, text: str) -> None:
    data = FORMATS[name].write([text, "score"], [[text, 1], ["plain", 2]])

    written = [str(row[0]).replace("_x000D_", "\r") for row in cells_of(name, data)]
    assert written == [f"'{text}", f"'{text}", "plain"]
    table = read(data)
    assert [(row.number, row.cells, row.troubles) for row in table.rows] == [
        (2, [text, "1"], {}),
        (3, ["plain", "2"], {}),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_nul_in_a_name_of_a_file_is_guarded(name: str) -> None:
    first = str(cells_of(name, FORMATS[name].write(HEADER, [["\0=1", 1]]))[1][0])

    assert first.startswith("'")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("csv", ["-1.5", "-2", "1.25", "", "2026-11-23T12:00:00+00:00"]),
        ("xlsx", [-1.5, -2, 1.25, None, "2026-11-23T12:00:00+00:00"]),
    ],
)
def test_numbers_stay_numbers_and_times_are_iso(name: str, expected: list[object]) -> None:
    row: list[Cell] = [-1.5, -2, Decimal("1.25"), None, datetime(2026, 11, 23, 12, tzinfo=UTC)]

    data = FORMATS[name].write(list("abcde"), [row])

    assert cells_of(name, data)[1] == expected


@pytest.mark.parametrize("name", FORMATS)
def test_a_table_without_rows_has_its_header(name: str) -> None:
    table = read(FORMATS[name].write(HEADER, []))

    assert (table.header, list(table.rows)) == (HEADER, [])


def test_empty_rows_are_left_out_and_short_ones_filled() -> None:
    table = read(b",,\nname,score\n,\nAda\nGrace,3,more\n")

    assert [(row.number, row.cells) for row in table.rows] == [(4, ["Ada", ""]), (5, ["Grace", "3"])]


def test_a_cell_that_spreadsheets_take_for_a_formula_is_a_trouble() -> None:
    (row,) = read(b"name,score\nAda,=1+1\n").rows

    assert row.troubles == {
        1: "begins with “=”, so spreadsheets take it for a formula. Put an apostrophe (') before it"
    }


def test_a_guessed_encoding_is_said() -> None:
    assert "Windows-1252" in read("name\nZoë\n".encode("cp1252")).note
    assert read("name\nZoë\n".encode()).note == ""


def test_a_file_of_no_table_is_refused() -> None:
    with pytest.raises(Unreadable, match="is a PDF"):
        read(b"%PDF-1.7")


def test_a_text_that_excel_has_no_room_for_is_not_cut_silently() -> None:
    with pytest.raises(Unwritable, match="Ada: score is longer"):
        write_xlsx(HEADER, [["Ada", "x" * 40_000]])


def test_a_reader_may_set_a_lower_limit_to_what_an_archive_unpacks_to() -> None:
    data = FORMATS["xlsx"].write(HEADER, [])

    with pytest.raises(Unreadable, match="would unpack to more than 0 MB"):
        read(data, max_unpacked=1_000)


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_table_is_stands_beside_it(name: str) -> None:
    about: list[list[Cell]] = [["Cohort", "=1+1"], ["Shown", None]]

    data = FORMATS[name].write(HEADER, [["Ada", 1]], about=about)

    table, said = [["name", "score"], ["Ada", "1"]], [["Cohort", "'=1+1"], ["Shown", ""]]
    if name == "csv":
        assert cells_of(name, data) == [*said, [], *table]
    else:
        sheets = load_workbook(io.BytesIO(data)).worksheets
        found = [[[str(cell or "") for cell in row] for row in sheet.values] for sheet in sheets]
        assert ([sheet.title for sheet in sheets], found) == (["Table", "About"], [table, said])
