"""Any text at all as an answer, and what holds of its grade whichever parts the engine is made of."""

from hypothesis import strategies as st

from grading.engine import GradeResult, KeyPoint, Misconception, Question

CLAIM = "Generators produce values on demand."
QUESTION = Question(
    "When would you write a generator rather than a list?",
    (f"{CLAIM} Memory stays small.",),
    (
        KeyPoint("lazy", CLAIM, 3, ("Values come lazily.",)),
        KeyPoint("memory", "Memory stays small.", 2),
        KeyPoint("once", "They run a single time.", 1),
    ),
    (Misconception("eager", "Generators build everything at once.", "lazy"),),
)
# Characters that break what was not made for them: lone surrogates, NUL and other controls, marks that combine,
# directions, joiners, invisible and private ones, and many scripts.
anything = st.text(st.characters(), max_size=200)
hostile = st.text(
    st.sampled_from(
        "\ud800\udfff\x00\x01\x1b\x7f\x85\u00ad\u0301\u0336\u0489\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2028\u2029\u2066"
        "\ufe0f\ufeff\uffff\U000e0041\U0010ffff\u115f\u3164אבשלוםمرحبا\u0940नम中文한👩🏽💻🇩 \t\r\n.!?…\"')]’-_1aZß"
    ),
    max_size=200,
)
said = st.sampled_from([CLAIM, "Memory stays small.", "Generators build everything at once!", "generator", " ", "\n"])
woven = st.lists(said | hostile | anything, max_size=8).map("".join)
answers = anything | hostile | woven


def check(answer: str, result: GradeResult) -> None:
    """Assert that result is a grade of answer to QUESTION, whose evidence stands in it."""
    assert 0 <= result.score <= 1
    assert 0 <= result.confidence <= 1
    assert [point.id for point in result.key_points] == ["lazy", "memory", "once"]
    for point in result.key_points:
        chances = (point.p_stated, point.p_missing, point.p_contradicted)
        assert min(chances) >= 0
        assert abs(sum(chances) - 1) < 1e-9
        assert (point.evidence is None) == (point.mark == "missing")
        if point.evidence:
            assert 0 <= point.evidence.start < point.evidence.end <= len(answer)
            assert answer[point.evidence.start : point.evidence.end] == point.evidence.text
