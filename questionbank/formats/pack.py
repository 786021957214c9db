"""Reads and writes packs: one YAML (or JSON) file, or a pack.yaml that includes files of questions beside it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from questionbank.content import QuestionContent
from questionbank.formats.limits import MAX_VALUES
from questionbank.formats.safe_yaml import YamlTrouble, load_yaml
from tables.text import Unreadable

FORMAT = "greenroom-pack"
FORMAT_VERSION = 1
MAX_TRACK_MINUTES = 480  # the database holds tracks to it, too


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a pack: in which file, question ("" outside any) and field, and what."""

    file: str
    question: str
    field: str
    message: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.question, self.field) if part)
        return f"{place}: {self.message}"


class PackError(Exception):
    """A pack cannot be loaded; problems lists everything that is wrong with it, not just the first thing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class PackQuestion:
    """A question of a pack: its name through all versions, its topic's name, and what it says."""

    slug: str
    topic: str
    content: QuestionContent


@dataclass(frozen=True)
class Pack:
    """A checked pack. topics and tracks are in the pack format's own form."""

    slug: str
    title: str
    description: str
    topics: list[dict[str, Any]]
    tracks: list[dict[str, Any]]
    questions: list[PackQuestion] = field(default_factory=list)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of a pack."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("pack.schema.json").read_text(encoding="utf-8"))
    return loaded


def read_pack(path: Path) -> Pack:
    """Read and check the pack at path. Raises PackError with every problem of every file."""
    raw = _parse(path)
    problems = list(_schema_problems(raw, path.name, schema()))
    questions = [(path.name, question) for question in _questions_of(raw)]
    for name in raw.get("include", []) if not problems else []:
        try:
            included = _parse(path.parent / name, name)
        except PackError as error:
            problems += error.problems
            continue
        problems += _schema_problems(included, name, _included_schema())
        questions += [(name, question) for question in _questions_of(included)]
    if problems:
        raise PackError(problems)
    pack = Pack(
        slug=raw["id"],
        title=raw["title"],
        description=raw.get("description", ""),
        topics=raw.get("topics", []),
        tracks=raw.get("tracks", []),
        questions=[PackQuestion(q["id"], q["topic"], QuestionContent.from_dict(q)) for _, q in questions],
    )
    files = [name for name, _ in questions]
    problems = list(_content_problems(pack, files)) + list(reference_problems(pack, files, path.name))
    if problems:
        raise PackError(problems)
    return pack


def write_pack(pack: Pack, path: Path) -> None:
    """Write pack as one YAML file, or JSON where path ends in .json; read_pack gives an equal pack back."""
    path.write_bytes(pack_bytes(pack, as_json=path.suffix == ".json"))


