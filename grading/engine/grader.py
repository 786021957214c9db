"""The grader: reads question and answer, marks each key point, adds the marks up."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise

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
from grading.engine.denial import offers_a_choice
from grading.engine.encoder import Encoder, Vectors
from grading.engine.residual import correction
from grading.engine.scoring import CONTRADICTION_COST, likely_credit, score_of_credits
from grading.engine.text import Span, clauses, visible, words
from grading.engine.types import (
    ENGINE_VERSION,
    Evidence,
    GradedAnswer,
    GradeResult,
    KeyPoint,
    KeyPointResult,
    Question,
)
from grading.engine.verifier import CONTRADICTED, MISSING, STATED, Verifier, hash_of

# Below this cosine to everything the question is about, an answer is about something else.
OFF_TOPIC_COSINE = 0.3
# By so much more an answer aligns with a misconception than with the claim when it is the former that it denies.
CLEARLY_NEARER = 0.15
# From this likeness to a sentence on, a claim is what it says.
SAYS = 0.65
# So many answers are held in memory as vectors: half a megabyte each.
READ_AT_ONCE = 32


@dataclass(frozen=True)
class ReadKeyPoint:
    """A key point with its claim and accepted phrasings read, and its misconceptions."""

    point: KeyPoint
    phrasings: tuple[ReadClaim, ...]
    misconceptions: tuple[ReadClaim, ...]
    in_prompt: float


@dataclass(frozen=True)
class ReadQuestion:
    """A question read once, for many answers.

    claims: the pieces of what the verifier reads against an answer, key points first and then misconceptions; wrong:
    for each key point where its misconceptions stand among them; references: the reference answers; about (k, D): the
    vectors of all that it is about.
    """

    key_points: tuple[ReadKeyPoint, ...]
    claims: tuple[Vectors, ...]
    wrong: tuple[range, ...]
    references: tuple[ReadClaim, ...]
    about: np.ndarray


@dataclass(frozen=True)
class Signals:
    """All that is known of one key point in one answer before it is marked.

    claim and wrong: how well the answer aligns with the claim and with its misconceptions (None without any);
    verdict (3,) and wrong_verdict (3,): the verifier's log-probabilities of both; in_prompt: how much of the claim
    the prompt says already; left_open: whether it offers claim and misconception to choose from ("either A, or B").
    """

    claim: Alignment
    wrong: Alignment | None
    verdict: np.ndarray
    wrong_verdict: np.ndarray | None
    in_prompt: float
    left_open: bool = False

    @property
    def coverage(self) -> list[float]:
        """What tells whether the answer speaks of the key point at all."""
        spoken = float(np.logaddexp(self.verdict[STATED], self.verdict[CONTRADICTED]) - self.verdict[MISSING])
        return [self.claim.whole, self.claim.cosine, self.in_prompt, spoken]

    @property
    def denial(self) -> float:
        """How outright the answer denies the claim (to 1) or, where it is clearly nearer, a misconception (to -1)."""
        if self.wrong is not None and self.wrong.near > self.claim.near + CLEARLY_NEARER:
            return -self.wrong.denial
        return self.claim.denial

    @property
    def polarity(self) -> list[float]:
        """What tells whether it says the contrary; longer where misconceptions are written."""
        reversed_ = float(self.verdict[CONTRADICTED] - self.verdict[STATED])
        if self.wrong is None or self.wrong_verdict is None:
            return [reversed_]
        claim_said = self.claim.undenied if self.denial > 0 else 1.0
        wrong_said = self.wrong.undenied if self.denial < 0 else 1.0
        return [
            reversed_,
            float(self.wrong_verdict[STATED] - self.wrong_verdict[CONTRADICTED]),
            wrong_said * self.wrong.near - claim_said * self.claim.near,
            wrong_said * self.wrong.cosine - claim_said * self.claim.cosine,
        ]


class Grader:
    """Grades answers with one encoder, one verifier and one calibration; the same in gives the same out.

    Questions are read once and kept; texts are read in batches, which moves a similarity by less than 1e-4.
    """

    def __init__(self, encoder: Encoder, verifier: Verifier, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._verifier = verifier
        self._calibration = calibration or Calibration.load()
        self._read_question = lru_cache(maxsize=512)(self._read)
        self._learnt = lru_cache(maxsize=512)(self._learn)

    @property
    def identity(self) -> dict[str, str]:
        """What must be equal for two grades to be comparable."""
        return {
            "engine": ENGINE_VERSION,
            "encoder": self._encoder.identity,
            "verifier": self._verifier.identity,
            "calibration": self._calibration.identity,
        }

    def grade(self, question: Question, answer: str) -> GradeResult:
        """Grade one answer. Any text is graded: an empty one gets 0 and the flag "empty"."""
        return self.grade_many([(question, answer)])[0]

    def grade_many(self, pairs: Sequence[tuple[Question, str]]) -> list[GradeResult]:
        """Grade (question, answer) pairs; results in the same order."""
        parts = [pairs[start : start + READ_AT_ONCE] for start in range(0, len(pairs), READ_AT_ONCE)]
        return [result for part in parts for result in self._grade_some(part)]

    def _grade_some(self, pairs: Sequence[tuple[Question, str]]) -> list[GradeResult]:
        flags = [guards.flags_before_reading(question, answer) for question, answer in pairs]
        read = [i for i, raised in enumerate(flags) if not guards.ZEROING.intersection(raised)]
        signals = dict(zip(read, self._read_answers([pairs[i] for i in read]), strict=True))
        return [
            self._graded(question, answer, flags[i], *signals[i])
            if i in signals
            else self._nothing(question, flags[i])
            for i, (question, answer) in enumerate(pairs)
        ]

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors (n, D) of texts as wholes, of length 1, to see which are alike. n is 1 or more."""
        return np.stack([encoding.sentence for encoding in self._encoder.encode([visible(t)[0] for t in texts])])

    def read(self, question: Question, answer: str) -> tuple[list[Signals], float]:
        """Return what the calibration is fitted to: what is known of each key point, and the answer's likeness."""
        ((read, signals),) = self._read_answers([(question, answer)])
        return signals, _likeness(self._read_question(question), read)

    def _read_answers(self, pairs: Sequence[tuple[Question, str]]) -> list[tuple[ReadAnswer, list[Signals]]]:
        sentences = [_sentences_to_mark(question, answer) for question, answer in pairs]
        texts = [texts_to_read(found) for found in sentences]
        encodings = iter(self._encoder.encode([text for group in texts for text in group]))
        answers = [
            read_answer(found, [next(encodings) for _ in group]) for found, group in zip(sentences, texts, strict=True)
        ]
        questions = [self._read_question(question) for question, _ in pairs]
        verdicts = self._verifier.read([a.pieces for a in answers], [question.claims for question in questions])
        return [
            (answer, _signals(question, answer, found))
            for question, answer, found in zip(questions, answers, verdicts, strict=True)
        ]

    def _read(self, question: Question) -> ReadQuestion:
        points = question.key_points or _points_of(question.references)
        prompt, _ = visible(question.prompt)
        (in_prompt,) = self._encoder.encode([prompt])
        found = sentences_to_read(prompt)
        prompt_read = read_answer(found, self._encoder.encode(texts_to_read(found))) if found else None
        wrong = [[m.claim for m in question.misconceptions if m.contradicts == point.id] for point in points]
        said = [[point.claim, *point.accepted] for point in points]
        claims = iter(read_claims(self._encoder, [text for group in said + wrong for text in group], prompt))
        phrasings = [tuple(next(claims) for _ in group) for group in said]
        misconceptions = [tuple(next(claims) for _ in group) for group in wrong]
        read_points = tuple(
            ReadKeyPoint(
                point,
                tuple(claim for claim, _ in own),
                # A negation in a sentence about a misconception may be part of it: only "it is a myth that" denies it.
                tuple(replace(claim, deniable=np.zeros_like(claim.deniable)) for claim, _ in against),
                align(own[0][0], prompt_read).whole if prompt_read else 0.0,
            )
            for point, own, against in zip(points, phrasings, misconceptions, strict=True)
        )
        # The verifier reads claims and misconceptions alone; the pieces of other phrasings need no memory.
        verified = [*(own[0] for own in phrasings), *chain(*misconceptions)]
        references = [reference for reference in question.references if words(reference)]
        begins = len(points) + np.cumsum([0, *(len(group) for group in wrong)])
        about = [in_prompt.sentence, *(claim.sentence for own in phrasings for claim, _ in own)]
        return ReadQuestion(
            key_points=read_points,
            claims=tuple(pieces for _, pieces in verified),
            wrong=tuple(range(first, last) for first, last in pairwise(begins.tolist())),
            references=tuple(claim for claim, _ in read_claims(self._encoder, references, prompt)),
            about=np.stack(about),
        )

    def _nothing(self, question: Question, flags: tuple[str, ...]) -> GradeResult:
        """The grade of an answer that a guard kept from being read."""
        points = self._read_question(question).key_points
        missing = tuple(KeyPointResult(p.point.id, "missing", 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, None) for p in points)
        doubts = tuple(flag for flag in flags if flag in guards.DOUBTFUL)
        return GradeResult(0.0, 0.0 if doubts else 1.0, missing, flags, doubts, receipt=self._receipt(question))

    def _graded(
        self, question: Question, answer: str, flags: tuple[str, ...], read: ReadAnswer, signals: Sequence[Signals]
    ) -> GradeResult:
        asked = self._read_question(question)
        if float((read.vectors @ asked.about.T).max()) < OFF_TOPIC_COSINE:
            flags = (*flags, guards.OFF_TOPIC)
        results = tuple(
            self._mark(point.point, known, read, answer)
            for point, known in zip(asked.key_points, signals, strict=True)
        )
        weights = [point.point.weight for point in asked.key_points]
        if question.key_points:
            score = score_of_credits([r.credit for r in results], weights)
        else:  # clauses are no key points: they show what was found, the score comes of the whole references
            score = min(1.0, max(0.0, self._calibration.reference.logit([_likeness(asked, read)])))
        if question.graded:
            score = min(1.0, max(0.0, score + correction(read.whole, *self._learnt(question))))
        confidence = self._calibration.confidence.probability(uncertainty(results, weights))
        doubts = tuple(flag for flag in flags if flag in guards.DOUBTFUL)
        if confidence < self._calibration.review_below:
            doubts = (*doubts, guards.UNSURE)
        return GradeResult(
            round(score, 4), round(confidence, 4), results, flags, doubts, receipt=self._receipt(question)
        )

    def _learn(self, question: Question) -> tuple[np.ndarray, np.ndarray]:
        """Return the vectors (n, D) of a question's graded answers, and by how much mentors differ from the engine."""
        plain = replace(question, graded=())
        known = [question.graded[place] for place in self._known(question)]
        parts = [known[start : start + READ_AT_ONCE] for start in range(0, len(known), READ_AT_ONCE)]
        learnt = [found for part in parts for found in self._learn_some(plain, part)]
        return np.array([vector for vector, _ in learnt], dtype=np.float32), np.array([gap for _, gap in learnt])

    def _learn_some(self, plain: Question, known: Sequence[GradedAnswer]) -> Iterator[tuple[Vectors, float]]:
        """Read each answer once, for both: its vector, and its mentor's score less the engine's."""
        read = self._read_answers([(plain, graded.text) for graded in known])
        for graded, (answer, signals) in zip(known, read, strict=True):
            flags = guards.flags_before_reading(plain, graded.text)
            is_stopped = guards.ZEROING.intersection(flags)
            alone = 0.0 if is_stopped else self._graded(plain, graded.text, flags, answer, signals).score
            yield answer.whole, graded.score - alone

    def leave_one_out(self, question: Question) -> list[tuple[float, float]]:
        """Tell what a question's graded answers are worth: grade each as if the others alone were known.

        Returns, in their order, each one's score (0..1) by the engine alone, and with what the others teach.
        """
        known = self._known(question)
        vectors, residuals = self._learnt(question)
        scores = [(0.0, 0.0)] * len(question.graded)
        for row, place in enumerate(known):
            graded, others = question.graded[place], np.arange(len(known)) != row
            alone = graded.score - float(residuals[row])
            raised = guards.flags_before_reading(question, graded.text)
            moved = correction(vectors[row], vectors[others], residuals[others])
            # What a guard has stopped earns nothing, whatever its neighbours earn.
            learnt = alone if guards.ZEROING.intersection(raised) else min(1.0, max(0.0, alone + moved))
            scores[place] = round(alone, 4), round(learnt, 4)
        return scores

    @staticmethod
    def _known(question: Question) -> list[int]:
        """Return the places of a question's graded answers that have anything to learn from."""
        return [place for place, graded in enumerate(question.graded) if _sentences_to_mark(question, graded.text)]

    def _mark(self, point: KeyPoint, known: Signals, read: ReadAnswer, answer: str) -> KeyPointResult:
        fitted = self._calibration
        stated, missing, contradicted = (
            (0.0, 1.0, 0.0) if known.left_open else fitted.chances(known.coverage, known.polarity, known.denial)
        )
        mark = fitted.mark(stated, contradicted)
        says_wrong = mark == "contradicted" and known.denial <= 0
        rests_on = known.wrong if says_wrong and known.wrong is not None else known.claim
        sentence = read.sentences[int(np.argmax(rests_on.by_sentence))]
        similarity = known.claim.whole
        # Where likeness tells nothing (a calibration fitted to next to nothing) none is needed.
        needed = -fitted.coverage.logit(known.coverage) / (fitted.coverage.weights[0] or math.inf)
        return KeyPointResult(
            id=point.id,
            mark=mark,
            credit=round(likely_credit(mark, stated, contradicted), 4),
            similarity=round(similarity, 4),
            threshold=round(similarity + needed, 4),
            p_stated=stated,
            p_missing=missing,
            p_contradicted=contradicted,
            evidence=None if mark == "missing" else _evidence(sentence, answer),
        )

    def _receipt(self, question: Question) -> dict[str, object]:
        """Return the identity, and with how many graded answers, and which, the question was calibrated."""
        if not question.graded:
            return dict(self.identity)
        graded = repr([(answer.text, answer.score) for answer in question.graded])
        learnt = {"graded_answers": len(question.graded), "graded_hash": hash_of(graded.encode())}
        named = {} if question.calibration is None else {"question_calibration": question.calibration}
        return {**self.identity, **learnt, **named}


