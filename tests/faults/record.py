"""What a run of the fault tests has seen, as the table of docs/operations.md."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.table import FAULTS, Fault

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN = "<!-- The table of failures: written by script/test faults --write -->\n"
END = "<!-- The end of the table of failures -->\n"
HEAD = "| | what is done | what must hold | seen | seconds to recover, other figures |\n|---|---|---|---|---|\n"
UNSEEN = ("not run yet", "")
NOT_RUN = "not run"

Seen = dict[int, tuple[str, str]]


class Record:
    """A pytest plugin that remembers of each test whether it held, and its figures (conftest.py)."""

    def __init__(self) -> None:
        self._outcomes: defaultdict[str, list[str]] = defaultdict(list)
        self._properties: defaultdict[str, list[tuple[str, object]]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = report.nodeid.split("[")[0]
        if report.when == "call" or report.outcome != "passed":
            self._outcomes[test].append(report.outcome)
        if report.when == "call":
            self._properties[test] += report.user_properties

    def seen(self, today: str) -> Seen:
        """Return by fault what was seen; faults of which a test did not run are left out."""
        return {
            fault.number: (self._verdict(fault, today), self._figures(fault))
            for fault in FAULTS
            if fault.proofs and all(test in self._outcomes for test in fault.proofs)
        }

    def _verdict(self, fault: Fault, today: str) -> str:
        outcomes = {outcome for test in fault.proofs for outcome in self._outcomes[test]}
        word = "held" if outcomes == {"passed"} else "**FELL**" if "failed" in outcomes else "skipped"
        return f"{word}, {today}"

    def _figures(self, fault: Fault) -> str:
        properties = [pair for test in fault.proofs for pair in self._properties[test]]
        seconds = sorted(value for name, value in properties if name == "recovery" and isinstance(value, float))
        others = [str(value) for name, value in properties if name == "figure"]
        return "; ".join([*_range(seconds), *others])


def _range(seconds: Sequence[float]) -> list[str]:
    if not seconds:
        return []
    low, high = (f"{value:.1f}" for value in (seconds[0], seconds[-1]))
    return [f"{low} s" if low == high else f"{low} to {high} s"]


def write(seen: Seen) -> None:
    """Bring the document's table up to date: the words of every fault, and what was seen of these."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}{render(seen_in(table) | seen)}{END}{after}")


def render(seen: Seen, faults: Sequence[Fault] = FAULTS) -> str:
    """Return the table of faults in Markdown."""
    return HEAD + "".join(_row(fault, *seen.get(fault.number, UNSEEN)) for fault in faults)


def _row(fault: Fault, verdict: str, figures: str) -> str:
    if not fault.proofs:
        verdict, figures = NOT_RUN, ""
    elif verdict == NOT_RUN:  # nothing proved it then
        verdict, figures = UNSEEN
    cells = (f"R{fault.number}", fault.action, fault.holds, verdict, "; ".join(filter(None, (figures, fault.reason))))
    return "| " + " | ".join(cells) + " |\n"


def documented() -> str:
    """Return the table as the document has it."""
    return DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0]


def seen_in(table: str) -> Seen:
    """Return what a rendered table says was seen."""
    reasons = {fault.number: fault.reason for fault in FAULTS}
    rows = re.findall(r"^\| R(\d+) \|(?:[^|]*\|){2} ([^|]*) \| ?([^|]*?) \|$", table, re.MULTILINE)
    return {
        int(number): (verdict, figures.removesuffix(reasons[int(number)]).removesuffix("; "))
        for number, verdict, figures in rows
    }


def today() -> str:
    """Return the day, as the table says it."""
    return datetime.now(UTC).strftime("%Y-%m-%d")
