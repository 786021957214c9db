"""XLSX: the first sheet of a workbook. The ZIP archive is looked at before it is unpacked."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from tables.formula import guarded, unguarded
from tables.limits import (
    HEADER_WITHIN,
    MAX_COLUMNS,
    MAX_EXCEL_CELL,
    MAX_EXCEL_ROWS,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
)
from tables.table import Cell, Row, Table, Unwritable, as_text, table_of
from tables.text import Unreadable, refuse_other_files

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


# --- Reading ------------------------------------------------------------------------------------------------


def read(data: bytes, *, max_unpacked: int = MAX_UNPACKED) -> Table:
    """Read the first sheet of an XLSX file that unpacks to so many bytes at most. Raises Unreadable."""
    return table_of(_rows(data, max_unpacked))


def check_archive(data: bytes, max_unpacked: int) -> None:
    """Raise Unreadable for what is no XLSX file, and for one that says it unpacks to too much."""
    if not data.startswith(b"PK"):
        refuse_other_files(data)
        raise Unreadable("is no XLSX file")
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("is a broken XLSX file: its archive cannot be opened") from error
    if len(parts) > MAX_PARTS:
        raise Unreadable(f"is no XLSX file: its archive holds {len(parts):,} parts")
    if sum(part.file_size for part in parts) > max_unpacked:
        raise Unreadable(f"would unpack to more than {max_unpacked // 1024**2} MB")
    for part in parts:
        if part.file_size > 1024**2 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise Unreadable("is packed as no spreadsheet is: a small part of it would unpack to a huge one")
        if part.flag_bits & 1:
            raise Unreadable("is protected by a password")
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("is a ZIP archive but no XLSX file")


def _rows(data: bytes, max_unpacked: int) -> Iterator[Row]:
    check_archive(data, max_unpacked)
    number = 0
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        width = _width_of_header(sheet)
        for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=width), start=1):
            yield _row(number, cells)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises nearly anything for parts that are missing or broken
        if DefusedXmlException in (type(error).__base__, type(error.__cause__).__base__):
            raise Unreadable("holds XML entities, which no spreadsheet needs") from error
        raise Unreadable(f"is a broken XLSX file: it cannot be read after row {number}") from error


def _width_of_header(sheet: Any) -> int:
    """Return how many columns the first row with anything in it has; what stands right of it has no header."""
    for cells in sheet.iter_rows(max_row=HEADER_WITHIN, max_col=MAX_COLUMNS + 1):
        filled = [position for position, cell in enumerate(cells, start=1) if cell.value is not None]
        if filled and filled[-1] > MAX_COLUMNS:
            raise Unreadable(f"has more than {MAX_COLUMNS:,} columns")
        if filled:
            return filled[-1]
    raise Unreadable("has no row of headers in its first sheet")


def _row(number: int, cells: Sequence[Any]) -> Row:
    texts, troubles = [], {}
    for position, cell in enumerate(cells):
        text, trouble = _text(cell) if cell.value is not None else ("", "")
        texts.append(text)
        if trouble:
            troubles[position] = trouble
    return Row(number, texts, troubles)


def _text(cell: Any) -> tuple[str, str]:
    """Return what a cell says, and what is wrong with it or ""."""
    value = cell.value
    if cell.data_type == "f":
        return str(value), "is a formula. Put its result as plain text"
    if cell.data_type == "e":
        return str(value), f"is an error of the spreadsheet ({value})"
    if isinstance(value, str):
        return unguarded(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)), ""
    if isinstance(value, date | datetime | time | timedelta):
        return str(value), "is a date or time. Format the column as text and type it again"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value)), ""
    return str(value), ""


# --- Writing ------------------------------------------------------------------------------------------------


def write(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "Table",
    width: Callable[[str], int] = lambda _column: 24,
    about: Sequence[Sequence[Cell]] = (),
) -> bytes:
    """Return an XLSX file of one sheet called title; width gives each column's, in characters.

    about: pairs that say what the table is; they stand on a second sheet, called About.
    Raises Unwritable for more than Excel has room for; the message names a row by its first cell.
    """
    filled = [[_filled(row, column, cell) for column, cell in zip(header, row, strict=True)] for row in rows]
    if len(filled) >= MAX_EXCEL_ROWS:
        raise Unwritable(f"There are more than the {MAX_EXCEL_ROWS:,} rows that a sheet of Excel has")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for position, column in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width(column)
    sheet.append([_text_cell(sheet, _escaped(column), Font(bold=True)) for column in header])
    for row in filled:
        sheet.append([_text_cell(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    if about:
        _add_about(book, about)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_about(book: Workbook, about: Sequence[Sequence[Cell]]) -> None:
    sheet = book.create_sheet("About")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 90
    for row in about:
        sheet.append([_text_cell(sheet, _escaped(as_text(cell))) for cell in row])


def _filled(row: Sequence[Cell], column: str, cell: Cell) -> str | int | float | Decimal | None:
    """Return what stands in a cell. Raises Unwritable."""
    if isinstance(cell, int | float | Decimal):
        return cell
    text = _escaped(as_text(cell))
    if len(text) > MAX_EXCEL_CELL:
        raise Unwritable(f"{row[0]}: {column} is longer than a cell of Excel may be. Use another format")
    return text or None


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", guarded(text))


def _text_cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """A cell of text whatever it begins with: openpyxl would make a formula of “=”."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if font:
        cell.font = font
    else:
        cell.alignment = _WRAPPED
    return cell
