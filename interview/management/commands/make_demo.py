"""manage.py make_demo: realistic volume, to look at analytics and to measure load."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interview.models import Interview
from interview.services.demo import Maker, has_real_candidates, make_people
from interview.services.interviews import NotEnoughQuestions
from people.clock import database_now
from questionbank.models import Track


class Command(BaseCommand):
    help = (
        "Make candidates named “Demo candidate …” in the cohort “Demo”, with finished interviews whose answers are "
        "exemplars. Their grades are the exemplars' own, with the receipt {“demo”: true}; with --by-worker the worker "
        "grades them. Repeated, it makes what is missing to these numbers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--candidates", type=int, default=30)
        parser.add_argument("--interviews", type=int, default=3, help="for each candidate")
        parser.add_argument("--by-worker", action="store_true", help="let the worker grade, which takes its time")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="also where real candidates have interviews")

    def handle(self, *args: Any, **options: Any) -> None:
        if has_real_candidates() and not options["yes"]:
            raise CommandError(
                "Real candidates have interviews here: the figures would mix. Say --yes to do it anyway."
            )
        tracks = list(Track.objects.order_by("position", "slug"))
        if not tracks:
            raise CommandError("There is no track. Load a pack first: manage.py load_pack FILE.")
        maker, now = Maker(seed=options["seed"], by_worker=options["by_worker"]), database_now()
        made = 0
        for candidate in make_people(count=options["candidates"]):
            there = Interview.objects.filter(candidate=candidate).count()
            for number in range(there, options["interviews"]):
                try:
                    maker.make(candidate=candidate, tracks=tracks, number=number, now=now)
                except NotEnoughQuestions as error:
                    raise CommandError(str(error)) from error
                made += 1
        self.stdout.write(f"{options['candidates']} demo candidates; {made} interviews made.")
