"""Parts of the running product are killed; every answer is graded, and graded once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psutil
import pytest
import redis
import requests

from tests.product import PASSWORD, Product

pytestmark = pytest.mark.faults


class Candidate:
    """A candidate with a program: the API of the running product."""

    def __init__(self, product: Product) -> None:
        email = f"{uuid4().hex}@example.com"
        product.manage(
            "shell",
            "-c",
            f"from people.models import User; User.objects.create_user('{email}', '{PASSWORD}', name='Program')",
        )
        key = product.manage(
            "shell",
            "-c",
            "from knox.models import AuthToken; from people.models import User; "
            f"print('TOKEN', AuthToken.objects.create(user=User.objects.get(email='{email}'))[1])",
        )
        token = key.split("TOKEN ")[1].split()[0]
        self._address = f"{product.url}/api/v1/"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Token {token}"

    def submit_all(self, text: str) -> list[str]:
        """Start an interview and submit text to each of its four questions; return the answers' ids."""
        interview = self._post("interviews/", {"track": "everyday", "mode": "practice"})
        return [
            self._post(f"interviews/{interview['id']}/questions/{number}/answer/", {"text": f"{text} {number}"})["id"]
            for number in range(1, 5)
        ]

    def _post(self, path: str, body: dict[str, str]) -> Any:
        response = self._session.post(self._address + path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert response.status_code == 201, response.text
        return response.json()


@pytest.fixture(scope="module")
def candidate(product: Product) -> Candidate:
    return Candidate(product)


def states(product: Product, answers: list[str]) -> list[str]:
    # One whose grade the engine doubts waits for a mentor, and is graded all the same.
    rows = product.sql(
        "SELECT CASE WHEN grade.id IS NULL THEN job.state ELSE 'graded' END FROM grading_gradingjob AS job "
        "LEFT JOIN grading_grade AS grade ON grade.job_id = job.id WHERE job.answer_id = ANY(%s::uuid[])",
        answers,
    )
    return [state for (state,) in rows]


def grades(product: Product, answers: list[str]) -> int:
    rows = product.sql(
        "SELECT count(*) FROM grading_grade g JOIN grading_gradingjob j ON j.id = g.job_id "
        "WHERE answer_id = ANY(%s::uuid[])",
        answers,
    )
    return int(rows[0][0])


def worker_processes(product: Product) -> list[psutil.Process]:
    """The worker's main process and the children that grade."""
    main = psutil.Process(product.status()["processes"]["worker"])
    return [main, *main.children(recursive=True)]


@contextmanager
def stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """Let processes stand still; they go on afterwards as if nothing had been."""
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


def test_a_worker_killed_while_it_grades_loses_nothing(product: Product, candidate: Candidate) -> None:
    # Sentences that differ, since repeated ones are read once: each answer takes the worker seconds.
    long = " ".join(f"Request {n} of day {n % 7} was answered from the cache in {n % 90} ms." for n in range(300))
    answers = candidate.submit_all(long)
    product.eventually(lambda: "running" in states(product, answers))

    for process in worker_processes(product):
        process.kill()

    product.eventually(lambda: states(product, answers) == ["graded"] * 4)
    assert grades(product, answers) == 4


def test_a_flushed_broker_loses_nothing(product: Product, candidate: Candidate) -> None:
    with stopped(worker_processes(product)):
        answers = candidate.submit_all("Old entries have to be evicted.")
        redis.from_url(product.status()["REDIS_URL"]).flushall()

    product.eventually(lambda: states(product, answers) == ["graded"] * 4)
    assert grades(product, answers) == 4


def test_submitting_works_while_the_broker_is_down(product: Product, candidate: Candidate) -> None:
    valkey = psutil.Process(product.status()["processes"]["valkey"])
    with stopped([valkey]):
        answers = candidate.submit_all("The backend gets fewer requests.")

    product.eventually(lambda: states(product, answers) == ["graded"] * 4)
    assert grades(product, answers) == 4
