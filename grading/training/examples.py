"""What the claim reader learns from: answers with claims, and for each claim whether the answer states it.

Examples come alone or in pairs: twins, two texts in one voice that differ in a claim or two, asked about the same
claims. Three sources: the packs' exemplars, whole answers with a mark per key point; contrast claims sentence by
sentence; and whole answers composed of these sentences, anew in every epoch. Style says nothing there about right and
wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grading.training.claims import ContrastClaim
from questionbank.content import ExemplarContent, QuestionContent

# Stated, missing, contradicted.
STATED, MISSING, CONTRADICTED = np.eye(3)
TARGETS = {"stated": STATED, "partly": np.array([0.6, 0.4, 0.0]), "missing": MISSING, "contradicted": CONTRADICTED}
# A false claim beside another false sentence about the same thing: mostly the same mistake, told by nobody.
OTHER_MISTAKE = np.array([0.6, 0.2, 0.2])

# How often a key point is asked about in other words, a misconception is asked about too, and so on.
OTHER_WORDING = 0.35
MISCONCEPTION_TOO = 0.3
FOREIGN_CLAIM = 0.5
FALSE_CLAIM = 0.3
TALKED_AROUND = 0.25
SECOND_REVERSAL = 0.4
FOREIGN_SENTENCE = 0.3
# How a claim is treated in a composed answer, and how often.
TREATMENTS = ("right", "wrong", "near", "vague", "silent")
TREATMENT_SHARES = (0.34, 0.30, 0.12, 0.08, 0.16)


@dataclass(frozen=True)
class Example:
    """A text, k claims, and the target probabilities (k, 3) that it states, misses, contradicts each."""

    text: str
    claims: tuple[str, ...]
    targets: np.ndarray


Twins = tuple[Example, ...]
"""One example, or two with the same claims."""


def from_exemplars(questions: Sequence[QuestionContent], rng: np.random.Generator) -> list[Twins]:
    """Return the exemplars with their key points, those that have a twin in pairs with it."""
    return [pair for question in questions for pair in _of_question(question, questions, rng)]


def _of_question(
    question: QuestionContent, questions: Sequence[QuestionContent], rng: np.random.Generator
) -> list[Twins]:
    by_id = {exemplar.id: exemplar for exemplar in question.exemplars}
    pairs = [(by_id[exemplar.twin_of], exemplar) for exemplar in question.exemplars if exemplar.twin_of]
    paired = {exemplar.id for pair in pairs for exemplar in pair}
    alone = [(exemplar,) for exemplar in question.exemplars if exemplar.id not in paired]
    return [_asked_of(question, group, questions, rng) for group in (*pairs, *alone)]


def _asked_of(
    question: QuestionContent,
    exemplars: tuple[ExemplarContent, ...],
    questions: Sequence[QuestionContent],
    rng: np.random.Generator,
) -> Twins:
    """Ask about each key point, some in other words, about some misconceptions, now and then about a foreign claim."""
    marks = [dict(exemplar.marks) for exemplar in exemplars]
    asked: list[tuple[str, list[np.ndarray]]] = []
    for point in question.key_points:
        reworded = point.accepted and rng.random() < OTHER_WORDING
        wording = _one_of(point.accepted, rng) if reworded else point.claim
        asked.append((wording, [TARGETS[m[point.id]] for m in marks]))
        wrong = [m.claim for m in question.misconceptions if m.contradicts == point.id]
        # What an answer that has the point wrong says of this very misconception is not known.
        known = all(m[point.id] in ("stated", "missing") for m in marks)
        if wrong and known and rng.random() < MISCONCEPTION_TOO:
            denied = [CONTRADICTED if m[point.id] == "stated" else MISSING for m in marks]
            asked.append((_one_of(wrong, rng), denied))
    other = questions[int(rng.integers(len(questions)))]
    if other is not question and rng.random() < FOREIGN_CLAIM:
        asked.append((other.key_points[int(rng.integers(len(other.key_points)))].claim, [MISSING] * len(marks)))
    claims = tuple(claim for claim, _ in asked)
    return tuple(
        Example(exemplar.text, claims, np.array([targets[i] for _, targets in asked]))
        for i, exemplar in enumerate(exemplars)
    )


def from_sentences(claims: Sequence[ContrastClaim], rng: np.random.Generator) -> list[Twins]:
    """Return for each claim one right sentence and its twin, asked about the claim in three wordings, one false."""
    examples: list[Twins] = []
    for claim in claims:
        voice, others = _voices(claim, rng)
        asked = (claim.claim, claim.stating[others[0]], claim.contradicting[others[1]])
        right = Example(claim.stating[voice], asked, np.array([STATED, STATED, CONTRADICTED]))
        wrong = Example(claim.contradicting[voice], asked, np.array([CONTRADICTED, CONTRADICTED, OTHER_MISTAKE]))
        examples.append((right, wrong))
        if rng.random() < TALKED_AROUND:
            beside = _one_of((*claim.near, *claim.vague), rng)
            examples.append((Example(beside, asked, np.array([MISSING] * 3)),))
    return examples


def _voices(claim: ContrastClaim, rng: np.random.Generator) -> tuple[int, tuple[int, int]]:
    """Return in which of its voices a claim is told, and two others to ask about it in."""
    voice, *others = rng.permutation(len(claim.stating)).tolist()
    return voice, (others[0], others[int(rng.integers(2))])


def composed(groups: Sequence[Sequence[ContrastClaim]], rng: np.random.Generator) -> list[Twins]:
    """Compose an answer and its twin to each question. groups: the claims, question by question."""
    elsewhere = [near for group in groups for claim in group for near in claim.near]
    return [_compose(group, elsewhere, rng) for group in groups]


def _compose(group: Sequence[ContrastClaim], elsewhere: Sequence[str], rng: np.random.Generator) -> Twins:
    treatments = [str(t) for t in rng.choice(TREATMENTS, len(group), p=TREATMENT_SHARES)]
    if not {"right", "wrong"}.intersection(treatments):
        treatments[rng.integers(len(group))] = "right" if rng.random() < 0.5 else "wrong"
    voices = [_voices(claim, rng) for claim in group]
    spoken = [i for i, treatment in enumerate(treatments) if treatment in ("right", "wrong")]
    turned = set(rng.permutation(spoken)[: 2 if rng.random() < SECOND_REVERSAL else 1].tolist())
    reverse = {"right": "wrong", "wrong": "right"}
    twin = [reverse[t] if i in turned else t for i, t in enumerate(treatments)]
    order = rng.permutation(len(group)).tolist()
    foreign = _one_of(elsewhere, rng) if rng.random() < FOREIGN_SENTENCE else ""
    asked = [_question(claim, others, rng) for claim, (_, others) in zip(group, voices, strict=True)]
    examples = []
    for each in (treatments, twin):
        said = [_said(group[i], each[i], voices[i][0]) for i in order]
        said.insert(len(said) // 2, foreign)
        targets = np.array([_target(t, is_true=is_true) for t, (_, is_true) in zip(each, asked, strict=True)])
        text = " ".join(s if s.rstrip()[-1] in ".!?" else f"{s.rstrip()}." for s in said if s)
        examples.append(Example(text, tuple(claim for claim, _ in asked), targets))
    return tuple(examples)


def _question(claim: ContrastClaim, voices: tuple[int, int], rng: np.random.Generator) -> tuple[str, bool]:
    """Return what is asked about a claim, and whether that is true: the claim, or what another voice says of it."""
    if rng.random() < FALSE_CLAIM:
        return claim.contradicting[voices[0]], False
    if rng.random() < OTHER_WORDING:
        return claim.stating[voices[0]], True
    return claim.claim, True


def _said(claim: ContrastClaim, treatment: str, voice: int) -> str:
    if treatment == "silent":
        return ""
    if treatment in ("near", "vague"):
        return claim.near[0] if treatment == "near" else claim.vague[0]
    return claim.stating[voice] if treatment == "right" else claim.contradicting[voice]


def _target(treatment: str, *, is_true: bool) -> np.ndarray:
    if treatment not in ("right", "wrong"):
        return MISSING
    if treatment == "right":
        return STATED if is_true else CONTRADICTED
    return CONTRADICTED if is_true else OTHER_MISTAKE


def _one_of(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]
