"""manage.py restore FILE: fill an empty database with what `backup` wrote."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.backups import Refused, restore


class Command(BaseCommand):
    help = "Fill the database, which must be empty, with a FILE that backup wrote: all of it or nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            restored = restore(file=file)
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"Restored: {restored.tables} tables from {file}. All log in again.")
        if not restored.checked:
            self.stderr.write(f"There was no {file.name}.sha256: whether the file is whole was not checked.")
        if restored.pending:
            self.stdout.write(
                f"It is of an older Greenroom: manage.py migrate has {restored.pending} migrations to apply."
            )
        if restored.sealed:
            self.stderr.write(
                f"{restored.sealed} second steps cannot be opened: SECRET_KEY was another one when they were made. "
                "Name that one in SECRET_KEY_FALLBACKS."
            )
