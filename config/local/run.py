"""`run`: the two servers for as long as a command takes. `status`: what runs in a state folder."""
# ruff: noqa: S603 (whoever calls this chose the command)

import json
import shutil
import signal
import subprocess
from contextlib import suppress
from types import FrameType

from . import processes, servers
from .console import Problem, say
from .locks import Users
from .programs import environment
from .state import State, external_servers
from .supervise import STOP_SIGNALS, Supervisor

SECONDS_BETWEEN_LOOKS = 1.0


def run(state: State, command: list[str]) -> int:
    """Run the command with the servers up; return its exit code."""
    external = external_servers()
    state.make()
    env = {**environment(state), **state.environment(), **external}
    if shutil.which(command[0], path=env["PATH"]) is None:
        raise Problem(f"There is no command {command[0]}.")
    if external:
        return subprocess.run(command, env=env, check=False).returncode
    supervisor = Supervisor(state)
    with Users(state) as users:
        try:
            servers.start(supervisor, state)
            return _run(command, env, supervisor, state)
        finally:
            if users.leave():
                supervisor.stop()


def show_status(state: State) -> None:
    """Print as JSON where the servers are and which processes live, each with its number or null."""
    alive = {name: processes.living(state, name) for name in STOP_SIGNALS}
    say(json.dumps({**state.environment(), "processes": alive}, indent=2))


def _run(command: list[str], env: dict[str, str], supervisor: Supervisor, state: State) -> int:
    process = subprocess.Popen(command, env=env)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    def leave_to_command(_number: int, _frame: FrameType | None) -> None:
        """Ctrl-C reaches the command by itself, and this process waits for what it makes of it."""

    signal.signal(signal.SIGINT, leave_to_command)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGHUP, pass_on)
    while True:
        try:
            code = process.wait(SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            if supervisor.pid is None:
                with suppress(Problem):  # tried again at the next look
                    servers.start(supervisor, state)
        else:
            return code if code >= 0 else 128 - code  # as a shell says that a signal ended it
