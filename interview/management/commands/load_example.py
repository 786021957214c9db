"""manage.py load_example: a finished mock interview that everybody may look at."""

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand

from interview.services.example import make_example
from interview.services.interviews import NotEnoughQuestions
from people.clock import database_now
from questionbank.models import Track

ANSWERS = Path(__file__).with_name("example.yaml")


class Command(BaseCommand):
    help = "Make the example interview of the first page, to be graded by the worker. Harmless when repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        example = yaml.safe_load(ANSWERS.read_text())
        track = Track.objects.filter(slug=example["track"]).first()
        if track is None:
            self.stdout.write(f"There is no track {example['track']}, so there is no example.")
            return
        answers = {answer["question"]: answer["text"] for answer in example["answers"]}
        try:
            interview = make_example(track=track, answers=answers, now=database_now())
        except NotEnoughQuestions as error:
            self.stdout.write(f"No example was made. {error}")
            return
        self.stdout.write(f"Example: {interview}")
