"""What all formats share: what a reading is, how a question is checked, and how its problems are gathered.

A reader takes a whole file as bytes and never raises for what is in it: a file that cannot be read at all is a
Reading without questions whose one problem has no place. registry.py lists the formats.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from questionbank.formats.pack import PackQuestion
from tables.table import Unwritable
from tables.text import Unreadable

__all__ = ["Format", "Note", "Peek", "Problem", "Read", "Reader", "Reading", "Unreadable", "Unwritable"]


@dataclass(frozen=True)
class Problem:
    """Why a question was not read. place: "row 5", "line 120", a question's slug, or "" for the whole file.

    field: the column, element or field of the pack format, "" for the whole question.
    """

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.field, self.message) if part)


@dataclass(frozen=True)
class Note:
    """What was left out or assumed on purpose; place as in Problem, "" where it holds for many questions."""

    place: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.message) if part)


@dataclass(frozen=True)
class Read:
    """A question that was read.

    unfinished: it has no reference answer or no checked key point yet, so it can only become a draft that a mentor
    finishes. named: the file itself names it; else its slug was made of its title.
    """

    place: str
    question: PackQuestion
    unfinished: bool = False
    named: bool = True


@dataclass(frozen=True)
class Reading:
    """All that a file says. topics and tracks are in the pack format's form, a parent before its children.

    A question's topic need not stand in topics: a table, for example, names topics by their ids alone.
    """

    questions: list[Read] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    topics: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Peek:
    """The beginning of a table: its headers, a few rows of as many cells, and which field each header likely is.

    mapping has every header; "" stands for a column that is left out.
    """

    headers: list[str]
    samples: list[list[str]]
    mapping: dict[str, str]


class Reader(Protocol):
    def __call__(self, data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:
        """Read a file. mapping: header → field, for tables alone. topic: the id for questions that name none."""


@dataclass(frozen=True)
class Format:
    """One way of writing questions down.

    name: what addresses and Import.format call it. extensions: with the dot, the one that is written first.
    write takes questions and topics; it raises Unwritable. peek (raises Unreadable) and template (a table with one
    example) are there where needs_mapping is true.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    media_type: str
    read: Reader
    write: Callable[[Sequence[PackQuestion], Sequence[Mapping[str, Any]]], bytes]
    peek: Callable[[bytes], Peek] | None = None
    template: Callable[[], bytes] | None = None

    @property
    def needs_mapping(self) -> bool:
        return self.peek is not None
