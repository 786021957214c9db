"""Whatever is in a file, it is a table or it is refused; and whatever text is written comes back as it was."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tables.formats import FORMATS, read
from tables.limits import MAX_COLUMNS, MAX_ROWS
from tables.text import Unreadable

often = settings(max_examples=80, deadline=None, derandomize=True, database=None)

HEADER = ["name", "score"]
WRITTEN = {name: format_.write(HEADER, [["Ada", 1], ["=1", "x\ny"]]) for name, format_ in FORMATS.items()}
# What means something to one of the readers.
starts = [
    b"PK",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"sep=",
    b'sep="\n',
    b"sep=\n\n",
]
marks = [b"\0", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"=", b"@", b"\xff", b"<!DOCTYPE x>", b"&#0;"]
signs = st.sampled_from(starts) | st.sampled_from(marks)
pieces = st.lists(signs | st.binary(max_size=20), max_size=12).map(b"".join)
# Neither CSV nor XML tells a carriage return from a line feed in every reader; half a character has no bytes.
writable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)


def _look_through(data: bytes) -> None:
    try:
        table = read(data)
        rows = list(table.rows)
    except Unreadable:
        return
    assert 0 < len(table.header) <= MAX_COLUMNS
    assert len(rows) <= MAX_ROWS
    assert {len(row.cells) for row in rows} <= {len(table.header)}
    assert all(trouble for row in rows for trouble in row.troubles.values())


@often
@given(pieces)
@example(b'sep="\na"b\n')
@example(b"sep=\n")
@example(b"a,b\n" + b'"' * 5000)
@example(b'a\n"' + b"x" * 140_000 + b'"')
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    _look_through(data)


@pytest.mark.parametrize("name", FORMATS)
@often
@given(data=st.data())
def test_a_table_with_some_bytes_changed_is_a_table_or_refused(name: str, data: st.DataObject) -> None:
    whole = WRITTEN[name]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))

    _look_through(whole[:start] + data.draw(pieces) + whole[end:])


@pytest.mark.parametrize("name", FORMATS)
@often
@given(st.lists(st.tuples(writable, writable), max_size=4))
def test_what_is_written_comes_back(name: str, rows: list[tuple[str, str]]) -> None:
    kept = [list(row) for row in rows if any(cell.strip() for cell in row)]

    table = read(FORMATS[name].write(HEADER, rows))

    assert table.header == HEADER
    assert [(row.cells, row.troubles) for row in table.rows] == [(cells, {}) for cells in kept]
