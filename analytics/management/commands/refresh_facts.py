"""manage.py refresh_facts: bring the figures up to date now, without a worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.services import facts


class Command(BaseCommand):
    help = "Write the facts behind the dashboards anew: of the answers that have changed, or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="of all answers, not only those that have changed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            facts.mark_all()
        self.stdout.write(f"Facts of {facts.refresh()} answers written.")
