"""The stages of training: which questions are seen, which are kept to calibrate by, and what an epoch is made of."""

from collections import defaultdict
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from tqdm import tqdm

from grading.engine.encoder import Encoder, Vectors
from grading.training.claims import ContrastClaim
from grading.training.examples import Twins, composed, from_exemplars, from_sentences
from questionbank.formats.pack import PackQuestion

# About every third question is kept: the calibration and the figures come from questions never trained on.
KEPT_EVERY = 3
# Answers composed of each question's contrast claims, with as many twins; an epoch sees some of them.
COMPOSED = 5
COMPOSED_AN_EPOCH = 2
TEXTS_AT_ONCE = 64


def split(questions: Sequence[PackQuestion]) -> tuple[list[PackQuestion], list[PackQuestion]]:
    """Return (the questions to train on, those kept), each by name.

    A question's own name decides, so that a bank that grows moves none of them to the other side.
    """
    ordered = sorted(questions, key=lambda question: question.slug)
    kept = [question for question in ordered if crc32(question.slug.encode()) % KEPT_EVERY == 0]
    return [question for question in ordered if question not in kept], kept


def epochs_of(
    questions: Sequence[PackQuestion], claims: Sequence[ContrastClaim], *, epochs: int, seed: int
) -> list[list[Twins]]:
    """Return the examples of each epoch: all exemplars and sentences, and some of the composed answers."""
    contents = [question.content for question in questions]
    groups: defaultdict[str, list[ContrastClaim]] = defaultdict(list)
    for claim in claims:
        groups[claim.question].append(claim)
    rng = np.random.default_rng(seed)
    pool = [answer for _ in range(COMPOSED) for answer in composed(list(groups.values()), rng)]
    share = COMPOSED_AN_EPOCH * len(groups)
    return [
        from_exemplars(contents, rng)
        + from_sentences(claims, rng)
        + [pool[i] for i in rng.permutation(len(pool))[:share]]
        for _ in range(epochs)
    ]


def encode(encoder: Encoder, epochs: Sequence[Sequence[Twins]]) -> dict[str, Vectors]:
    """Return the pieces of all texts and claims, in half precision."""
    texts = sorted({text for epoch in epochs for twins in epoch for one in twins for text in (one.text, *one.claims)})
    vectors: dict[str, Vectors] = {}
    for start in tqdm(range(0, len(texts), TEXTS_AT_ONCE), desc="encoding"):
        some = texts[start : start + TEXTS_AT_ONCE]
        for text, encoding in zip(some, encoder.encode(some), strict=True):
            vectors[text] = encoding.pieces.astype(np.float16)
    return vectors
