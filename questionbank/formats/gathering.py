"""Checks the questions that a reader finds and gathers them with their problems and notes.

Readers hand in dicts of the pack format; its schema is the one rule of what a question may say.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import fastjsonschema
import jsonschema

from questionbank.content import QuestionContent
from questionbank.formats.common import Note, Problem, Read, Reading, Unreadable
from questionbank.formats.limits import MAX_NOTES, MAX_PROBLEMS, MAX_QUESTIONS, MAX_TOPICS
from questionbank.formats.pack import PackQuestion, in_words, schema

# What a question is taken for where its file does not say.
ASSUMED = {"kind": "concept", "difficulty": "medium", "minutes": 5}
LONGEST_NAME = 64  # of an id
LONGEST_TITLE = 60  # of one made of the prompt

Called = Callable[[str], str]


def slug_of(text: str, taken: Mapping[str, Any] | set[str] | Sequence[str] = (), otherwise: str = "question") -> str:
    """Return an id made of text that is none of taken; otherwise is used where text has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain)
    slug = "-".join(words) if words else otherwise
    if len(slug) > LONGEST_NAME - 6:
        slug = slug[: LONGEST_NAME - 6].rsplit("-", 1)[0]
    number, found = 1, slug
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    return found


def title_of(prompt: str) -> str:
    """Return a title made of the first words of a prompt."""
    words = re.sub(r"[*_`#>\\]", "", prompt).split()
    title = ""
    for word in words:
        if len(title) + len(word) >= LONGEST_TITLE:
            return f"{title or word[:LONGEST_TITLE]} …"
        title = f"{title} {word}".strip()
    return title


def fill_in_ids(raw: dict[str, Any]) -> None:
    """Give ids to the parts of raw that have none: made of the claim, or of an exemplar's kind."""
    for name, text in (("key_points", "claim"), ("misconceptions", "claim"), ("exemplars", "kind")):
        taken = {part["id"] for part in raw.get(name, ()) if part.get("id")}
        for part in raw.get(name, ()):
            if not part.get("id"):
                part["id"] = slug_of(" ".join(part[text].split()[:6]), taken, name.removesuffix("s").replace("_", "-"))
                taken.add(part["id"])


class Gathering:
    """What has been read so far. default_topic: the id for questions that name none, "" for no such id."""

    def __init__(self, default_topic: str = "") -> None:
        self.default_topic = default_topic
        self.questions: list[Read] = []
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.places: dict[str, str] = {}
        self.found = 0
        self.more_problems = self.more_notes = 0
        self.assumptions: Counter[str] = Counter()
        self.same_titles: Counter[str] = Counter()

    def problem(self, place: str, field: str, message: str) -> None:
        """Keep why something cannot be read."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(place, field, message))
        else:
            self.more_problems += 1

    def note(self, place: str, message: str) -> None:
        """Keep what was left out or assumed at a place."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(place, message))
        else:
            self.more_notes += 1

    def assume(self, message: str) -> None:
        """Count what was assumed of a question; the reading has one note for all of a kind."""
        self.assumptions[message] += 1

    def count(self, place: str) -> None:
        """Count a question, read or not. Raises Unreadable when the file holds too many."""
        self.found += 1
        if self.found > MAX_QUESTIONS:
            raise Unreadable(f"holds more than {MAX_QUESTIONS:,} questions (at {place}). Split it")

    def complete(self, raw: dict[str, Any]) -> bool:
        """Fill in what a file may leave out: title, id, topic, kind, difficulty, minutes, ids of parts.

        Returns whether the file named the question itself.
        """
        if not raw.get("title"):
            raw["title"] = title_of(raw.get("prompt", ""))
            self.assume("no title, so it is made of the prompt")
        named = bool(raw.get("id"))
        if not named:
            raw["id"] = self._free_slug(raw["title"])
        if not raw.get("topic"):
            raw["topic"] = self.default_topic
        for field, value in ASSUMED.items():
            if raw.get(field) in (None, ""):
                raw[field] = value
                self.assume(f"no {field}, so it is {value}")
        fill_in_ids(raw)
        return named

    def _free_slug(self, title: str) -> str:
        """Go on counting where the last question of the same title ended."""
        slug = found = slug_of(title)
        while found in self.places:
            self.same_titles[slug] += 1
            found = f"{slug}-{self.same_titles[slug] + 1}"
        return found

    def add(
        self,
        place: str,
        raw: dict[str, Any],
        *,
        called: Called = str,
        named: bool = True,
        draft: bool = False,
        unsure: bool = False,
    ) -> None:
        """Check raw, a question of the pack format, and keep it or its problems.

        called gives a field the name it has in the file. draft: a question may lack reference answers and key points,
        which makes it unfinished; unsure: it is unfinished in any case.
        """
        lacking = [name for name in ("references", "key_points") if not raw.get(name)] if draft else []
        found = _schema_problems(raw, relaxed=bool(lacking))
        if not raw.get("topic"):
            found = [(field, message) for field, message in found if field != "topic"]
            found.append(("topic", "names no topic, and none was chosen for the file"))
        question = None if found else PackQuestion(raw["id"], raw["topic"], QuestionContent.from_dict(raw))
        if question:
            found += [(_by_number(field, raw), message) for field, message in question.content.problems()]
        slug = str(raw.get("id"))
        if slug in self.places:
            found.append(("id", f"“{slug[:80]}” stands twice, also at {self.places[slug]}"))
        elif raw.get("id"):
            self.places[slug] = place
        for field, message in found:
            self.problem(place, called(field), message)
        if question is None or found:
            return
        if lacking:
            what = " and no ".join({"references": "reference answer", "key_points": "key points"}[n] for n in lacking)
            self.note(place, f"has no {what} yet: it comes in as a draft for a mentor to finish")
        self.questions.append(Read(place, question, unfinished=bool(lacking) or unsure, named=named))

    def reading(self, topics: Sequence[dict[str, Any]] = (), tracks: Sequence[dict[str, Any]] = ()) -> Reading:
        """Return what has been read. Raises Unreadable when that names too many topics."""
        if len(topics) > MAX_TOPICS:
            raise Unreadable(f"names more than {MAX_TOPICS:,} topics")
        if self.more_problems:
            self.notes.append(Note("", f"{MAX_PROBLEMS:,} problems are listed; {self.more_problems:,} more are not."))
        if self.more_notes:
            self.notes.append(Note("", f"{self.more_notes:,} more notes are not listed."))
        counted = [
            Note("", f"{number} {'question' if number == 1 else 'questions'}: {message}.")
            for message, number in self.assumptions.items()
        ]
        return Reading(self.questions, self.problems, counted + self.notes, list(topics), list(tracks))


