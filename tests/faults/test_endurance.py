"""Candidates write without a pause: the memory of web and worker stays flat, and every answer is graded once.

GREENROOM_ENDURANCE_SECONDS says for how long, 60 by default: `GREENROOM_ENDURANCE_SECONDS=1200 script/test faults R38`
is a day of a large class in 20 minutes. The first third warms up: what is loaded once is loaded by then.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psutil
import pytest

from tests.faults.conftest import Figure
from tests.faults.parts import Candidate, all_graded, grades, process, worker_processes
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.slow_faults, pytest.mark.timeout(7200)]

SECONDS = float(os.environ.get("GREENROOM_ENDURANCE_SECONDS", "60"))
WRITERS = 4
MEGABYTE = 1024 * 1024
PAGES = ("/practise/", "/interviews/{}/", "/interviews/{}/questions/1/", "/interviews/")


@dataclass
class Done:
    """What a writer has done: requests that were answered as they should, and the answers they handed in."""

    requests: int = 0
    answers: list[str] = field(default_factory=list)


def write_until(end: float, program: Candidate) -> Done:
    """Start interviews, save drafts, look at pages and hand in, one after the other."""
    done = Done()
    while time.monotonic() < end:
        interview = program.start()
        for number in range(1, 5):
            address = f"{program.address}interviews/{interview}/questions/{number}/draft/"
            for revision in range(3):
                draft = {"text": f"Draft {revision} of {number}. " * 20, "revision": revision}
                assert program.api.put(address, json=draft, timeout=60).status_code == 200
            done.answers.append(program.submit(interview, number, f"It answers faster, {interview}."))
        for page in PAGES:
            program.page(page.format(interview))
        done.requests += 1 + 4 * 4 + len(PAGES)
    return done


def memory(processes: list[psutil.Process]) -> dict[int, float]:
    """Return the resident megabytes of each process by its id."""
    return {each.pid: each.memory_info().rss / MEGABYTE for each in processes}


def web_processes(product: Product) -> list[psutil.Process]:
    main = process(product, "web")
    return [main, *main.children(recursive=True)]


def test_memory_stays_flat_under_load(product: Product, figure: Figure) -> None:
    programs = [Candidate(product) for _ in range(WRITERS)]
    parts = {"web": web_processes(product), "worker": worker_processes(product)}

    def load(seconds: float) -> list[Done]:
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(WRITERS) as pool:
            return list(pool.map(lambda program: write_until(end, program), programs))

    done = load(SECONDS / 3)
    before = {name: memory(processes) for name, processes in parts.items()}
    done += load(SECONDS * 2 / 3)
    after = {name: memory(processes) for name, processes in parts.items()}

    answers = [answer for one in done for answer in one.answers]
    product.eventually(lambda: all_graded(product, answers), seconds=3600)
    graded = memory(parts["worker"])
    assert grades(product, answers) == len(answers)
    figure(f"{sum(one.requests for one in done)} requests and {len(answers)} answers in {SECONDS:.0f} s")
    for name in parts:
        figure(f"{name} {sum(before[name].values()):.0f} MB, then {sum(after[name].values()):.0f} MB")
    figure(f"worker with all graded {sum(graded.values()):.0f} MB")
    # The same processes, each as large as it was but for a tenth: Python's allocator keeps some.
    for name in parts:
        assert all(after[name][pid] < before[name][pid] * 1.1 + 10 for pid in before[name])
