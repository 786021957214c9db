"""Who uses a state folder. The kernel takes a lock back from a process that dies, so none is ever stale."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from .console import Problem, tell
from .state import State


class Users:
    """Be one of those who use the servers, for as long as the with block lasts.

    Everyone who needs the servers shares the lock; whoever gets it alone is the last. Where the last one dies
    without a word, lifeline.py gets the lock and ends supervisord.
    """

    def __init__(self, state: State) -> None:
        self._path = state.run / "users.lock"

    def __enter__(self) -> Self:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("  The last run is still stopping: waiting for it …")
            fcntl.flock(self._file, fcntl.LOCK_SH)
        return self

    def leave(self) -> bool:
        """Use the servers no more. True for the last one, who keeps everybody out while stopping them."""
        with suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._file)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One at a time; the others wait."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


@contextmanager
def only_server(state: State, port: int) -> Iterator[None]:
    """One script/server a port; a second one is told about the first."""
    file = os.open(state.run / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode() or "unknown"
            raise Problem(
                f"Greenroom is running on port {port} already, as process {holder}.",
                f"Stop that one with Ctrl-C, or have a second one beside it: script/server --port {port + 1}",
            ) from None
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        yield
    finally:
        os.close(file)
