"""manage.py train_verifier: train the claim reader and fit the calibration, from the packs and the contrast claims."""

from argparse import BooleanOptionalAction
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.corpus import marks_complete
from grading.engine import Grader
from grading.engine.calibration import CALIBRATION_FILE
from grading.engine.word_order import WORD_ORDER_FILE, WordOrder
from grading.json_lines import LineError
from grading.training.calibrate import UNFITTED, calibrate, read_exemplars
from grading.training.claims import SHIPPED_CLAIMS, ContrastClaim, read_claims
from grading.training.stages import split
from questionbank.formats.pack import PackError, PackQuestion, read_pack

THREADS = 2
ENGINE = CALIBRATION_FILE.parent


class Command(BaseCommand):
    help = (
        "Train the claim reader on packs and contrast claims, and fit the calibration to the third of the questions "
        "that it has not seen. It goes on where it was stopped."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("packs", type=Path, nargs="+")
        parser.add_argument("--claims", type=Path, default=SHIPPED_CLAIMS, help="a folder of contrast claims")
        parser.add_argument("--epochs", type=int, default=10)
        parser.add_argument("--seed", type=int, default=5)
        parser.add_argument("--device", default="cpu", help="cpu or cuda")
        parser.add_argument("--work", type=Path, default=settings.BASE_DIR / ".local" / "training", help="checkpoints")
        parser.add_argument(
            "--output", type=Path, default=ENGINE, help="where the files go; the engine reads those in grading/engine"
        )
        parser.add_argument("--train", action=BooleanOptionalAction, default=True, help="or only calibrate again")

    def handle(self, *args: Any, **options: Any) -> None:
        questions, claims = _read(options["packs"], options["claims"])
        seen, kept = split(questions)
        for name, part in (("train on", seen), ("calibrate by", kept)):
            if not any(question.content.exemplars for question in part):
                raise CommandError(f"There are no exemplars to {name}: about every third question is kept apart.")
        output = _made(options["output"])
        if options["train"]:
            WordOrder.count(_texts(seen)).save(output / WORD_ORDER_FILE.name)
            self.stdout.write(f"{WORD_ORDER_FILE.name}: counted in {len(seen)} questions.")
            self._train(seen, claims, options)
        self._calibrate(questions, output)

    def _train(self, questions: list[PackQuestion], claims: list[ContrastClaim], options: dict[str, Any]) -> None:
        # These load torch.
        import torch

        from grading.engine.claim_reader import WEIGHTS_FILE, ClaimReaderNetwork, save
        from grading.engine.model import SentenceModel
        from grading.training.fit import fit
        from grading.training.stages import encode, epochs_of

        checkpoint = _made(options["work"]) / "claim-reader.pt"
        epochs = epochs_of(questions, claims, epochs=options["epochs"], seed=options["seed"])
        vectors = encode(SentenceModel(threads=THREADS), epochs)
        torch.manual_seed(options["seed"])
        network = ClaimReaderNetwork()
        fit(network, epochs, vectors, seed=options["seed"], checkpoint=checkpoint, device=options["device"])
        slugs = {question.slug for question in questions}
        save(network, options["output"] / WEIGHTS_FILE.name, trained_on=slugs)
        checkpoint.unlink()  # done: another run begins anew
        self.stdout.write(f"{WEIGHTS_FILE.name}: trained on {len(questions)} questions and {len(claims)} claims.")

    def _calibrate(self, questions: list[PackQuestion], output: Path) -> None:
        """Fit the calibration to the questions that the weights in output have not seen."""
        from grading.engine.claim_reader import WEIGHTS_FILE, ClaimReader
        from grading.engine.model import SentenceModel

        try:
            claim_reader = ClaimReader(output / WEIGHTS_FILE.name)
        except OSError as error:
            raise CommandError(str(error)) from error
        # Unfitted: the calibration that is about to be replaced may be of another shape.
        kept = [question for question in questions if question.slug not in claim_reader.trained_on]
        grader = Grader(SentenceModel(), claim_reader, UNFITTED)
        read = read_exemplars(grader, [question.content for question in kept])
        calibrate(read).save(output / CALIBRATION_FILE.name)
        self.stdout.write(f"{CALIBRATION_FILE.name}: fitted to {len(read)} answers to {len(kept)} other questions.")


def _read(paths: Sequence[Path], folder: Path) -> tuple[list[PackQuestion], list[ContrastClaim]]:
    """Return the questions of the packs at paths and the claims of folder; what cannot be used is a CommandError."""
    try:
        questions = [question for path in paths for question in read_pack(path).questions]
        claims = read_claims(folder)
    except (PackError, LineError) as error:
        raise CommandError(str(error)) from error
    if not claims:
        raise CommandError(f"{folder}: holds no claims")
    problems = [
        f"{q.slug}: {exemplar}: {problem}" for q in questions for exemplar, problem in marks_complete(q.content)
    ]
    if problems:
        raise CommandError("\n".join(problems))
    return questions, claims


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder}: cannot be made: {error.strerror}") from error
    return folder


def _texts(questions: list[PackQuestion]) -> set[str]:
    return {text for q in questions for text in (*q.content.references, *(e.text for e in q.content.exemplars))}
