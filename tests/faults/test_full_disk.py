"""The disk is full: PostgreSQL, Valkey and the logs have no room. Nothing is half written; all comes back.

A Greenroom of its own, whose folder is a small file system in memory; mounting that takes root.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.faults.conftest import Figure, Recovering
from tests.faults.parts import Candidate, all_graded, database_answers, free_port, grades
from tests.product import PACK, Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(1800)]

MEGABYTE = 1024 * 1024
HALVES = """
SELECT (SELECT count(*) FROM interview_interview i
        WHERE NOT EXISTS (SELECT FROM interview_interviewquestion q WHERE q.interview_id = i.id)),
       (SELECT count(*) FROM interview_answer a WHERE NOT EXISTS
        (SELECT FROM grading_gradingjob j WHERE j.id = a.job_id AND j.answer_id = a.id AND j.text = a.text))
"""


@pytest.fixture
def small_product(tmp_path: Path) -> Iterator[tuple[Product, Path]]:
    """A running Greenroom and its folder, which has room for 400 MB: about a quarter is taken."""
    port = free_port()
    disk = tmp_path / str(port)
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m,mode=0700", "greenroom-test", str(disk)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    product = Product(tmp_path, port)
    try:
        product.wait_until_ready()
        product.manage("load_pack", str(PACK))
        yield product, disk
    finally:
        product.stop()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S607 (wherever it is here)


def fill(disk: Path) -> Path:
    """Take all the room there is; return the file that has it."""
    path = disk / "filler"
    size = MEGABYTE
    with path.open("wb", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return path


def submit(program: Candidate, interview: str, number: int, key: str, text: str) -> requests.Response | None:
    """Hand in; return the reply, or None if nobody answers."""
    address = f"{program.address}interviews/{interview}/questions/{number}/answer/"
    try:
        return program.api.post(address, json={"text": text}, headers={"Idempotency-Key": key}, timeout=60)
    except requests.RequestException:
        return None


def test_a_full_disk_is_said_and_leaves_nothing_by_halves(
    small_product: tuple[Product, Path], recovering: Recovering, figure: Figure
) -> None:
    product, disk = small_product
    program = Candidate(product)
    places = [(program.start(), number) for _ in range(10) for number in range(1, 5)]
    # Text that packs badly, so that it needs room.
    sent = [(*place, str(uuid4()), "".join(uuid4().hex for _ in range(600))) for place in places]
    before = program.submit_all("It answers faster.")
    product.eventually(lambda: all_graded(product, before))

    filler = fill(disk)
    replies = [submit(program, *one) for one in sent]
    filler.unlink()
    with recovering():
        product.eventually(lambda: database_answers(product))
        product.eventually(lambda: (reply := submit(program, *sent[0])) is not None and reply.status_code == 201)
    again = [submit(program, *one) for one in sent]  # what was not confirmed, as a client does; the rest for nothing

    statuses = [0 if reply is None else reply.status_code for reply in replies]  # a refusal counts as false
    figure(", ".join(f"{statuses.count(status)} × {status or 'no reply'}" for status in sorted(set(statuses))))
    assert set(statuses) <= {201, 503}
    assert set(statuses) != {201}  # else it was not full
    answers = [reply.json()["id"] for reply in again if reply and reply.status_code == 201]
    assert len(set(answers)) == len(sent)
    product.eventually(lambda: all_graded(product, [*before, *answers]), seconds=900)
    assert grades(product, [*before, *answers]) == len(before) + len(sent)
    assert product.sql(HALVES) == [(0, 0)]
