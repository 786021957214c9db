"""Runs the failures and shows what was seen: `script/test faults [R6 …] [--write]`. It needs the test servers."""

import argparse
import sys

import pytest

from tests.faults.record import Record, render, today, write
from tests.faults.table import FAULTS


def main() -> int:
    """Run them; return pytest's exit code."""
    parser = argparse.ArgumentParser(prog="script/test faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="R6", help="which ones; all if none is named")
    parser.add_argument("--write", action="store_true", help="write what was seen into docs/operations.md")
    parser.add_argument("--words", action="store_true", help="run nothing; only bring the document's words up to date")
    asked = parser.parse_args()
    if asked.words:
        write({})
        return 0
    named = {f"R{fault.number}": fault for fault in FAULTS}
    if unknown := set(asked.faults) - named.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    faults = [named[name] for name in asked.faults] or list(FAULTS)
    proofs = dict.fromkeys(test for fault in faults for test in fault.proofs)  # each test once, in this order
    record = Record()
    code = pytest.main(["-m", "", *proofs], plugins=[record]) if proofs else 0
    seen = record.seen(today())
    print(f"\n{render(seen, faults)}")  # noqa: T201 (what this command is for)
    if asked.write:
        write(seen)
    return code


if __name__ == "__main__":
    sys.exit(main())
