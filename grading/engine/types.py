"""What goes into the engine and what comes out. All scores and probabilities are 0..1; offsets count characters."""

from dataclasses import dataclass, field
from typing import Any, Literal

ENGINE_VERSION = "claim-reader-3"
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
class GradedAnswer:
    """An answer to a question with the score (0..1) that a mentor gave it."""

    text: str
    score: float


@dataclass(frozen=True)
class Question:
    """A question as the engine sees it. Without key points the references' clauses stand in for them.

    graded: answers that mentors have scored; they move the scores of answers like them (grading.engine.residual).
    calibration: the number under which these are kept, where they are; the receipt names it.
    """

    prompt: str
    references: tuple[str, ...]
    key_points: tuple[KeyPoint, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    graded: tuple[GradedAnswer, ...] = ()
    calibration: int | None = None


@dataclass(frozen=True)
class Evidence:
    """A sentence of the answer: answer[start:end] == text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class KeyPointResult:
    """What the answer does with one key point.

    similarity is the likeness that the mark rests on, threshold the likeness from which the answer rather speaks of
    the point than not, all else being equal: both on the scale of token alignment (0..1 in practice); p_* sum to 1;
    credit is the share of the weight that is earned by these probabilities (below 0 where a contradiction is likely);
    evidence is None for a missing point.
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
    """The grade of one answer.

    confidence: how likely the score is within 15 points of what raters give. flags name the guards that spoke, doubts
    why a mentor should look (none: nobody needs to); receipt holds what computing the grade again needs.
    """

    score: float
    confidence: float
    key_points: tuple[KeyPointResult, ...]
    flags: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    receipt: dict[str, Any] = field(default_factory=dict)
