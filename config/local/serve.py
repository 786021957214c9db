"""`serve`: one whole Greenroom, from its servers to its pages, until Ctrl-C."""

import http.client
import json
import os
import signal
import time
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from . import ports, product, servers
from .console import Problem, last_lines, note, say, step
from .locks import Users, only_server
from .state import ROOT, State, external_servers
from .supervise import PRODUCT, Supervisor

SECONDS_TO_BE_READY = 120.0
SECONDS_BETWEEN_LOOKS = 1.0
LOOKS_BETWEEN_REVIVALS = 10


def serve(host: str, port: int) -> None:
    """Serve until a signal says to stop, then stop all that was started."""
    external = external_servers()
    state = State.named(str(port))
    state.make()
    with only_server(state, port), Users(state) as users, Interrupts() as interrupts:
        greenroom = Greenroom(state, host, port, external)
        try:
            greenroom.start()
            greenroom.keep_up()
        except Interrupted:
            say()
        finally:
            interrupts.only_count()
            greenroom.stop(users, interrupts)


class Interrupted(BaseException):
    """Ctrl-C, or another signal that asks for the end."""


class Interrupts:
    """The first signal raises Interrupted; further ones, while stopping, are counted."""

    def __init__(self) -> None:
        self.count = 0
        self._raise = True

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to outlive the terminal
            signal.signal(signal.SIGHUP, self._handle)
        return self

    def only_count(self) -> None:
        """Raise no more."""
        self._raise = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self._raise:
            self._raise = False
            raise Interrupted

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the handlers: a late Ctrl-C must not turn a clean end into a traceback."""


class Greenroom:
    """One Greenroom: its servers, unless they are external, and the product's three processes."""

    def __init__(self, state: State, host: str, port: int, external: dict[str, str]) -> None:
        self._state = state
        self._host = host
        self._port = port
        self._embedded = not external
        self._env = product.product_environment({"SITE_URL": self._url, **state.environment(), **external})
        self._supervisor = Supervisor(state)
        self._is_started = True  # once start() is over; not while what ended is being started again

    @property
    def _address(self) -> str:
        # Who listens on every address is asked on this machine's own.
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 (a look-up)

    @property
    def _url(self) -> str:
        host = f"[{self._address}]" if ":" in self._address else self._address
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Start everything and wait until it is ready for people."""
        folder = self._state.folder
        say(f"Greenroom on port {self._port}; its data is in {_short(folder)}")
        self._clear_the_way()
        with step("PostgreSQL and Valkey" if self._embedded else "supervisord"):
            self._start_servers()
        with step("The database's tables"):
            self._manage("migrate", "--no-input")
        self._start_product("worker")  # it loads the model meanwhile
        with step("Questions"):
            self._manage("load_pack", product.PACK)
        with step("An example interview"):
            self._manage("load_example")
        with step("Demo accounts"):
            accounts = self._manage("make_demo_accounts")
        with step("Static files"):
            self._manage("collectstatic", "--no-input")
        with step("Web, worker and beat"):
            self._start_product(*PRODUCT)
            self._wait_until_ready()
        say(f"\nGreenroom is ready: {self._url}\n\n{accounts.rstrip()}\n\nCtrl-C stops everything.")

    def keep_up(self) -> None:
        """Look after supervisord, which looks after all the others."""
        looks = 0
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            looks += 1
            if self._supervisor.pid is None and self._is_started:
                say("supervisord has ended; starting everything again.")
                self._is_started = False
            if not self._is_started:
                self._start_again()
            elif looks % LOOKS_BETWEEN_REVIVALS == 0:
                self._revive()

    def stop(self, users: Users, interrupts: "Interrupts") -> None:
        """Stop the product, and the servers too unless a `run` beside this still uses them."""
        if self._supervisor.pid is None:
            self._supervisor.clear_leftovers()
            return
        patience = interrupts.count
        with step("Stopping (Ctrl-C again to hurry)"):
            with suppress(Problem):  # supervisord may just have been killed
                self._supervisor.stop_product(hurry=lambda: interrupts.count > patience)
            if users.leave():
                self._supervisor.stop()
            else:
                note("another command uses PostgreSQL and Valkey: they stay up until it ends")

    def _clear_the_way(self) -> None:
        """A script/server that was killed may have left something, above all if a `run` beside it goes on."""
        if self._supervisor.is_up():
            self._supervisor.stop_product()
        else:
            self._supervisor.clear_leftovers()
        ports.must_be_free(self._host, self._port)

    def _start_servers(self) -> None:
        if self._embedded:
            servers.start(self._supervisor, self._state)
        else:
            self._supervisor.start()

    def _manage(self, *command: str) -> str:
        return product.manage(self._state, {**os.environ, **self._env}, *command)

    def _start_product(self, *names: str) -> None:
        programs = product.programs(self._state, self._host, self._port, self._env)
        for name in names:
            programs[name].write(self._state, name)
        self._supervisor.start_programs(*names)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        awaited = ""
        while (answer := self._ask_readiness()) != "ready":
            if answer not in {"", awaited}:
                awaited = answer
                note(f"waiting for {awaited}")
            self._give_up_if_failed(awaited, deadline)
            time.sleep(0.2)

    def _give_up_if_failed(self, awaited: str, deadline: float) -> None:
        states = self._supervisor.programs()
        failed = [name for name in PRODUCT if states[name]["statename"] == "FATAL"]
        if failed:
            raise Problem(f"{failed[0]} does not start.", last_lines(self._state.logs / f"{failed[0]}.log"))
        if time.monotonic() > deadline:
            log = self._state.logs / ("worker.log" if awaited else "web.log")
            awaited = awaited or "the web process"
            raise Problem(f"Not ready after {SECONDS_TO_BE_READY:.0f} s: no {awaited}.", last_lines(log))

    def _ask_readiness(self) -> str:
        """Return "ready", or what is awaited as far as it can be known."""
        connection = http.client.HTTPConnection(self._address, self._port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            return "ready" if response.status == http.HTTPStatus.OK else _awaited(response.read())
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            connection.close()

    def _start_again(self) -> None:
        with suppress(Problem, OSError):  # the disk is full, say: tried again at the next look
            self._start_servers()
            self._supervisor.start_programs(*PRODUCT)
            self._is_started = True

    def _revive(self) -> None:
        """supervisord gives up on what failed many times; what it needed may be back by now."""
        with suppress(Problem, OSError):
            for name, described in self._supervisor.programs().items():
                if described["statename"] == "FATAL":
                    self._supervisor.start_programs(name)


def _awaited(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(name for name, outcome in checks.items() if outcome != "ok")
    except (ValueError, KeyError, AttributeError):
        return "the product"  # this was no answer of /readyz


def _short(folder: os.PathLike[str]) -> str:
    """Relative to the project, if it lies there."""
    text = os.fspath(folder)
    return os.path.relpath(text, ROOT) if text.startswith(f"{ROOT}{os.sep}") else text
