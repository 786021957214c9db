"""What people are shown: a line a step, and errors that say what to do."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Problem(Exception):
    """Something that the person at the keyboard can put right. advice says how."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


def say(text: str = "") -> None:
    """Say what was asked for."""
    print(text, flush=True)  # noqa: T201 (this is the place that talks)


def tell(text: str) -> None:
    """Say it beside the output: that of `run` is its command's."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def show(problem: Problem) -> None:
    """Show what is wrong and what to do."""
    tell("\n" + "\n  ".join([f"✗ {problem}", *problem.advice.splitlines()]))


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show what is being done, and how long it took."""
    print(f"  {name} … ", end="", flush=True)  # noqa: T201
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say("✗")
        raise
    say(f"✓ {time.monotonic() - begun:.1f} s")


def note(text: str) -> None:
    """Say more inside a step."""
    print(f"\n    {text} … ", end="", flush=True)  # noqa: T201


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for an error's advice."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        lines = []
    return "\n".join([*lines, f"(from {log})"])
