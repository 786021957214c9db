"""The stub that stands in for the claim reader: it finds words and knows no meaning."""

import hashlib
import math

import numpy as np
import pytest

from grading.engine.encoder import StubEncoder, Vectors
from grading.engine.verifier import CONTRADICTED, MISSING, STATED, StubVerifier, hash_of

VERIFIER = StubVerifier(quiet=True)
EMPTY = np.zeros((0, 64), dtype=np.float32)


def _pieces(text: str) -> Vectors:
    return StubEncoder(quiet=True).encode([text])[0].pieces


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("pears grow", 0.02),
        ("memory grows", 0.02 + 0.96 / 3),
        ("memory stays", 0.02 + 0.96 * 2 / 3),
        ("memory stays small", 0.98),
        ("small pears stays in memory", 0.98),
    ],
)
def test_a_claim_is_spoken_of_as_far_as_its_words_are_in_the_text(text: str, spoken: float) -> None:
    ((verdict,),) = VERIFIER.read([_pieces(text)], [[_pieces("memory stays small")]])

    assert verdict[MISSING] == pytest.approx(math.log(1 - spoken), abs=1e-4)
    assert verdict[STATED] == pytest.approx(math.log(0.95 * spoken), abs=1e-4)
    assert verdict[CONTRADICTED] == pytest.approx(math.log(0.05 * spoken), abs=1e-4)


def test_verdicts_are_log_probabilities_one_row_a_claim() -> None:
    claims = [_pieces("memory"), _pieces("values arrive"), _pieces("pears")]

    (verdicts,) = VERIFIER.read([_pieces("memory and pears")], [claims])

    assert verdicts.shape == (3, 3)
    assert verdicts.dtype == np.float32
    assert np.exp(verdicts).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert list(verdicts.argmax(axis=1)) == [STATED, MISSING, STATED]


def test_each_text_is_read_against_its_own_claims() -> None:
    first, second, third = VERIFIER.read(
        [_pieces("memory"), _pieces("pears"), _pieces("values")], [[_pieces("pears")], [_pieces("pears")] * 2, []]
    )

    assert list(first.argmax(axis=1)) == [MISSING]
    assert list(second.argmax(axis=1)) == [STATED, STATED]
    assert third.shape == (0, 3)


@pytest.mark.parametrize(("text", "claim"), [(EMPTY, _pieces("memory")), (_pieces("memory"), EMPTY), (EMPTY, EMPTY)])
def test_in_nothing_nothing_is_found(text: Vectors, claim: Vectors) -> None:
    ((verdict,),) = VERIFIER.read([text], [[claim]])

    assert np.isfinite(verdict).all()
    assert int(verdict.argmax()) == MISSING


def test_nothing_to_read_gives_nothing() -> None:
    assert VERIFIER.read([], []) == []


def test_texts_and_claims_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        VERIFIER.read([_pieces("memory")], [])


def test_the_stub_warns_wherever_it_is_not_wanted() -> None:
    with pytest.warns(UserWarning, match="knows no meaning"):
        StubVerifier()


def test_a_hash_is_the_beginning_of_the_sha_256() -> None:
    assert hash_of(b"weights") == hashlib.sha256(b"weights").hexdigest()[:12]
