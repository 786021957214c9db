"""Question-demoted token alignment: how much of a claim an answer says, word by word in context.

For each content word of the claim that the prompt does not already say, the best cosine to any content word of the
answer; then the mean. After BERTScore recall (Zhang et al. 2020, arXiv:1904.09675) with the demotion of Sultan et al.
2016 (doi:10.18653/v1/N16-1123); docs/decisions/0004-engine.md has the measurements.
"""

from dataclasses import dataclass

import numpy as np

from grading.engine.denial import deniable_words, denied_words
from grading.engine.encoder import Encoder, Encoding, Vectors, unit
from grading.engine.text import STOP_WORDS, Span, content_stems, distinct_sentences, stem, visible, words

# Cosines at which a word begins to be, and certainly is, the claim's word; mean best cosines at which a sentence
# begins to say, and certainly says, what the claim is about.
SAME_WORD = (0.4, 0.8)
SAME_SENTENCE = (0.35, 0.65)
# Likeness at which two neighbouring sentences begin to be, and certainly are, the claim in its own words.
COPY = (0.6, 0.8)

# Sentences are read together, in context, up to this many words at a time.
WORDS_A_READING = 150


@dataclass(frozen=True)
class ReadClaim:
    """A claim's sentence vector (D,), and the vectors (n, D) of its words that the prompt does not say.

    deniable (n,): 1 for the words that a negation in an answer would turn round, else 0.
    """

    sentence: Vectors
    words: Vectors
    deniable: np.ndarray


@dataclass(frozen=True)
class ReadAnswer:
    """An answer's sentences, their vectors (s, D), its own (D,), and the vectors (w, D) of its content words.

    owner (w,) says in which sentence each word stands, denied (w,) how surely it is denied there (0..1); pieces are
    the encoder's, of all readings.
    """

    sentences: tuple[Span, ...]
    vectors: Vectors
    whole: Vectors
    words: Vectors
    owner: np.ndarray
    denied: np.ndarray
    pieces: Vectors


@dataclass(frozen=True)
class Alignment:
    """How well an answer states a claim, 0..1 in practice.

    whole: best match of each word anywhere in the answer; near: within the best two neighbouring sentences;
    cosine: of the best sentence; denial: how outright the sentence that says most of the claim's words denies one of
    them; by_sentence (s,): sentence by sentence, to choose the evidence.
    """

    whole: float
    near: float
    cosine: float
    denial: float
    by_sentence: np.ndarray

    @property
    def undenied(self) -> float:
        """The share (0..1) of near and cosine that speaks for the claim: none where it is copied with a "not"."""
        return 1 - self.denial * float(_between(self.near, *COPY))


def read_claims(encoder: Encoder, claims: list[str], prompt: str) -> list[tuple[ReadClaim, Vectors]]:
    """Encode claims with the words of the prompt demoted; return each with its pieces, which the verifier reads."""
    demoted = content_stems(prompt)
    seen = [visible(claim)[0] for claim in claims]
    return [
        (_read_claim(text, encoding, demoted), encoding.pieces)
        for text, encoding in zip(seen, encoder.encode(seen), strict=True)
    ]


def _read_claim(text: str, encoding: Encoding, demoted: set[str]) -> ReadClaim:
    """Keep the words that are the claim's own; all content words, or all words, if none is."""
    content = [i for i, word in enumerate(encoding.words) if word.text not in STOP_WORDS]
    own = [i for i in content if stem(encoding.words[i].text) not in demoted]
    kept = own or content or list(range(len(encoding.words)))
    offsets = deniable_words(text)
    deniable = np.array([encoding.words[i].start in offsets for i in kept], dtype=np.float32)
    return ReadClaim(encoding.sentence, encoding.word_vectors[kept], deniable)


def sentences_to_read(answer: str) -> tuple[Span, ...]:
    """Return the sentences of answer as graded: visible characters only, repeated ones once.

    Their offsets are those of answer; their text is what is read, without what nobody sees.
    """
    seen, offsets = visible(answer)
    return tuple(Span(s.text, offsets[s.start], offsets[s.end - 1] + 1) for s in distinct_sentences(seen))


def texts_to_read(sentences: tuple[Span, ...]) -> list[str]:
    """Return what is read of an answer at a time: its sentences in context, as many as the models take."""
    return [" ".join(s.text for s in reading) for reading in _readings(sentences)]


