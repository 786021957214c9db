"""manage.py dump_pack FILE: write the whole question bank as one pack."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questionbank.formats.pack import write_pack
from questionbank.selectors import dump_pack


class Command(BaseCommand):
    help = "Write topics, tracks and published questions as one pack file (.yaml or .json)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write; an existing file is replaced")
        parser.add_argument("--id", default="question-bank", help="the pack's id")
        parser.add_argument("--title", default="Question bank", help="the pack's title")

    def handle(self, *args: Any, **options: Any) -> None:
        pack = dump_pack(slug=options["id"], title=options["title"])
        try:
            write_pack(pack, options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{len(pack.questions)} questions written to {options['file']}.")
