"""The table of failures is whole, names tests that there are, and is the one that docs/operations.md shows."""

import ast
from pathlib import Path

import pytest

from tests.faults.record import documented, render, seen_in
from tests.faults.table import FAULTS, Fault

ROOT = Path(__file__).parents[2]
NAMES = [f"R{fault.number}" for fault in FAULTS]


def names_in(path: str) -> set[str]:
    functions = ast.parse((ROOT / path).read_text()).body
    return {each.name for each in functions if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


def test_there_are_forty() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, 41))


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_each_is_proven_or_says_why_not(fault: Fault) -> None:
    assert fault.proofs or fault.reason


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_each_proof_is_a_test(fault: Fault) -> None:
    missing = [proof for proof in fault.proofs if proof.split("::")[1] not in names_in(proof.split("::")[0])]

    assert missing == []


def test_the_document_has_the_same_table() -> None:
    table = documented()

    assert table == render(seen_in(table)), "run `script/test faults --words`"
