"""The formats that tables come and go in."""

from collections.abc import Callable
from dataclasses import dataclass

from tables import csv_table, xlsx_table
from tables.limits import MAX_UNPACKED
from tables.table import Table


@dataclass(frozen=True)
class TableFormat:
    """One way of writing tables down. write takes a header and rows; it may raise Unwritable."""

    name: str
    title: str
    extension: str
    media_type: str
    write: Callable[..., bytes]


FORMATS: dict[str, TableFormat] = {
    format_.name: format_
    for format_ in (
        TableFormat("csv", "CSV", ".csv", "text/csv; charset=utf-8", csv_table.write),
        TableFormat(
            "xlsx",
            "Excel (XLSX)",
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx_table.write,
        ),
    )
}


def read(data: bytes, *, max_unpacked: int = MAX_UNPACKED) -> Table:
    """Read a CSV or XLSX file, by how it begins and not by what it is called. Raises Unreadable.

    max_unpacked: bytes that an XLSX file may unpack to.
    """
    if data.startswith(b"PK"):
        return xlsx_table.read(data, max_unpacked=max_unpacked)
    return csv_table.read(data)
