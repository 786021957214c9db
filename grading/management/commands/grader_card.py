"""manage.py grader_card [PACK …]: write the card that says how far the grader can be trusted."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.attacks import ATTACKS
from grading.grader import get_grader
from grading.grader_card import AttackRow, FiguresError, card, grade_attack, read_figures, verdict
from questionbank.content import QuestionContent
from questionbank.formats.pack import PackError, read_pack

SHIPPED_PACK = Path(settings.BASE_DIR) / "questionbank/packs/generative-ai-engineer/pack.yaml"
CARD = Path(settings.BASE_DIR) / "docs/grader-card.md"


class Command(BaseCommand):
    help = "Grade every attack on every question of packs and write the grader card."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", type=Path, nargs="*", default=[SHIPPED_PACK], help="default: the shipped pack")
        parser.add_argument(
            "--figures", type=Path, nargs="+", default=[], help="what evaluate_grader --json has written"
        )
        parser.add_argument(
            "--attacks-only",
            action="store_true",
            help="leave figures out, and print what attacks earn; a card is written only where --output says so",
        )
        parser.add_argument("--output", type=Path, help="default: docs/grader-card.md")

    def handle(self, *args: Any, **options: Any) -> None:
        output = options["output"] or (None if options["attacks_only"] else CARD)
        if output and not output.parent.is_dir():
            raise CommandError(f"{output}: there is no such folder")  # said now, not after the grading
        try:
            reports = read_figures([] if options["attacks_only"] else options["figures"])
            packs = [read_pack(path) for path in options["packs"]]
        except (FiguresError, PackError) as error:
            raise CommandError(str(error)) from error
        rows = self._grade([question.content for pack in packs for question in pack.questions])
        if output:
            graded_on = {pack.title: len(pack.questions) for pack in packs}
            output.write_text(card(get_grader().identity, graded_on, rows, reports), encoding="utf-8")
            self.stdout.write(f"Written to {output}.")

    def _grade(self, contents: list[QuestionContent]) -> list[AttackRow]:
        rows = []
        for name in ATTACKS:
            row = grade_attack(name, contents, get_grader())
            if row:
                rows.append(row)
                figures = f"mean {row.mean:.2f}  95th percentile {row.p95:.2f}  above {row.above:.0%}"
                self.stdout.write(f"{name:<28}{figures}  {verdict(row)}")
        return rows
