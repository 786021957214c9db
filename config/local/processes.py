"""The processes of a state folder, known by number and moment of start: never a stranger's."""

import os
import signal
import time
from contextlib import suppress

from .child import identity, recorded
from .state import State

SECONDS_TO_STOP = 5.0


def living(state: State, name: str) -> int | None:
    """The process number of the program called name, if it lives."""
    last = recorded(state.folder, name)
    if last is None or identity(last[0]) != last[1]:
        return None
    return last[0]


def end(state: State, name: str, stop_signal: signal.Signals) -> None:
    """Stop what an earlier run left behind: kindly first, and then, with its children, for good."""
    tell(state, name, stop_signal)
    deadline = time.monotonic() + SECONDS_TO_STOP
    while living(state, name) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(state, name)


def tell(state: State, name: str, number: signal.Signals) -> None:
    """Send the program a signal, if it lives."""
    pid = living(state, name)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(state: State, name: str) -> None:
    """Kill the program and its children, if it lives. Each leads a process group."""
    pid = living(state, name)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