def _sentences_to_mark(question: Question, answer: str) -> tuple[Span, ...]:
    """Return the sentences of answer that can earn anything: those that do not speak to the grader."""
    return tuple(s for s in sentences_to_read(answer) if not guards.speaks_to_grader(question, s.text))


def uncertainty(results: Sequence[KeyPointResult], weights: Sequence[float]) -> list[float]:
    """Return the standard deviation of the score under the marks' probabilities, by which confidence is told."""
    share = np.array(weights) / np.sum(weights)
    chances = np.array([[r.p_stated, r.p_missing, r.p_contradicted] for r in results])
    worth = np.array([1.0, 0.0, -CONTRADICTION_COST])
    variance = chances @ worth**2 - (chances @ worth) ** 2
    return [math.sqrt(float((share**2 * variance).sum()))]


def _signals(question: ReadQuestion, answer: ReadAnswer, verdicts: np.ndarray) -> list[Signals]:
    """verdicts (k, 3): the verifier's, of question.claims."""
    found = []
    for number, (point, wrong) in enumerate(zip(question.key_points, question.wrong, strict=True)):
        claim = _claim(point, answer)
        against = _best([align(m, answer) for m in point.misconceptions]) if point.misconceptions else None
        found.append(
            Signals(
                claim=claim,
                wrong=against,
                verdict=verdicts[number],
                wrong_verdict=max((verdicts[i] for i in wrong), key=lambda v: v[STATED]) if wrong else None,
                in_prompt=point.in_prompt,
                left_open=against is not None and _leaves_open(claim, against, answer),
            )
        )
    return found


