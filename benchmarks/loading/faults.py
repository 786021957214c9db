"""The parts that are killed while candidates work."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import psutil
import redis.asyncio

from .greenroom import Greenroom

STANDS_STILL = 10.0  # seconds


Fault = Callable[[Greenroom], Awaitable[None]]


def _kill(part: str, *, child: bool = False, number: signal.Signals = signal.SIGKILL) -> Fault:
    """Return what sends a signal to a part's first process, or to the child that does its work."""

    async def send(greenroom: Greenroom) -> None:
        os.kill(_process(greenroom, part, child=child).pid, number)

    return send


def _stop(part: str, *, child: bool = False) -> Fault:
    """Return what lets a part stand still, as if the machine had frozen it, and go on afterwards."""

    async def stop(greenroom: Greenroom) -> None:
        process = _process(greenroom, part, child=child)
        process.suspend()
        try:
            await asyncio.sleep(STANDS_STILL)
        finally:
            process.resume()

    return stop


def _process(greenroom: Greenroom, part: str, *, child: bool) -> psutil.Process:
    pid = greenroom.pid(part)
    if pid is None:
        raise LookupError(f"{part} is down already.")
    process = psutil.Process(pid)
    return max(process.children(), key=lambda one: one.memory_info().rss) if child else process


async def _empty(greenroom: Greenroom) -> None:
    async with redis.asyncio.from_url(greenroom.redis_url) as valkey:
        await valkey.flushall()


FAULTS: dict[str, Fault] = {
    "worker's child killed": _kill("worker", child=True),
    "worker killed": _kill("worker"),
    "web process killed": _kill("web", child=True),
    "Valkey killed": _kill("valkey"),
    "Valkey emptied": _empty,
    "PostgreSQL restarted": _kill("postgres", number=signal.SIGINT),
    "Valkey stands still 10 s": _stop("valkey"),
    "web process stands still 10 s": _stop("web", child=True),
    "worker stands still 10 s": _stop("worker", child=True),
}
IN_TURN = list(FAULTS)[:7]
