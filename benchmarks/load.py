"""How many candidates Greenroom carries, and whether it loses anything while its parts are killed.

    .venv/bin/python benchmarks/load.py --find                      # six to eight minutes; the machine to itself
    .venv/bin/python benchmarks/load.py --faults --candidates 80    # eight minutes; exit code 1 if anything is lost
    .venv/bin/python benchmarks/load.py --show find.json faults.json

It starts a Greenroom of its own in a temporary folder, as script/server does, and candidates beside it who come at a
fixed rate, whether or not the server keeps up. benchmarks/README.md says what each row means.

Why this generator is our own: locust's users are written as a loop of tasks, so that autosave beside typing beside
polling needs greenlets of its own, and what was confirmed has to be kept by hand all the same; its statistics count
from when a request is sent, not from when it was due. Its fast client costs 0.31 ms of processor time for a request,
aiohttp 0.35, httpx 1.2 (3,000 PUTs of 50 clients, one core): on shared cores that decides, so it is aiohttp.
"""

import argparse
import asyncio
import io
import json
import math
import random
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import psycopg2

# Before the folder of this file, which has a module of the grader's name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.loading import faults, machine, tables
from benchmarks.loading.candidate import Candidate, Person, World
from benchmarks.loading.greenroom import PARTS, SETTINGS, Greenroom, answers_of_the_pack, running_greenroom
from benchmarks.loading.ledger import Ledger, reckon
from benchmarks.loading.traffic import BUDGET_MS, Traffic, errors, of_pages, percentiles, watch_readiness

WINDOW = 10.0  # seconds of a line of progress
WARM_UP = 3  # windows in which hardly anybody types yet, and logins alone are the slowest twentieth
LONGEST_WAIT = 60.0  # an answer that waits longer for its grade is what /readyz calls overdue
# Of the last number that was well while more were arriving: where it can stay, so many more; else so many fewer.
MORE, FEWER = (1.2, 1.45), (0.85, 0.7)
LAST_HOLD = 420.0  # seconds, after which no other number is tried
SETTLE, HOLD = 20.0, 60.0  # seconds
FIRST_FAULT = 20.0
PATIENCE = 90  # seconds for the last answers to be graded

OPERATIONS = Path(__file__).resolve().parents[1] / "docs/operations.md"
BEGIN = "<!-- Load: written by benchmarks/load.py --show FILE … --write -->"
END = "<!-- The end of load -->"

Report = dict[str, Any]


def main() -> int:
    options = _arguments()
    if options.show:
        reports = [json.loads(path.read_text(encoding="utf-8")) for path in options.show]
        for report in reports:
            tables.show(report)
        if options.write:
            _write(reports)
        return 0
    begun, described = datetime.now(UTC), machine.describe()
    print("Starting a Greenroom …", flush=True)
    with running_greenroom() as greenroom:
        people = greenroom.make_people(options.people, options.logins)
        report = asyncio.run(Run(greenroom, people, options).report())
    chosen = {name: value for name, value in vars(options).items() if isinstance(value, int | float | str)}
    report |= {"begun": f"{begun:%Y-%m-%d %H:%M} UTC", "machine": described, "settings": SETTINGS, "options": chosen}
    if options.json:
        options.json.write_text(json.dumps(report) + "\n", encoding="utf-8")
    tables.show(report)
    return 0 if report["accounts"]["holds"] else 1


