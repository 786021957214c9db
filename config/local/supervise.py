"""supervisord and what it keeps up."""
# ruff: noqa: S603 (supervisord, from the same Python)

import http.client
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import processes
from .console import Problem, last_lines
from .programs import Program, child_argv, environment
from .state import ROOT, State

# In the order in which leftovers are stopped. supervisord comes first, or it would start the others again.
STOP_SIGNALS = {
    "supervisord": signal.SIGTERM,
    "lifeline": signal.SIGTERM,
    "beat": signal.SIGTERM,
    "web": signal.SIGTERM,
    "worker": signal.SIGTERM,
    "valkey": signal.SIGTERM,
    "postgres": signal.SIGINT,
}
PRODUCT = ("web", "worker", "beat")
# supervisord's names for what it would start, and for what it would stop; between them, STOPPING is neither.
RESTING = {"STOPPED", "EXITED", "FATAL"}
ACTIVE = {"STARTING", "RUNNING", "BACKOFF"}
DONT_WAIT = False
SECONDS_TO_STOP_ALL = 60.0


class Supervisor:
    """One state folder's supervisord, whether this process started it or another."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process number, if it lives."""
        if self._process is not None:
            self._process.poll()  # a dead child is a zombie until it is asked for
        return processes.living(self._state, "supervisord")

    def is_up(self) -> bool:
        """Does it live and answer? Waits for one that is on its way out, as one is whose last user was killed."""
        deadline = time.monotonic() + SECONDS_TO_STOP_ALL
        while self.pid is not None:
            if self._answers():
                return True
            if time.monotonic() > deadline:
                raise Problem(f"supervisord (process {self.pid}) does not answer.", "Kill it and start again.")
            time.sleep(0.05)
        return False

    def start(self) -> None:
        """Have it running, cleaning up first where an earlier one was killed."""
        if self.is_up():
            return
        self.clear_leftovers()
        self._state.make_sockets_folder()
        Program([sys.executable, "-P", str(_beside("lifeline.py"))]).write(self._state, "lifeline")
        configuration = str(_beside("supervisord.conf"))
        argv = [sys.executable, "-P", str(_beside("supervisord.py")), "--configuration", configuration]
        # Who started it may leave while others use it: lifeline.py ends it.
        Program(argv, ends_with_parent=False).write(self._state, "supervisord")
        with self._state.start_log.open("a") as log:
            self._process = subprocess.Popen(
                child_argv("supervisord"),
                cwd=ROOT,
                env=environment(self._state),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process; it stops the others in their order
            )
            while self._process.poll() is None and not self._answers():
                time.sleep(0.05)
        if not self.is_up():
            raise Problem("supervisord did not start.", last_lines(self._state.start_log))

    def clear_leftovers(self) -> None:
        """Stop what an earlier run left behind in this state folder."""
        for name, stop_signal in STOP_SIGNALS.items():
            processes.end(self._state, name, stop_signal)

    def start_programs(self, *names: str) -> None:
        """Start those that don't run."""
        states = self.programs()
        for name in names:
            if states[name]["statename"] in RESTING:
                self._call("startProcess", _full(name), DONT_WAIT)

    def stop_product(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop web, worker and beat. While hurry() says so, they may not finish what they are at."""
        states = self.programs()
        for name in PRODUCT:
            if states[name]["statename"] in ACTIVE:
                self._call("stopProcess", _full(name), DONT_WAIT)
        while any(self.programs()[name]["pid"] for name in PRODUCT):  # supervisord kills what takes too long
            if hurry():
                self._kill_product()
            time.sleep(0.1)

    def programs(self) -> dict[str, dict[str, Any]]:
        """supervisord's description of each program: statename, pid and more."""
        return {described["name"]: described for described in self._call("getAllProcessInfo")}

    def stop(self) -> None:
        """Stop everything, supervisord too."""
        processes.tell(self._state, "supervisord", signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP_ALL
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        self.clear_leftovers()
        self._state.remove_sockets_folder()

    def _kill_product(self) -> None:
        for name in PRODUCT:
            processes.kill(self._state, name)

    def _answers(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except Problem:
            return False

    def _call(self, method: str, *arguments: str | bool) -> Any:
        transport = _SocketTransport(self._state.sockets / "supervisor.sock")
        try:
            with xmlrpc.client.ServerProxy("http://supervisord", transport=transport) as server:
                return getattr(server.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            log = last_lines(self._state.logs / "supervisord.log")
            raise Problem(f"supervisord does not answer: {error}.", log) from error


def _full(name: str) -> str:
    return f"product:{name}" if name in PRODUCT else name


def _beside(name: str) -> Path:
    return Path(__file__).with_name(name)


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ARG002 (the socket is the host)
        return _SocketConnection(self._path)


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
