"""manage.py fit_grader PACK…: fit the engine's calibration to the exemplars of packs."""

from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.engine.calibration import CALIBRATION_FILE, Calibration, fit_logistic
from grading.grader import get_grader, question_saying
from questionbank.formats.pack import PackError, PackQuestion, read_pack

# A partly stated point counts as covered a little more often than not.
COVERED = {"stated": 1.0, "contradicted": 1.0, "partly": 0.6, "missing": 0.0}


class Command(BaseCommand):
    help = "Fit coverage and polarity to the exemplars of packs and write grading/engine/calibration.json."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", type=Path, nargs="+")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            questions = [question for path in options["packs"] for question in read_pack(path).questions]
        except PackError as error:
            raise CommandError(str(error)) from error
        rows = [row for question in questions for row in _rows(question)]
        coverage = fit_logistic(
            np.array([features for features, _, _ in rows]), np.array([COVERED[mark] for _, _, mark in rows])
        )
        spoken = [(p, mark) for _, p, mark in rows if p is not None and mark in ("stated", "contradicted")]
        polarity = fit_logistic(
            np.array([p for p, _ in spoken]), np.array([float(mark == "contradicted") for _, mark in spoken])
        )
        before = Calibration.load()
        Calibration(coverage, polarity, before.partly_from, before.stated_from, before.contradicted_from).save()
        self.stdout.write(f"{len(rows)} marks of {len(questions)} questions fitted into {CALIBRATION_FILE.name}.")


def _rows(item: PackQuestion) -> list[tuple[list[float], list[float] | None, str]]:
    """Return (coverage features, polarity features, expected mark) for each marked key point of each exemplar."""
    content = item.content
    question = question_saying(content)
    rows = []
    for exemplar in content.exemplars:
        marks = dict(exemplar.marks)
        features = get_grader().alignments(question, exemplar.text)
        for point, (coverage, polarity) in zip(content.key_points, features, strict=False):
            if point.id in marks:
                rows.append((coverage, polarity, marks[point.id]))
    return rows
