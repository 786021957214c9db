"""What a claim reader must do, so that the pipeline can be tested without the real one."""

import hashlib
import math
import warnings
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from grading.engine.encoder import Vectors, unit

STATED, MISSING, CONTRADICTED = range(3)
"""The columns of verdicts."""

Verdicts = NDArray[np.float32]


class Verifier(Protocol):
    """Reads claims against texts, both as the encoder's pieces. identity names method and weights, for the receipt."""

    identity: str

    def read(self, texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]) -> list[Verdicts]:
        """Return for each text (t, P) the log-probabilities (k, 3) of its k claims: stated, missing, contradicted."""
        ...


class StubVerifier:
    """Takes a claim for stated as far as its pieces are in the text. Knows no meaning.

    For tests whose subject is not grading. It warns when made elsewhere: a grade by it is no grade.
    """

    identity = "stub"

    def __init__(self, *, quiet: bool = False) -> None:
        if not quiet:
            warnings.warn("StubVerifier knows no meaning: its grades are for tests alone.", stacklevel=2)

    def read(self, texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]) -> list[Verdicts]:
        return [
            np.array([_verdict(text, claim) for claim in group], dtype=np.float32).reshape(-1, 3)
            for text, group in zip(texts, claims, strict=True)
        ]


def _verdict(text: Vectors, claim: Vectors) -> list[float]:
    found = (unit(claim) @ unit(text).T).max(axis=1) > 0.99 if len(text) and len(claim) else np.zeros(1)
    covered = 0.02 + 0.96 * float(found.mean())
    return [math.log(p) for p in (covered * 0.95, 1 - covered, covered * 0.05)]


def hash_of(content: bytes) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of content."""
    return hashlib.sha256(content).hexdigest()[:12]
