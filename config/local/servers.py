"""The two embedded servers, up and ready."""

import time
from collections.abc import Callable

from . import postgres, valkey
from .console import Problem, last_lines
from .locks import alone
from .state import State
from .supervise import Supervisor

NAMES = ("postgres", "valkey")
READY: dict[str, Callable[[State], bool]] = {"postgres": postgres.is_ready, "valkey": valkey.is_ready}
SECONDS_TO_START = 60.0  # after a power cut PostgreSQL first reads its log again


def start(supervisor: Supervisor, state: State) -> None:
    """Have both answer, and the database be there. Whoever else starts them at the same moment waits."""
    with alone(state.run / "start.lock"):
        supervisor.start()
        postgres.make_data(state)
        postgres.program(state).write(state, "postgres")
        valkey.program(state).write(state, "valkey")
        supervisor.start_programs(*NAMES)
        for name in NAMES:
            _wait(supervisor, state, name)
        postgres.make_database(state)


def _wait(supervisor: Supervisor, state: State, name: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not READY[name](state):
        failed = supervisor.programs()[name]["statename"] == "FATAL"
        if failed or time.monotonic() > deadline:
            raise Problem(f"{name} does not start.", last_lines(state.logs / f"{name}.log"))
        time.sleep(0.05)
