"""What holds for any text at all, whoever typed or forged it."""

import unicodedata
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading.engine import Grader, GradeResult, KeyPoint, Misconception, Question
from grading.engine.encoder import StubEncoder
from grading.engine.text import distinct_sentences, sentences, visible, words

# The same examples in each run, and few enough to be quick: what matters is which kinds of text are tried.
bounded = settings(max_examples=60, deadline=None, derandomize=True, database=None)

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
GRADER = Grader(StubEncoder(quiet=True))

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


def _spread(character: str, text: str) -> str:
    return character.join(text)


def _check(answer: str, result: GradeResult) -> None:
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


@bounded
@given(answers)
@example("")
@example("\ud800")
@example("\x00" * 50)
@example("\u0301" * 50)
@example(f"\u202e{CLAIM}\u202c")
@example(f"{CLAIM[:10]}\u00ad{CLAIM[10:]}")
@example("Z\u0351\u036b\u0343a\u0334\u0358l\u0321\u035bg\u031eo\u0319 " * 20)
@example("👩‍💻 " * 20)
@example("שלום. مرحبا بالعالم. " * 5)
def test_any_answer_gets_a_grade_whose_evidence_stands_in_it(answer: str) -> None:
    _check(answer, GRADER.grade(QUESTION, answer))


@bounded
@given(answers)
def test_the_same_answer_gets_the_same_grade_from_another_grader(answer: str) -> None:
    assert Grader(StubEncoder(quiet=True)).grade(QUESTION, answer) == GRADER.grade(QUESTION, answer)


@bounded
@given(st.lists(answers, max_size=6))
def test_an_answer_gets_the_same_grade_in_any_company(texts: list[str]) -> None:
    together = GRADER.grade_many([(QUESTION, text) for text in texts])

    assert together == [GRADER.grade(QUESTION, text) for text in texts]


@bounded
@given(answers, st.sampled_from(["\u00ad", "\u200d", "\u2060", "\ufeff", "\u202e", "\u034f"]))
def test_what_nobody_sees_moves_no_score(answer: str, spike: str) -> None:
    plain, spiked = GRADER.grade(QUESTION, answer), GRADER.grade(QUESTION, _spread(spike, answer))

    assert (spiked.score, spiked.flags) == (plain.score, plain.flags)
    _check(_spread(spike, answer), spiked)


@bounded
@given(answers, st.integers(2, 4))
def test_an_answer_said_again_and_again_scores_no_more(answer: str, times: int) -> None:
    once, often = (GRADER.grade(QUESTION, "\n".join([answer] * count)) for count in (1, times))

    assert often.score == once.score


@bounded
@given(answers, answers, answers)
def test_any_question_can_be_asked(prompt: str, claim: str, answer: str) -> None:
    question = Question(prompt, (), (KeyPoint("only", claim, 1, (claim,)),), (Misconception("m", prompt, "only"),))

    result = GRADER.grade(question, answer)

    assert 0 <= result.score <= 1
    (point,) = result.key_points
    assert point.evidence is None or answer[point.evidence.start : point.evidence.end] == point.evidence.text


@bounded
@given(answers)
def test_sentences_stand_in_the_text_in_order_and_hold_all_its_words(text: str) -> None:
    found = sentences(text)

    assert [text[s.start : s.end] for s in found] == [s.text for s in found]
    assert [(s.start, s.end) for s in found] == sorted((s.start, s.end) for s in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert [w.text for s in found for w in words(s.text)] == [w.text for w in words(text)]
    assert set(distinct_sentences(text)) <= set(found)


@bounded
@given(answers)
def test_what_is_seen_has_no_control_character_and_knows_its_place(text: str) -> None:
    seen, offsets = visible(text)

    assert len(seen) == len(offsets)
    assert offsets == sorted(set(offsets))
    assert [c for c in seen if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")] == []
    assert all(c in (text[offset], " ") for c, offset in zip(seen, offsets, strict=True))
    assert visible(seen)[0] == seen
