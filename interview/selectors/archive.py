"""All that Greenroom holds about one person, as a ZIP: for people to open, and for programs to read."""

import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder

from interview.selectors.mine import Row, everything_of
from people.models import User
from tables.formats import FORMATS
from tables.table import Cell

README = """Everything that Greenroom keeps about {name}, as of {now:%d %B %Y, %H:%M} UTC.

everything.json   All of it, for programs to read and to be complete. Times are in UTC.
interviews.csv    Your interviews: when they began and ended, and their time limits.
answers.csv       Each question as you were asked it, your answer, what came too late, and the score that is shown.
marks.csv         The mark of each key point of each answer, with the sentence that it rests on.
to-recall.csv     The key points that come again, and when.
acts.csv          What you did that is on record.

The .csv files open in any spreadsheet. A cell that begins with ' holds text that could be taken for a formula.
What is left out: your password, which is kept only in a form nobody can read, the secrets of your second step and
your API tokens, and what belongs to other people.
"""

Sheet = tuple[list[str], list[list[Cell]]]


def archive_of(user: User, *, now: datetime) -> bytes:
    """Return the ZIP of everything about user; in a fixed number of queries."""
    everything = {"exported_at": now, **everything_of(user)}
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(name=user.display_name, now=now))
        text = json.dumps(everything, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
        archive.writestr("everything.json", text)
        for name, (header, rows) in _sheets(everything).items():
            archive.writestr(name, FORMATS["csv"].write(header, rows))
    return packed.getvalue()


def _sheets(everything: Row) -> dict[str, Sheet]:
    interviews = everything["interviews"]
    recalled = ["question", "slug", "mark", "due_at"]
    acts = ["at", "action", "object_type", "object_id"]
    return {
        "interviews.csv": _interviews(interviews),
        "answers.csv": _answers(interviews),
        "marks.csv": _marks(interviews),
        "to-recall.csv": _plain(recalled, everything["points_to_recall"]),
        "acts.csv": _plain(acts, everything["audit_entries"]),
    }


def _plain(names: list[str], rows: Iterable[Row]) -> Sheet:
    return names, [[row[name] for name in names] for row in rows]


def _interviews(interviews: list[Row]) -> Sheet:
    names = ["id", "title", "mode", "track", "started_at", "finished_at", "minutes", "extra_time_factor", "untimed"]
    header, rows = _plain(names, interviews)
    return header, [[_cell(cell) for cell in row] for row in rows]


def _answers(interviews: list[Row]) -> Sheet:
    header = ["interview", "position", "question", "prompt", "answer", "submitted_at", "late_text", "score", "state"]
    rows: list[list[Cell]] = []
    for interview, asked in _asked(interviews):
        answer, grading = asked["answer"] or {}, asked["grading"] or {}
        said = [answer.get("text"), answer.get("submitted_at"), asked["late_text"]]
        place = [str(interview["id"]), asked["position"], asked["title"], asked["prompt"]]
        rows.append([*place, *said, _score(grading), grading.get("state")])
    return header, rows


def _marks(interviews: list[Row]) -> Sheet:
    header = ["interview", "position", "question", "key_point", "mark", "sentence", "by"]
    rows: list[list[Cell]] = []
    for interview, asked in _asked(interviews):
        place = [str(interview["id"]), asked["position"], asked["title"]]
        grading = asked["grading"] or {}
        machine = grading.get("grade") or {"marks": []}
        rows += [[*place, m["key_point"], m["mark"], m["evidence"], "Greenroom"] for m in machine["marks"]]
        for review in grading.get("reviews", []):
            rows += [[*place, m["key_point"], m["mark"], None, review["reviewer"]] for m in review["marks"]]
    return header, rows


def _asked(interviews: list[Row]) -> Iterable[tuple[Row, Row]]:
    return ((interview, asked) for interview in interviews for asked in interview["questions"])


def _score(grading: Row) -> float | None:
    """Return the score that is shown: the latest review's, else the machine's."""
    shown = next(iter(grading.get("reviews", [])), None) or grading.get("grade")
    return shown["score"] if shown else None


def _cell(value: Any) -> Cell:
    """Return value as a spreadsheet has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float | datetime | None) else str(value)
