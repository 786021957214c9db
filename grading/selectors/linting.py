"""Reads of the linter: what it has found, in the words and at the places of a page."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Case, Value, When

from grading.linter import Finding, Similar, findings_of_words
from grading.models import BenchPurpose, BenchRun, BenchState
from grading.selectors.bench import running_identity
from questionbank.content import QuestionContent
from questionbank.models import QuestionVersion


@dataclass(frozen=True)
class Place:
    """Where a finding's part stands. words: what to call it; group, row, name: its field in the editor's form.

    group is "" for a field of the question as a whole; row counts the filled rows of a formset, None is all of them.
    """

    words: str
    group: str
    row: int | None
    name: str


@dataclass(frozen=True)
class ShownFinding:
    finding: Finding
    place: Place


@dataclass(frozen=True)
class Report:
    """What is found in a content so far. run: the worker's part of it, None where nobody has asked for one."""

    content: QuestionContent
    run: BenchRun | None

    @property
    def is_whole(self) -> bool:
        """Whether every rule has been asked; until then it is the rules that need no model."""
        return self.run is not None and self.run.is_done

    @cached_property
    def findings(self) -> list[ShownFinding]:
        found = findings_of_words(self.content)
        if self.run is not None and self.run.is_done and self.run.result:
            found = [Finding.from_dict(raw) for raw in self.run.result["findings"]]
        return [ShownFinding(finding, place_of(finding.field, self.content)) for finding in found]

    @property
    def similar(self) -> list[Similar]:
        """The questions of the bank that come nearest."""
        known = self.run.result if self.run is not None and self.run.is_done else None
        return [Similar(**raw) for raw in (known or {"similar": []})["similar"]]

    @property
    def warnings(self) -> int:
        return sum(shown.finding.is_warning for shown in self.findings)

    @property
    def advice(self) -> int:
        return len(self.findings) - self.warnings


def place_of(field: str, content: QuestionContent) -> Place:
    """Return where the part that a finding names stands in content."""
    group, _, name = field.partition(".")
    if group == "misconceptions":
        point = next(wrong.contradicts for wrong in content.misconceptions if wrong.id == name)
        place = place_of(f"key_points.{point}", content)
        return Place(f"{place.words}, misconceptions", place.group, place.row, "misconceptions")
    if group == "key_points":
        row = [point.id for point in content.key_points].index(name)
        return Place(f"Key point {row + 1}", group, row, "claim")
    if group == "references":
        return Place(f"Reference answer {int(name) + 1}", group, int(name), "text")
    if group == "exemplars":
        return Place("Exemplars", group, None, "text")
    return Place(field.capitalize(), "", None, field)


def lint_of(version: QuestionVersion) -> BenchRun | None:
    """Return the run of the linter that counts for what version says: the running grader's, else one that waits."""
    runs = BenchRun.objects.filter(
        purpose=BenchPurpose.LINT, content_hash=version.content_hash, text=str(version.question_id)
    )
    rank = Case(
        When(state=BenchState.DONE, grader=running_identity(), then=Value(0)),
        When(state=BenchState.PENDING, then=Value(1)),
        default=Value(2),
    )
    return runs.order_by(rank, "-created_at").first()
