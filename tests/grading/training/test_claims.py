"""read_claims: what a line becomes, and which file, line and field it names when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest

from grading.json_lines import LineError
from grading.training.claims import ContrastClaim, read_claim_files, read_claims

RAW: dict[str, Any] = {
    "q": "What does ice do?",
    "topic": "ice",
    "claim": "Ice cools a drink.",
    "right": ["It takes warmth out.", "so it gets cold", "ice: colder"],
    "wrong": ["It puts warmth in.", "so it gets hot", "ice: warmer"],
    "near": ["Ice floats."],
    "vague": ["Ice and drinks go together.", "Drinks matter."],
}


def _write(folder: Path, name: str, *lines: Any) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("\n".join(texts) + "\n", encoding="utf-8")


def test_a_line_becomes_a_claim(tmp_path: Path) -> None:
    _write(tmp_path, "ice.jsonl", {**RAW, "claim": " Ice cools a drink.\n"})

    assert read_claims(tmp_path) == [
        ContrastClaim(
            question="What does ice do?",
            topic="ice",
            claim="Ice cools a drink.",
            right=("It takes warmth out.", "so it gets cold", "ice: colder"),
            wrong=("It puts warmth in.", "so it gets hot", "ice: warmer"),
            near=("Ice floats.",),
            vague=("Ice and drinks go together.", "Drinks matter."),
        )
    ]


def test_a_claim_may_have_sentences_that_uphold_and_deny_it(tmp_path: Path) -> None:
    _write(tmp_path, "ice.jsonl", {**RAW, "upheld": ["It does not warm."], "denied": ["It does not cool."]})

    (claim,) = read_claims(tmp_path)

    assert claim.stating == (*RAW["right"], "It does not warm.")
    assert claim.contradicting == (*RAW["wrong"], "It does not cool.")


def test_files_come_in_the_order_of_their_names_and_nothing_else_is_read(tmp_path: Path) -> None:
    _write(tmp_path, "b.jsonl", {**RAW, "claim": "second"}, "", {**RAW, "claim": "third"})
    _write(tmp_path, "a.jsonl", {**RAW, "claim": "first"})
    _write(tmp_path, "README.md", "no claim")

    assert [claim.claim for claim in read_claims(tmp_path)] == ["first", "second", "third"]
    assert {name: len(claims) for name, claims in read_claim_files(tmp_path).items()} == {"a.jsonl": 1, "b.jsonl": 2}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is not JSON: "),
        ("[]", "must be an object"),
        ({**RAW, "q": " "}, "“q” must be a text that is not blank"),
        ({**RAW, "topic": 3}, "“topic” must be a text that is not blank"),
        ({key: RAW[key] for key in RAW if key != "claim"}, "“claim” must be a text that is not blank"),
        ({**RAW, "right": RAW["right"][:2]}, "“right” must be 3 texts that are not blank"),
        ({**RAW, "wrong": [*RAW["wrong"][:2], ""]}, "“wrong” must be 3 texts that are not blank"),
        ({**RAW, "denied": ["It does not cool."]}, "has 0 “upheld” texts and 1 “denied”; there must be as many"),
        ({**RAW, "near": []}, "“near” must be one or more texts that are not blank"),
        ({**RAW, "vague": "Drinks matter."}, "“vague” must be one or more texts that are not blank"),
    ],
)
def test_what_cannot_be_used_is_named_with_file_line_and_field(tmp_path: Path, line: Any, message: str) -> None:
    _write(tmp_path, "ice.jsonl", RAW, line)

    with pytest.raises(LineError, match=f"^ice.jsonl, line 2: {message}"):
        read_claims(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "ice.jsonl").write_bytes(b"\xff")

    with pytest.raises(LineError, match=r"ice.jsonl: is not UTF-8 text \(byte 0\)$"):
        read_claims(tmp_path)


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LineError, match=r"nowhere: is not a folder$"):
        read_claims(tmp_path / "nowhere")
