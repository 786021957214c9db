"""What the claim reader learns from says of each claim what was marked, or what was done with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grading.training.claims import ContrastClaim
from grading.training.examples import Example, Twins, composed, from_exemplars, from_sentences
from questionbank.content import KeyPointContent, QuestionContent
from tests.factories import make_content
from tests.grading.corpora import CLAIM, CONTENT, EXEMPLARS, KEY_POINTS, MISCONCEPTIONS, claims_of

STATED, MISSING, CONTRADICTED = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
OF_MARK = {"stated": STATED, "partly": [0.6, 0.4, 0.0], "missing": MISSING, "contradicted": CONTRADICTED}
# Two false sentences about one thing: mostly, not surely, the same mistake.
BOTH_FALSE = [0.6, 0.2, 0.2]

ACCEPTED = ("Nothing is made before somebody wants it.", "One value at a time, when asked.")
QUESTION = replace(CONTENT, key_points=(replace(KEY_POINTS[0], accepted=ACCEPTED), *KEY_POINTS[1:]))
FOREIGN = "An index lets the database find rows."
OTHER = make_content(key_points=(KeyPointContent("rows", FOREIGN, 2),), misconceptions=(), exemplars=())
# Two questions of the claims' own, so that a composed answer can hold a sentence of the other.
GROUPS = [claims_of(5), claims_of(5, replace(CLAIM, question="What is ice?", near=("Ice floats on water.",)))]
CLAIMS = [replace(claim, question=f"{claim.question} {number}") for number, claim in enumerate(claims_of(9))]


def _plain(examples: Sequence[Twins]) -> list[Any]:
    return [[(one.text, one.claims, one.targets.tolist()) for one in twins] for twins in examples]


def _asked(example: Example) -> list[tuple[str, list[float]]]:
    return list(zip(example.claims, example.targets.tolist(), strict=True))


# --- exemplars ----------------------------------------------------------------------------------------------


def _of_exemplars(*questions: QuestionContent, draws: int = 20) -> list[Twins]:
    rng = np.random.default_rng(7)
    return [twins for _ in range(draws) for twins in from_exemplars(questions, rng)]


def test_every_exemplar_comes_once_and_twins_come_together() -> None:
    examples = _of_exemplars(CONTENT, draws=1)

    assert Counter(one.text for twins in examples for one in twins) == {e.text: 1 for e in EXEMPLARS}
    texts = {e.id: e.text for e in EXEMPLARS}
    assert {tuple(one.text for one in twins) for twins in examples if len(twins) == 2} == {
        (texts[e.twin_of], e.text) for e in EXEMPLARS if e.twin_of
    }


def test_of_an_exemplar_each_key_point_is_asked_once_with_its_mark_for_target() -> None:
    point_of = {point.claim: point.id for point in QUESTION.key_points} | dict.fromkeys(ACCEPTED, "lazy")
    marks = {e.text: dict(e.marks) for e in EXEMPLARS}

    for twins in _of_exemplars(QUESTION, OTHER):
        for one in twins:
            points = [(point_of[claim], target) for claim, target in _asked(one) if claim in point_of]
            assert points == [(key, OF_MARK[marks[one.text][key]]) for key in ("lazy", "memory", "once")]


def test_a_key_point_is_now_and_then_asked_in_another_accepted_wording() -> None:
    asked = Counter(twins[0].claims[0] for twins in _of_exemplars(QUESTION))

    assert set(asked) == {KEY_POINTS[0].claim, *ACCEPTED}
    assert asked[KEY_POINTS[0].claim] > asked.total() / 2


def test_who_states_a_point_contradicts_its_misconception_and_where_that_is_open_it_is_not_asked() -> None:
    against = {m.claim: m.contradicts for m in MISCONCEPTIONS}
    marks = {e.text: dict(e.marks) for e in EXEMPLARS}
    found = Counter(
        (marks[one.text][against[claim]], *target)
        for twins in _of_exemplars(CONTENT)
        for one in twins
        for claim, target in _asked(one)
        if claim in against
    )

    assert set(found) == {("stated", *CONTRADICTED), ("missing", *MISSING)}


def test_a_claim_of_another_question_is_missing_in_every_answer() -> None:
    foreign = [target for t in _of_exemplars(CONTENT, OTHER) for one in t for c, target in _asked(one) if c == FOREIGN]

    assert len(foreign) > 20
    assert all(target == MISSING for target in foreign)


# --- sentences ----------------------------------------------------------------------------------------------


def test_each_claim_gives_two_sentences_of_one_voice_that_say_the_contrary_of_each_other() -> None:
    pairs = [twins for twins in from_sentences(CLAIMS, np.random.default_rng(7)) if len(twins) == 2]

    assert len(pairs) == len(CLAIMS)
    for claim, (right, wrong) in zip(CLAIMS, pairs, strict=True):
        assert claim.right.index(right.text) == claim.wrong.index(wrong.text)
        assert right.claims[0] == claim.claim
        assert right.claims[1] in claim.right
        assert right.claims[2] in claim.wrong
        assert right.targets.tolist() == [STATED, STATED, CONTRADICTED]
        assert wrong.targets.tolist() == [CONTRADICTED, CONTRADICTED, BOTH_FALSE]


def test_what_only_stands_near_a_claim_or_talks_around_it_states_and_contradicts_nothing() -> None:
    rng = np.random.default_rng(7)
    alone = [one for _ in range(60) for one, *twin in from_sentences(CLAIMS, rng) if not twin]

    assert {one.text for one in alone} == {text for claim in CLAIMS for text in (*claim.near, *claim.vague)}
    assert all(one.targets.tolist() == [MISSING] * 3 for one in alone)


def test_what_upholds_a_claim_and_what_denies_it_are_voices_like_the_others() -> None:
    upheld, denied = ("No row need be skipped.", "It is not slower."), ("No row can be skipped.", "It is not quicker.")
    claim, rng = replace(CLAIM, upheld=upheld, denied=denied), np.random.default_rng(7)
    pairs = [twins for _ in range(60) for twins in from_sentences([claim], rng) if len(twins) == 2]
    seen = {(one.text, other.text) for one, other in pairs}

    assert seen == set(zip((*claim.right, *upheld), (*claim.wrong, *denied), strict=True))


# --- composed answers ---------------------------------------------------------------------------------------


def _compositions(draws: int = 60) -> list[tuple[list[ContrastClaim], Twins]]:
    rng = np.random.default_rng(7)
    return [pair for _ in range(draws) for pair in zip(GROUPS, composed(GROUPS, rng), strict=True)]


def _said(claim: ContrastClaim, text: str) -> str:
    """Return what text does with claim: right, wrong, or neither ("")."""
    (said,) = [kind for kind in ("right", "wrong") if any(s in text for s in getattr(claim, kind))] or [""]
    return said


def _due(said: str, *, asked_is_true: bool) -> list[float]:
    if not said:
        return MISSING
    if said == "right":
        return STATED if asked_is_true else CONTRADICTED
    return CONTRADICTED if asked_is_true else BOTH_FALSE


def test_a_composed_answer_is_asked_about_each_claim_with_what_it_does_with_it_for_target() -> None:
    seen = set()
    for group, twins in _compositions():
        for one in twins:
            for claim, (asked, target) in zip(group, _asked(one), strict=True):
                assert asked in (claim.claim, *claim.right, *claim.wrong)
                said, asked_is_true = _said(claim, one.text), asked not in claim.wrong
                assert target == _due(said, asked_is_true=asked_is_true)
                seen.add((said, asked_is_true))

    assert len(seen) == 6


def test_a_composed_twin_turns_one_claim_or_two_round_in_the_same_voice_and_leaves_the_rest() -> None:
    turned = Counter()
    for group, (one, twin) in _compositions():
        said = [(_said(claim, one.text), _said(claim, twin.text)) for claim in group]
        turned[sum(a != b for a, b in said)] += 1
        text = one.text
        for claim, (a, b) in zip(group, said, strict=True):
            if a != b:
                assert {a, b} == {"right", "wrong"}
                voice = next(i for i, sentence in enumerate(getattr(claim, a)) if sentence in text)
                text = text.replace(getattr(claim, a)[voice], getattr(claim, b)[voice])
        assert text == twin.text

    assert set(turned) == {1, 2}


def test_a_composed_answer_may_hold_sentences_that_are_near_vague_or_from_another_question() -> None:
    beside = Counter()
    for group, twins in _compositions():
        other = GROUPS[1] if group is GROUPS[0] else GROUPS[0]
        beside["near"] += any(claim.near[0] in twins[0].text for claim in group)
        beside["vague"] += any(claim.vague[0] in twins[0].text for claim in group)
        beside["foreign"] += any(claim.near[0] in twins[0].text for claim in other)

    assert min(beside[kind] for kind in ("near", "vague", "foreign")) > 5


# --- all sources --------------------------------------------------------------------------------------------

SOURCES = {
    "exemplars": lambda rng: from_exemplars([QUESTION, OTHER], rng),
    "sentences": lambda rng: from_sentences(CLAIMS, rng),
    "composed": lambda rng: composed(GROUPS, rng),
}
each_source = pytest.mark.parametrize("source", list(SOURCES))


@each_source
def test_twins_have_the_same_claims_and_every_claim_its_target(source: str) -> None:
    rng = np.random.default_rng(7)
    examples = [twins for _ in range(20) for twins in SOURCES[source](rng)]

    assert {len(twins) for twins in examples} <= {1, 2}
    assert any(len(twins) == 2 for twins in examples)
    for twins in examples:
        assert len({one.claims for one in twins}) == 1
        assert len({one.text for one in twins}) == len(twins)
        for one in twins:
            assert one.targets.shape == (len(one.claims), 3)
            assert one.targets.sum(axis=1) == pytest.approx(1)


@each_source
def test_no_claim_is_asked_in_the_very_words_that_are_said(source: str) -> None:
    """Else equal words would be learnt for a sign of truth."""
    rng = np.random.default_rng(7)
    examples = [one for _ in range(20) for twins in SOURCES[source](rng) for one in twins]

    assert [(one.text, claim) for one in examples for claim in one.claims if claim in one.text] == []


@each_source
def test_a_seed_gives_the_same_examples_again_and_another_seed_others(source: str) -> None:
    first, again, other = (_plain(SOURCES[source](np.random.default_rng(seed))) for seed in (7, 7, 8))

    assert first == again
    assert first != other
