"""Every request of a run: what it was for, when it was due, how long it took, and what became of it.

The time counts from when a request was due, not from when it could be sent: a page that waits for the server must not
hide how slow the server is.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp

OK = "ok"
FILES = "static file"  # cheap, and left to a proxy in production: no part of the percentiles
BUDGET_MS = 500.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. due: seconds of the run's clock; ms from then to the end of the reply; outcome "ok" or why not."""

    kind: str
    due: float
    ms: float
    outcome: str

    @property
    def ended(self) -> float:
        return self.due + self.ms / 1000


@dataclass
class Traffic:
    """All requests of a run. begun: the moment that is 0 on the run's clock."""

    samples: list[Sample] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    odd: Counter[str] = field(default_factory=Counter)  # what happened beside HTTP: a conflict, a lost login

    def now(self) -> float:
        return time.monotonic() - self.begun

    def add(self, kind: str, due: float, outcome: str) -> None:
        self.samples.append(Sample(kind, due, 1000 * (self.now() - due), outcome))

    def between(self, start: float, end: float) -> list[Sample]:
        """Return the requests that ended then: a fault makes those fail that were under way when it came."""
        return [sample for sample in self.samples if start <= sample.ended < end]


@dataclass(frozen=True)
class Reply:
    """What came back. status 0: nothing did, and outcome says how it failed."""

    status: int
    text: str = ""
    location: str = ""
    outcome: str = OK


async def ask(
    http: aiohttp.ClientSession,
    method: str,
    address: str,
    *,
    patience: float,
    data: object = None,
    json: object = None,
) -> Reply:
    """Send one request and read the whole reply; never raises for what the server or the network does.

    patience: seconds until the person or the page gives up. Redirects are not followed.
    """
    timeout = aiohttp.ClientTimeout(total=patience)
    headers = {"X-CSRFToken": token(http)} if json is not None else {}
    try:
        async with http.request(
            method, address, data=data, json=json, headers=headers, timeout=timeout, allow_redirects=False
        ) as reply:
            text = await reply.text(errors="replace")
            outcome = OK if reply.status < 400 else str(reply.status)
            return Reply(reply.status, text, reply.headers.get("Location", ""), outcome)
    except TimeoutError:
        return Reply(0, outcome="time-out")
    except (aiohttp.ClientError, OSError):
        return Reply(0, outcome="no connection")


def token(http: aiohttp.ClientSession) -> str:
    """Return the token against forged requests that the server has given to this browser."""
    return next((cookie.value for cookie in http.cookie_jar if cookie.key == "csrftoken"), "")


def percentiles(samples: Iterable[Sample]) -> dict[str, float]:
    """Return n, p50, p95 and p99 (ms) of the requests that were answered; of none, n alone."""
    times = sorted(sample.ms for sample in samples if sample.outcome == OK)
    if not times:
        return {"n": 0}
    at = {name: times[min(int(share * len(times)), len(times) - 1)] for name, share in _SHARES.items()}
    return {"n": len(times)} | {name: round(ms, 1) for name, ms in at.items()}


_SHARES = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}


def errors(samples: Iterable[Sample]) -> Counter[str]:
    """Count what failed by its kind and outcome."""
    return Counter(f"{sample.kind}: {sample.outcome}" for sample in samples if sample.outcome != OK)


def of_pages(samples: Iterable[Sample]) -> list[Sample]:
    """All but static files."""
    return [sample for sample in samples if sample.kind != FILES]


async def watch_readiness(url: str, traffic: Traffic, seen: list[tuple[float, bool]]) -> None:
    """Ask /readyz every second and note (moment, whether all is well), until cancelled."""
    async with aiohttp.ClientSession() as http:
        while True:
            asked = traffic.now()
            reply = await ask(http, "GET", f"{url}/readyz", patience=5)
            seen.append((asked, reply.status == 200))
            await asyncio.sleep(max(0.0, asked + 1 - traffic.now()))
