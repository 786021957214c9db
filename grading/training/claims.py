"""Contrast claims: key points with sentences that state them and twins of these that contradict them.

They are JSON Lines, one claim a line:
{"q", "topic", "claim", "right": [3 texts], "wrong": [3 texts], "near": [texts], "vague": [texts]}, and some with
{"upheld": [texts], "denied": [as many]}.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.json_lines import LineError, read_objects

SHIPPED_CLAIMS = Path(__file__).with_name("contrast_claims")
TWINS = 3


@dataclass(frozen=True)
class ContrastClaim:
    """A true claim that answers question. right[i] states it; wrong[i], its twin, contradicts it.

    near: true sentences on the same subject that do not state the claim. vague: sentences around its words that
    assert nothing about it. upheld and denied: sentences that state it and that contradict it, all with a negation.
    """

    question: str
    topic: str
    claim: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    near: tuple[str, ...]
    vague: tuple[str, ...]
    upheld: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()

    @property
    def stating(self) -> tuple[str, ...]:
        """All that states the claim, in one voice each."""
        return self.right + self.upheld

    @property
    def contradicting(self) -> tuple[str, ...]:
        """All that contradicts it, at the same places in the same voices."""
        return self.wrong + self.denied


def read_claims(folder: Path) -> list[ContrastClaim]:
    """Return the claims of all files of folder, in the order of the files' names. Raises LineError."""
    return [claim for claims in read_claim_files(folder).values() for claim in claims]


def read_claim_files(folder: Path) -> dict[str, list[ContrastClaim]]:
    """Return the claims of each *.jsonl of folder by the file's name, sorted. Raises LineError."""
    if not folder.is_dir():
        raise LineError(f"{folder}: is not a folder")
    return {
        path.name: [_claim(place, raw) for place, raw in read_objects(path)] for path in sorted(folder.glob("*.jsonl"))
    }


def _claim(place: str, raw: dict[str, Any]) -> ContrastClaim:
    upheld, denied = (_texts(raw, field, place) if raw.get(field) else () for field in ("upheld", "denied"))
    if len(upheld) != len(denied):
        raise LineError(f"{place}: has {len(upheld)} “upheld” texts and {len(denied)} “denied”; there must be as many")
    return ContrastClaim(
        question=_text(raw, "q", place),
        topic=_text(raw, "topic", place),
        claim=_text(raw, "claim", place),
        right=_texts(raw, "right", place, count=TWINS),
        wrong=_texts(raw, "wrong", place, count=TWINS),
        near=_texts(raw, "near", place),
        vague=_texts(raw, "vague", place),
        upheld=upheld,
        denied=denied,
    )


def _text(raw: dict[str, Any], field: str, place: str) -> str:
    text = raw.get(field)
    if not _is_text(text):
        raise LineError(f"{place}: “{field}” must be a text that is not blank")
    return str(text).strip()


def _texts(raw: dict[str, Any], field: str, place: str, *, count: int = 0) -> tuple[str, ...]:
    """Return the texts of a field. count: how many there must be; 0: one or more."""
    texts = raw.get(field)
    if not isinstance(texts, list) or not texts or not all(map(_is_text, texts)) or (count and len(texts) != count):
        raise LineError(f"{place}: “{field}” must be {count or 'one or more'} texts that are not blank")
    return tuple(text.strip() for text in texts)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
