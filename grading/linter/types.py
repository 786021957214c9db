"""What the linter's rules are and what they find."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether something is most likely wrong, or is worth a look. In this order."""

    WARNING = "1-warning"
    ADVICE = "2-advice"


class Rule(StrEnum):
    """The rules. A value is the name of its section in the page “How questions are checked” too."""

    REFERENCE_CONTRADICTS = "reference-contradicts"
    REFERENCE_MISSES = "reference-misses"
    TOO_CLOSE = "too-close"
    REPEATS_QUESTION = "repeats-question"
    COMPOUND = "compound"
    SAID_TWICE = "said-twice"
    NEARLY_EQUAL = "nearly-equal"
    EXEMPLARS = "exemplars"
    MISCONCEPTIONS = "misconceptions"
    SELF_CONTAINED = "self-contained"
    LENGTH = "length"
    READING_LEVEL = "reading-level"

    @property
    def severity(self) -> Severity:
        return Severity.ADVICE if self in _ADVICE else Severity.WARNING


_ADVICE = frozenset({Rule.MISCONCEPTIONS, Rule.SELF_CONTAINED, Rule.LENGTH, Rule.READING_LEVEL})


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on: a figure or a text, and what it is."""

    label: str
    text: str


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found. field names the part as VersionComment.field does: "key_points.lazy"."""

    rule: Rule
    field: str
    message: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def is_warning(self) -> bool:
        return self.severity == Severity.WARNING

    def as_dict(self) -> dict[str, Any]:
        """Return this as JSON takes it; from_dict gives an equal finding back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> "Finding":
        evidence = tuple(Evidence(**known) for known in raw["evidence"])
        return cls(Rule(raw["rule"]), raw["field"], raw["message"], evidence)


@dataclass(frozen=True)
class Similar:
    """Another question of the bank. similarity: the cosine of both prompts, 1 for equal ones; version: its number."""

    question: str
    version: int
    title: str
    prompt: str
    similarity: float
