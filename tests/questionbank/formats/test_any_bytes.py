"""Whatever is in a file, a reader answers with questions, problems and notes, and raises nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionbank.content import KeyPointContent
from questionbank.formats.common import Reading
from questionbank.formats.pack import PackQuestion
from questionbank.formats.registry import FORMATS
from tests.factories import make_content
from tests.questionbank.conftest import raw_pack, raw_question

SHORT = make_content(
    references=("443",), key_points=(KeyPointContent("answer", "443", 1),), misconceptions=(), exemplars=()
)
QUESTIONS = [PackQuestion("generators", "core", make_content()), PackQuestion("port", "core", SHORT)]
WHOLE = {name: format_.write(QUESTIONS, [{"id": "core", "title": "Core"}]) for name, format_ in FORMATS.items()}
PIECES = [
    b"\0",
    b"<",
    b">",
    b'"',
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n\n",
    b"\xff",
    b"&",
    b"=",
    b"<![CDATA[",
    b"-",
]

often = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "claim", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", FORMATS)
@often
@given(data=st.data())
def test_a_file_with_some_bytes_changed_is_answered(name: str, data: st.DataObject) -> None:
    whole = WHOLE[name]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 50, len(whole))))
    piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))

    reading = FORMATS[name].read(whole[:start] + piece + whole[end:])

    assert isinstance(reading, Reading)
    assert len(reading.questions) <= len(QUESTIONS) + 1


@pytest.mark.parametrize("name", FORMATS)
@often
@given(data=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_answered(name: str, data: bytes) -> None:
    reading = FORMATS[name].read(data)

    assert reading.questions == []


@often
@given(field=st.sampled_from(sorted(raw_question())), value=json_values)
def test_a_question_with_anything_in_a_field_is_answered(field: str, value: Any) -> None:
    raw = raw_pack(questions=[raw_question(**{field: value}), raw_question("other")])

    reading = FORMATS["pack-json"].read(json.dumps(raw).encode())

    assert "other" in [read.question.slug for read in reading.questions]
