"""The grader: reads question and answer, marks each key point, adds the marks up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from grading.engine import guards
from grading.engine.alignment import (
    Alignment,
    ReadAnswer,
    ReadClaim,
    align,
    read_answer,
    read_claims,
    sentences_to_read,
    texts_to_read,
)
from grading.engine.calibration import Calibration
from grading.engine.encoder import Encoder
from grading.engine.scoring import CREDIT, score_of
from grading.engine.text import Span, clauses, visible
from grading.engine.types import (
    ENGINE_VERSION,
    Evidence,
    GradeResult,
    KeyPoint,
    KeyPointResult,
    Mark,
    Question,
)

# Below this cosine to everything the question is about, an answer is about something else.
OFF_TOPIC_COSINE = 0.3
# What a key point without a written misconception is taken to risk: the share of covered points that are contradicted.
POLARITY_UNKNOWN = 0.15


@dataclass(frozen=True)
class ReadKeyPoint:
    """A key point with its claim and accepted phrasings read, and its misconceptions."""

    point: KeyPoint
    phrasings: tuple[ReadClaim, ...]
    misconceptions: tuple[ReadClaim, ...]
    in_prompt: float


@dataclass(frozen=True)
class ReadQuestion:
    """A question read once, for many answers. about (k, D): the vectors of all that it is about."""

    key_points: tuple[ReadKeyPoint, ...]
    about: np.ndarray


class Grader:
    """Grades answers with one encoder and one calibration; the same in gives the same out.

    Questions are read once and kept; texts are read in batches, which moves a similarity by less than 1e-4.
    """

    def __init__(self, encoder: Encoder, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._calibration = calibration or Calibration.load()
        self._read_question = lru_cache(maxsize=512)(self._read)

    @property
    def identity(self) -> dict[str, str]:
        """What must be equal for two grades to be comparable."""
        return {
            "engine": ENGINE_VERSION,
            "encoder": self._encoder.identity,
            "calibration": self._calibration.identity,
        }

    def grade(self, question: Question, answer: str) -> GradeResult:
        """Grade one answer. Any text is graded: an empty one gets 0 and the flag "empty"."""
        return self.grade_many([(question, answer)])[0]

    def grade_many(self, pairs: Sequence[tuple[Question, str]]) -> list[GradeResult]:
        """Grade (question, answer) pairs; results in the same order."""
        sentences = [sentences_to_read(answer) for _, answer in pairs]
        texts = [texts_to_read(found) for found in sentences]
        encodings = iter(self._encoder.encode([text for group in texts for text in group]))
        read = [
            read_answer(found, [next(encodings) for _ in group]) if found else None
            for found, group in zip(sentences, texts, strict=True)
        ]
        return [self._grade(q, a, r) for (q, a), r in zip(pairs, read, strict=True)]

    def alignments(self, question: Question, answer: str) -> list[tuple[list[float], list[float] | None]]:
        """Return (coverage features, polarity features) per key point; none for an answer without words.

        This is what fit_grader learns from.
        """
        sentences = sentences_to_read(answer)
        if not sentences:
            return []
        read = read_answer(sentences, self._encoder.encode(texts_to_read(sentences)))
        return [_features(point, read)[:2] for point in self._read_question(question).key_points]

    def _read(self, question: Question) -> ReadQuestion:
        points = question.key_points or _points_of(question.references)
        prompt, _ = visible(question.prompt)
        (in_prompt,) = self._encoder.encode([prompt])
        prompt_read = (
            read_answer(found, self._encoder.encode(texts_to_read(found)))
            if (found := sentences_to_read(prompt))
            else None
        )
        read_points = []
        for point in points:
            phrasings = read_claims(self._encoder, [point.claim, *point.accepted], prompt)
            wrong = [m.claim for m in question.misconceptions if m.contradicts == point.id]
            read_points.append(
                ReadKeyPoint(
                    point=point,
                    phrasings=tuple(phrasings),
                    misconceptions=tuple(read_claims(self._encoder, wrong, prompt)) if wrong else (),
                    in_prompt=align(phrasings[0], prompt_read).whole if prompt_read else 0.0,
                )
            )
        vectors = [in_prompt.sentence, *(claim.sentence for p in read_points for claim in p.phrasings)]
        return ReadQuestion(tuple(read_points), np.stack(vectors))

    def _grade(self, question: Question, answer: str, read: ReadAnswer | None) -> GradeResult:
        flags = guards.flags_before_reading(question.prompt, answer)
        points = self._read_question(question).key_points
        if read is None or guards.ZEROING.intersection(flags):
            missing = tuple(_nothing(p.point, self._calibration) for p in points)
            return GradeResult(0.0, 1.0, missing, flags, self._receipt())
        if float((read.vectors @ self._read_question(question).about.T).max()) < OFF_TOPIC_COSINE:
            flags = (*flags, guards.OFF_TOPIC)
        results = tuple(self._mark(point, read, answer) for point in points)
        weights = [p.point.weight for p in points]
        score = score_of((r.mark, w) for r, w in zip(results, weights, strict=True))
        sure = [max(r.p_stated, r.p_missing, r.p_contradicted) for r in results]
        confidence = float(np.average(sure, weights=weights))
        return GradeResult(round(score, 4), round(confidence, 4), results, flags, self._receipt())

    def _mark(self, point: ReadKeyPoint, read: ReadAnswer, answer: str) -> KeyPointResult:
        features, polarity, claim, wrong = _features(point, read)
        fitted = self._calibration
        covered = fitted.coverage.probability(features)
        denied = fitted.polarity.probability(polarity) if polarity else POLARITY_UNKNOWN
        mark = self._decide(covered, denied)
        similarity = features[0]
        needed = (math.log(fitted.stated_from / (1 - fitted.stated_from)) - fitted.coverage.logit(features)) / (
            fitted.coverage.weights[0]
        )
        rests_on = wrong if mark == "contradicted" and wrong is not None else claim
        sentence = read.sentences[int(np.argmax(rests_on.by_sentence))]
        # Rounded one out of the other, so that the three never sum to more than 1.
        either = round(covered, 4)
        contradicted = round(either * denied, 4)
        return KeyPointResult(
            id=point.point.id,
            mark=mark,
            credit=CREDIT[mark],
            similarity=round(similarity, 4),
            threshold=round(similarity + needed, 4),
            p_stated=round(either - contradicted, 4),
            p_missing=round(1 - either, 4),
            p_contradicted=contradicted,
            evidence=None if mark == "missing" else _evidence(sentence, answer),
        )

    def _decide(self, covered: float, denied: float) -> Mark:
        fitted = self._calibration
        if covered < fitted.partly_from:
            return "missing"
        if denied >= fitted.contradicted_from:
            return "contradicted"
        return "stated" if covered >= fitted.stated_from else "partly"

    def _receipt(self) -> dict[str, object]:
        return dict(self.identity)


def _points_of(references: Sequence[str]) -> tuple[KeyPoint, ...]:
    """Return the clauses of the first reference as key points of weight 1. Raises ValueError where there are none."""
    points = tuple(KeyPoint(f"c{i}", clause) for i, clause in enumerate(clauses("".join(references[:1])), 1))
    if not points:
        raise ValueError("A question needs key points, or a reference answer with words in it, to grade by.")
    return points


def _features(
    point: ReadKeyPoint, answer: ReadAnswer
) -> tuple[list[float], list[float] | None, Alignment, Alignment | None]:
    """Return coverage features, polarity features (None without misconceptions), and the alignments they rest on.

    coverage: whole, cosine, in_prompt. polarity: how much nearer the claim is than the misconception, by
    near and by cosine.
    """
    claims = [align(phrasing, answer) for phrasing in point.phrasings]
    claim = max(claims, key=lambda a: a.near + a.cosine)
    whole, near, cosine = (max(getattr(a, name) for a in claims) for name in ("whole", "near", "cosine"))
    coverage = [whole, cosine, point.in_prompt]
    if not point.misconceptions:
        return coverage, None, claim, None
    denials = [align(misconception, answer) for misconception in point.misconceptions]
    wrong = max(denials, key=lambda a: a.near + a.cosine)
    polarity = [near - max(a.near for a in denials), cosine - max(a.cosine for a in denials)]
    return coverage, polarity, claim, wrong


def _evidence(sentence: Span, answer: str) -> Evidence:
    return Evidence(answer[sentence.start : sentence.end], sentence.start, sentence.end)


def _nothing(point: KeyPoint, fitted: Calibration) -> KeyPointResult:
    """The result of a key point where there is nothing to read."""
    return KeyPointResult(point.id, "missing", 0.0, 0.0, fitted.stated_from, 0.0, 1.0, 0.0, None)
