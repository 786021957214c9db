"""Ends supervisord when nobody is left who uses it, whichever way they went.

supervisord starts this file. It waits for the lock that all users share (locks.py): the kernel hands that
over when the last of them is gone, be it by kill -9.
"""

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

SECONDS_BETWEEN_LOOKS = 1.0


def wait_for_the_end(lock: Path) -> None:
    """Wait until nobody uses the servers; then end the parent, keeping newcomers out until all is over."""
    supervisord = os.getppid()
    file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    # Not by waiting inside flock(): that would get the lock first whenever somebody turns a shared one into it.
    while not _is_mine(file):
        time.sleep(SECONDS_BETWEEN_LOOKS)
    if os.getppid() == supervisord:  # else it died before us, and that number is somebody else
        os.kill(supervisord, signal.SIGTERM)
        signal.pause()


def _is_mine(file: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


if __name__ == "__main__":
    wait_for_the_end(Path(os.environ["GREENROOM_STATE"]) / "run" / "users.lock")
