"""XLSX: table.py's rows in the first sheet of a workbook. The ZIP archive is looked at before it is unpacked."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from questionbank.formats import table, table_template
from questionbank.formats.common import Peek, Reading, Unreadable, Unwritable
from questionbank.formats.csv_table import guarded, unguarded
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.limits import HEADER_WITHIN, MAX_COLUMNS, MAX_PARTS, MAX_RATIO, MAX_ROWS, MAX_UNPACKED
from questionbank.formats.pack import PackQuestion
from questionbank.formats.table import Row
from questionbank.formats.text import refuse_other_files

MAX_EXCEL_CELL = 32_767  # characters; openpyxl would cut silently
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:
    """Read the first sheet of an XLSX file. Raises nothing for what is in it."""
    try:
        return table.read(_rows(data), mapping, Gathering(topic))
    except Unreadable as error:
        return refusal(error)


def peek(data: bytes) -> Peek:
    """Return the beginning of an XLSX file's first sheet. Raises Unreadable."""
    return table.peek(_rows(data))


def check_archive(data: bytes) -> None:
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
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable(f"would unpack to more than {MAX_UNPACKED // 1024**2} MB")
    for part in parts:
        if part.file_size > 1024**2 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise Unreadable("is packed as no spreadsheet is: a small part of it would unpack to a huge one")
        if part.flag_bits & 1:
            raise Unreadable("is protected by a password")
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("is a ZIP archive but no XLSX file")


def _rows(data: bytes) -> Iterator[Row]:
    check_archive(data)
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


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001
    """Return an XLSX file of these questions. Raises Unwritable for a cell that is longer than Excel's are."""
    columns, rows = table.write(questions)
    return _written(columns, rows)


def template() -> bytes:
    """Return an XLSX file with an example to overwrite."""
    return _written(table_template.COLUMNS, iter([table_template.EXAMPLE]))


def _written(columns: list[str], rows: Iterator[dict[str, str | int]]) -> bytes:
    filled = [[_filled(cells, column) for column in columns] for cells in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Questions")
    sheet.freeze_panes = "B2"
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _width(column)
    sheet.append([_cell(sheet, column, Font(bold=True)) for column in columns])
    for row in filled:
        sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(column: str) -> int:
    """In characters. Claims, prompts and answers need room; numbers and ids do not."""
    if column.endswith(("_weight", "_score", "minutes", "difficulty", "_kind")) or column == "kind":
        return 12
    return 24 if column.endswith(("_id", "_twin_of", "_marks", "_contradicts", "slug", "topic", "title")) else 48


def _filled(cells: Mapping[str, str | int], column: str) -> str | int | None:
    """Return what stands in a cell. Raises Unwritable."""
    value = cells.get(column)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    text = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", guarded(value))
    if len(text) > MAX_EXCEL_CELL:
        raise Unwritable(f"{cells['slug']}: {column} is longer than a cell of Excel may be. Use another format")
    return text


def _cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """A cell of text whatever it begins with: openpyxl would make a formula of “=”."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if font:
        cell.font = font
    else:
        cell.alignment = _WRAPPED
    return cell


_WRAPPED = Alignment(wrap_text=True, vertical="top")
