"""Questions as a table: one row a question, parts in numbered columns. CSV and XLSX share it; docs/formats.md has it.

A column is one of SINGLE, or a group with a number and a part: key_point_2 (the claim), key_point_2_weight.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from questionbank.formats.common import Peek, Reading, Unreadable
from questionbank.formats.gathering import Gathering, slug_of
from questionbank.formats.pack import PackQuestion
from tables.table import Row, Table

SINGLE = ("slug", "topic", "title", "kind", "difficulty", "minutes", "prompt")
# The first part, without a name of its own, is the column key_point_1 itself.
GROUPS: dict[str, tuple[str, ...]] = {
    "reference": ("",),
    "key_point": ("", "weight", "hint", "accepted", "id"),
    "misconception": ("", "contradicts", "id"),
    "exemplar": ("", "kind", "score", "marks", "twin_of", "id"),
    "source": ("", "url"),
}
# group → its list in the pack format, and what the group's own column is called there
LISTS = {
    "reference": ("references", ""),
    "key_point": ("key_points", "claim"),
    "misconception": ("misconceptions", "claim"),
    "exemplar": ("exemplars", "text"),
    "source": ("sources", "title"),
}
# Other people's headers, in lower case with underscores.
SYNONYMS = {
    "id": "slug",
    "name": "slug",
    "idnumber": "slug",
    "question_id": "slug",
    "category": "topic",
    "subject": "topic",
    "type": "kind",
    "level": "difficulty",
    "time": "minutes",
    "duration": "minutes",
    "question": "prompt",
    "question_text": "prompt",
    "text": "prompt",
    "heading": "title",
    "question_name": "title",
    "answer": "reference_1",
    "model_answer": "reference_1",
    "reference_answer": "reference_1",
    "solution": "reference_1",
    "url": "source_1_url",
    "link": "source_1_url",
    "source": "source_1",
}
GROUP_SYNONYMS = {"keypoint": "key_point", "point": "key_point", "kp": "key_point", "reference_answer": "reference"}
PART_SYNONYMS = {"claim": "", "text": "", "title": "", "accepted_phrasings": "accepted", "phrasings": "accepted"}

_COLUMN = re.compile(r"([a-z_]+?)_?([1-9][0-9]{0,2})(?:_([a-z_]+))?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}([.]0+)?")


# --- Columns ------------------------------------------------------------------------------------------------


def is_field(name: str) -> bool:
    """Whether name is that of a column, such as prompt or key_point_2_weight."""
    group, number, part = _parts(name)
    return name in SINGLE or (part in GROUPS.get(group, ()) and name == _column(group, number, part))


def _parts(name: str) -> tuple[str, int, str]:
    """Return group, number and part of a column's name; the group is "" where it is no such name."""
    found = _COLUMN.fullmatch(name)
    return (found[1], int(found[2]), found[3] or "") if found else ("", 0, "")


def _column(group: str, number: int, part: str) -> str:
    return f"{group}_{number}_{part}" if part else f"{group}_{number}"


def fields(numbers: int = 6) -> list[str]:
    """Return the columns that a mapping can choose from, groups up to numbers."""
    return [*SINGLE, *_columns_of(dict.fromkeys(GROUPS, numbers))]


def _columns_of(numbers: Mapping[str, int]) -> Iterator[str]:
    """Yield the columns of each group up to its number."""
    for group, parts in GROUPS.items():
        for number in range(1, numbers[group] + 1):
            yield from (_column(group, number, part) for part in parts)


