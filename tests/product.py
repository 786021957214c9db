"""The whole product as its own processes (script/server's), on a free port and in a folder of its own.

For tests that use Greenroom from outside: with a browser, or by killing its parts. They assert on the product's own
database, by SQL.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).parents[1]
PACK = Path(__file__).parent / "browser" / "pack.yaml"
PASSWORD = "greenroom-demo"
# What a test run has set for itself must not reach the product under test.
OURS = ("DATABASE_URL", "REDIS_URL", "GREENROOM_STATE", "DJANGO_SETTINGS_MODULE")


class Product:
    """A running Greenroom: where it answers, what its database says, who its processes are."""

    def __init__(self, home: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._home = home
        self._port = port
        self._env = {k: v for k, v in os.environ.items() if k not in OURS} | {
            "GREENROOM_HOME": str(home),
            "RATE_LIMITS": "no",  # all tests come from one address; tests/config/test_limits.py has the limits
        }
        self._log = (home / "server.log").open("w+")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "config.local", "serve", "--port", str(port)],
            cwd=ROOT,
            env=self._env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait_until_ready(self) -> None:
        self.eventually(lambda: "Ctrl-C stops everything" in self.log() or self._server.poll() is not None)
        assert self._server.poll() is None, self.log()
        self._database_url = self.status()["DATABASE_URL"]

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self._server.send_signal(signal.SIGINT)
        code = self._server.wait(timeout=90)
        self._log.close()
        return code

    def status(self) -> dict[str, Any]:
        out = subprocess.run(
            [sys.executable, "-m", "config.local", "status", "--state", str(self._port)],
            cwd=ROOT,
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return json.loads(out)

    def manage(self, *command: str) -> str:
        """Run manage.py beside the product; return what it printed."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def environment(self) -> dict[str, str]:
        """What a process needs to be one more of the product's."""
        status = self.status()
        addresses = {name: status[name] for name in ("GREENROOM_STATE", "DATABASE_URL", "REDIS_URL")}
        return self._env | addresses | {"DJANGO_SETTINGS_MODULE": "config.settings.local"}

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the product's own database."""
        connection = psycopg2.connect(self._database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    @staticmethod
    def eventually(holds: Callable[[], Any], seconds: float = 300) -> Any:
        """Wait until holds() is true and return it; fail after so many seconds, a bound against hanging."""
        deadline = time.monotonic() + seconds
        while not (outcome := holds()):
            assert time.monotonic() < deadline, f"still not so after {seconds} seconds"
            time.sleep(0.25)
        return outcome


@contextmanager
def running_product(home: Path) -> Iterator[Product]:
    """Start a Greenroom with the demo accounts, the shipped pack and the tests' own pack; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    product = Product(home, port)
    try:
        product.wait_until_ready()
        product.manage("load_pack", str(PACK))
        yield product
    finally:
        product.stop()
