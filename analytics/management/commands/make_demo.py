"""manage.py make_demo: realistic volume, to look at the figures and to measure load."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from analytics.services import facts
from interview.services.demo import Bank, analyze, count_answers, has_real_candidates, make_interviews, make_people
from interview.services.interviews import NotEnoughQuestions
from people.clock import database_now

CANDIDATES, INTERVIEWS = 30, 3
# For a number of answers: how often each candidate has practised in half a year.
OFTEN = 20


class Command(BaseCommand):
    help = (
        "Make candidates named “Demo candidate …” in cohorts named “Demo …”, with finished interviews whose answers "
        "are exemplars. Their grades are the exemplars' own, with the receipt {“demo”: true}; with --by-worker the "
        "worker grades them. Repeated, it makes what is missing to these numbers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--candidates", type=_count, help=f"default {CANDIDATES}")
        parser.add_argument(
            "--interviews", type=_count, help=f"for each candidate; default {INTERVIEWS}, with --answers {OFTEN}"
        )
        parser.add_argument("--answers", type=_count, help="as many candidates as give so many answers, or a few more")
        parser.add_argument("--by-worker", action="store_true", help="let the worker grade, which takes its time")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--yes", action="store_true", help="also where real candidates have interviews")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["answers"] is not None and options["candidates"] is not None:
            raise CommandError("Say either how many candidates or how many answers.")
        if has_real_candidates() and not options["yes"]:
            raise CommandError(
                "Real candidates have interviews here: the figures would mix. Say --yes to do it anyway."
            )
        try:
            bank = Bank(seed=options["seed"])
        except NotEnoughQuestions as error:
            raise CommandError(str(error)) from error
        if not bank.tracks:
            raise CommandError("There is no track. Load a pack first: manage.py load_pack FILE.")
        candidates, made = self._make(bank, **options)
        self.stdout.write(f"{candidates} demo candidates; {made} interviews made.")

    def _make(self, bank: Bank, **options: Any) -> tuple[int, int]:
        """Return how many candidates there are to these numbers, and how many interviews were made for them."""
        by_answers = options["answers"] is not None
        each = options["interviews"] or (OFTEN if by_answers else INTERVIEWS)
        total = sys.maxsize if by_answers else CANDIDATES if options["candidates"] is None else options["candidates"]
        missing = options["answers"] - count_answers() if by_answers else sys.maxsize
        now, candidates, made = database_now(), 0, 0
        with tqdm(unit="answer", total=missing if by_answers else None, disable=None) as progress:
            for people in make_people(total=total, now=now) if missing > 0 else ():
                interviews, answers = make_interviews(
                    people, each=each, bank=bank, seed=options["seed"], now=now, by_worker=options["by_worker"]
                )
                if interviews and not made:
                    analyze()
                facts.refresh()
                candidates, made, missing = candidates + len(people), made + interviews, missing - answers
                progress.update(answers)
                if missing <= 0:
                    break
        return candidates, made


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise ArgumentTypeError("a whole number from 1")
    return int(text)
