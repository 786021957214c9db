"""What two contents of a question say differently, field by field: for mentors who compare versions or meet in one.

Pure: no database. Key points, misconceptions and exemplars are known by their ids, however often they are reworded or
moved; reference answers and sources, which have no ids, by what they say.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from questionbank.content import QuestionContent

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Segment:
    """A run of words of a changed text: "same" in both, "removed" from the old, or "added" by the new."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One thing that two contents say differently.

    field: its path, such as "prompt", "key_points.lazy.claim" or "key_points.lazy" for a whole one (QuestionContent's
    problems and comments name parts the same way); label: that in words, for people; old, new: what is said, "" where
    there is nothing.
    """

    field: str
    label: str
    kind: Change
    old: str
    new: str

    @property
    def segments(self) -> list[Segment]:
        """The words of both texts in order, for showing the change within them."""
        return word_segments(self.old, self.new)


def differences(old: QuestionContent, new: QuestionContent) -> list[Difference]:
    """Return what new says otherwise than old, in the order of the form; [] for equal contents."""
    claims = {point.id: point.claim for content in (old, new) for point in content.key_points}
    found = list(_compared("", "", _whole(old), _whole(new)))
    for field, name, title, describe in (
        ("key_points", "Key point", "key points", _key_point),
        ("misconceptions", "Misconception", "misconceptions", lambda item: _misconception(item, claims)),
        ("exemplars", "Exemplar", "exemplars", lambda item: _exemplar(item, claims)),
    ):
        before, after = getattr(old, field), getattr(new, field)
        found += _named_items(field, name, before, after, describe)
        found += _order(field, f"Order of the {title}", before, after, describe)
    found += _nameless_items("references", "Reference answer", _references(old), _references(new))
    found += _nameless_items("sources", "Source", _sources(old), _sources(new))
    return found


def word_segments(old: str, new: str) -> list[Segment]:
    """Return both texts as runs of words, spaces with them: the old's are same + removed, the new's same + added."""
    before, after = re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new)
    segments = []
    # The spaces behind a word are no difference: the last word of a text has none.
    matcher = SequenceMatcher(
        None, [word.strip() for word in before], [word.strip() for word in after], autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            segments.append(Segment("same", "".join(after[k:m])))
            continue
        if i < j:
            segments.append(Segment("removed", "".join(before[i:j])))
        if k < m:
            segments.append(Segment("added", "".join(after[k:m])))
    return segments


# --- What the parts say, as labels and texts ----------------------------------------------------------------

Texts = dict[str, str]  # field → what it says; the label is made of the field


def _whole(content: QuestionContent) -> Texts:
    fields = ("title", "prompt", "kind", "difficulty", "minutes")
    return {field: str(getattr(content, field)) for field in fields}


def _key_point(point: Any) -> Texts:
    return {
        "claim": point.claim,
        "weight": str(point.weight),
        "accepted": "\n".join(point.accepted),
        "hint": point.hint,
    }


def _misconception(misconception: Any, claims: dict[str, str]) -> Texts:
    contradicted = misconception.contradicts
    return {"claim": misconception.claim, "contradicts": claims.get(contradicted, contradicted)}


def _exemplar(exemplar: Any, claims: dict[str, str]) -> Texts:
    return {
        "text": exemplar.text,
        "kind": exemplar.kind,
        "score": str(exemplar.score),
        "marks": "\n".join(f"{mark.capitalize()}: {claims.get(point, point)}" for point, mark in exemplar.marks),
        "twin_of": exemplar.twin_of,
    }


def _references(content: QuestionContent) -> list[Texts]:
    return [{"text": text} for text in content.references]


def _sources(content: QuestionContent) -> list[Texts]:
    return [{"title": source.title, "url": source.url} for source in content.sources]


LABELS = {
    "accepted": "also accepted",
    "contradicts": "contradicts",
    "twin_of": "twin of",
    "url": "address",
}


def _label(where: str, field: str) -> str:
    words = LABELS.get(field, field)
    return f"{where}: {words}" if where else words.capitalize()


# --- Comparing ----------------------------------------------------------------------------------------------


def _compared(path: str, where: str, old: Texts, new: Texts) -> Iterator[Difference]:
    """Yield the fields of one part that differ."""
    for field in new:
        if old[field] != new[field]:
            kind: Change = "changed" if old[field] and new[field] else "added" if new[field] else "removed"
            full = f"{path}.{field}" if path else field
            yield Difference(full, _label(where, field), kind, old[field], new[field])


def _as_text(part: Texts) -> str:
    """Say a whole part: its first field, and the others under their names."""
    (_, first), *others = part.items()
    return "\n".join([first, *(f"{_label('', field)}: {text}" for field, text in others if text)])


def _pair(path: str, where: str, old: Texts | None, new: Texts | None) -> Iterator[Difference]:
    if old is None and new is not None:
        yield Difference(path, where, "added", "", _as_text(new))
    elif old is not None and new is None:
        yield Difference(path, where, "removed", _as_text(old), "")
    elif old is not None and new is not None:
        yield from _compared(path, where, old, new)


def _named_items(
    field: str, name: str, old: Sequence[Any], new: Sequence[Any], describe: Callable[[Any], Texts]
) -> Iterator[Difference]:
    """Compare items by their ids; numbered as the new content has them, removed ones as the old had them."""
    before, after = {item.id: describe(item) for item in old}, {item.id: describe(item) for item in new}
    for number, (id_, texts) in enumerate(after.items(), start=1):
        yield from _pair(f"{field}.{id_}", f"{name} {number}", before.get(id_), texts)
    for number, (id_, texts) in enumerate(before.items(), start=1):
        if id_ not in after:
            yield from _pair(f"{field}.{id_}", f"{name} {number} (before)", texts, None)


def _order(
    field: str, label: str, old: Sequence[Any], new: Sequence[Any], describe: Callable[[Any], Texts]
) -> Iterator[Difference]:
    """Tell when the items that both have stand in another order."""
    both = {item.id for item in old} & {item.id for item in new}
    before, after = ([item for item in items if item.id in both] for items in (old, new))
    if [item.id for item in before] != [item.id for item in after]:
        first_words = ("\n".join(next(iter(describe(item).values())) for item in items) for items in (before, after))
        yield Difference(field, label, "changed", *first_words)


def _nameless_items(field: str, name: str, old: list[Texts], new: list[Texts]) -> Iterator[Difference]:
    """Compare items that have no ids: equal ones are found again, those between them compared in turn."""
    before, after = ([tuple(item.values()) for item in items] for items in (old, new))
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(j - i, m - k)):
            left = old[i + step] if i + step < j else None
            right = new[k + step] if k + step < m else None
            number = k + step if right is not None else i + step
            where = f"{name} {number + 1}" + ("" if right is not None else " (before)")
            yield from _pair(f"{field}.{number}", where, left, right)
