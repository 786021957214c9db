"""A pack as one file: each question is read by itself."""

import json
from typing import Any

import pytest
import yaml

from questionbank.formats import pack_file
from questionbank.formats.common import Problem
from questionbank.formats.safe_yaml import YamlTrouble, load_yaml
from tests.questionbank.conftest import raw_pack, raw_question


def read(**changes: Any):
    return pack_file.read(json.dumps(raw_pack(**changes)).encode())


def test_a_fault_in_one_question_leaves_the_others_readable() -> None:
    reading = read(questions=[raw_question("one"), raw_question("two", minutes=0), "no question", raw_question("one")])

    assert [read.question.slug for read in reading.questions] == ["one"]
    assert reading.problems == [
        Problem("question 2", "minutes", "0 is less than the minimum of 1"),
        Problem("question 3", "", "must hold fields such as id and prompt"),
        Problem("question 4", "id", "“one” stands twice, also at question 1"),
    ]


def test_topics_and_tracks_come_along() -> None:
    reading = read()

    assert (reading.topics, reading.tracks) == (raw_pack()["topics"], raw_pack()["tracks"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 2}, Problem("", "version", "1 was expected")),
        ({"topics": [{"id": "a"}]}, Problem("", "topics.0", "'title' is a required property")),
        ({"topics": []}, Problem("", "tracks.taster.sections", "there is no topic “python” in the pack")),
        ({"questions": {}}, Problem("", "", "questions must be a list")),
        (
            {"include": ["x.yaml"]},
            Problem(
                "", "", "includes other files. Load it with manage.py load_pack, or put its questions into one file"
            ),
        ),
    ],
)
def test_a_fault_outside_questions_refuses_the_file(change: dict[str, Any], problem: Problem) -> None:
    reading = read(**change)

    assert (reading.questions, reading.problems) == ([], [problem])


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1, two]\nb: *x",
        "? key\n: value",
        "a: yes\nb: No\nc: ~\nd: 1.5\ne: -3\nf: 'yes'\ng: |\n  a\n  b\nh: >-\n  c\n  d",
        "- [a, {b: c}]\n- []\n- {}",
    ],
)
def test_yaml_is_read_as_pyyaml_reads_it(text: str) -> None:
    assert load_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2026-01-01", "2026-01-01"), ("0x1F", "0x1F"), ("1:20", "1:20"), ("010", "010"), ("9" * 5000, "9" * 5000)],
)
def test_what_only_looks_like_a_number_stays_text(text: str, value: str) -> None:
    assert load_yaml(f"a: {text}") == {"a": value}


def test_keys_are_text_and_stand_once() -> None:
    assert load_yaml("1: a\nyes: b") == {"1": "a", "yes": "b"}
    with pytest.raises(YamlTrouble, match="has the key “a” twice in line 2"):
        load_yaml("a: 1\na: 2")
