"""manage.py backup FILE: the whole database as one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.backups import Refused, back_up


class Command(BaseCommand):
    help = "Write the whole database to a new FILE that nobody else may read, and its checksum to FILE.sha256."
    # A backup is wanted most when something else is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            size = back_up(file=file)
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(
            f"Backed up: {file}, {size / 1e6:.1f} MB. It holds what people wrote and their addresses, so only you "
            "may read it: keep it so where you take it. SECRET_KEY is not in it; keep that in another place."
        )
