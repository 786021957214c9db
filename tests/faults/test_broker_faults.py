"""Redis goes, hangs, comes back empty; nobody is turned away, and every answer is graded once."""

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
import requests

from tests.faults.conftest import Figure, Recovering
from tests.faults.parts import (
    Candidate,
    all_graded,
    down,
    ended,
    grades,
    log_in,
    process,
    stopped,
    worker_processes,
)
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]


def timed(action: Callable[[], Any]) -> float:
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def test_a_broker_that_comes_back_empty_loses_nothing(
    product: Product, program: Candidate, recovering: Recovering, figure: Figure
) -> None:
    answers: list[str] = []
    with down(product, "valkey"):
        slowest = max(timed(lambda: answers.extend(program.submit_all("Old values."))) for _ in range(5))
        data = Path(product.status()["GREENROOM_STATE"]) / "valkey"
        shutil.rmtree(data)
        data.mkdir(mode=0o700)
    figure(f"four submissions and their start took at most {slowest:.1f} s")

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 20


def test_two_hundred_flushed_messages_lose_nothing(product: Product, recovering: Recovering) -> None:
    with stopped(worker_processes(product)):
        alone = Candidate(product)  # with a limit of submissions to themselves
        answers = [answer for _ in range(50) for answer in alone.submit_all("Old entries have to be evicted.")]
        redis.from_url(product.status()["REDIS_URL"]).flushall()

    with recovering():
        product.eventually(lambda: all_graded(product, answers), seconds=600)
    assert grades(product, answers) == 200


def test_a_worker_goes_on_after_each_restart_of_the_broker(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    worker = process(product, "worker")
    for _ in range(3):
        before = program.submit_all("The backend gets fewer requests.")
        ended(product, "valkey")
        after = program.submit_all("It may be stale.")
        with recovering():
            product.eventually(lambda: all_graded(product, [*before, *after]))  # noqa: B023 (called at once)
        assert grades(product, [*before, *after]) == 8

    assert process(product, "worker") == worker


def test_people_work_on_while_the_broker_is_away(
    product: Product, program: Candidate, recovering: Recovering, figure: Figure
) -> None:
    seconds: list[float] = []

    def ask(session: requests.Session, method: str, path: str, **more: Any) -> None:
        begun = time.monotonic()
        response = session.request(method, product.url + path, timeout=60, **more)
        seconds.append(time.monotonic() - begun)
        assert response.status_code < 400, response.text

    with down(product, "valkey"):
        end = time.monotonic() + 60
        assert log_in(product, program.email).url == f"{product.url}/practise/"
        interview = program.start()
        revision = 0
        while time.monotonic() < end:
            ask(program.browser, "GET", "/practise/")
            ask(program.browser, "GET", f"/interviews/{interview}/questions/2/")
            draft = {"text": f"Typed {revision} times.", "revision": revision}
            ask(program.api, "PUT", f"/api/v1/interviews/{interview}/questions/2/draft/", json=draft)
            revision += 1
            ask(program.browser, "GET", "/interviews/")
        answers = [program.submit(interview, 1, "The old value.")]
        guessed = f"{uuid4().hex}@example.com"
        guesses = [log_in(product, guessed, "a wrong password") for _ in range(25)]

    # Each of the two web processes counts to five for itself.
    tried = [page for page in guesses if page.status_code == 200 and "Too many failed login" not in page.text]
    assert len(tried) <= 10
    ninety_fifth = statistics.quantiles(seconds, n=20)[-1]
    figure(f"p95 {ninety_fifth:.2f} s, at most {max(seconds):.2f} s, of {len(seconds)} requests")
    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 1


def test_pages_answer_while_the_broker_hangs(
    product: Product, program: Candidate, recovering: Recovering, figure: Figure
) -> None:
    with stopped([process(product, "valkey")]):
        interview = program.start()
        pages = ["/practise/", f"/interviews/{interview}/questions/1/", "/interviews/", "/practise/"]
        slowest = max(timed(lambda: program.page(page)) for page in pages)  # noqa: B023 (called at once)
        submissions: list[str] = []
        submitting = max(
            timed(lambda: submissions.append(program.submit(interview, number, "Stale.")))  # noqa: B023
            for number in range(1, 5)
        )
    figure(f"a page took at most {slowest:.1f} s, a submission {submitting:.1f} s")

    with recovering():
        product.eventually(lambda: all_graded(product, submissions))
    assert grades(product, submissions) == 4
