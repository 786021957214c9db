import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.local import processes
from config.local.child import identity, record, record_path, recorded, remove_if_recycled
from config.local.state import State
from config.local.supervise import Supervisor

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "a state")
    state.make()
    return state


def record_as(state: State, name: str, pid: int, known_as: str | None) -> None:
    record_path(state.folder, name).write_text(json.dumps({"pid": pid, "identity": known_as}))


def test_this_process_is_known_by_number_and_start(state: State) -> None:
    record(state.folder, "web")
    assert recorded(state.folder, "web") == (os.getpid(), identity(os.getpid()))
    assert processes.living(state, "web") == os.getpid()


def test_a_dead_process_does_not_live(state: State) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        known_as = identity(ended.pid)
    record_as(state, "web", ended.pid, known_as)
    assert processes.living(state, "web") is None


def test_a_leftover_is_stopped_with_its_children_though_it_ignores_the_signal(state: State) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    ) as leftover:
        assert leftover.stdout is not None
        leftover.stdout.readline()
        record_as(state, "worker", leftover.pid, identity(leftover.pid))
        Supervisor(state).clear_leftovers()
        assert leftover.wait() == -signal.SIGKILL
        leftover.stdout.read()  # ends when the child is gone too


def test_a_stranger_with_a_recycled_number_is_left_alone(state: State) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record_as(state, "web", stranger.pid, "an earlier process with this number")
        Supervisor(state).clear_leftovers()
        assert stranger.poll() is None
        stranger.communicate(b"\n")
        assert stranger.returncode == 0


@pytest.mark.parametrize(
    ("lock_pid", "last_pid", "last_identity", "is_kept"),
    [
        (os.getpid(), os.getpid(), "an earlier process with this number", False),
        (os.getpid(), os.getpid(), identity(os.getpid()), True),  # it lives: PostgreSQL is right to refuse
        (os.getpid(), 1, "another process", True),  # not ours to judge
        (2**22 + 1, 2**22 + 1, "dead and gone", True),  # PostgreSQL sees that by itself
    ],
    ids=["recycled", "alive", "not ours", "dead"],
)
def test_only_a_lock_file_whose_number_was_recycled_is_removed(
    state: State, lock_pid: int, last_pid: int, last_identity: str, *, is_kept: bool
) -> None:
    lock = state.folder / "postmaster.pid"
    lock.write_text(f"{lock_pid}\n/somewhere\n")
    record_as(state, "postgres", last_pid, last_identity)
    remove_if_recycled(lock, state.folder, "postgres")
    assert lock.exists() == is_kept