def guess_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Return for each header the column it likely is, or "". No column is guessed twice."""
    mapping: dict[str, str] = {}
    for header in headers:
        guess = _guess(header)
        mapping.setdefault(header, guess if guess not in mapping.values() else "")
    return mapping


def _guess(header: str) -> str:
    name = re.sub("[^a-z0-9]+", "_", header[:200].lower()).strip("_")
    name = re.sub("_(min|mins|minutes|0_100|1_3|markdown)$", "", name) if name not in SINGLE else name
    if is_field(name):
        return name
    if name in SYNONYMS:
        return SYNONYMS[name]
    group, number, part = _parts(name)
    name = _column(GROUP_SYNONYMS.get(group, group), number, PART_SYNONYMS.get(part, part))
    return name if is_field(name) else ""


def peek(table: Table, samples: int = 3) -> Peek:
    """Return headers, the first rows and a guessed mapping. Raises Unreadable."""
    first = [[cell[:200] for cell in row.cells] for row in islice(table.rows, samples)]
    return Peek(table.header, first, guess_mapping([name for name in table.header if name]))


# --- Reading ------------------------------------------------------------------------------------------------


def read(table: Table, mapping: Mapping[str, str] | None, gathering: Gathering) -> Reading:
    """Read the questions of a table. Raises Unreadable."""
    header = table.header
    if table.note:
        gathering.note("", table.note)
    mapping = guess_mapping([name for name in header if name]) if mapping is None else mapping
    columns = _columns(header, mapping)
    for name in header:
        if name and not mapping.get(name):
            gathering.note("", f"The column “{name[:80]}” was left out.")
    headers = {column: header[position] for position, column in columns.items()}
    topics: dict[str, dict[str, Any]] = {}
    for row in table.rows:
        _read_row(row, columns, headers, topics, gathering)
    return gathering.reading(list(topics.values()))


def _columns(header: list[str], mapping: Mapping[str, str]) -> dict[int, str]:
    """Return position → column. Raises Unreadable for a mapping that does not fit."""
    columns: dict[int, str] = {}
    for position, name in enumerate(header):
        column = mapping.get(name, "") if name else ""
        if column and not is_field(column):
            raise Unreadable(f"has no field “{column[:80]}” to read the column “{name[:80]}” into")
        if column and column in columns.values():
            raise Unreadable(f"would read two columns into {column}, one of them “{name[:80]}”")
        if column:
            columns[position] = column
    if "prompt" not in columns.values():
        raise Unreadable("has no column for the prompt. Its first row must name the columns")
    return columns


def _read_row(
    row: Row, columns: dict[int, str], headers: dict[str, str], topics: dict[str, dict[str, Any]], gathering: Gathering
) -> None:
    place = f"row {row.number}"
    gathering.count(place)
    cells = {column: row.cells[position] for position, column in columns.items() if row.cells[position].strip()}
    for position, message in row.troubles.items():
        if position in columns:
            gathering.problem(place, headers[columns[position]], message)
    raw, numbers = _raw(cells)
    _name_topic(raw, topics)
    named = gathering.complete(raw)
    _resolve(raw)
    before = len(gathering.questions)

    def called(path: str) -> str:
        column = _column_of(path, numbers)
        return headers.get(column, column)

    gathering.add(place, raw, called=called, named=named, draft=True)
    if any(position in columns for position in row.troubles):
        del gathering.questions[before:]


def _raw(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return the cells as a question of the pack format, and which numbers its parts have in the table."""
    raw: dict[str, Any] = {
        "id": cells.get("slug", "").strip(),
        "topic": cells.get("topic", "").strip(),
        "title": cells.get("title", ""),
        "prompt": cells.get("prompt", ""),
        "kind": cells.get("kind", "").strip().lower(),
        "difficulty": cells.get("difficulty", "").strip().lower(),
        "minutes": _whole(cells.get("minutes", "")),
    }
    found: dict[str, dict[int, dict[str, str]]] = {group: {} for group in GROUPS}
    for column, cell in cells.items():
        if column not in SINGLE:
            group, number, part = _parts(column)
            found[group].setdefault(number, {})[part] = cell
    numbers = {group: sorted(found[group]) for group in GROUPS}
    for group, (name, _) in LISTS.items():
        raw[name] = [_PARTS[group](found[group][number]) for number in numbers[group]]
    return raw, numbers


def _whole(cell: str) -> Any:
    """Return a whole number, or the cell as it is, which the schema then refuses."""
    cell = cell.strip()
    return int(float(cell)) if _WHOLE.fullmatch(cell) else cell


def _key_point(cells: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": cells.get("id", "").strip(),
        "claim": cells.get("", ""),
        "weight": _whole(cells.get("weight", "1")),
        "hint": cells.get("hint", ""),
        "accepted": lines_of(cells.get("accepted", "")),
    }


def _misconception(cells: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": cells.get("id", "").strip(),
        "claim": cells.get("", ""),
        "contradicts": cells.get("contradicts", "").strip(),
    }


def _exemplar(cells: Mapping[str, str]) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "id": cells.get("id", "").strip(),
        "kind": cells.get("kind", "").strip().lower(),
        "text": cells.get("", ""),
        "score": _whole(cells.get("score", "")),
        "marks": _marks(cells.get("marks", "")),
    }
    return {**raw, "twin_of": cells["twin_of"].strip()} if "twin_of" in cells else raw


def _source(cells: Mapping[str, str]) -> dict[str, Any]:
    raw = {"title": cells.get("", "")}
    return {**raw, "url": cells["url"].strip()} if "url" in cells else raw


