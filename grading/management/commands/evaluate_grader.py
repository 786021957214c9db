"""manage.py evaluate_grader FILE.jsonl…: how well the grader agrees with raters."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.evaluation import evaluate
from grading.grader import get_grader
from grading.records import RecordError, question_of, read_records


class Command(BaseCommand):
    help = "Grade files of human-graded answers and print the agreement, file by file."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+")
        parser.add_argument("--json", type=Path, help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = {}
        for path in options["files"]:
            try:
                reports[path.name] = self._evaluate(path)
            except RecordError as error:
                raise CommandError(str(error)) from error
            self._print(path.name, reports[path.name])
        if options["json"]:
            options["json"].write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")

    def _evaluate(self, path: Path) -> dict[str, Any]:
        records = list(read_records(path, rated=True))
        if not records:
            raise RecordError(f"{path}: has no records")
        grader = get_grader()
        grader.grade(question_of(records[0]), records[0]["answer"])  # what is loaded once is not timed
        start = time.perf_counter()
        results = grader.grade_many([(question_of(record), record["answer"]) for record in records])
        report = evaluate(records, results)
        report["answers_per_second"] = round(len(records) / (time.perf_counter() - start), 1)
        return report

    def _print(self, name: str, report: dict[str, Any]) -> None:
        self.stdout.write(f"\n{name}: {report['n']} answers to {report['questions']} questions")
        for figure in ("pearson", "spearman", "qwk", "rmse", "answers_per_second"):
            if figure in report:
                self.stdout.write(f"  {figure:<20}{report[figure]:>8}")
        for kind, row in report.get("by_kind", {}).items():
            self.stdout.write(f"  {kind:<20}{row['mean']:>8.2f}  raters {row['raters']:.2f}  n {row['n']}")
        points = report.get("key_points")
        if points:
            for mark, row in points["by_mark"].items():
                self.stdout.write(
                    f"  {mark:<20}precision {row['precision']:.2f}  recall {row['recall']:.2f}  "
                    f"F1 {row['f1']:.2f}  n {row['n']}"
                )
            self.stdout.write(f"  {'macro F1':<20}{points['macro_f1']:>8}")
