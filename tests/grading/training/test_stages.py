"""Which questions are kept, what an epoch is made of, and that all of it is encoded once."""

from dataclasses import replace
from typing import Any

import numpy as np

from grading.engine.encoder import StubEncoder
from grading.training.examples import Twins
from grading.training.stages import COMPOSED, COMPOSED_AN_EPOCH, encode, epochs_of, split
from questionbank.formats.pack import PackQuestion
from tests.grading.corpora import CLAIM, CONTENT, EXEMPLARS, claims_of, pack_of

QUESTIONS = pack_of(CONTENT, CONTENT).questions
# More than are ever asked of an exemplar, so that composed answers are known by their number of claims.
GROUP = 9
CLAIMS = [*claims_of(GROUP), *claims_of(GROUP, replace(CLAIM, question="What is a B-tree?"))]


def _questions(count: int) -> list[PackQuestion]:
    return pack_of(*[CONTENT] * count).questions


def _slugs(questions: list[PackQuestion]) -> list[str]:
    return [question.slug for question in questions]


def _plain(epochs: list[list[Twins]]) -> list[Any]:
    return [
        [[(one.text, one.claims, one.targets.tolist()) for one in twins] for twins in examples] for examples in epochs
    ]


def test_about_every_third_question_is_kept() -> None:
    seen, kept = split(_questions(90))

    assert {*_slugs(seen), *_slugs(kept)} == {f"q{number}" for number in range(90)}
    assert 20 <= len(kept) <= 40


def test_a_bank_that_grows_moves_no_question_to_the_other_side() -> None:
    small, large = (set(_slugs(split(_questions(count))[1])) for count in (8, 90))

    assert small == {slug for slug in large if slug in _slugs(_questions(8))}
    assert split(_questions(8)[::-1]) == split(_questions(8))


def test_no_question_is_on_both_sides_even_where_two_packs_bring_it() -> None:
    seen, kept = split([*_questions(8), *_questions(8)])

    assert not set(_slugs(seen)) & set(_slugs(kept))
    assert {*_slugs(seen), *_slugs(kept)} == {f"q{number}" for number in range(8)}


def test_an_epoch_has_all_exemplars_all_claims_and_some_of_the_composed_answers() -> None:
    epochs = epochs_of(QUESTIONS, CLAIMS, epochs=8, seed=7)

    assert len(epochs) == 8
    for examples in epochs:
        texts = [one.text for twins in examples for one in twins]
        assert all(texts.count(exemplar.text) == len(QUESTIONS) for exemplar in EXEMPLARS)
        alone = [twins[0].claims[0] for twins in examples if len(twins) == 2 and len(twins[0].claims) == 3]
        assert {claim.claim for claim in CLAIMS} <= set(alone)
        assert sum(len(twins[0].claims) == GROUP for twins in examples) == 2 * COMPOSED_AN_EPOCH
    answers = {twins[0].text for examples in epochs for twins in examples if len(twins[0].claims) == GROUP}
    assert 2 * COMPOSED_AN_EPOCH < len(answers) <= 2 * COMPOSED


def test_a_seed_gives_the_same_epochs_again_and_no_epoch_is_like_another() -> None:
    first, again, other = (_plain(epochs_of(QUESTIONS, CLAIMS, epochs=3, seed=seed)) for seed in (7, 7, 8))

    assert first == again
    assert first != other
    assert first[0] != first[1] != first[2]


def test_all_texts_and_claims_are_encoded_in_half_precision() -> None:
    epochs = epochs_of(QUESTIONS, CLAIMS, epochs=2, seed=7)
    texts = {text for examples in epochs for twins in examples for one in twins for text in (one.text, *one.claims)}
    encoder = StubEncoder(quiet=True)

    vectors = encode(encoder, epochs)

    assert set(vectors) == texts
    assert all(found.dtype == np.float16 for found in vectors.values())
    (due,) = encoder.encode([CLAIM.claim + " 1"])
    np.testing.assert_allclose(vectors[CLAIM.claim + " 1"], due.pieces, atol=1e-3)