def refusal(message: object) -> Reading:
    """Return the reading of a file that cannot be read at all."""
    return Reading(problems=[Problem("", "", str(message))])


@cache
def _question_schema(*, relaxed: bool) -> dict[str, Any]:
    """Return the schema of one question. relaxed: reference answers and key points may be missing."""
    defs = dict(schema()["$defs"])
    if relaxed:
        defs["question"] = {**defs["question"], "properties": dict(defs["question"]["properties"])}
        for name in ("references", "key_points"):
            defs["question"]["properties"][name] = {**defs["question"]["properties"][name], "minItems": 0}
    return {"$defs": defs, "$ref": "#/$defs/question"}


@cache
def _fast_check(*, relaxed: bool) -> Callable[[Any], Any]:
    """Return a check that is ten times as fast as jsonschema's but stops at the first fault.

    It knows JSON Schema of 2019, in which a $ref hides what stands beside it.
    """
    rewritten = _apart(_question_schema(relaxed=relaxed))
    check: Callable[[Any], Any] = fastjsonschema.compile(
        {"$schema": "http://json-schema.org/draft-07/schema#", **rewritten},
        use_default=False,
        detailed_exceptions=False,
    )
    return check


def _apart(node: Any) -> Any:
    if isinstance(node, list):
        return [_apart(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _apart(value) for key, value in node.items()}
    if "$ref" in node and len(node) > 1:
        beside = {key: value for key, value in node.items() if key not in ("$ref", "$defs")}
        together = {"allOf": [{"$ref": node["$ref"]}, beside] if beside else [{"$ref": node["$ref"]}]}
        return {**together, **({"$defs": node["$defs"]} if "$defs" in node else {})}
    return node


def _schema_problems(raw: dict[str, Any], *, relaxed: bool) -> list[tuple[str, str]]:
    try:
        _fast_check(relaxed=relaxed)(raw)
    except fastjsonschema.JsonSchemaException:
        validator = jsonschema.Draft202012Validator(_question_schema(relaxed=relaxed))
        return [(".".join(str(part) for part in e.absolute_path), _in_words(e)) for e in validator.iter_errors(raw)]
    return []


def _in_words(error: jsonschema.ValidationError) -> str:
    """Say to a mentor what the schema says to a programmer."""
    told: Any = error.validator_value
    if error.validator == "type" and told == "integer":
        return "must be a whole number" if error.instance == "" else f"“{str(error.instance)[:80]}” is no whole number"
    if error.validator == "pattern" and told.startswith("^[a-z0-9]+"):
        return f"“{str(error.instance)[:80]}” is no id: lower-case letters and digits, words joined by hyphens"
    if error.validator == "enum":
        return f"“{str(error.instance)[:80]}” is none of {', '.join(told)}"
    if error.validator == "maxLength":
        return f"is longer than {told:,} characters"
    return in_words(error)


def _by_number(field: str, raw: Mapping[str, Any]) -> str:
    """Name a part by its position, as the schema's problems do, where QuestionContent.problems names it by its id."""
    name, *rest = field.split(".")
    if not rest:
        return field
    ids = [part["id"] for part in raw[name]]
    return ".".join([name, str(ids.index(rest[0])), *rest[1:]])
