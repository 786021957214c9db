"""manage.py check_corpus [PACK …] [--claims FOLDER]: does the graded corpus keep what docs/corpus.md promises?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.corpus import Figure, claim_figures, claim_problems, pack_figures, pack_problems, repeated_texts
from grading.json_lines import LineError
from grading.style_probe import probe, samples_of
from grading.training.claims import SHIPPED_CLAIMS, ContrastClaim, read_claim_files
from questionbank.formats.pack import Pack, PackError, read_pack


class Command(BaseCommand):
    help = "Check exemplars and contrast claims, and probe how far style alone tells right from wrong."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", type=Path, nargs="*", metavar="PACK", help="default: all of questionbank/packs")
        parser.add_argument(
            "--claims", type=Path, default=SHIPPED_CLAIMS, help="a folder of *.jsonl (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        packs, files = _read(options["packs"], options["claims"])
        claims = [claim for of_file in files.values() for claim in of_file]
        probed = [probe(sample) for sample in samples_of(packs, claims)]
        for pack in packs:
            self._print(pack.slug, pack_figures(pack))
        for file, of_file in files.items():
            self._print(file, claim_figures(of_file))
        self._print("what style alone tells (AUC; .5 is chance)", [one.figure for one in probed])
        problems = [
            *(problem for pack in packs for problem in pack_problems(pack)),
            *claim_problems(files),
            *repeated_texts(packs, files),
            *(problem for one in probed for problem in one.problems()),
        ]
        self.stdout.write("")
        for problem in problems:
            self.stdout.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} problems.")
        self.stdout.write("No problems.")

    def _print(self, title: str, figures: Sequence[Figure]) -> None:
        self.stdout.write(f"\n{title}")
        for name, figure in figures:
            self.stdout.write(f"  {name:<28}{figure}")


def _read(paths: Sequence[Path], folder: Path) -> tuple[list[Pack], dict[str, list[ContrastClaim]]]:
    """Return the packs at paths and the claims of folder by file; by default what the project ships."""
    paths = paths or sorted((settings.BASE_DIR / "questionbank" / "packs").glob("*/pack.yaml"))
    try:
        return [read_pack(path) for path in paths], read_claim_files(folder)
    except (PackError, LineError) as error:
        raise CommandError(str(error)) from error
