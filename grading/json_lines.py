"""Files of JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class LineError(Exception):
    """A file or a line of it cannot be used; the message names file, line and field."""


def read_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of a file with its place, "answers.jsonl, line 3"; blank lines are passed over.

    Raises LineError for a file that cannot be read, and for a line that is no object.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: JSON may hold a raw U+2028
    except OSError as error:
        raise LineError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LineError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            place = f"{path.name}, line {number}"
            yield place, _object(line, place)


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise LineError(f"{place}: is not JSON: {error.msg}") from error
    if not isinstance(found, dict):
        raise LineError(f"{place}: must be an object")
    return found
