"""train_verifier: what it refuses, and that one small run writes all that the engine reads."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grading.engine import CREDIT, Grader
from grading.engine.calibration import CALIBRATION_FILE, Calibration
from grading.engine.word_order import WORD_ORDER_FILE
from grading.grader import question_saying
from grading.training.claims import ContrastClaim
from questionbank.content import QuestionContent
from questionbank.formats.pack import write_pack
from tests.grading.corpora import CONTENT, EXEMPLARS, claims_of, pack_of

ENGINE = CALIBRATION_FILE.parent
WEIGHTS = "claim_reader.safetensors"
# Four questions: the one that is named q2 is kept, the others are learnt from.
FEWER = replace(CONTENT, exemplars=EXEMPLARS[:6])
CONTENTS = (FEWER, FEWER, CONTENT, FEWER)
WITHOUT = replace(CONTENT, exemplars=())
Train = Callable[..., str]


def _pack(folder: Path, *contents: QuestionContent) -> Path:
    path = folder / "pack.json"
    write_pack(pack_of(*contents), path)
    return path


def _claims(folder: Path, claims: list[ContrastClaim]) -> Path:
    """Write claims into a folder of their own, in their files' form."""
    made = folder / "claims"
    made.mkdir()
    raw = [asdict(claim) for claim in claims]
    lines = [json.dumps({"q": one.pop("question"), **one}) for one in raw]
    (made / "sql.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return made


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return _pack(tmp_path, *CONTENTS)


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    return _claims(tmp_path, claims_of(4))


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Run the command, writing into this test's own folder alone; return what it printed."""

    def call(pack: Path, claims: Path, *more: str) -> str:
        out = StringIO()
        own = ("--work", str(tmp_path / "work"), "--output", str(tmp_path / "output"))
        call_command("train_verifier", str(pack), "--claims", str(claims), *own, *more, stdout=out)
        return out.getvalue()

    return call


# --- what is refused, before anything is written ------------------------------------------------------------


def test_a_pack_that_is_not_there_is_named(train: Train, claims: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^nowhere.yaml: cannot be read: No such file"):
        train(tmp_path / "nowhere.yaml", claims)

    assert not (tmp_path / "output").exists()


def test_claims_that_are_not_there_are_named(train: Train, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere: is not a folder$"):
        train(pack, tmp_path / "nowhere")

    assert not (tmp_path / "output").exists()


def test_a_folder_without_claims_is_refused(train: Train, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"claims: holds no claims$"):
        train(pack, _claims(tmp_path, []))


def test_a_wrong_claim_is_named_with_file_and_line(train: Train, pack: Path, tmp_path: Path) -> None:
    folder = _claims(tmp_path, claims_of(2))
    (folder / "more.jsonl").write_text("{}\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"^more.jsonl, line 1: “q” must be"):
        train(pack, folder)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ((WITHOUT, WITHOUT, CONTENT), "no exemplars to train on"),
        ((CONTENT,), "no exemplars to calibrate by"),
        ((CONTENT, CONTENT, WITHOUT), "no exemplars to calibrate by"),
    ],
)
def test_both_the_questions_learnt_from_and_those_kept_need_exemplars(
    train: Train, claims: Path, tmp_path: Path, contents: tuple[QuestionContent, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        train(_pack(tmp_path, *contents), claims)

    assert not (tmp_path / "output").exists()


def test_an_exemplar_without_a_mark_for_a_key_point_is_named(train: Train, claims: Path, tmp_path: Path) -> None:
    unjudged = replace(EXEMPLARS[1], marks=EXEMPLARS[1].marks[:2])
    contents = (CONTENT, CONTENT, replace(CONTENT, exemplars=(EXEMPLARS[0], unjudged)))

    with pytest.raises(CommandError, match=rf"^q2: {unjudged.id}: has no mark for once$"):
        train(_pack(tmp_path, *contents), claims)


def test_files_that_cannot_be_written_are_named(train: Train, pack: Path, claims: Path, tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file, no folder", encoding="utf-8")

    with pytest.raises(CommandError, match=r"output: cannot be made: "):
        train(pack, claims)


def test_calibrating_alone_needs_weights(train: Train, pack: Path, claims: Path) -> None:
    with pytest.raises(CommandError, match=r"weights in .*claim_reader.safetensors are missing or damaged"):
        train(pack, claims, "--no-train")


# --- a small run --------------------------------------------------------------------------------------------


def _shipped() -> dict[str, Any]:
    """Return when the engine's own files were last written."""
    paths = [ENGINE / name for name in (WEIGHTS, CALIBRATION_FILE.name, WORD_ORDER_FILE.name)]
    return {path.name: path.stat().st_mtime_ns for path in paths if path.exists()}


@pytest.mark.model
def test_a_small_run_writes_what_the_engine_grades_by(train: Train, pack: Path, claims: Path, tmp_path: Path) -> None:
    from grading.engine.claim_reader import ClaimReader
    from grading.engine.model import SentenceModel

    shipped, output = _shipped(), tmp_path / "output"

    printed = train(pack, claims, "--epochs", "1")

    counted, trained, fitted = printed.splitlines()
    assert counted == f"{WORD_ORDER_FILE.name}: counted in 3 questions."
    assert trained == f"{WEIGHTS}: trained on 3 questions and 4 claims."
    assert fitted.startswith(f"{CALIBRATION_FILE.name}: fitted to ")
    assert fitted.endswith(" answers to 1 other questions.")
    assert {path.name for path in output.iterdir()} == {WEIGHTS, CALIBRATION_FILE.name, WORD_ORDER_FILE.name}
    assert _shipped() == shipped
    assert set(json.loads((output / WORD_ORDER_FILE.name).read_text(encoding="utf-8"))) == {"single", "pairs"}
    calibration = Calibration.load(output / CALIBRATION_FILE.name)
    grader = Grader(SentenceModel(), ClaimReader(output / WEIGHTS), calibration)
    grade = grader.grade(question_saying(CONTENT), EXEMPLARS[0].text)
    assert [point.mark in CREDIT for point in grade.key_points] == [True] * 3
    assert 0 <= grade.score <= 1

    # Once more: the training is behind, and the same weights give the same calibration.
    assert ClaimReader(output / WEIGHTS).trained_on == {"q0", "q1", "q3"}
    weights = (output / WEIGHTS).read_bytes()
    (output / CALIBRATION_FILE.name).unlink()
    train(pack, claims, "--no-train")
    assert Calibration.load(output / CALIBRATION_FILE.name) == calibration
    assert (output / WEIGHTS).read_bytes() == weights
