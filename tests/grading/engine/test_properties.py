"""What holds for any text at all, whoever typed or forged it."""

import unicodedata
from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from grading.engine import GradedAnswer, KeyPoint, Misconception, Question
from grading.engine.guards import HIDDEN_CHARACTERS
from grading.engine.text import distinct_sentences, sentences, visible, words
from tests.grading.engine.any_text import CLAIM, QUESTION, answers, check, hostile, said
from tests.grading.engine.plain import plain_grader

# The same examples in each run, and few enough to be quick: what matters is which kinds of text are tried.
bounded = settings(max_examples=60, deadline=None, derandomize=True, database=None)

GRADER = plain_grader()

# What people write: sentences that say a point or the contrary, that speak of something else, and that say a point
# by halves.
CLAIMS = {point.id: point.claim for point in QUESTION.key_points}
CONTRARY = QUESTION.misconceptions[0].claim
WHOLE_SENTENCES = (
    *CLAIMS.values(),
    CONTRARY,
    "Values come lazily.",
    "It depends on what you want to do.",
    "A list is better when you need to sort, or to look at the same thing twice.",
    "In the village where I grew up, pears are ripe in September.",
)
HALF_SENTENCES = (
    "They run once, and after that they are empty.",
    "The memory that a list takes grows with it.",
    "I would use one to read a file that is larger than the memory.",
)
written = st.lists(st.sampled_from(WHOLE_SENTENCES + HALF_SENTENCES), min_size=1, max_size=7, unique=True)
# To the stub any two words are a little alike by chance, so that one word more may make up a half to a whole.
written_in_full = st.lists(st.sampled_from(WHOLE_SENTENCES), min_size=1, max_size=7, unique=True)
# Words that mean nothing: none of them is a word of the question.
nonsense = st.lists(st.text("bdfgklmopuvz", min_size=4, max_size=9), min_size=1, max_size=15).map(
    lambda made: f"{' '.join(made).capitalize()}."
)
EPSILON = 0.01
"""How far a score (0..1) may move where it should not: rounding, and nothing that would change a mark."""


def _score(*said: str) -> float:
    return GRADER.grade(QUESTION, " ".join(said)).score


def _spread(character: str, text: str) -> str:
    return character.join(text)


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
    check(answer, GRADER.grade(QUESTION, answer))


@settings(bounded, max_examples=15)
@given(hostile.filter(bool) | said | st.text(st.characters(), min_size=1, max_size=30))
@example("Z\u0351\u036b\u0343")
@example("a…")
def test_the_longest_answer_gets_a_grade_whatever_it_is_made_of(piece: str) -> None:
    answer = (piece * 20_000)[:20_000]

    check(answer, GRADER.grade(QUESTION, answer))


@bounded
@given(answers)
def test_the_same_answer_gets_the_same_grade_from_another_grader(answer: str) -> None:
    assert plain_grader().grade(QUESTION, answer) == GRADER.grade(QUESTION, answer)


@bounded
@given(st.lists(answers, max_size=6))
def test_an_answer_gets_the_same_grade_in_any_company(texts: list[str]) -> None:
    together = GRADER.grade_many([(QUESTION, text) for text in texts])

    assert together == [GRADER.grade(QUESTION, text) for text in texts]


@bounded
@given(answers, st.sampled_from(["\u00ad", "\u200d", "\u2060", "\ufeff", "\u202e", "\u034f"]))
def test_what_nobody_sees_moves_no_score(answer: str, spike: str) -> None:
    plain, spiked = GRADER.grade(QUESTION, answer), GRADER.grade(QUESTION, _spread(spike, answer))

    assert spiked.score == plain.score
    assert set(spiked.flags) ^ set(plain.flags) <= {HIDDEN_CHARACTERS}
    assert spiked.doubts == plain.doubts
    check(_spread(spike, answer), spiked)


@bounded
@given(answers, st.integers(2, 4))
def test_an_answer_said_again_and_again_scores_no_more(answer: str, times: int) -> None:
    once, often = (GRADER.grade(QUESTION, "\n".join([answer] * count)) for count in (1, times))

    assert often.score == once.score


@bounded
@given(written, st.sampled_from(sorted(CLAIMS)), st.integers(0, 7))
def test_a_right_sentence_for_a_missing_point_never_lowers_the_score(said: list[str], point: str, place: int) -> None:
    """Where the contrary is not said as well: who says both contradicts the point, and that costs."""
    marks = {p.id: p.mark for p in GRADER.grade(QUESTION, " ".join(said)).key_points}
    assume(marks[point] == "missing" and (point != "lazy" or CONTRARY not in said))

    assert _score(*said[:place], CLAIMS[point], *said[place:]) >= _score(*said)


@bounded
@given(written_in_full, nonsense)
def test_nonsense_at_the_end_never_raises_the_score(said: list[str], added: str) -> None:
    assert _score(*said, added) <= _score(*said) + EPSILON


@bounded
@given(written.flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_the_order_of_sentences_does_not_matter(orders: tuple[list[str], list[str]]) -> None:
    one, other = orders

    assert abs(_score(*one) - _score(*other)) <= EPSILON


@bounded
@given(answers, st.lists(st.tuples(answers, st.floats(0, 1)), max_size=3))
def test_graded_answers_of_any_kind_keep_the_score_within_its_bounds(
    answer: str, graded: list[tuple[str, float]]
) -> None:
    question = replace(QUESTION, graded=tuple(GradedAnswer(text, score) for text, score in graded))

    check(answer, GRADER.grade(question, answer))


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
