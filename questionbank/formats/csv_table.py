"""CSV: table.py's rows as text. Comma, semicolon or tab; what could be taken for a formula is kept from being one."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from questionbank.formats import table, table_template
from questionbank.formats.common import Peek, Reading, Unreadable
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.limits import MAX_COLUMNS
from questionbank.formats.pack import PackQuestion
from questionbank.formats.table import Row
from questionbank.formats.text import decode

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets calculate a cell that begins so
GUARDED = ("'", *FORMULA)


def guarded(cell: str) -> str:
    """Return the cell as it is written: an apostrophe before what could be a formula, and before an apostrophe."""
    return f"'{cell}" if cell.startswith(GUARDED) else cell


def unguarded(cell: str) -> str:
    """Undo guarded. Other apostrophes stay."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:
    """Read a CSV file. Raises nothing for what is in it."""
    gathering = Gathering(topic)
    try:
        text, note = decode(data)
        if note:
            gathering.note("", note)
        return table.read(_rows(text), mapping, gathering)
    except Unreadable as error:
        return refusal(error)


def peek(data: bytes) -> Peek:
    """Return the beginning of a CSV file. Raises Unreadable."""
    return table.peek(_rows(decode(data)[0]))


def _rows(text: str) -> Iterator[Row]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(*_source(text), strict=True), start=1):
            if len(cells) > MAX_COLUMNS:
                raise Unreadable(f"has more than {MAX_COLUMNS:,} cells in row {number}")
            troubles = {i: _trouble(cell) for i, cell in enumerate(cells) if cell.startswith(FORMULA)}
            yield Row(number, [unguarded(cell) if cell.startswith("'") else cell for cell in cells], troubles)
    except csv.Error as error:
        hint = "Look for a quotation mark that is not closed"
        raise Unreadable(f"is broken after row {number}: {error}. {hint}") from error


def _source(text: str) -> tuple[io.StringIO, Any]:
    """Return text and its dialect: the delimiter that stands most often in the first line, outside quotes."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own way to say it
        return io.StringIO(rest, newline=""), _dialect(first[4])
    outside = "".join(first[:100_000].split('"')[::2])
    return io.StringIO(text, newline=""), _dialect(max(",;\t", key=outside.count))


def _dialect(delimiter: str) -> type[csv.excel]:
    return type("Dialect", (csv.excel,), {"delimiter": delimiter})


def _trouble(cell: str) -> str:
    sign = {"\t": "a tab", "\r": "a line break"}.get(cell[0], f"“{cell[0]}”")
    return f"begins with {sign}, so spreadsheets take it for a formula. Put an apostrophe (') before it"


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001
    """Return a CSV file of these questions, as UTF-8 with the mark by which Excel knows it."""
    columns, rows = table.write(questions)
    return _written(columns, rows)


def template() -> bytes:
    """Return a CSV file with an example to overwrite."""
    return _written(table_template.COLUMNS, iter([table_template.EXAMPLE]))


def _written(columns: list[str], rows: Iterator[dict[str, str | int]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for cells in rows:
        writer.writerow([guarded(str(cells.get(column, ""))) for column in columns])
    return out.getvalue().encode("utf-8-sig")
