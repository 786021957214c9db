"""What Moodle XML and GIFT share: their categories are topics, their questions know no key points."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from questionbank.content import DIFFICULTIES, KINDS
from questionbank.formats.common import Unreadable
from questionbank.formats.gathering import Gathering, slug_of
from questionbank.formats.limits import MAX_DEPTH, MAX_TOPICS
from questionbank.formats.pack import PackQuestion

LONGEST_SHORT_ANSWER = 100  # characters; what is longer nobody types word for word
ROOTS = re.compile(r"\$(course|system|module|cat[0-9]+|category)\$", re.IGNORECASE)
_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


def is_id(text: str) -> bool:
    """Whether text can be an id of ours."""
    return len(text) <= 64 and bool(_ID.fullmatch(text))


def shown(text: str) -> str:
    """Return text as XML and GIFT can carry it: one kind of line break, no control characters."""
    return re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", re.sub("\r\n?", "\n", text))


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, white space aside."""
    return one.split() == other.split()


# --- Topics -------------------------------------------------------------------------------------------------


class Topics:
    """The topics that categories name, made as they are met."""

    def __init__(self) -> None:
        self.by_path: dict[tuple[str, ...], dict[str, Any]] = {}
        self.ids: set[str] = set()

    def of(self, path: str, idnumber: str = "") -> str:
        """Return the id of the topic at a category's path, "" for a path that names none."""
        titles = _titles(path)
        for depth in range(1, len(titles) + 1):
            place = tuple(titles[:depth])
            if place not in self.by_path:
                self._make(place, idnumber if depth == len(titles) else "")
        topic = self.by_path.get(tuple(titles))
        return str(topic["id"]) if topic else ""

    def _make(self, place: tuple[str, ...], idnumber: str) -> None:
        if len(self.ids) > MAX_TOPICS:
            raise Unreadable(f"names more than {MAX_TOPICS:,} topics")
        parent = self.by_path.get(place[:-1])
        id_ = idnumber if is_id(idnumber) and idnumber not in self.ids else slug_of(place[-1], (), "topic")
        if id_ in self.ids:
            id_ = slug_of(f"{parent['id']} {place[-1]}" if parent else place[-1], self.ids, "topic")
        self.ids.add(id_)
        topic = {"id": id_, "title": place[-1][:120]}
        self.by_path[place] = {**topic, "parent": parent["id"]} if parent else topic

    def all(self) -> list[dict[str, Any]]:
        """Return the topics in the pack format's form, a parent before its children."""
        return list(self.by_path.values())


def _titles(path: str) -> list[str]:
    """Return the titles in a path such as $course$/top/Python; // stands for a slash inside a title."""
    parts = [part.replace("\0", "/").strip() for part in path.replace("//", "\0").split("/")]
    parts = [part for part in parts if part and not ROOTS.fullmatch(part)]
    return (parts[1:] if parts[:1] == ["top"] else parts)[:MAX_DEPTH]


def paths_of(topics: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return topic id → its category's path."""
    paths: dict[str, str] = {}
    for topic in topics:
        above = paths.get(topic.get("parent") or "", "$course$/top")
        paths[topic["id"]] = f"{above}/{shown(topic['title']).strip().replace('/', '//')}"
    return paths


def by_topic(
    questions: Sequence[PackQuestion], topics: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str, list[PackQuestion]]]:
    """Return (topic id, category path, questions) for each topic, those without questions too."""
    paths = paths_of(topics)
    of_topic: dict[str, list[PackQuestion]] = {topic: [] for topic in paths}
    for question in questions:
        of_topic.setdefault(question.topic, []).append(question)
    return [(topic, paths.get(topic, f"$course$/top/{topic}"), found) for topic, found in of_topic.items()]


# --- Questions ----------------------------------------------------------------------------------------------


@dataclass
class Plain:
    """A question as another program knows it. answers: (share of the marks from 0 to 100, text)."""

    title: str
    prompt: str
    slug: str = ""
    topic: str = ""
    reference: str = ""
    tags: list[str] = field(default_factory=list)
    answers: list[tuple[float, str]] | None = None


def add_plain(gathering: Gathering, place: str, plain: Plain) -> None:
    """Add a question without a block. Its key points are a mentor's to write, so it comes in unfinished."""
    slug = plain.slug.strip()
    if slug and not is_id(slug):
        gathering.note(place, f"its name “{slug[:80]}” became “{slug_of(slug)}”")
        slug = slug_of(slug)
    raw: dict[str, Any] = {
        "id": slug,
        "topic": plain.topic,
        "title": _title(gathering, place, plain.title),
        "prompt": plain.prompt,
        "references": [plain.reference] if plain.reference else [],
        "key_points": [],
    }
    _read_tags(gathering, raw, plain.tags)
    if plain.answers is not None:
        _read_answers(gathering, place, raw, plain.answers)
    named = gathering.complete(raw)
    gathering.add(place, raw, named=named, draft=True, unsure=True)


def _title(gathering: Gathering, place: str, title: str) -> str:
    title = " ".join(title.split())
    if len(title) <= 120:
        return title
    gathering.note(place, "its title was longer than 120 characters and was cut")
    return f"{title[:118].rsplit(' ', 1)[0]} …"


def _read_tags(gathering: Gathering, raw: dict[str, Any], tags: list[str]) -> None:
    """Take kind and difficulty from tags of their names; other tags have no place here."""
    for tag in tags:
        name = tag.strip().lower()
        if name in KINDS:
            raw["kind"] = name
        elif name in DIFFICULTIES:
            raw["difficulty"] = name
        elif name:
            gathering.assume("has tags, which were left out")


def _read_answers(gathering: Gathering, place: str, raw: dict[str, Any], answers: list[tuple[float, str]]) -> None:
    """Make one key point of the answers that earn all marks: the first is its claim, the others are accepted."""
    full = [text.strip() for share, text in answers if share == 100 and text.strip()]
    words = [text.replace(r"\*", "*") for text in full if not re.search(r"(?<!\\)\*", text)]
    if len(words) < len(full):
        gathering.note(place, "answers with the wildcard * were left out")
    if any(0 < share < 100 for share, _ in answers):
        gathering.note(place, "answers for a part of the marks were left out")
    if not words:
        return
    raw["references"] = raw["references"] or words[:1]
    raw["key_points"] = [{"id": "answer", "claim": words[0], "weight": 1, "accepted": list(dict.fromkeys(words[1:]))}]
    gathering.note(place, "its answer became its one key point: it comes in as a draft for a mentor to look at")


def add_block(
    gathering: Gathering, place: str, raw: dict[str, Any], *, title: str, prompt: str, topic: str, slug: str
) -> None:
    """Add the question of a block. What was changed outside the block since counts where it can."""
    for name, now in (("title", title), ("prompt", prompt)):
        then = raw.get(name)
        if isinstance(then, str) and now.strip() and not same(shown(then), now):
            raw[name] = now
            gathering.note(place, f"its {name} was changed outside Greenroom; the change was taken")
    if is_id(slug):
        raw["id"] = slug
    raw["topic"] = topic or raw.get("topic")
    gathering.add(place, raw)


def short_answers(question: PackQuestion) -> list[str]:
    """Return the answers of a question that is short enough to be compared word for word, [] for all others."""
    points = question.content.key_points
    if len(points) != 1:
        return []
    answers = list(dict.fromkeys([*question.content.references, points[0].claim, *points[0].accepted]))
    short = all(len(answer) <= LONGEST_SHORT_ANSWER and "\n" not in shown(answer) for answer in answers)
    return answers if short else []
