"""manage.py load_pack FILE: bring a pack's topics, tracks and questions in."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from questionbank.formats.pack import PackError, read_pack
from questionbank.services.packs import load_pack


class Command(BaseCommand):
    help = "Load a pack of questions: all of it or, on any error, nothing. Loading it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the pack's YAML or JSON file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pack = read_pack(options["file"])
            report = load_pack(pack=pack, actor=None)
        except PackError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        except ValidationError as error:
            raise CommandError(f"Nothing was loaded.\n{' '.join(error.messages)}") from error
        self.stdout.write(
            f"{pack.title}: {report.created} new questions, {report.updated} with a new version, "
            f"{report.unchanged} unchanged."
        )
        if report.waiting:
            self.stdout.write(
                f"Mentors are writing drafts of: {', '.join(report.waiting)}. These were left alone: "
                "publish or discard the drafts, then load again."
            )
