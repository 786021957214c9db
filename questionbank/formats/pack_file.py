"""A pack as one file: what the import page takes and the export page gives. The format is pack.py's."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema

from questionbank.formats.common import Reading
from questionbank.formats.gathering import Gathering, refusal
from questionbank.formats.pack import Pack, PackQuestion, in_words, pack_bytes, parse, reference_problems, schema
from tables.text import Unreadable, decode


def read(data: bytes, *, mapping: Mapping[str, str] | None = None, topic: str = "") -> Reading:  # noqa: ARG001
    """Read a pack, YAML or JSON, each question by itself: a fault in one leaves the others readable."""
    try:
        text, _ = decode(data)
        raw = parse(text, as_json=text.lstrip().startswith("{"))
        return _read(raw, Gathering(topic))
    except Unreadable as error:
        return refusal(error)


def _read(raw: dict[str, Any], gathering: Gathering) -> Reading:
    questions = raw.pop("questions", [])
    if raw.get("include"):
        raise Unreadable("includes other files. Load it with manage.py load_pack, or put its questions into one file")
    raw.setdefault("questions", [])
    topics, tracks = raw.get("topics", []), raw.get("tracks", [])
    faults = [
        (".".join(str(part) for part in error.absolute_path), in_words(error))
        for error in jsonschema.Draft202012Validator(schema()).iter_errors(raw)
    ] or [(fault.field, fault.message) for fault in reference_problems(Pack("", "", "", topics, tracks), [], "")]
    for field, message in faults:
        gathering.problem("", field, message)
    if faults:
        return gathering.reading()
    if not isinstance(questions, list):
        raise Unreadable("questions must be a list")
    for number, question in enumerate(questions, start=1):
        place = f"question {number}"
        gathering.count(place)
        if not isinstance(question, dict):
            gathering.problem(place, "", "must hold fields such as id and prompt")
            continue
        gathering.add(place, question)
    return gathering.reading(topics, tracks)


def write_yaml(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a YAML pack of these questions and topics."""
    return pack_bytes(_pack(questions, topics), as_json=False)


def write_json(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a JSON pack of these questions and topics."""
    return pack_bytes(_pack(questions, topics), as_json=True)


def _pack(questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]) -> Pack:
    return Pack("questions", "Questions", "", [dict(topic) for topic in topics], [], list(questions))
