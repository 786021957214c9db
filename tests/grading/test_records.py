"""Files of graded answers: what can be read, and what is said about a line that cannot."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grading.engine import GradedAnswer, GradeResult, KeyPoint, Misconception, Question
from grading.json_lines import LineError
from grading.records import graded_record, question_of, read_records, with_graded
from tests.grading.conftest import make_result, marked

RECORD = {
    "id": "a1",
    "question": "Why?",
    "references": ["Because it is so."],
    "answer": "It is.",
    "score": 0.5,
    "key_points": [{"id": "k1", "text": "It is so.", "weight": 2}],
    "marks": {"k1": 0.5},
}


def _write(tmp_path: Path, *lines: str | dict[str, Any]) -> Path:
    path = tmp_path / "answers.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8", newline="")
    return path


def test_records_come_in_the_files_order_and_empty_lines_do_not_count(tmp_path: Path) -> None:
    path = _write(tmp_path, {**RECORD, "id": "b"}, "", "  ", {**RECORD, "id": 7, "answer": ""})

    assert [record["id"] for record in read_records(path)] == ["b", 7]


def test_lines_may_end_as_windows_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(f"{json.dumps(RECORD)}\r\n{json.dumps(RECORD)}\r\n".encode())

    assert list(read_records(path)) == [RECORD, RECORD]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x7f"])
def test_a_raw_separator_within_a_text_ends_no_line(tmp_path: Path, separator: str) -> None:
    """JSON allows them; Python's splitlines would break there."""
    record = {**RECORD, "answer": f"One{separator}two."}

    assert list(read_records(_write(tmp_path, record))) == [record]