def pack_bytes(pack: Pack, *, as_json: bool) -> bytes:
    """Return pack as one YAML or JSON file."""
    raw = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "id": pack.slug,
        "title": pack.title,
        "description": pack.description,
        "topics": pack.topics,
        "tracks": pack.tracks,
        "questions": [raw_question(question) for question in pack.questions],
    }
    raw = json.loads(json.dumps(raw))  # tuples become lists, for YAML's sake
    text = (
        json.dumps(raw, indent=2, ensure_ascii=False)
        if as_json
        else yaml.dump(raw, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    )
    return text.encode()


def raw_question(question: PackQuestion) -> dict[str, Any]:
    """Return question in the pack format's own form."""
    return {"id": question.slug, "topic": question.topic, **question.content.to_dict()}


class _Dumper(yaml.CSafeDumper):
    """Escapes the line breaks that only Unicode knows: unescaped, a reader would take them for the file's own."""


def _represent_text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if re.search("[\x85\u2028\u2029]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _parse(path: Path, shown: str = "") -> dict[str, Any]:
    shown = shown or path.name
    try:
        return parse(path.read_text(encoding="utf-8"), as_json=path.suffix == ".json")
    except OSError as error:
        raise PackError([Problem(shown, "", "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise PackError([Problem(shown, "", "", f"is not UTF-8 text (byte {error.start})")]) from error
    except Unreadable as error:
        raise PackError([Problem(shown, "", "", str(error))]) from error


def parse(text: str, *, as_json: bool) -> dict[str, Any]:
    """Return the fields of a pack or of an included file, unchecked. Raises Unreadable."""
    if as_json and sum(text.count(sign) for sign in "[{,") > MAX_VALUES:
        raise Unreadable(f"holds more than {MAX_VALUES:,} values")
    try:
        # YAML's reader lacks some of JSON: escaped surrogate pairs, and characters such as DEL.
        raw = json.loads(text) if as_json else load_yaml(text)
    except (ValueError, RecursionError) as error:  # broken, a number of a million digits, or too many brackets
        raise Unreadable(f"is not valid JSON: {error}") from error
    except YamlTrouble as error:
        raise Unreadable(f"is not valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise Unreadable("must hold fields such as format and questions")
    return raw


def _questions_of(raw: dict[str, Any]) -> list[Any]:
    questions = raw.get("questions")
    return questions if isinstance(questions, list) else []


@cache
def _included_schema() -> dict[str, Any]:
    """Return the schema of an included file, which holds questions and nothing else."""
    return {
        "$defs": schema()["$defs"],
        "type": "object",
        "additionalProperties": False,
        "required": ["questions"],
        "properties": {"questions": schema()["properties"]["questions"]},
    }


def _schema_problems(raw: dict[str, Any], file: str, against: dict[str, Any]) -> Iterator[Problem]:
    validator = jsonschema.Draft202012Validator(against)
    for error in sorted(validator.iter_errors(raw), key=lambda e: [str(part) for part in e.absolute_path]):
        path = list(error.absolute_path)
        question = ""
        if len(path) >= 2 and path[0] == "questions":
            item = raw["questions"][path[1]]
            question = (
                str(item.get("id", f"question {path[1] + 1}")) if isinstance(item, dict) else f"question {path[1] + 1}"
            )  # type: ignore[operator]
            path = path[2:]
        yield Problem(file, question, ".".join(str(part) for part in path), in_words(error))


def in_words(error: jsonschema.ValidationError) -> str:
    """Shorten the library's message, which would quote a whole answer."""
    if error.validator == "pattern" and error.validator_value == r"\S":
        return "must not be blank"
    if error.validator == "not":
        return "holds a NUL or a broken character"
    return error.message if len(error.message) <= 160 else f"{error.message[:100]} … {error.message[-50:]}"


def _content_problems(pack: Pack, files: list[str]) -> Iterator[Problem]:
    for file, question in zip(files, pack.questions, strict=True):
        for name, message in question.content.problems():
            yield Problem(file, question.slug, name, message)


def reference_problems(pack: Pack, files: list[str], pack_file: str) -> Iterator[Problem]:
    """Names that stand twice or point at a topic that the pack lacks."""
    topics = [topic["id"] for topic in pack.topics]
    seen: dict[str, str] = {}
    for file, question in zip(files, pack.questions, strict=True):
        if question.slug in seen:
            yield Problem(file, question.slug, "id", f"stands twice, also in {seen[question.slug]}")
        seen[question.slug] = file
        if question.topic not in topics:
            yield Problem(file, question.slug, "topic", f"there is no topic “{question.topic}” in the pack")
    for position, topic in enumerate(pack.topics):
        # A parent stands before its children, which also rules out circles.
        if topic.get("parent") and topic["parent"] not in topics[:position]:
            yield Problem(pack_file, "", f"topics.{topic['id']}.parent", f"no topic “{topic['parent']}” before it")
        if topic["id"] in topics[:position]:
            yield Problem(pack_file, "", f"topics.{topic['id']}", "stands twice")
    yield from _track_problems(pack, topics, pack_file)


def _track_problems(pack: Pack, topics: list[str], pack_file: str) -> Iterator[Problem]:
    track_ids = [track["id"] for track in pack.tracks]
    for position, track in enumerate(pack.tracks):
        if track["id"] in track_ids[:position]:
            yield Problem(pack_file, "", f"tracks.{track['id']}", "stands twice")
        place = f"tracks.{track['id']}.sections"
        minutes = sum(section["minutes"] for section in track["sections"])
        if minutes > MAX_TRACK_MINUTES:
            message = f"take {minutes} minutes; a track has at most {MAX_TRACK_MINUTES}"
            yield Problem(pack_file, "", place, message)
        for section in track["sections"]:
            if section["topic"] not in topics:
                yield Problem(pack_file, "", place, f"there is no topic “{section['topic']}” in the pack")
