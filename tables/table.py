"""What both formats read: a header and numbered rows of text."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from tables.limits import MAX_ROWS
from tables.text import Unreadable

# What can be written: text is guarded, a number stays one, a date is written as ISO 8601 text.
Cell = str | int | float | Decimal | date | datetime | None


class Unwritable(Exception):
    """A format has no room for something; the message says for what."""


@dataclass(frozen=True)
class Row:
    """A row: its number as the spreadsheet shows it, its cells, and position → what is wrong with a cell."""

    number: int
    cells: list[str]
    troubles: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows below that hold anything, each with as many cells as the header.

    Reading on in rows may raise Unreadable. note says what had to be guessed of the whole file, or "".
    """

    header: list[str]
    rows: Iterator[Row]
    note: str = ""


def table_of(rows: Iterator[Row], note: str = "") -> Table:
    """Return rows as a table: the first that holds anything is its header. Raises Unreadable where none does."""
    for row in rows:
        names = [cell.strip() for cell in row.cells]
        while names and not names[-1]:
            names.pop()
        if names:
            double = next((name for name in names if name and names.count(name) > 1), None)
            if double:
                raise Unreadable(f"has two columns called “{double[:80]}”")
            return Table(names, _filled(rows, len(names)), note)
    raise Unreadable("has no row of headers")


def _filled(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for row in rows:
        if row.number > MAX_ROWS:
            raise Unreadable(f"has more than {MAX_ROWS:,} rows. Delete the empty ones, or split it")
        if any(cell.strip() for cell in row.cells):
            yield replace(row, cells=(row.cells + [""] * width)[:width])


def as_text(cell: Cell) -> str:
    """Return what a cell says, before it is guarded."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)
