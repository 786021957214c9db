"""manage.py evaluate_grader FILE.jsonl…: how well the grader agrees with raters."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.evaluation import FEWEST_WORDS, evaluate
from grading.grader import get_grader
from grading.json_lines import LineError
from grading.records import question_of, read_records, with_graded


class Command(BaseCommand):
    help = "Grade files of human-graded answers and print the agreement, file by file."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+")
        parser.add_argument(
            "--graded",
            type=int,
            default=0,
            metavar="N",
            help="let the grader learn from N answers of each question, drawn by chance, and measure on the others",
        )
        parser.add_argument("--json", type=Path, help="also write the figures to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = {}
        for path in options["files"]:
            try:
                reports[path.name] = self._evaluate(path, options["graded"])
            except LineError as error:
                raise CommandError(str(error)) from error
            self._print(path.name, reports[path.name])
        if options["json"]:
            options["json"].write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")

    def _evaluate(self, path: Path, graded: int) -> dict[str, Any]:
        records = list(read_records(path, rated=True))
        if not records:
            raise LineError(f"{path}: has no records")
        if graded:
            records = with_graded(records, graded, np.random.default_rng(0))
            if not records:
                raise LineError(f"{path}: no question has more than {graded} answers")
        grader = get_grader()
        grader.grade(question_of(records[0]), records[0]["answer"])  # what is loaded once is not timed
        start = time.perf_counter()
        results = grader.grade_many([(question_of(record), record["answer"]) for record in records])
        seconds = time.perf_counter() - start
        return {**evaluate(records, results), "answers_per_second": round(len(records) / seconds, 1)}

    def _print(self, name: str, report: dict[str, Any]) -> None:
        self.stdout.write(f"\n{name}: {report['n']} answers to {report['questions']} questions")
        for lines in (_agreement, _kinds, _key_points, _twins, _confidence):
            for label, text in lines(report):
                self.stdout.write(f"  {label:<20}{text}")


# Each yields (label, text) for what of the report it is about.


def _agreement(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for figure in ("pearson", "spearman", "qwk", "rmse", "calibration_error", "answers_per_second"):
        if figure in report:
            yield figure, f"{report[figure]:>8}{_interval(report, figure)}"
    row = report.get("without_empty")
    if row:
        text = "  ".join(f"{figure} {row[figure]}" for figure in ("pearson", "rmse", "n") if figure in row)
        yield f"{FEWEST_WORDS} words and more", text


def _kinds(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, row in report.get("by_kind", {}).items():
        yield kind, f"{row['mean']:>8.2f}  raters {row['raters']:.2f}  n {row['n']}"


def _key_points(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    points = report.get("key_points")
    if points:
        for mark, row in points["by_mark"].items():
            figures = f"precision {row['precision']:.2f}  recall {row['recall']:.2f}  F1 {row['f1']:.2f}"
            yield mark, f"{figures}  n {row['n']}"
        yield "macro F1", f"{points['macro_f1']:>8}{_interval(report, 'macro_f1')}"
    for figure, row in report.get("within_answer", {}).items():
        yield figure.replace("_", "/"), f"{row['auc']:>8}{_interval(report, figure)}  n {row['n']}"


def _twins(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    twins = report.get("twins", {})
    if twins:
        yield "twins", f"{twins['share']:>8}{_interval(report, 'twins')}  n {twins['n']}"
    if "sure" in twins:
        yield "twins, both sure", f"{twins['sure']['share']:>8}  n {twins['sure']['n']}"


def _confidence(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for band, row in report["confidence"].items():
        yield f"confidence {band}", f"{row['mean']:>8.2f}  within 15 points {row['close']:.2f}  n {row['n']}"


def _interval(report: dict[str, Any], figure: str) -> str:
    ends = report.get("intervals", {}).get(figure)
    return f"  95 % {ends[0]:.2f} to {ends[1]:.2f}" if ends else ""
