"""CSV: table.py's rows as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from questionbank.formats import table, table_template
from questionbank.formats.common import Peek, Reading, Unreadable
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.pack import PackQuestion
from tables import csv_table


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:
    """Read a CSV file. Raises nothing for what is in it."""
    try:
        return table.read(csv_table.read(data), mapping, Gathering(topic))
    except Unreadable as error:
        return refusal(error)


def peek(data: bytes) -> Peek:
    """Return the beginning of a CSV file. Raises Unreadable."""
    return table.peek(csv_table.read(data))


def write(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG001
    """Return a CSV file of these questions, as UTF-8 with the mark by which Excel knows it."""
    return csv_table.write(*table.write(questions))


def template() -> bytes:
    """Return a CSV file with an example to overwrite."""
    return csv_table.write(*table_template.template())
