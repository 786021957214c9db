"""The rules that ask the engine: what it makes of the question's own texts, and how near they are to each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from grading.engine import Grader, GradeResult, KeyPointResult
from grading.engine.text import content_stems, sentences, visible, words
from grading.grader import question_saying
from grading.linter.types import Evidence, Finding, Rule, Similar
from questionbank.content import QuestionContent

# Two claims are too close when their cosine is this high and either, said alone, is marked stated for the other with
# this probability. No pair of the shipped pack's; seven of ten pairs written to say one thing in two ways.
CLOSE_COSINE, CLOSE_STATED = 0.65, 0.68
# A claim repeats the question from this cosine to one of the prompt's sentences on. The shipped pack's nearest has
# 0.78; twelve claims written to repeat their question have 0.82 or more.
REPEATED_COSINE = 0.8
# What denies is a claim of its own, however near it is to what is asked.
_DENIES = re.compile(r"\b(?:not?|never|none|nor|cannot|without|neither|\w+n['’]t)\b", re.IGNORECASE)
# From this probability on, what contradicts a reference answer is no whim of a mark: 6 of the shipped pack's key
# points, 19 of 24 references into which a misconception was put in place of the sentence that states the point.
SURELY_CONTRADICTED = 0.8
# A right sentence is marked contradicted now and then, by a hair. Only below this probability of “stated” does such a
# mark say that the sentence is not there: 5 of the shipped pack's key points instead of 16.
HARDLY_STATED = 0.35
# Prompts of the shipped pack are at most 0.59 alike; six of eight paraphrases of its prompts are 0.7 or more.
NEARLY_EQUAL = 0.7


def findings(content: QuestionContent, grader: Grader) -> list[Finding]:
    """Return what the rules find that need the engine."""
    content = _readable(content)
    if not content.key_points:
        return []
    return [*_references(content, grader), *_too_close(content, grader), *_repeats_question(content, grader)]


def _readable(content: QuestionContent) -> QuestionContent:
    """Leave out what has no words: there is nothing to read."""
    points = tuple(point for point in content.key_points if words(visible(point.claim)[0]))
    kept = {point.id for point in points}
    return replace(
        content,
        key_points=points,
        misconceptions=tuple(m for m in content.misconceptions if m.contradicts in kept and words(m.claim)),
    )


def too_alike(similar: Sequence[Similar]) -> Iterable[Finding]:
    """Find questions of the bank that ask nearly the same."""
    for other in similar:
        if other.similarity >= NEARLY_EQUAL:
            message = "Another question of the bank asks nearly the same."
            evidence = (Evidence(f"{other.title}, {other.similarity:.2f} alike", other.prompt),)
            yield Finding(Rule.NEARLY_EQUAL, "prompt", message, evidence)


# --- What the reference answers say -------------------------------------------------------------------------


def _references(content: QuestionContent, grader: Grader) -> Iterable[Finding]:
    """Find key points that no reference answer states, and such that one contradicts."""
    texts = [(index, text) for index, text in enumerate(content.references) if words(visible(text)[0])]
    question = question_saying(content)
    grades = grader.grade_many([(question, text) for _, text in texts])
    if not grades:
        return
    for place, point in enumerate(content.key_points):
        found = [(index, grade.key_points[place]) for (index, _), grade in zip(texts, grades, strict=True)]
        against = [pair for pair in found if pair[1].p_contradicted >= SURELY_CONTRADICTED]
        if against:
            yield _contradicts(content, point.id, *against[0])
        elif all(_is_not_there(result) for _, result in found):
            yield _misses(point.id, found, grades)


def _is_not_there(result: KeyPointResult) -> bool:
    return result.mark in ("missing", "partly") or (result.mark != "stated" and result.p_stated <= HARDLY_STATED)


def _contradicts(content: QuestionContent, point: str, index: int, result: KeyPointResult) -> Finding:
    against = [m.claim for m in content.misconceptions if m.contradicts == point]
    evidence = [Evidence(f"Chance of “contradicted” in reference answer {index + 1}", f"{result.p_contradicted:.2f}")]
    if result.evidence:
        evidence.append(Evidence("The sentence", result.evidence.text))
    evidence += [Evidence("Misconception", claim) for claim in against]
    message = (
        f"Reference answer {index + 1} reads as if it said the contrary"
        + (", as a misconception of this point does." if against else ".")
        + " Candidates who write it would lose marks."
    )
    return Finding(Rule.REFERENCE_CONTRADICTS, f"key_points.{point}", message, tuple(evidence))


def _misses(point: str, found: list[tuple[int, KeyPointResult]], grades: Sequence[GradeResult]) -> Finding:
    index, best = max(found, key=lambda pair: pair[1].p_stated)
    evidence = [Evidence(f"Chance of “stated” in reference answer {index + 1}", f"{best.p_stated:.2f}: {best.mark}")]
    if best.evidence:
        evidence.append(Evidence("The nearest sentence", best.evidence.text))
    where = "the reference answer" if len(grades) == 1 else "any reference answer"
    message = f"The grader does not find this stated in {where}. Say it there, or say the claim as it stands there."
    return Finding(Rule.REFERENCE_MISSES, f"key_points.{point}", message, tuple(evidence))


# --- How near the claims are --------------------------------------------------------------------------------


def _too_close(content: QuestionContent, grader: Grader) -> Iterable[Finding]:
    points = content.key_points
    likeness = _cosines(grader, [p.claim for p in points], [p.claim for p in points])
    pairs = [(a, b) for a, b in combinations(range(len(points)), 2) if likeness[a, b] >= CLOSE_COSINE]
    alone = sorted({place for pair in pairs for place in pair})
    question = question_saying(content)
    grades = dict(zip(alone, grader.grade_many([(question, points[i].claim) for i in alone]), strict=True))
    for a, b in pairs:
        there, back = grades[a].key_points[b].p_stated, grades[b].key_points[a].p_stated
        if min(there, back) >= CLOSE_STATED:
            message = "The grader cannot tell this from another key point: whoever says one is given both."
            evidence = (
                Evidence("The other", points[a].claim),
                Evidence("Alike", f"{likeness[a, b]:.2f}, where 1 is the same"),
                Evidence("Chance of “stated” for one by the other’s words", f"{there:.2f} and {back:.2f}"),
            )
            yield Finding(Rule.TOO_CLOSE, f"key_points.{points[b].id}", message, evidence)


def _repeats_question(content: QuestionContent, grader: Grader) -> Iterable[Finding]:
    asked = [sentence.text for sentence in sentences(visible(content.prompt)[0]) if words(sentence.text)]
    if not asked:
        return
    points = content.key_points
    likeness = _cosines(grader, [point.claim for point in points], [*asked, content.prompt])
    for point, row in zip(points, likeness, strict=True):
        nearest = int(row.argmax())
        denies = _DENIES.search(point.claim) and not _DENIES.search(content.prompt)
        if row[nearest] >= REPEATED_COSINE and not denies:
            own = content_stems(point.claim) - content_stems(content.prompt)
            message = "This says little that the question does not say itself. Say what a good answer adds."
            evidence = (
                Evidence("The question", [*asked, content.prompt][nearest]),
                Evidence("Alike", f"{row[nearest]:.2f}, where 1 is the same"),
                Evidence("Words of its own", str(len(own))),
            )
            yield Finding(Rule.REPEATS_QUESTION, f"key_points.{point.id}", message, evidence)


def _cosines(grader: Grader, texts: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """Return the cosines (n, m) of n texts and m others."""
    vectors = grader.vectors([*texts, *others])
    return vectors[: len(texts)] @ vectors[len(texts) :].T
