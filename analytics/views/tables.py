"""What the dashboard's long tables share: sorted by a column that the address names, searched by name, in pages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from people.models import User

PAGE = 50

Value = Callable[[Any], Any]


class Row(Protocol):
    """A row about one candidate."""

    @property
    def candidate(self) -> User: ...


def page_of(rows: Sequence[Row], asked: QueryDict, columns: Mapping[str, Value]) -> Page[Row]:
    """Return the page of rows that the address asks for: q, a part of a name or address; sort, one of columns; page.

    With - before a column its rows come from the top down. What has no value comes last either way. Without a sort
    the rows stay as they are.
    """
    wanted = asked.get("q", "").strip().casefold()
    found = [row for row in rows if wanted in f"{row.candidate.name} {row.candidate.email}".casefold()]
    return Paginator(_sorted(found, asked.get("sort", ""), columns), PAGE).get_page(asked.get("page"))


def _sorted(rows: list[Row], sort: str, columns: Mapping[str, Value]) -> list[Row]:
    value = columns.get(sort.removeprefix("-"))
    if value is None:
        return rows
    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    return sorted(known, key=value, reverse=sort.startswith("-")) + unknown