_PARTS: dict[str, Any] = {
    "reference": lambda cells: cells[""],
    "key_point": _key_point,
    "misconception": _misconception,
    "exemplar": _exemplar,
    "source": _source,
}


def _marks(cell: str) -> dict[str, str]:
    """Return key point → mark of a cell with a line such as “lazy: stated” for each."""
    pairs = (line.partition(":") for line in re.split("[\n;]", cell) if line.strip())
    return {point.strip(): mark.strip().lower() for point, _, mark in pairs}


def _name_topic(raw: dict[str, Any], topics: dict[str, dict[str, Any]]) -> None:
    """A topic may be named by its id or in words, of which an id is made."""
    typed = raw["topic"]
    if typed:
        raw["topic"] = slug_of(typed, otherwise="topic")
        if raw["topic"] != typed:
            topics.setdefault(raw["topic"], {"id": raw["topic"], "title": typed[:120]})


def _resolve(raw: dict[str, Any]) -> None:
    """Where a key point or exemplar is named by its number in the row, and none has that for an id, put its id."""
    points = [point["id"] for point in raw["key_points"]]
    exemplars = [exemplar["id"] for exemplar in raw["exemplars"]]
    for misconception in raw["misconceptions"]:
        misconception["contradicts"] = _named(misconception["contradicts"], points)
    for exemplar in raw["exemplars"]:
        exemplar["marks"] = {_named(point, points): mark for point, mark in exemplar["marks"].items()}
        if "twin_of" in exemplar:
            exemplar["twin_of"] = _named(exemplar["twin_of"], exemplars)


def _named(name: str, ids: list[str]) -> str:
    if name not in ids and name.isascii() and name.isdecimal() and len(name) < 4 and 0 < int(name) <= len(ids):
        return ids[int(name) - 1]
    return name


def _column_of(path: str, numbers: Mapping[str, list[int]]) -> str:
    """Return the column that a field of the pack format (key_points.0.claim) stands in."""
    name, *rest = path.split(".")
    group = next((group for group, (list_name, _) in LISTS.items() if list_name == name), None)
    if group is None:
        return "slug" if name == "id" else name
    if not rest:
        return f"{group}_1"
    part = rest[1] if len(rest) > 1 else ""
    return _column(group, numbers[group][int(rest[0])], "" if part == LISTS[group][1] else part)


# --- Cells that hold several things ---------------------------------------------------------------------------


def lines_of(cell: str) -> list[str]:
    """Return one text a line. A line that begins with a tab goes on with the one before."""
    texts: list[str] = []
    for line in cell.split("\n"):
        if line.startswith("\t") and texts:
            texts[-1] += "\n" + line[1:]
        elif line.strip():
            texts.append(line)
    return texts


def as_lines(texts: Iterable[str]) -> str:
    """Return texts as one cell that lines_of takes apart again."""
    return "\n".join(text.replace("\n", "\n\t") for text in texts)


# --- Writing ------------------------------------------------------------------------------------------------


def write(questions: Sequence[PackQuestion]) -> tuple[list[str], Iterator[list[str | int]]]:
    """Return the columns that these questions need, and each question's cells."""
    groups = {
        group: max((len(getattr(question.content, name)) for question in questions), default=0)
        for group, (name, _) in LISTS.items()
    }
    columns = [*SINGLE, *_columns_of(groups)]
    return columns, (in_order(_cells(question), columns) for question in questions)


def in_order(cells: Mapping[str, str | int], columns: Sequence[str]) -> list[str | int]:
    """Return the cells of a row, the empty ones too."""
    return [cells.get(column, "") for column in columns]


def _cells(question: PackQuestion) -> dict[str, str | int]:
    content = question.content
    single = {"slug": question.slug, "topic": question.topic}
    single.update({name: getattr(content, name) for name in SINGLE if name not in single})
    parts = chain.from_iterable(
        _part_cells(group, number, part)
        for group, (name, _) in LISTS.items()
        for number, part in enumerate(getattr(content, name), start=1)
    )
    return {**single, **dict(parts)}


def _part_cells(group: str, number: int, part: Any) -> Iterator[tuple[str, str | int]]:
    if group == "reference":
        yield _column(group, number, ""), part
        return
    for name in GROUPS[group]:
        value = getattr(part, name or LISTS[group][1])
        if name == "accepted":
            value = as_lines(value)
        elif name == "marks":
            value = "\n".join(f"{point}: {mark}" for point, mark in value)
        yield _column(group, number, name), value
