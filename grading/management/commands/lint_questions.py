"""manage.py lint_questions: what the linter finds in all questions of the bank, or of a pack."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from grading.engine import Grader
from grading.grader import get_grader
from grading.linter import Finding, Similar, findings
from grading.selectors.prompts import COMPARED
from grading.services.linting import text_of
from questionbank.content import QuestionContent
from questionbank.formats.pack import PackError, read_pack
from questionbank.models import QuestionVersion
from questionbank.selectors import content_of, with_parts

NEIGHBOURS = 5


@dataclass(frozen=True)
class Asked:
    """A version of a question by its question's name and its number, with what it says."""

    slug: str
    number: int
    content: QuestionContent


class Command(BaseCommand):
    help = "Say what is most likely wrong with the bank's questions; fail where there is a warning."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pack", type=Path, help="check the questions of this pack, without the database")
        parser.add_argument("--json", type=Path, help="also write all findings to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = _of_pack(options["pack"]) if options["pack"] else _of_bank()
        found = list(_check(asked, get_grader()))
        for question, own in found:
            for finding in own:
                self._tell(question, finding)
        if options["json"]:
            _write(options["json"], found)
        self._sum_up(found)

    def _tell(self, asked: Asked, finding: Finding) -> None:
        kind = "warning" if finding.is_warning else "advice"
        self.stdout.write(f"{asked.slug}: {finding.field}: {kind}: {finding.rule}: {finding.message}")
        for evidence in finding.evidence:
            self.stdout.write(f"    {evidence.label}: {' '.join(evidence.text.split())}")

    def _sum_up(self, found: list[tuple[Asked, list[Finding]]]) -> None:
        by_rule = Counter(finding.rule for _, own in found for finding in own)
        for rule, count in sorted(by_rule.items(), key=lambda pair: -pair[1]):
            self.stdout.write(f"{count:5} {rule}")
        faulty = sum(any(finding.is_warning for finding in own) for _, own in found)
        if faulty:
            raise CommandError(f"{faulty} of {len(found)} questions have warnings.")
        self.stdout.write(f"{len(found)} questions checked, no warning.")


def _of_pack(path: Path) -> list[Asked]:
    try:
        return [Asked(question.slug, 1, question.content) for question in read_pack(path).questions]
    except PackError as error:
        raise CommandError(str(error)) from None


def _of_bank() -> list[Asked]:
    versions = with_parts(QuestionVersion.objects.filter(state__in=COMPARED)).order_by("question__slug", "number")
    return [Asked(v.question.slug, v.number, content_of(v)) for v in versions.iterator(chunk_size=500)]


def _check(asked: list[Asked], grader: Grader) -> Iterator[tuple[Asked, list[Finding]]]:
    """Yield each question with its findings; its neighbours are looked for among all that are checked."""
    if not asked:
        return
    vectors = grader.vectors([text_of(question.content) for question in asked])
    for question, vector in zip(tqdm(asked, unit="question", disable=None), vectors, strict=True):
        nearest = _nearest(question, asked, vectors @ vector)
        yield question, findings(question.content, grader=grader, similar=nearest)


def _nearest(question: Asked, asked: list[Asked], cosines: np.ndarray) -> list[Similar]:
    others = [place for place in np.argsort(-cosines) if asked[place].slug != question.slug][:NEIGHBOURS]
    return [
        Similar(
            asked[place].slug,
            asked[place].number,
            asked[place].content.title,
            asked[place].content.prompt,
            round(float(cosines[place]), 4),
        )
        for place in others
    ]


def _write(path: Path, found: list[tuple[Asked, list[Finding]]]) -> None:
    rows = [
        {"question": asked.slug, "version": asked.number, "findings": [finding.as_dict() for finding in own]}
        for asked, own in found
    ]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
