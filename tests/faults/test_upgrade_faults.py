"""Tables change under the running product, as they do when a release goes out: docs/operations.md, Upgrading."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
import requests

from tests.faults.conftest import Figure
from tests.faults.parts import Candidate, all_graded, grades
from tests.product import ROOT, Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]

# The next one alters the tables of jobs, grades and marks, and the running version can do without it.
BEFORE = "0015_platform_indexes"
PATIENCE = {"PGOPTIONS": "-c lock_timeout=500ms -c statement_timeout=15min"}


def migrate(product: Product, *to: str) -> bool:
    """Migrate grading to this migration, else to the latest; return whether it could have its locks."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "grading", *to],
        cwd=ROOT,
        env=product.environment() | PATIENCE,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 or "lock timeout" in done.stderr, done.stderr
    return done.returncode == 0


def test_a_migration_under_load_loses_nothing(product: Product, figure: Figure) -> None:
    candidates = [Candidate(product) for _ in range(2)]
    answers: list[str] = []
    sent_again: list[str] = []
    is_over = Event()

    def send(candidate: Candidate, path: str, body: dict[str, str]) -> str:
        """Send until it is taken, as one is asked to; each time with the same key."""
        key = str(uuid4())
        while True:
            try:
                return str(candidate.post(path, body, key)["id"])
            except AssertionError as said:
                if "Send it again" not in str(said):
                    raise
                sent_again.append(key)

    def answer(candidate: Candidate) -> None:
        while not is_over.is_set():
            interview = send(candidate, "interviews/", {"track": "everyday", "mode": "practice"})
            for number in range(1, 5):
                path = f"interviews/{interview}/questions/{number}/answer/"
                answers.append(send(candidate, path, {"text": f"Old entries have to be evicted. {number}"}))

    with ThreadPoolExecutor() as pool:
        at_work = [pool.submit(answer, candidate) for candidate in candidates]
        try:
            product.eventually(lambda: migrate(product, BEFORE))
            said = requests.get(f"{product.url}/readyz", timeout=60).json()["checks"]["migrations"]
        finally:
            product.eventually(lambda: migrate(product))
            is_over.set()
        for one in at_work:
            one.result()

    assert said.endswith("migrations are not applied")
    product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == len(answers) > 8
    figure(f"{len(answers)} answers meanwhile, {len(sent_again)} of them sent again")
