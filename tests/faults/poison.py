"""A worker that imports this dies of answers that begin with POISON, each in its own way. For fault tests alone."""

import os
import resource
import signal
import time
from typing import Any, NoReturn

from grading.engine import Grader, GradeResult

grade = Grader.grade


def grade_or_die(self: Grader, question: Any, text: str) -> GradeResult:
    """Grade as ever, unless the text says how to fail."""
    if text.startswith("POISON"):
        DEATHS[text.split()[1]]()
    return grade(self, question, text)


def fail() -> NoReturn:
    raise ArithmeticError("This answer has no grade.")


def hang() -> NoReturn:
    """Hang as a loop in C does, which a signal for Python cannot end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    while True:
        time.sleep(60)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def eat_memory() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    now_in_use = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    resource.setrlimit(resource.RLIMIT_AS, (now_in_use + 2**26, before[1]))
    try:
        bytearray(2**28)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


DEATHS = {"raise": fail, "hang": hang, "crash": crash, "memory": eat_memory}

Grader.grade = grade_or_die  # type: ignore[method-assign]