def test_a_record_needs_references_or_key_points_and_not_both(tmp_path: Path) -> None:
    without_points = {key: RECORD[key] for key in ("id", "question", "references", "answer")}
    without_references = {**RECORD, "references": []}

    assert len(list(read_records(_write(tmp_path, without_points, without_references)))) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "“id” is missing or not of its kind"),
        ({"id": 1.5}, "“id” is missing or not of its kind"),
        ({"question": 5}, "“question” is missing or not of its kind"),
        ({"answer": None}, "“answer” is missing or not of its kind"),
        ({"answer": ["text"]}, "“answer” is missing or not of its kind"),
        ({"references": "text"}, "“references” is missing or not of its kind"),
        ({"references": ["text", 5]}, "“references” must be texts"),
        ({"key_points": {"k1": "text"}}, "“key_points” must each have an id, a text"),
        ({"key_points": ["text"]}, "“key_points” must each have an id, a text"),
        ({"key_points": [{"id": "k1"}]}, "“key_points” must each have an id, a text"),
        ({"key_points": [{"id": "k1", "text": "x", "weight": 0}]}, "a weight above 0"),
        ({"key_points": [{"id": "k1", "text": "x", "weight": float("nan")}]}, "a weight above 0"),
        ({"key_points": [{"id": "k1", "text": "x", "accepted": "text"}]}, "accepted texts if any"),
        ({"misconceptions": [{"id": "m1", "claim": "x"}]}, "“misconceptions” must each have an id, a claim"),
        ({"graded": {"answer": "x", "score": 1}}, "“graded” must each have an answer and its score from 0 to 1"),
        ({"graded": ["text"]}, "“graded” must each have an answer and its score from 0 to 1"),
        ({"graded": [{"answer": "x"}]}, "“graded” must each have an answer and its score from 0 to 1"),
        ({"graded": [{"score": 1}]}, "“graded” must each have an answer and its score from 0 to 1"),
        ({"graded": [{"answer": "x", "score": 1.01}]}, "“graded” must each have an answer and its score from 0 to 1"),
        ({"graded": [{"answer": "x", "score": float("nan")}]}, "and its score from 0 to 1"),
        ({"references": [], "key_points": []}, "has neither “references” nor “key_points”"),
        ({"references": ["…", "text"], "key_points": None}, "has neither “references” nor “key_points”"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_field(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = _write(tmp_path, RECORD, "", {**RECORD, **change})

    with pytest.raises(LineError) as error:
        list(read_records(path))

    assert str(error.value).startswith("answers.jsonl, line 3: ")
    assert message in str(error.value)


@pytest.mark.parametrize("field", ["id", "question", "references", "answer"])
def test_a_field_that_is_not_there_is_named(tmp_path: Path, field: str) -> None:
    path = _write(tmp_path, {key: value for key, value in RECORD.items() if key != field})

    with pytest.raises(LineError, match=f"^answers.jsonl, line 1: “{field}” is missing or not of its kind$"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1,', "is not JSON: Expecting property name enclosed in double quotes"),
        ("not JSON", "is not JSON: Expecting value"),
        ('["a list"]', "must be an object"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(LineError, match=f"^answers.jsonl, line 2: {message}"):
        list(read_records(_write(tmp_path, RECORD, line)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jsonl"

    with pytest.raises(LineError, match=f"^{path}: cannot be read: No such file or directory$"):
        list(read_records(path))


def test_a_file_that_is_not_utf8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"id": "caf\xe9"}')

    with pytest.raises(LineError, match=r"answers.jsonl: is not UTF-8 text \(byte 11\)$"):
        list(read_records(path))


# --- Records with a rating ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": None}, "“score” must be a number from 0 to 1"),
        ({"score": 1.01}, "“score” must be a number from 0 to 1"),
        ({"score": "0.5"}, "“score” must be a number from 0 to 1"),
        ({"score": float("nan")}, "“score” must be a number from 0 to 1"),
        ({"marks": {"k1": 2}}, "“marks” must be 1, 0.5, 0 or -1 by key point"),
        ({"marks": {"k1": [1]}}, "“marks” must be 1, 0.5, 0 or -1 by key point"),
        ({"marks": [1]}, "“marks” must be 1, 0.5, 0 or -1 by key point"),
        ({"marks": {"k1": 1, "k2": 1}}, "“marks” names no key point: k2"),
        ({"twin_of": 7}, "“twin_of” must be a text: the id of another record"),
        ({"twin_of": ["a1"]}, "“twin_of” must be a text: the id of another record"),
        ({"twin_of": "a2"}, "“twin_of” names no record: a2"),
        ({"twin_of": ""}, "“twin_of” names no record: "),
        ({"twin_of": "a1"}, "“twin_of” names the record itself: a1"),
    ],
)
def test_a_rating_that_cannot_be_compared_is_refused_only_where_it_is_needed(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = _write(tmp_path, RECORD, {**RECORD, **change})

    assert len(list(read_records(path))) == 2
    with pytest.raises(LineError, match=f"^answers.jsonl, line 2: {message}$"):
        list(read_records(path, rated=True))


def test_a_rated_record_may_have_no_marks(tmp_path: Path) -> None:
    path = _write(tmp_path, RECORD, {**RECORD, "marks": None}, {**RECORD, "marks": {}})

    assert len(list(read_records(path, rated=True))) == 3


def test_a_twin_may_come_before_or_after_the_record_that_it_names(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        {**RECORD, "id": "b", "twin_of": "7"},
        {**RECORD, "id": 7, "twin_of": None},
        {**RECORD, "id": "c", "twin_of": "b"},
    )

    assert [record["twin_of"] for record in read_records(path, rated=True)] == ["7", None, "b"]


def test_a_twin_must_name_one_record(tmp_path: Path) -> None:
    path = _write(tmp_path, RECORD, {**RECORD, "id": "b", "twin_of": "a1"}, RECORD)

    with pytest.raises(LineError, match=r"^answers.jsonl, line 2: “twin_of” names several records: a1$"):
        list(read_records(path, rated=True))


# --- Into the engine and out of it --------------------------------------------------------------------------


def test_a_record_becomes_the_engines_question() -> None:
    record = {
        **RECORD,
        "key_points": [
            {"id": 1, "text": "It is so.", "weight": 2, "accepted": ["So it is."]},
            {"id": "k2", "text": "B"},
        ],
        "misconceptions": [{"id": "m1", "claim": "It is not.", "contradicts": 1}],
        "graded": [{"answer": "It is so.", "score": 1}, {"answer": "", "score": 0.0}],
    }

    assert question_of(record) == Question(
        prompt="Why?",
        references=("Because it is so.",),
        key_points=(KeyPoint("1", "It is so.", 2.0, ("So it is.",)), KeyPoint("k2", "B", 1.0, ())),
        misconceptions=(Misconception("m1", "It is not.", "1"),),
        graded=(GradedAnswer("It is so.", 1.0), GradedAnswer("", 0.0)),
    )


def test_a_bare_record_becomes_a_question_of_its_reference() -> None:
    bare = {"question": "Why?", "references": ["So."]}

    assert question_of(bare) == Question("Why?", ("So.",))
    assert question_of({**bare, "key_points": None, "misconceptions": None, "graded": None}) == question_of(bare)


def test_graded_answers_are_drawn_from_the_same_question_and_left_out_of_the_rest() -> None:
    records = [
        {**RECORD, "id": f"{qid}{n}", "qid": qid, "answer": f"{qid} {n}", "score": n / 5}
        for qid in "ab"
        for n in range(5)
    ]

    others = with_graded(records, 2, np.random.default_rng(0))

    assert len(others) == 6
    for record in others:
        own = [r for r in records if r["qid"] == record["qid"]]
        rest = {r["answer"] for r in others if r["qid"] == record["qid"]}
        drawn = {given["answer"]: given["score"] for given in record["graded"]}
        assert len(drawn) == 2
        assert rest.isdisjoint(drawn)
        assert drawn.items() < {r["answer"]: r["score"] for r in own}.items()
        assert record in [{**r, "graded": record["graded"]} for r in own]


def test_a_question_with_too_few_answers_is_left_out_and_questions_without_an_id_go_by_their_text() -> None:
    few = [{**RECORD, "id": "few", "question": "Who?"}]
    many = [{**RECORD, "id": n} for n in range(3)]

    others = with_graded(few + many, 1, np.random.default_rng(0))

    assert [record["question"] for record in others] == ["Why?", "Why?"]


def test_what_is_written_for_a_record() -> None:
    result = make_result(
        marked("lazy", "stated", "Memory stays small.", p_stated=0.9, p_missing=0.06, p_contradicted=0.04),
        marked("once", "missing"),
        flags=("off_topic", "instructions"),
        doubts=("instructions",),
    )

    assert graded_record({"id": 7}, result) == {
        "id": 7,
        "score": 0.6417,
        "confidence": 0.75,
        "flags": ["off_topic", "instructions"],
        "key_points": {
            "lazy": {
                "mark": "stated",
                "p": {"stated": 0.9, "missing": 0.06, "contradicted": 0.04},
                "similarity": 0.5,
                "evidence": "Memory stays small.",
            },
            "once": {
                "mark": "missing",
                "p": {"stated": 0.2, "missing": 0.7, "contradicted": 0.1},
                "similarity": 0.5,
                "evidence": "",
            },
        },
    }


def test_a_grade_without_key_points_is_written_too() -> None:
    assert graded_record({"id": "x"}, GradeResult(0.0, 1.0, ()))["key_points"] == {}
