"""Parts of the running product are killed; every answer is graded, and graded once."""

import pytest
import redis

from tests.faults.conftest import Recovering
from tests.faults.parts import LONG, Candidate, all_graded, grades, process, states, stopped, worker_processes
from tests.product import Product

pytestmark = pytest.mark.faults


def test_a_worker_killed_while_it_grades_loses_nothing(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    answers = program.submit_all(LONG)
    product.eventually(lambda: "running" in states(product, answers))

    for each in worker_processes(product):
        each.kill()

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4


def test_a_flushed_broker_loses_nothing(product: Product, program: Candidate, recovering: Recovering) -> None:
    with stopped(worker_processes(product)):
        answers = program.submit_all("Old entries have to be evicted.")
        redis.from_url(product.status()["REDIS_URL"]).flushall()

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4


def test_submitting_works_while_the_broker_is_down(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    with stopped([process(product, "valkey")]):
        answers = program.submit_all("The backend gets fewer requests.")

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4
