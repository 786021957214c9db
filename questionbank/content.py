"""What one version of a question says, apart from any database: the common form of pack, form and model.

`QuestionContent.from_dict` and `to_dict` are the pack format (docs/pack-format.md); `content_hash` identifies a
content for ever, so its canonical form never changes silently: tests/questionbank/test_content.py has a golden hash.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MARKS = ("stated", "partly", "missing", "contradicted")
KINDS = ("concept", "comparison", "procedure", "design", "troubleshooting")
DIFFICULTIES = ("easy", "medium", "hard")
# What exemplars are usually made for. Packs may name others.
EXEMPLAR_KINDS = (
    "strong",
    "half",
    "wrong",
    "terse",
    "messy",
    "partial",
    "shallow",
    "padded",
    "buzzwords",
    "swapped",
    "denied",
    "parroted",
    "off_topic",
    "hedged",
    "twin",
)


@dataclass(frozen=True)
class KeyPointContent:
    """A claim a good answer makes; weight 1 to 3; hint asks for it without telling."""

    id: str
    claim: str
    weight: int
    hint: str = ""
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class MisconceptionContent:
    """A false claim candidates make, against the key point named by contradicts."""

    id: str
    claim: str
    contradicts: str


@dataclass(frozen=True)
class ExemplarContent:
    """An answer with the score (0–100) and the marks (key point id, mark) it should get."""

    id: str
    kind: str
    text: str
    score: int
    marks: tuple[tuple[str, str], ...]
    twin_of: str = ""


@dataclass(frozen=True)
class SourceContent:
    """Something to read."""

    title: str
    url: str = ""


@dataclass(frozen=True)
class QuestionContent:
    """Everything a version of a question says. minutes: time to think and type."""

    title: str
    prompt: str
    kind: str
    difficulty: str
    minutes: int
    references: tuple[str, ...]
    key_points: tuple[KeyPointContent, ...]
    misconceptions: tuple[MisconceptionContent, ...] = ()
    exemplars: tuple[ExemplarContent, ...] = ()
    sources: tuple[SourceContent, ...] = ()

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "QuestionContent":
        """Build a content from a question of the pack format that its schema has accepted."""
        return cls(
            title=raw["title"].strip(),
            prompt=raw["prompt"].strip(),
            kind=raw["kind"],
            difficulty=raw["difficulty"],
            minutes=int(raw["minutes"]),  # JSON Schema takes 4.0 for an integer
            references=tuple(text.strip() for text in raw["references"]),
            key_points=tuple(
                KeyPointContent(
                    id=point["id"],
                    claim=point["claim"].strip(),
                    weight=int(point["weight"]),
                    hint=point.get("hint", "").strip(),
                    accepted=tuple(text.strip() for text in point.get("accepted", ())),
                )
                for point in raw["key_points"]
            ),
            misconceptions=tuple(
                MisconceptionContent(m["id"], m["claim"].strip(), m["contradicts"])
                for m in raw.get("misconceptions", ())
            ),
            exemplars=tuple(
                ExemplarContent(
                    id=exemplar["id"],
                    kind=exemplar["kind"],
                    text=exemplar["text"].strip(),
                    score=int(exemplar["score"]),
                    marks=tuple(sorted(exemplar["marks"].items())),
                    twin_of=exemplar.get("twin_of", ""),
                )
                for exemplar in raw.get("exemplars", ())
            ),
            sources=tuple(SourceContent(s["title"].strip(), s.get("url", "")) for s in raw.get("sources", ())),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the pack format's form of this content; from_dict gives an equal content back."""
        raw = asdict(self)
        for exemplar, own in zip(raw["exemplars"], self.exemplars, strict=True):
            exemplar["marks"] = dict(own.marks)
            if not own.twin_of:
                del exemplar["twin_of"]
        for source in raw["sources"]:
            if not source["url"]:
                del source["url"]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in raw.items()}

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON of this content, in hexadecimal."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def problems(self) -> list[tuple[str, str]]:
        """Return what no schema can say as (field, message): names that are doubled or point nowhere."""
        found: list[tuple[str, str]] = []
        point_ids = {point.id for point in self.key_points}
        exemplar_ids = {exemplar.id for exemplar in self.exemplars}
        for field in ("key_points", "misconceptions", "exemplars"):
            ids = [item.id for item in getattr(self, field)]
            found += [
                (field, f"the id “{double}” stands twice") for double in sorted({i for i in ids if ids.count(i) > 1})
            ]
        for misconception in self.misconceptions:
            if misconception.contradicts not in point_ids:
                field = f"misconceptions.{misconception.id}.contradicts"
                found.append((field, f"there is no key point “{misconception.contradicts}”"))
        for exemplar in self.exemplars:
            # A key point without a mark is not judged: it was added after the exemplar.
            for unknown in sorted({key for key, _ in exemplar.marks} - point_ids):
                found.append((f"exemplars.{exemplar.id}.marks", f"there is no key point “{unknown}”"))
            if exemplar.twin_of and exemplar.twin_of not in exemplar_ids - {exemplar.id}:
                found.append((f"exemplars.{exemplar.id}.twin_of", f"there is no exemplar “{exemplar.twin_of}”"))
        return found
