"""What is printed of a run, from its report."""

from collections.abc import Iterable
from typing import Any

from .machine import IDLE, OTHERS, SELF
from .traffic import BUDGET_MS

# 2,000 users without strain on 16 virtual processors, 16 questions, 30–90 s each; udelar.edu.uy, 2026.
MOODLE_PER_CORE = 125
_PERCENTILES = ("p50_ms", "p95_ms", "p99_ms")
_CPU = ("web", "worker", "postgres", SELF, OTHERS)


def progress(row: dict[str, Any]) -> str:
    """Say how it goes, in one line."""
    cpu = "  ".join(f"{name} {share:.0f}" for name, share in row["cpu"].items() if name != IDLE and share >= 1)
    times = row["all"]
    p50, p95, p99 = (times.get(name, 0) for name in _PERCENTILES)
    return (
        f"{row['at']:>4.0f} s {row['candidates']:>4} candidates {row['rate']:>5.1f} req/s  "
        f"p50 {p50:>4.0f}  p95 {p95:>5.0f}  p99 {p99:>5.0f} ms  errors {sum(row['errors'].values()):>3}  "
        f"ungraded {row['waiting']:>3} ({row['oldest_s']:.0f} s)  CPU %: {cpu}"
    )


def show(report: dict[str, Any]) -> None:
    """Print the tables of a report."""
    _head(report)
    if report["what"] == "find":
        _found(report)
    else:
        _faults(report)
    if report["odd"]:
        print("\nBesides: " + ", ".join(f"{n} × {what}" for what, n in report["odd"].items()))
    _accounts(report["accounts"])


def _head(report: dict[str, Any]) -> None:
    machine, options = report["machine"], report["options"]
    print(f"\nGreenroom under load ({report['what']}), {report['begun']}")
    cores = f"{machine['cores']} × {machine['processor']}"
    print(f"machine   {cores}, {machine['memory_gib']} GiB, Python {machine['python']}")
    print(f"          load {machine['load_before']} before; the generator runs on the same cores")
    print(f"product   {report['settings']}")
    print(
        f"people    track “{options['track']}”, 30–90 s a question, {options['mocks']:.0%} mocks, "
        f"{options['logins']:.0%} log in with a password, the others have a session"
    )
    if options["speed"] != 1:
        print(
            f"          at {options['speed']:g} times people's speed: requests come so many times as often, and each "
            f"candidate below stands for {options['speed']:g}. Numbers of candidates are given for people's own speed."
        )


def _found(report: dict[str, Any]) -> None:
    cores = report["machine"]["cores"]
    print(f"\nMore and more candidates, until p95 > {BUDGET_MS:.0f} ms twice running, an error, or a wait of 60 s:")
    ramp = report["ramp"]
    heads = ("s", "candidates", "req/s", "p50 ms", "p95 ms", "p99 ms", "errors", "ungraded", *_CPU)
    _table(heads, [_window(row) for row in [*ramp[2:-3:3], *ramp[-3:]]])
    print(f"  {report['ended_because']}; the last columns are % of one core")
    for hold in report["holds"]:
        verdict = "holds" if hold["holds"] else f"does not hold: {hold['because']}"
        print(f"\n{hold['candidates']} candidates for {hold['seconds']:.0f} s: {verdict}")
        _kinds(hold)
        _cpu(hold["cpu"])
        print(f"  ungraded at the end: {hold['waiting']} (the oldest for {hold['oldest_s']:.0f} s)")
    held = [hold["candidates"] for hold in report["holds"] if hold["holds"]]
    if held:
        theirs = f"their hardware: Moodle 4.5, about {MOODLE_PER_CORE} per vCPU"
        print(f"\n{max(held) / cores:.0f} candidates per core ({theirs})")
    else:
        print("\nNo number of candidates was held.")


def _window(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["at"]),
        str(row["candidates"]),
        f"{row['rate']:.0f}",
        *(_number(row["all"].get(name)) for name in _PERCENTILES),
        str(sum(row["errors"].values())),
        f"{row['waiting']} ({row['oldest_s']:.0f} s)",
        *(_number(row["cpu"].get(name)) for name in _CPU),
    )


def _faults(report: dict[str, Any]) -> None:
    print(f"\n{report['candidates']} candidates; a part is killed every {report['options']['every']:.0f} s:")
    heads = ("", "requests", "p95 ms", "errors", "last error", "well again", "longest wait for a grade")
    _table(heads, [_phase(phase) for phase in report["phases"]])
    print("  last error, well again: seconds after the kill; by candidates' requests, by /readyz asked once a second")
    for phase in report["phases"]:
        if phase["errors"]:
            print(f"  {phase['name']}: " + ", ".join(f"{n} × {what}" for what, n in phase["errors"].items()))
    print("\nThe whole run:")
    _kinds(report["whole"])
    _cpu(report["whole"]["cpu"])


def _phase(phase: dict[str, Any]) -> tuple[str, ...]:
    return (
        phase["name"],
        str(phase["all"]["n"]),
        _number(phase["all"].get("p95_ms")),
        str(sum(phase["errors"].values())),
        _number(phase["last_error_s"], 1),
        _number(phase["well_again_s"], 1),
        _number(phase["longest_wait_s"], 1),
    )


def _kinds(figures: dict[str, Any]) -> None:
    rows = [
        (kind, str(row["n"]), f"{row['n'] / figures['seconds']:.2f}", *(_number(row.get(p)) for p in _PERCENTILES))
        for kind, row in [*figures["kinds"].items(), ("all but files", figures["all"])]
    ]
    _table(("", "n", "a second", "p50 ms", "p95 ms", "p99 ms"), rows)


def _cpu(cpu: dict[str, float]) -> None:
    print("  % of one core: " + ", ".join(f"{name} {share:.0f}" for name, share in cpu.items()))


def _accounts(accounts: dict[str, Any]) -> None:
    print("\nWhat was confirmed, held against the database:")
    for name, count in accounts["counts"].items():
        print(f"  {count:>6}  {name}")
    for kind in ("lost", "doubled", "ungraded"):
        for line in accounts[kind][:20]:
            print(f"  {kind}: {line}")
    print("\nNothing lost, nothing doubled." if accounts["holds"] else "\nTHIS IS NOT AS IT SHOULD BE.")


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    rows = list(rows)
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, *rows]:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  " + "  ".join(cells))