def _readings(sentences: tuple[Span, ...]) -> list[list[Span]]:
    readings: list[list[Span]] = []
    length = 0
    for sentence in sentences:
        count = len(words(sentence.text))
        if not readings or length + count > WORDS_A_READING:
            readings.append([])
            length = 0
        readings[-1].append(sentence)
        length += count
    return readings


def read_answer(sentences: tuple[Span, ...], encodings: list[Encoding]) -> ReadAnswer:
    """Put together what the encoder made of texts_to_read(sentences).

    A sentence's vector is the mean of its words' vectors, read in context: one pass of the model serves for both.
    """
    vectors: list[Vectors] = []
    owners: list[int] = []
    content: list[bool] = []
    denied: list[float] = []
    first = 0
    for reading, text, encoding in zip(_readings(sentences), texts_to_read(sentences), encodings, strict=True):
        denied_here = denied_words(text)
        ends = np.cumsum([len(sentence.text) + 1 for sentence in reading])
        for word, vector in zip(encoding.words, encoding.word_vectors, strict=True):
            vectors.append(vector)
            owners.append(first + int(np.searchsorted(ends, word.start, side="right")))
            content.append(word.text not in STOP_WORDS)
            denied.append(denied_here.get(word.start, 0.0))
        first += len(reading)
    dimensions = encodings[0].sentence.shape[0]
    words_read = np.array(vectors, dtype=np.float32).reshape(-1, dimensions)
    owner = np.array(owners, dtype=int)
    sums = np.zeros((len(sentences), dimensions), dtype=np.float32)
    np.add.at(sums, owner, words_read)
    kept = np.array(content, dtype=bool)
    return ReadAnswer(
        sentences=sentences,
        vectors=unit(sums),
        whole=unit(np.sum([encoding.sentence for encoding in encodings], axis=0)),
        words=words_read[kept],
        owner=owner[kept],
        denied=np.array(denied, dtype=np.float32)[kept],
        pieces=np.concatenate([encoding.pieces for encoding in encodings]),
    )


def align(claim: ReadClaim, answer: ReadAnswer) -> Alignment:
    """Return how well answer states claim."""
    cosines = answer.vectors @ claim.sentence
    best = _best_by_sentence(claim, answer)
    pairs = np.maximum(best, np.roll(best, -1, axis=1)) if best.shape[1] > 1 else best
    by_sentence = best.mean(axis=0)
    return Alignment(
        whole=float(best.max(axis=1).mean()),
        near=float(pairs[:, :-1].mean(axis=0).max()) if best.shape[1] > 1 else float(by_sentence.max()),
        cosine=float(cosines.max()),
        denial=_denial(claim, answer, by_sentence),
        by_sentence=(by_sentence + cosines) / 2,
    )


def _denial(claim: ReadClaim, answer: ReadAnswer, by_sentence: np.ndarray) -> float:
    """Return 0..1: how surely the sentence that says most of the claim denies a word of it.

    by_sentence (s,): how much of the claim each sentence says. A word counts as far as it is the claim's word, and all
    as far as the sentence is the claim's.
    """
    says_most = answer.owner == int(by_sentence.argmax())
    denied = answer.denied[says_most]
    if not len(claim.words) or not denied.any():
        return 0.0
    cosines = claim.words @ answer.words[says_most].T
    of_words = _between(cosines.max(axis=1), *SAME_WORD) * denied[cosines.argmax(axis=1)]
    if denied.min() < 1:  # else the sentence is denied as a whole, with all that it says
        of_words = of_words * claim.deniable
    return float(of_words.max() * _between(by_sentence.max(), *SAME_SENTENCE))


def _between(values: np.ndarray | float, nothing: float, all_of_it: float) -> np.ndarray:
    """Return 0 up to nothing, 1 from all_of_it on, and a straight line between."""
    return np.clip((values - nothing) / (all_of_it - nothing), 0.0, 1.0)


def _best_by_sentence(claim: ReadClaim, answer: ReadAnswer) -> np.ndarray:
    """Return (n, s): for each of the claim's n words the best cosine within each sentence, 0 where there is none."""
    best = np.zeros((max(len(claim.words), 1), len(answer.sentences)), dtype=np.float32)
    if len(claim.words) and len(answer.words):
        cosines = claim.words @ answer.words.T
        for sentence in range(len(answer.sentences)):
            inside = answer.owner == sentence
            if inside.any():
                best[:, sentence] = cosines[:, inside].max(axis=1)
    return best