def _leaves_open(claim: Alignment, wrong: Alignment, answer: ReadAnswer) -> bool:
    """Whether the sentence that says most of the claim offers it and a misconception to choose from."""
    place = int(np.argmax(claim.by_sentence))
    says_both = min(claim.by_sentence[place], wrong.by_sentence[place]) >= SAYS
    return bool(says_both) and offers_a_choice(answer.sentences[place].text)


def _claim(point: ReadKeyPoint, answer: ReadAnswer) -> Alignment:
    """Align the claim and its accepted phrasings; what denies one of these is a denial if it denies the claim too."""
    said = [align(phrasing, answer) for phrasing in point.phrasings]
    best = _best(said)
    return replace(best, denial=min(best.denial, said[0].denial))


def _likeness(question: ReadQuestion, answer: ReadAnswer) -> float:
    """Return how much of the nearest reference answer the answer says, word by word."""
    return max((align(reference, answer).whole for reference in question.references), default=0.0)


def _best(alignments: Sequence[Alignment]) -> Alignment:
    """Put the best of several phrasings together; the sentences and the denial are those of the nearest one."""
    nearest = max(alignments, key=lambda a: a.near + a.cosine)
    return Alignment(
        whole=max(a.whole for a in alignments),
        near=max(a.near for a in alignments),
        cosine=max(a.cosine for a in alignments),
        denial=nearest.denial,
        by_sentence=nearest.by_sentence,
    )


def _points_of(references: Sequence[str]) -> tuple[KeyPoint, ...]:
    """Return the clauses of the first reference as key points of weight 1. Raises ValueError where there are none."""
    points = tuple(KeyPoint(f"c{i}", clause) for i, clause in enumerate(clauses("".join(references[:1])), 1))
    if not points:
        raise ValueError("A question needs key points, or a reference answer with words in it, to grade by.")
    return points


def _evidence(sentence: Span, answer: str) -> Evidence:
    return Evidence(answer[sentence.start : sentence.end], sentence.start, sentence.end)
