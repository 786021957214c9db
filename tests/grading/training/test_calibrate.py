"""The calibration follows the claim reader's signals and the raters' marks, also where there are few of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from grading.engine import CREDIT, Grader, KeyPointResult, score_of
from grading.engine.alignment import Alignment
from grading.engine.calibration import Calibration
from grading.engine.encoder import StubEncoder
from grading.engine.grader import Signals, uncertainty
from grading.engine.verifier import StubVerifier
from grading.training.calibrate import (
    CONTRADICTED_FROM,
    PARTLY_FROM,
    STATED_FROM,
    UNFITTED,
    Marked,
    calibrate,
    read_exemplars,
)
from tests.factories import make_content
from tests.grading.corpora import CONTENT, EXEMPLARS, KEY_POINTS, exemplar

SEED = 7
# How each mark tends to look: how likely the point is spoken of, and how likely it is then turned round.
LOOKS = {"stated": (0.9, 0.1), "partly": (0.55, 0.2), "missing": (0.1, 0.4), "contradicted": (0.85, 0.85)}


def _signals(
    spoken: float, reversed_: float, *, whole: float | None = None, with_wrong: bool = False, denial: float = 0.0
) -> Signals:
    """Return signals by which the point is spoken of and, if so, turned round with these probabilities.

    whole: the alignment, as high as spoken unless said otherwise; denial: how outright the claim is denied.
    """
    likeness = spoken if whole is None else whole
    claim = Alignment(likeness, likeness, likeness, denial, np.array([likeness]))
    verdict = np.log([spoken * (1 - reversed_), 1 - spoken, spoken * reversed_])
    if not with_wrong:
        return Signals(claim, None, verdict, None, in_prompt=0.1)
    near = likeness + 0.3 * (reversed_ - 0.5)
    wrong = Alignment(near, near, near, 0.0, np.array([near]))
    return Signals(claim, wrong, verdict, verdict[[2, 1, 0]], in_prompt=0.2)


def _answers(count: int, *, noise: float = 0.6, with_wrong: Sequence[bool] = (False, True)) -> list[Marked]:
    """Return answers with four key points each, whose signals look like their marks but for noise (logits)."""
    rng = np.random.default_rng(SEED)

    def look(mark: str, place: int) -> Signals:
        logits = [np.log(p / (1 - p)) + noise * rng.standard_normal() for p in LOOKS[mark]]
        spoken, reversed_ = (float(1 / (1 + np.exp(-logit))) for logit in logits)
        return _signals(spoken, reversed_, with_wrong=with_wrong[place % len(with_wrong)])

    weights = (3.0, 2.0, 1.0, 2.0)
    answers = []
    for _ in range(count):
        marks = tuple(str(mark) for mark in rng.choice(list(LOOKS), 4))
        signals = tuple(look(mark, i) for i, mark in enumerate(marks))
        answers.append(_marked(signals, marks, weights))
    return answers


def _marked(signals: tuple[Signals, ...], marks: tuple[str, ...], weights: tuple[float, ...]) -> Marked:
    """Return an answer that has the score which its marks earn, and is as like the references as that is high."""
    score = score_of(zip(marks, weights, strict=True))
    return Marked(signals=signals, likeness=score, marks=marks, weights=weights, score=score)


ANSWERS = _answers(150)
FITTED = calibrate(ANSWERS)
STEPS = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]
with_and_without = pytest.mark.parametrize("with_wrong", [False, True], ids=["plain", "with misconceptions"])


def _chances(signals: Signals, fitted: Calibration = FITTED) -> tuple[float, float, float]:
    return fitted.chances(signals.coverage, signals.polarity, signals.denial)


def _rises(figures: Sequence[float]) -> bool:
    """Return whether figures go up by a good piece, step by step where they are not at their end already."""
    return all(a <= b for a, b in pairwise(figures)) and figures[-1] > figures[0] + 0.2


# --- probabilities ------------------------------------------------------------------------------------------


@with_and_without
def test_the_surer_the_reader_that_a_point_is_spoken_of_the_less_it_is_missing(*, with_wrong: bool) -> None:
    by_reader = [_chances(_signals(p, 0.2, whole=0.5, with_wrong=with_wrong)) for p in STEPS]
    by_words = [_chances(_signals(p, 0.2, with_wrong=with_wrong)) for p in STEPS]

    for chances in (by_reader, by_words):
        assert _rises([-missing for _, missing, _ in chances])
        assert _rises([stated for stated, _, _ in chances])


@with_and_without
def test_the_surer_the_reader_that_a_point_is_turned_round_the_more_it_is_contradicted(*, with_wrong: bool) -> None:
    chances = [_chances(_signals(0.9, p, with_wrong=with_wrong)) for p in STEPS]

    assert _rises([contradicted for _, _, contradicted in chances])
    assert _rises([-stated for stated, _, _ in chances])


@with_and_without
def test_the_more_outright_a_point_is_denied_the_more_it_is_contradicted(*, with_wrong: bool) -> None:
    chances = [_chances(_signals(0.9, 0.3, with_wrong=with_wrong, denial=denial)) for denial in (0.0, 0.5, 1.0)]

    assert _rises([contradicted for _, _, contradicted in chances])
    assert _rises([-stated for stated, _, _ in chances])


@with_and_without
def test_what_looks_like_a_mark_gets_it(*, with_wrong: bool) -> None:
    for mark, (spoken, reversed_) in LOOKS.items():
        stated, missing, contradicted = _chances(_signals(spoken, reversed_, with_wrong=with_wrong))

        assert stated + missing + contradicted == pytest.approx(1)
        if mark != "partly":  # that is no reading of its own: it lies between the others
            assert FITTED.mark(stated, contradicted) == mark


def test_the_more_of_a_reference_is_said_the_higher_the_score_where_there_are_references_alone() -> None:
    assert _rises([FITTED.reference.logit((share,)) for share in STEPS])
    assert FITTED.reference.logit((0.0,)) < 0.3
    assert FITTED.reference.logit((1.0,)) > 0.7


# --- thresholds ---------------------------------------------------------------------------------------------


def _mark(signals: Signals, fitted: Calibration) -> str:
    stated, _, contradicted = _chances(signals, fitted)
    return fitted.mark(stated, contradicted)


def _agreement(fitted: Calibration, answers: Sequence[Marked]) -> float:
    """Return the mean over the marks of F1: hits against all that either the raters or the engine mark so."""
    pairs = [
        (mark, _mark(signals, fitted))
        for answer in answers
        for mark, signals in zip(answer.marks, answer.signals, strict=True)
    ]
    given, got = Counter(mark for mark, _ in pairs), Counter(mark for _, mark in pairs)
    hits = Counter(mark for mark, other in pairs if mark == other)
    return sum(2 * hits[mark] / (given[mark] + got[mark]) for mark in given | got) / len(given | got)


@pytest.mark.parametrize("count", [3, 40])
def test_no_other_thresholds_give_marks_that_agree_better_with_the_raters(count: int) -> None:
    answers = ANSWERS[:count]
    fitted = calibrate(answers)

    others = [
        _agreement(replace(fitted, stated_from=stated, contradicted_from=contradicted), answers)
        for stated, contradicted in product(STATED_FROM, CONTRADICTED_FROM)
    ]

    assert PARTLY_FROM == fitted.partly_from < fitted.stated_from
    assert _agreement(fitted, answers) == pytest.approx(max(others))
    assert min(others) < max(others)


def test_raters_who_give_half_credit_sooner_get_a_lower_threshold() -> None:
    """The same signals; only what the raters made of what is hardly said differs."""

    def rated(mark: str) -> list[Marked]:
        hardly, clearly, not_at_all = (
            _marked((_signals(p, 0.05),) * 2, (m, m), (1.0, 1.0))
            for p, m in ((0.35, mark), (0.95, "stated"), (0.03, "missing"))
        )
        return [hardly, clearly, not_at_all] * 10

    hardly = _signals(0.35, 0.05)
    assert _mark(hardly, calibrate(rated("partly"))) == "partly"
    assert _mark(hardly, calibrate(rated("missing"))) == "missing"


# --- confidence ---------------------------------------------------------------------------------------------


def _confidence(*signals: Signals, fitted: Calibration = FITTED) -> float:
    chances = [_chances(one, fitted) for one in signals]
    results = [KeyPointResult("", fitted.mark(s, c), 0.0, 0.0, 0.0, s, m, c, None) for s, m, c in chances]
    return fitted.confidence.probability(uncertainty(results, [1.0] * len(signals)))


def test_certain_marks_make_a_confident_score() -> None:
    fitted = calibrate(_answers(150, noise=1.5))  # so that some scores are off
    certain = [_signals(*LOOKS[mark]) for mark in ("stated", "missing", "stated", "missing")]
    open_ = [_signals(0.5, 0.5)] * 4

    sure, half, unsure = (
        _confidence(*signals, fitted=fitted) for signals in (certain, [*certain[:2], *open_[:2]], open_)
    )

    assert sure > half > unsure
    assert sure > unsure + 0.1


# --- few exemplars ------------------------------------------------------------------------------------------


def _few(*marks: str, with_wrong: bool = False) -> Marked:
    signals = tuple(_signals(*LOOKS[mark], with_wrong=with_wrong) for mark in marks)
    return _marked(signals, marks, (1.0,) * len(marks))


@pytest.mark.parametrize(
    "answers",
    [
        [_few("stated")],
        [_few("missing")],
        [_few("missing", "partly"), _few("missing")],
        [_few("stated", "missing"), _few("stated", "stated")],
        [_few("contradicted", with_wrong=True)],
        [_few("stated", "contradicted", with_wrong=True), _few("missing", with_wrong=True)],
        _answers(2),
        _answers(5, noise=0.0),
    ],
)
def test_a_handful_of_exemplars_gives_a_calibration_that_marks(answers: list[Marked]) -> None:
    fitted = calibrate(answers)

    for spoken, reversed_, with_wrong in product(STEPS, STEPS, (False, True)):
        stated, missing, contradicted = _chances(_signals(spoken, reversed_, with_wrong=with_wrong), fitted)
        assert min(stated, missing, contradicted) >= 0
        assert stated + missing + contradicted == pytest.approx(1)
        assert fitted.mark(stated, contradicted) in CREDIT
        assert 0 <= _confidence(_signals(spoken, reversed_), fitted=fitted) <= 1


def test_where_no_point_has_a_misconception_the_reader_itself_tells_who_is_contradicted() -> None:
    fitted = calibrate(_answers(20, with_wrong=(False,)))

    assert fitted.polarity_with_misconceptions == UNFITTED.polarity_with_misconceptions
    signals = _signals(0.9, 0.3, with_wrong=True)
    stated, _, contradicted = _chances(signals, fitted)
    assert contradicted / stated == pytest.approx((0.3 / 0.7) ** fitted.sharpness, rel=1e-2)


def test_without_an_exemplar_there_is_nothing_to_calibrate_by() -> None:
    with pytest.raises(ValueError, match="no exemplars"):
        calibrate([])


# --- reading ------------------------------------------------------------------------------------------------


def test_exemplars_are_read_with_their_marks_in_the_order_of_the_key_points() -> None:
    grader = Grader(StubEncoder(quiet=True), StubVerifier(quiet=True), UNFITTED)
    said = exemplar("said", 88, "spm", f"{KEY_POINTS[0].claim} Well, that is that, one may say.")
    empty = exemplar("empty", 0, "mmm", "…")
    content = make_content(key_points=KEY_POINTS, misconceptions=CONTENT.misconceptions[:1], exemplars=(said, empty))

    (read,) = read_exemplars(grader, [content])  # a guard stops the empty one, and no mark is the reader's

    assert read.marks == ("stated", "partly", "missing")
    assert read.weights == (3.0, 2.0, 1.0)
    assert read.score == 0.88
    lazy, memory, once = read.signals
    assert lazy.coverage[0] > max(memory.coverage[0], once.coverage[0])
    assert [signals.wrong is not None for signals in read.signals] == [True, False, False]
    assert 0 < read.likeness <= 1


def test_all_exemplars_of_all_questions_are_read() -> None:
    grader = Grader(StubEncoder(quiet=True), StubVerifier(quiet=True), UNFITTED)
    other = make_content(exemplars=EXEMPLARS[:2])

    assert len(read_exemplars(grader, [CONTENT, other])) == len(EXEMPLARS) + 2
