"""Whoever was to ring the bell dies before; the database still says what waits."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
import redis
import requests

from tests.faults.conftest import Recovering
from tests.faults.parts import Candidate, all_graded, beside, free_port, grades, stopped, worker_processes
from tests.product import ROOT, Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(900)]

SWEEP_AND_DIE = """
import os, signal
from grading.services import jobs
from people.clock import database_now
jobs.ring = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
jobs.sweep(now=database_now())
"""
SWEEP = """
from grading.services import jobs
from people.clock import database_now
jobs.sweep(now=database_now())
"""


def test_a_web_process_killed_after_the_commit_loses_nothing(
    product: Product, program: Candidate, recovering: Recovering, tmp_path: Path
) -> None:
    interview, key, port = program.start(), str(uuid4()), free_port()
    path = f"interviews/{interview}/questions/1/answer/"
    web = ("gunicorn", "tests.faults.dying_web:application", "--bind", f"127.0.0.1:{port}", "--no-control-socket")
    with beside(product, *web, log=tmp_path / "web.log"):
        product.eventually(lambda: "Listening at" in (tmp_path / "web.log").read_text())
        with pytest.raises(requests.ConnectionError):
            program.api.post(
                f"http://127.0.0.1:{port}/api/v1/{path}",
                json={"text": "Committed, and never rung for."},
                headers={"Idempotency-Key": key},
                timeout=60,
            )
    with recovering():
        ((answer,),) = product.sql(
            "SELECT a.id FROM interview_answer a JOIN interview_interviewquestion q ON q.id = a.question_id "
            "WHERE q.interview_id = %s",
            interview,
        )
        product.eventually(lambda: all_graded(product, [str(answer)]))

    # The candidate's program saw no response and sends the same again.
    assert program.post(path, {"text": "Committed, and never rung for."}, key)["id"] == str(answer)
    assert grades(product, [str(answer)]) == 1


def test_a_sweeper_that_dies_is_followed_by_others(
    product: Product, program: Candidate, recovering: Recovering
) -> None:
    with stopped(worker_processes(product)):
        answers = [answer for _ in range(3) for answer in program.submit_all("Old entries have to be evicted.")]
        redis.from_url(product.status()["REDIS_URL"]).flushall()
        product.eventually(lambda: unheard(product, answers) == 12)
        killed = subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", SWEEP_AND_DIE],
            cwd=ROOT,
            env=product.environment(),
            check=False,
            capture_output=True,
        )
        assert (killed.returncode, unheard(product, answers)) == (-9, 12)
        with ThreadPoolExecutor(2) as sweepers:
            list(sweepers.map(lambda _: product.manage("shell", "-c", SWEEP), range(2)))
        assert unheard(product, answers) == 0

    with recovering():
        product.eventually(lambda: all_graded(product, answers))
    assert grades(product, answers) == 12


def unheard(product: Product, answers: list[str]) -> int:
    """How many of the answers a sweeper is to ring for."""
    rows = product.sql(
        "SELECT count(*) FROM grading_gradingjob WHERE answer_id = ANY(%s::uuid[]) AND state = 'pending' "
        "AND rung_at < now() - interval '15 seconds'",
        answers,
    )
    return int(rows[0][0])
