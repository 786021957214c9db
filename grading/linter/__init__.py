"""The linter: what a question's text itself shows to be wrong with it, each with its evidence.

docs/decisions/0014-linter.md has how the thresholds were chosen and what they catch and miss.
"""

from collections.abc import Sequence

from grading.engine import Grader
from grading.linter import meaning, wording
from grading.linter.types import Evidence, Finding, Rule, Severity, Similar
from questionbank.content import QuestionContent

__all__ = ["Evidence", "Finding", "Rule", "Severity", "Similar", "findings", "findings_of_words"]


def findings(content: QuestionContent, *, grader: Grader, similar: Sequence[Similar] = ()) -> list[Finding]:
    """Return all that the rules find in content, warnings first; similar: the questions of the bank nearest to it.

    Any content is taken, half-written ones too: a rule that has nothing to look at finds nothing.
    """
    return in_order([*wording.findings(content), *meaning.findings(content, grader), *meaning.too_alike(similar)])


def findings_of_words(content: QuestionContent) -> list[Finding]:
    """Return what those rules find that need no model: the web process can say this at once."""
    return in_order(wording.findings(content))


def in_order(found: list[Finding]) -> list[Finding]:
    """Warnings before advice; each kind in the order of the rules."""
    rules = list(Rule)
    return sorted(found, key=lambda finding: (finding.severity, rules.index(finding.rule)))
