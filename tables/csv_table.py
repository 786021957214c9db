"""CSV. Comma, semicolon or tab; what could be taken for a formula is kept from being one."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tables.formula import FORMULA, guarded, unguarded
from tables.limits import MAX_COLUMNS
from tables.table import Cell, Row, Table, as_text, table_of
from tables.text import Unreadable, decode


def read(data: bytes) -> Table:
    """Read a CSV file. Raises Unreadable."""
    text, note = decode(data)
    return table_of(_rows(text), note)


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


def write(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, about: Sequence[Sequence[Cell]] = ()) -> bytes:
    """Return a CSV file, as UTF-8 with the mark by which Excel knows it.

    about: rows on what the table is; they stand above its header, with an empty line between.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([_written(cell) for cell in row] for row in [*about, []] if about)
    writer.writerow([guarded(name) for name in header])
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _written(cell: Cell) -> str:
    return guarded(cell) if isinstance(cell, str) else as_text(cell)  # a number may begin with a minus
