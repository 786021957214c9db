"""PostgreSQL is restarted; people are asked to wait, and what was confirmed is there and graded once."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
import requests

from tests.faults.conftest import Figure, Recovering
from tests.faults.parts import LONG, Candidate, all_graded, control, database_answers, grades, process, states
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]


class Crowd:
    """Candidates who look at pages and hand in answers until told to stop, as persistently as the pages' own code."""

    def __init__(self, program: Candidate) -> None:
        self._program = program
        self.over = Event()
        self.statuses: Counter[int] = Counter()
        self.without_a_time: list[str] = []
        self.answers: list[str] = []
        self.last_failure = 0.0

    def hand_in(self, interview: str) -> None:
        for number in range(1, 5):
            path = f"interviews/{interview}/questions/{number}/answer/"
            key = str(uuid4())
            while not self._sent(path, key):
                time.sleep(0.2)

    def look(self) -> None:
        while not self.over.is_set():
            self._count(self._program.browser.get(f"{self._program.site}/practise/", timeout=60))
            time.sleep(0.1)

    def _sent(self, path: str, key: str) -> bool:
        body = {"text": "The backend gets fewer requests."}
        address = self._program.address + path
        response = self._program.api.post(address, json=body, headers={"Idempotency-Key": key}, timeout=60)
        self._count(response)
        if response.status_code == 201:
            self.answers.append(response.json()["id"])
        return response.status_code == 201

    def _count(self, response: requests.Response) -> None:
        self.statuses[response.status_code] += 1
        if response.status_code >= 500:
            self.last_failure = time.monotonic()
        if response.status_code == 503 and "Retry-After" not in response.headers:
            self.without_a_time.append(response.text)


def test_a_restart_of_the_database_turns_nobody_away_for_good(
    product: Product, program: Candidate, recovering: Recovering, figure: Figure
) -> None:
    worker = process(product, "worker")
    interviews = [program.start() for _ in range(10)]
    crowd = Crowd(program)
    with ThreadPoolExecutor(4) as people:
        looking = people.submit(crowd.look)
        sending = [people.submit(crowd.hand_in, interview) for interview in interviews]
        try:
            product.eventually(lambda: len(crowd.answers) >= 8)
            control(product, "stop", "postgres")
            time.sleep(5)  # so long it is away
            control(product, "start", "postgres")
            back = time.monotonic()
            with recovering():
                for each in sending:
                    each.result(timeout=300)
                crowd.over.set()
                product.eventually(lambda: all_graded(product, crowd.answers))
        finally:
            crowd.over.set()
        looking.result(timeout=60)

    figure(f"{crowd.statuses[503]} times 503, the last {max(0.0, crowd.last_failure - back):.1f} s after its start")
    assert set(crowd.statuses) == {200, 201, 503}
    assert crowd.without_a_time == []
    assert (len(set(crowd.answers)), grades(product, crowd.answers)) == (40, 40)
    assert process(product, "worker") == worker


def test_a_restart_between_claim_and_grade_grades_once(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    answers = program.submit_all(LONG)
    product.eventually(lambda: "running" in states(product, answers))

    control(product, "restart", "postgres")
    product.eventually(lambda: database_answers(product))

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4
