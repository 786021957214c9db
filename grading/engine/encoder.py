"""How the engine gets its vectors: a protocol, so that the pipeline can be tested without the real model."""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from grading.engine.text import Span, words

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Encoding:
    """One text in vectors: sentence (D,) and word_vectors (n, D) beside its n words, all of length 1.

    pieces (t, P): what the claim reader reads, a longer vector for each word piece.
    """

    sentence: Vectors
    words: tuple[Span, ...]
    word_vectors: Vectors
    pieces: Vectors


class Encoder(Protocol):
    """Turns texts into vectors. identity names model and weights, for the receipt."""

    identity: str

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return one Encoding a text, in the same order."""
        ...


class StubEncoder:
    """Vectors made of the words' own hashes: equal words are close, all others are not. Knows no meaning.

    For tests whose subject is not grading. It warns when made elsewhere: a grade by it is no grade.
    """

    identity = "stub"
    dimensions = 64

    def __init__(self, *, quiet: bool = False) -> None:
        if not quiet:
            warnings.warn("StubEncoder knows no meaning: its grades are for tests alone.", stacklevel=2)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        return [self._encode(text) for text in texts]

    def _encode(self, text: str) -> Encoding:
        found = tuple(words(text))
        vectors = np.array([self._vector(word.text) for word in found], dtype=np.float32).reshape(-1, self.dimensions)
        total = vectors.sum(axis=0) if found else self._vector("")
        return Encoding(unit(total), found, vectors, vectors)

    def _vector(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
        return unit(np.random.default_rng(seed).standard_normal(self.dimensions).astype(np.float32))


def unit(vectors: Vectors) -> Vectors:
    """Return vectors (…, D) scaled to length 1."""
    scaled: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled
