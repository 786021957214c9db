"""What goes into the engine and what comes out. All scores and probabilities are 0..1; offsets count characters."""

from dataclasses import dataclass, field
from typing import Any, Literal

ENGINE_VERSION = "alignment-1"
"""Names method and calibration. Any change that can move a grade changes it."""

Mark = Literal["stated", "partly", "missing", "contradicted"]


@dataclass(frozen=True)
class KeyPoint:
    """A claim a good answer makes. weight > 0; accepted: other wordings of the same claim."""

    id: str
    claim: str
    weight: float = 1.0
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Misconception:
    """A false claim against the key point whose id is contradicts."""

    id: str
    claim: str
    contradicts: str


@dataclass(frozen=True)
class Question:
    """A question as the engine sees it. Without key points the references' clauses stand in for them."""

    prompt: str
    references: tuple[str, ...]
    key_points: tuple[KeyPoint, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """A sentence of the answer: answer[start:end] == text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class KeyPointResult:
    """What the answer does with one key point.

    similarity is what the mark rests on, threshold what "stated" needs, both on the scale of token alignment (0..1
    in practice); p_* sum to 1; credit is the share of the weight that is earned; evidence is None for a missing point.
    """

    id: str
    mark: Mark
    credit: float
    similarity: float
    threshold: float
    p_stated: float
    p_missing: float
    p_contradicted: float
    evidence: Evidence | None

    @property
    def margin(self) -> float:
        """How far above (or below) the threshold the similarity is."""
        return self.similarity - self.threshold


@dataclass(frozen=True)
class GradeResult:
    """The grade of one answer. flags name the guards that spoke; receipt holds what computing it again needs."""

    score: float
    confidence: float
    key_points: tuple[KeyPointResult, ...]
    flags: tuple[str, ...] = ()
    receipt: dict[str, Any] = field(default_factory=dict)
