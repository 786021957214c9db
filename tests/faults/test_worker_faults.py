"""A worker is killed, stopped, told things twice or given poison; each answer gets its grade, and gets it once."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Figure, Recovering
from tests.faults.parts import (
    LONG,
    Candidate,
    all_graded,
    grades,
    process,
    second_worker,
    states,
    stopped,
    worker_importing,
    worker_processes,
)
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]

RING_FIVE_TIMES = """
from grading.models import GradingJob
from grading.services.jobs import GRADE_JOB
from people.bell import ring
for job in GradingJob.objects.filter(answer_id__in={answers}):
    for _ in range(5):
        assert ring(GRADE_JOB, job.pk)
"""


def jobs(product: Product, answers: list[str], column: str) -> list[object]:
    rows = product.sql(
        f"SELECT {column} FROM grading_gradingjob WHERE answer_id = ANY(%s::uuid[]) ORDER BY created_at",  # noqa: S608
        answers,
    )
    return [value for (value,) in rows]


def test_a_killed_child_loses_nothing(product: Product, program: Candidate, recovering: Recovering) -> None:
    main, *children = worker_processes(product)
    answers = program.submit_all(LONG)
    product.eventually(lambda: "running" in states(product, answers))

    for child in children:
        child.kill()

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 4
    assert process(product, "worker") == main  # it took a new child


def test_a_worker_asked_to_stop_leaves_its_queue_to_the_next(
    product: Product, program: Candidate, recovering: Recovering, figure: Figure
) -> None:
    main = process(product, "worker")
    with stopped(worker_processes(product)):
        answers = [answer for _ in range(5) for answer in program.submit_all(LONG[:3000])]
    product.eventually(lambda: "running" in states(product, answers))

    main.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    main.wait(timeout=120)
    figure(f"the worker was gone after {time.monotonic() - begun:.1f} s")

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 20


def test_a_message_that_comes_five_times_to_two_workers_grades_once(
    product: Product, program: Candidate, recovering: Recovering, tmp_path: Path
) -> None:
    with second_worker(product, log=tmp_path / "second.log") as second:
        both = [*worker_processes(product), second, *second.children(recursive=True)]
        with stopped(both):
            answers = program.submit_all("A cache answers faster, and may answer with old values.")
            product.manage("shell", "-c", RING_FIVE_TIMES.format(answers=answers))
        with recovering():
            product.eventually(lambda: all_graded(product, answers))
        # What is handed in now is heard after all of those messages.
        last = program.submit_all("And this comes last.")
        product.eventually(lambda: all_graded(product, last))

    assert grades(product, answers) == 4
    assert jobs(product, answers, "attempts") == [1, 1, 1, 1]


def test_a_grade_that_comes_after_its_lease_is_refused(
    product: Product, program: Candidate, recovering: Recovering, tmp_path: Path
) -> None:
    log = tmp_path / "second.log"
    # A time limit would end it when it goes on: this one is to come back and write.
    with second_worker(product, "--include", "tests.faults.patient", log=log) as second:
        with stopped(worker_processes(product)):
            answers = program.submit_all(LONG)
            product.eventually(lambda: "running" in states(product, answers))
            late = [second, *second.children(recursive=True)]
            for each in late:
                os.kill(each.pid, signal.SIGSTOP)
        with recovering():
            product.eventually(lambda: all_graded(product, answers))
        for each in late:
            os.kill(each.pid, signal.SIGCONT)
        product.eventually(lambda: "a grade came too late and was refused" in log.read_text())

    assert grades(product, answers) == 4
    assert sorted(jobs(product, answers, "fencing_token")) == [1, 1, 1, 2]


def test_poison_among_other_answers_ends_before_a_mentor(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    with worker_importing(product, "tests.faults.poison"):
        poisoned = program.start()
        bad = [
            program.submit(poisoned, number, f"POISON {kind}")
            for number, kind in enumerate(("raise", "hang", "crash", "memory"), start=1)
        ]
        good = [answer for _ in range(5) for answer in program.submit_all("Old entries have to be evicted.")]
        with recovering():
            product.eventually(lambda: all_graded(product, good), seconds=600)
        product.eventually(lambda: states(product, bad) == ["needs_review"] * 4, seconds=600)

    assert (grades(product, good), grades(product, bad)) == (20, 0)
    assert jobs(product, bad, "attempts") == [3, 3, 3, 3]
    assert all(jobs(product, bad, "trouble"))
    afterwards = program.submit_all("The worker lives.")
    product.eventually(lambda: all_graded(product, afterwards))
