"""Whatever is typed, the linter finds something or nothing, and never fails."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from grading.engine import Grader
from grading.engine.encoder import StubEncoder
from grading.engine.verifier import StubVerifier
from grading.linter import Finding, findings
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent

GRADER = Grader(StubEncoder(quiet=True), StubVerifier(quiet=True))

text = st.one_of(
    st.text(max_size=60), st.sampled_from(["", " ", "...", "\u200b", "It and it; it.", "a and b does c."])
)


@st.composite
def contents(draw: st.DrawFn) -> QuestionContent:
    points = tuple(
        KeyPointContent(f"p{n}", claim, draw(st.integers(1, 3)), "", tuple(draw(st.lists(text, max_size=2))))
        for n, claim in enumerate(draw(st.lists(text, max_size=4)))
    )
    wrong = draw(st.lists(text, max_size=2)) if points else []
    return QuestionContent(
        title=draw(text),
        prompt=draw(text),
        kind="concept",
        difficulty="easy",
        minutes=5,
        references=tuple(draw(st.lists(text, max_size=2))),
        key_points=points,
        misconceptions=tuple(MisconceptionContent(f"m{n}", claim, "p0") for n, claim in enumerate(wrong)),
        exemplars=tuple(ExemplarContent(f"e{n}", "made", "x", n, ()) for n in draw(st.lists(st.integers(0, 100)))),
    )


@settings(deadline=None, max_examples=60)
@given(contents())
def test_any_content_gives_findings_that_survive_json(content: QuestionContent) -> None:
    found = findings(content, grader=GRADER)

    again = [Finding.from_dict(raw) for raw in json.loads(json.dumps([finding.as_dict() for finding in found]))]
    assert again == found
    parts = {"prompt", "exemplars"}
    parts |= {f"key_points.{p.id}" for p in content.key_points} | {
        f"misconceptions.{m.id}" for m in content.misconceptions
    }
    parts |= {f"references.{n}" for n in range(len(content.references))}
    assert {finding.field for finding in found} <= parts
    assert all(finding.message for finding in found)