def _write(reports: list[Report]) -> None:
    """Put what show() prints into docs/operations.md."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        for report in reports:
            tables.show(report)
    before, _, rest = OPERATIONS.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    block = f"{BEGIN}\n```text\n{printed.getvalue().strip()}\n```\n{END}"
    OPERATIONS.write_text(f"{before}{block}{after}", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play candidates against a Greenroom of its own.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--find", action="store_true", help="find the number of candidates that the machine carries")
    what.add_argument("--faults", action="store_true", help="kill one part after the other; nothing may be lost")
    what.add_argument("--show", type=Path, nargs="+", metavar="FILE", help="print earlier runs again")
    parser.add_argument("--candidates", type=int, default=80, help="with --faults: how many at a time")
    parser.add_argument("--every", type=float, default=55, help="with --faults: seconds from one to the next")
    parser.add_argument("--parts", nargs="+", choices=faults.FAULTS, default=faults.IN_TURN, metavar="FAULT")
    parser.add_argument("--arrivals", type=float, default=1.5, help="with --find: candidates who come in a second")
    parser.add_argument("--most", type=int, default=360, help="with --find: the most candidates to try")
    parser.add_argument("--speed", type=float, default=1, help="how many times as fast as people they think and type")
    parser.add_argument("--mocks", type=float, default=0.25, help="the part of interviews that are mocks")
    parser.add_argument("--logins", type=float, default=0.2, help="the part of candidates who log in first")
    parser.add_argument("--track", default="taster", help="the track that they take")
    parser.add_argument("--json", type=Path, help="also write all figures and requests to this file")
    parser.add_argument("--write", action="store_true", help="with --show: put it into docs/operations.md, too")
    options = parser.parse_args()
    options.people = math.ceil((options.candidates if options.faults else options.most) / options.speed)
    return options


class Run:
    """One run: the candidates, and what is seen of them and of the machine every ten seconds."""

    def __init__(self, greenroom: Greenroom, people: list[Person], options: argparse.Namespace) -> None:
        self._greenroom = greenroom
        self._options = options
        self._traffic = Traffic()
        self._ledger = Ledger()
        world = World(
            greenroom.url,
            greenroom.password,
            options.track,
            options.mocks,
            options.speed,
            answers_of_the_pack(),
            self._traffic,
            self._ledger,
        )
        self._outside = [Candidate(person, world, seed) for seed, person in enumerate(people)]
        self._inside: list[Candidate] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._processors = machine.Processors(greenroom.pid, PARTS)
        self._random = random.Random(1)  # noqa: S311 (no secret)

    async def report(self) -> Report:
        """Play the run to its end and say what was seen."""
        self._traffic.begun, self._epoch = time.monotonic(), time.time()
        if self._options.find:
            found = await self._find()
            await self._empty_the_room()
        else:
            found = await self._kill_in_turn()
        accounts = reckon(self._ledger, self._greenroom.rows(), stray_jobs=self._greenroom.stray_jobs())
        samples = [[s.kind, round(s.due, 3), round(s.ms, 1), s.outcome] for s in self._traffic.samples]
        kept = {"accounts": {**asdict(accounts), "holds": accounts.holds}, "samples": samples}
        return found | kept | {"odd": dict(self._traffic.odd)}

    # --- How many? ------------------------------------------------------------------------------------------

    async def _find(self) -> Report:
        arriving = asyncio.create_task(self._arrive(self._options.arrivals))
        ramp: list[Report] = []
        because = ""
        while not (because or arriving.done()):
            ramp.append(await self._watch(WINDOW))
            because = _broken(ramp[WARM_UP:][-2:])
        arriving.cancel()
        most = ramp[-3 if because.startswith("p95") else -1]["candidates"]  # the last window that was well
        ended = because or "all were there, and it went well"
        return {"what": "find", "ramp": ramp, "ended_because": ended, "holds": await self._holds(most)}

    async def _holds(self, count: int) -> list[Report]:
        """Try to keep so many candidates; then more of them or fewer, until that is too much, or not any more."""
        holds = [await self._hold(count)]
        can_stay = holds[0]["holds"]
        for part in MORE if can_stay else FEWER:
            is_known = holds[-1]["holds"] is not can_stay or (can_stay and not self._outside)
            if is_known or self._traffic.now() > LAST_HOLD:
                break
            holds.append(await self._hold(round(count * part)))
        return holds

    async def _hold(self, count: int) -> Report:
        """See whether so many candidates can stay."""
        self._thin_out(round(count / self._options.speed))
        await self._arrive(1.0, round(count / self._options.speed) - len(self._inside))
        settling = await self._watch(SETTLE)
        for _ in range(3):  # what too many have left behind is no fault of those who stay
            if settling["oldest_s"] < LONGEST_WAIT / 4:
                break
            settling = await self._watch(WINDOW)
        begun = self._traffic.now()
        rows: list[Report] = []
        while not _broken(rows[-2:]) and self._traffic.now() - begun < HOLD - 1:
            rows.append(await self._watch(WINDOW))
        whole = {**rows[-1], **self._figures(begun, self._traffic.now()), "cpu": _mean_cpu(rows)}
        because = _broken(rows[-2:]) or _broken([whole, whole])
        return {**whole, "because": because, "holds": not because}

    # --- What if? -------------------------------------------------------------------------------------------

    async def _kill_in_turn(self) -> Report:
        ready: list[tuple[float, bool]] = []
        rows: list[Report] = []
        watching = [
            asyncio.create_task(watch_readiness(self._greenroom.url, self._traffic, ready)),
            asyncio.create_task(self._watch_on(rows)),
        ]
        moments = [("before", 0.0)]
        await self._arrive(self._options.candidates / FIRST_FAULT)
        for name in self._options.parts:
            moments.append((name, self._traffic.now()))
            print(f"       {name}", flush=True)
            await faults.FAULTS[name](self._greenroom)
            await asyncio.sleep(max(0.0, moments[-1][1] + self._options.every - self._traffic.now()))
        end, count = self._traffic.now(), self._count()
        for task in watching:
            task.cancel()
        await self._empty_the_room()
        waits = [(at - self._epoch, seconds) for at, seconds in self._greenroom.waits()]
        ends = [at for _, at in moments[1:]] + [end]
        phases = [
            {**self._figures(start, until), "name": name, **_recovery(start, until, ready, waits)}
            for (name, start), until in zip(moments, ends, strict=True)
        ]
        for phase, (_, start), until in zip(phases, moments, ends, strict=True):
            failed = [s.ended for s in of_pages(self._traffic.between(start, until)) if s.outcome != "ok"]
            phase["last_error_s"] = max(failed) - start if failed else None
        whole = {**self._figures(0, end), "cpu": _mean_cpu(rows)}
        return {"what": "faults", "candidates": count, "phases": phases, "rows": rows, "whole": whole}

    async def _watch_on(self, rows: list[Report]) -> None:
        while True:
            rows.append(await self._watch(WINDOW))

    # --- Candidates -----------------------------------------------------------------------------------------

    async def _arrive(self, a_second: float, count: int | None = None) -> None:
        """Let so many people in (or all) at a fixed rate, whatever the server does."""
        begun, there = self._traffic.now(), len(self._outside)
        for n in range(there if count is None else min(count, there)):
            await asyncio.sleep(max(0.0, begun + n * self._options.speed / a_second - self._traffic.now()))
            candidate = self._outside.pop()
            self._inside.append(candidate)
            self._tasks.append(candidate.start())

    def _thin_out(self, count: int) -> None:
        """Let candidates close their browsers until so many are left."""
        self._random.shuffle(self._inside)
        for candidate in self._inside[count:]:
            candidate.leave()
        del self._inside[count:]

    def _count(self) -> int:
        return round(len(self._inside) * self._options.speed)

    async def _empty_the_room(self) -> None:
        """Let everybody go, and wait until the last answer is graded."""
        self._thin_out(0)
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                self._traffic.odd[f"a candidate stopped: {outcome!r}"] += 1
        for _ in range(PATIENCE):
            if not self._greenroom.waiting()[0]:
                break
            await asyncio.sleep(1)

    # --- Figures --------------------------------------------------------------------------------------------

    async def _watch(self, seconds: float) -> Report:
        """Let so many seconds pass, print a line about them and return it."""
        begun = self._traffic.now()
        self._processors.read()
        await asyncio.sleep(seconds)
        row = self._figures(begun, self._traffic.now())
        row["cpu"] = await asyncio.to_thread(self._processors.read)
        row["waiting"], row["oldest_s"] = await asyncio.to_thread(self._waiting)
        print(tables.progress(row), flush=True)
        return row

    def _waiting(self) -> tuple[int, float]:
        try:
            return self._greenroom.waiting()
        except psycopg2.Error:  # PostgreSQL is being restarted
            return 0, 0.0

    def _figures(self, start: float, end: float) -> Report:
        seen = self._traffic.between(start, end)
        kinds = sorted({sample.kind for sample in seen})
        return {
            "at": round(end),
            "seconds": end - start,
            "candidates": self._count(),
            "rate": len(seen) / (end - start),
            "all": percentiles(of_pages(seen)),
            "errors": dict(errors(seen)),
            "kinds": {kind: percentiles(sample for sample in seen if sample.kind == kind) for kind in kinds},
        }


def _broken(rows: list[Report]) -> str:
    """Say why these two windows, one after the other, are too much; "" where they are not."""
    failed: Counter[str] = sum((Counter(row["errors"]) for row in rows), Counter())
    if failed:
        return "errors: " + ", ".join(f"{n} × {what}" for what, n in failed.items())
    if rows and rows[-1]["oldest_s"] > LONGEST_WAIT:
        return f"an answer waits for its grade for {rows[-1]['oldest_s']:.0f} s"
    if len(rows) == 2 and all(row["all"].get("p95_ms", 0) > BUDGET_MS for row in rows):
        return f"p95 {rows[-1]['all']['p95_ms']:.0f} ms"
    return ""


def _mean_cpu(rows: list[Report]) -> dict[str, float]:
    return {name: round(fmean(row["cpu"][name] for row in rows), 1) for name in rows[0]["cpu"]} if rows else {}


def _recovery(start: float, until: float, ready: list[tuple[float, bool]], waits: list[tuple[float, float]]) -> Report:
    """Say after how many seconds /readyz was well again, and how long an answer of this time waited for its grade."""
    unwell = [at for at, well in ready if start <= at < until and not well]
    well = [at for at, is_well in ready if is_well and unwell and at > max(unwell)]
    longest = [seconds for at, seconds in waits if start <= at < until]
    return {
        "well_again_s": min(well) - start if well else (0.0 if not unwell else None),
        "longest_wait_s": max(longest, default=None),
    }


if __name__ == "__main__":
    sys.exit(main())
