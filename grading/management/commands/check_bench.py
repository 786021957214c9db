"""manage.py check_bench: try all exemplars of all published questions, and say what a new grader has moved."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from grading.grader import get_grader
from grading.selectors.bench import earlier_results
from grading.services import bench
from grading.trial import Result, judge, moves, try_exemplars
from people.clock import database_now
from questionbank.content import QuestionContent
from questionbank.formats.pack import PackError, read_pack
from questionbank.models import QuestionVersion, VersionState
from questionbank.selectors import content_of, with_parts

# Points (0–100) from which a score counts as moved: what is below, no page shows.
MOVED_FROM = 1.0
SHOWN_MOVES = 30


@dataclass(frozen=True)
class Asked:
    """A question by its name, with what it says."""

    slug: str
    content: QuestionContent


class Command(BaseCommand):
    help = "Run the exemplars of every published question; fail where strong, half and wrong ones do not separate."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pack", type=Path, help="try the questions of this pack, without the database")
        parser.add_argument("--json", type=Path, help="also write all results to this file")
        parser.add_argument(
            "--baseline",
            type=Path,
            help="compare with a file that --json wrote, not with what another grader has left in the database",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        baseline = _read_baseline(options["baseline"]) if options["baseline"] else None
        questions = _of_pack(options["pack"]) if options["pack"] else _published()
        grader = get_grader()
        results: dict[str, Result] = {}
        for asked in tqdm(questions, unit="question", disable=None):  # silent where nobody watches
            rows = try_exemplars(grader, asked.content, asked.content.exemplars)
            results[asked.slug] = {"exemplars": rows, "verdict": judge(rows).as_dict()}
        before = baseline if baseline is not None else self._stored(questions, options["pack"], grader.identity)
        if not options["pack"]:
            _keep(questions, results, grader.identity)
        if options["json"]:
            _write(options["json"], {"grader": grader.identity, "questions": results})
        self._tell_moves(before, results)
        self._tell_verdicts(results)

    def _stored(self, questions: list[Asked], pack: Path | None, identity: dict[str, str]) -> dict[str, Result]:
        """Return the results that another grader has left, by question."""
        if pack:
            return {}
        found = earlier_results([asked.content.content_hash for asked in questions], identity)
        return {q.slug: found[q.content.content_hash] for q in questions if q.content.content_hash in found}

    def _tell_moves(self, before: dict[str, Result], results: dict[str, Result]) -> None:
        if not before:
            self.stdout.write("There is nothing to compare with: no other grader has left results.")
            return
        moved = sorted(_moves(before, results), key=lambda move: -abs(move[3] - move[2]))
        compared = sum(len(results[slug]["exemplars"]) for slug in results if slug in before)
        self.stdout.write(f"Moved by {MOVED_FROM:.0f} point or more: {len(moved)} of {compared} exemplars.")
        for slug, exemplar, old, new in moved[:SHOWN_MOVES]:
            self.stdout.write(f"  {slug}: {exemplar}: {old:.0f} then, {new:.0f} now")
        if len(moved) > SHOWN_MOVES:
            self.stdout.write(f"  and {len(moved) - SHOWN_MOVES} more, by less")
        for slug in sorted(set(before) & set(results)):
            then, now = (found[slug]["verdict"]["passed"] for found in (before, results))
            if then != now:
                self.stdout.write(f"  {slug}: {'passed then, does not now' if then else 'passes now'}")

    def _tell_verdicts(self, results: dict[str, Result]) -> None:
        failing = {slug: result["verdict"] for slug, result in results.items() if not result["verdict"]["passed"]}
        for slug, verdict in failing.items():
            self.stdout.write(f"{slug}: {' '.join(verdict['reasons'])}")
        if failing:
            raise CommandError(f"{len(failing)} of {len(results)} questions do not pass.")
        self.stdout.write(f"Every question passes: {len(results)}.")


def _of_pack(path: Path) -> list[Asked]:
    try:
        return [Asked(question.slug, question.content) for question in read_pack(path).questions]
    except PackError as error:
        raise CommandError(str(error)) from error


def _published() -> list[Asked]:
    versions = with_parts(QuestionVersion.objects.filter(state=VersionState.PUBLISHED))
    return [Asked(v.question.slug, content_of(v)) for v in versions.order_by("question__slug")]


def _keep(questions: list[Asked], results: dict[str, Result], identity: dict[str, str]) -> None:
    now = database_now()
    for asked in questions:
        bench.record(content=asked.content, result=results[asked.slug], grader=identity, now=now)


def _read_baseline(path: Path) -> dict[str, Result]:
    try:
        found = dict[str, Result](json.loads(path.read_text(encoding="utf-8"))["questions"])
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path}: is no file that check_bench --json has written") from error
    return found


def _write(path: Path, report: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from error


def _moves(before: dict[str, Result], results: dict[str, Result]) -> Iterator[tuple[str, str, float, float]]:
    for slug, result in results.items():
        if slug in before:
            for move in moves(before[slug]["exemplars"], result["exemplars"], at_least=MOVED_FROM):
                yield slug, *move
