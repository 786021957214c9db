"""manage.py grade_file IN.jsonl OUT.jsonl: grade records without interview or database."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.grader import get_grader
from grading.json_lines import LineError
from grading.records import graded_record, question_of, read_records

RECORDS_AT_ONCE = 32


class Command(BaseCommand):
    help = "Grade each record of a JSON Lines file and write one line of grade for each, in the same order."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("input", type=Path)
        parser.add_argument("output", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            records = list(read_records(options["input"]))
        except LineError as error:
            raise CommandError(str(error)) from error
        grader = get_grader()
        try:
            output = options["output"].open("w", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']}: cannot be written: {error.strerror}") from error
        with output:
            for start in range(0, len(records), RECORDS_AT_ONCE):
                batch = records[start : start + RECORDS_AT_ONCE]
                results = grader.grade_many([(question_of(record), record["answer"]) for record in batch])
                for record, result in zip(batch, results, strict=True):
                    output.write(json.dumps(graded_record(record, result)) + "\n")
        self.stdout.write(f"{len(records)} records graded into {options['output']}.")
