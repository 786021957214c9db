"""The two servers as people start them: by the command line, in folders with spaces in their names."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.local import processes
from config.local.state import ROOT, State
from config.local.supervise import STOP_SIGNALS

PATIENCE = 60.0  # seconds until a test gives up waiting for what must happen


class Home:
    """A folder for state folders, and the command line that works in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self, name: str) -> Path:
        return self.folder / name

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "config.local", *arguments]

    def environment(self, **extra: str) -> dict[str, str]:
        """script/test's own servers are in the environment: these tests start theirs."""
        named = {"DATABASE_URL", "REDIS_URL", "GREENROOM_STATE", "GREENROOM_SOCKETS"}
        kept = {name: value for name, value in os.environ.items() if name not in named}
        return {**kept, "GREENROOM_HOME": str(self.folder), **extra}

    def call(self, *arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        """Run `config.local` to its end."""
        environment = self.environment(**extra)
        command = self.command(*arguments)
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def python(self, code: str, state: str = "test") -> str:
        """What a Python program prints that runs beside the servers."""
        done = self.call("run", "--state", state, "--", "python", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def pid(self, program: str, state: str = "test") -> int:
        """The process number of a program that must live."""
        pid = self.pid_if_alive(program, state)
        assert pid is not None, f"{program} does not live"
        return pid

    def pid_if_alive(self, program: str, state: str = "test") -> int | None:
        return processes.living(State(self.state(state)), program)

    def is_stopped(self, state: str = "test") -> bool:
        return not any(self.pid_if_alive(program, state) for program in STOP_SIGNALS)

    @contextmanager
    def servers_up(self, state: str = "test") -> Iterator["subprocess.Popen[bytes]"]:
        """A `run` beside which the servers stay up until the block ends."""
        command = self.command("run", "--state", state, "--", "sh", "-c", "echo up; exec cat")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, env=self.environment(), **pipes) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == b"up\n"
            yield running
        wait_until(lambda: self.is_stopped(state))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "a folder with spaces")


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
