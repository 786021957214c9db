"""XLSX: table.py's rows in the first sheet of a workbook."""

from collections.abc import Mapping, Sequence
from typing import Any

from questionbank.formats import table, table_template
from questionbank.formats.common import Peek, Reading, Unreadable
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.pack import PackQuestion
from tables import xlsx_table


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:
    """Read the first sheet of an XLSX file. Raises nothing for what is in it."""
    try:
        return table.read(xlsx_table.read(data), mapping, Gathering(topic))
    except Unreadable as error:
        return refusal(error)


def peek(data: bytes) -> Peek:
    """Return the beginning of an XLSX file's first sheet. Raises Unreadable."""
    return table.peek(xlsx_table.read(data))


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001
    """Return an XLSX file of these questions. Raises Unwritable for a cell that is longer than Excel's are."""
    return xlsx_table.write(*table.write(questions), title="Questions", width=_width)


def template() -> bytes:
    """Return an XLSX file with an example to overwrite."""
    return xlsx_table.write(*table_template.template(), title="Questions", width=_width)


def _width(column: str) -> int:
    """In characters. Claims, prompts and answers need room; numbers and ids do not."""
    if column.endswith(("_weight", "_score", "minutes", "difficulty", "_kind")) or column == "kind":
        return 12
    return 24 if column.endswith(("_id", "_twin_of", "_marks", "_contradicts", "slug", "topic", "title")) else 48
