"""docs/security.md says no more than is so: each test it names is there, each action is known, nothing stands open
without a reason."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from analytics.audit_words import WORDS
from config.limits import PAGES

ROOT = Path(settings.BASE_DIR)
DOC = (ROOT / "docs" / "security.md").read_text()
TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", DOC)))


@cache
def defined_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def rows() -> list[list[str]]:
    """Return the cells of each row of the tables of ASVS's items."""
    asvs = DOC.partition("## OWASP ASVS")[2].partition("## Packages")[0]
    lines = [line for line in asvs.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_test_that_is_named_exists() -> None:
    assert len(TESTS) > 70

    missing = [f"{path}::{name}" for path, name in TESTS if name not in defined_in(ROOT / "tests" / path)]
    assert missing == []


def test_every_item_has_a_proof_or_says_what_is_open() -> None:
    assert len(rows()) > 90
    for item, asks, proof in rows():
        assert asks, item
        assert "::" in proof or re.search(r"open( in part)?: .{10}|\]\(\w|this page|S rules", proof), item


def test_every_act_that_is_said_to_be_written_down_is_known() -> None:
    table = DOC.partition("## What is written down")[2].partition("## OWASP")[0]
    actions = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", table))

    assert len(actions) > 25
    assert actions - WORDS.keys() == set()


@pytest.mark.parametrize(
    ("page", "which", "words"),
    [
        ("account_login", 0, "10 in 10 min, 60 an hour, 100 in 10 min"),
        ("mfa_authenticate", 0, "6 in 10 min, 60 in 10 min"),
        ("account_reauthenticate", 0, "10 in 10 min"),
        ("question", 0, "240 in 2 min"),
    ],
)
def test_the_limits_are_those_of_the_code(page: str, which: int, words: str) -> None:
    spans = {120: "in 2 min", 600: "in 10 min", 3600: "an hour"}
    said = ", ".join(f"{rule.limit.amount} {spans[rule.limit.seconds]}" for rule in PAGES[page][which:])

    assert said == words
    assert f"| {words} |" in DOC
