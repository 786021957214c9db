"""Words that a text denies outright: “does not keep the weights frozen”, “it is not the case that …”.

After NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a negator denies the next few words of its clause. Only
plain denials count. Where a sentence contrasts, supposes, sets a condition or speaks of degrees, what it denies may be
the wrong view, or only a part.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from grading.engine.text import STOP_WORDS, Span, sentences, words

# How surely a negator denies the first, second and third word of content after it.
STRENGTHS = (1.0, 0.75, 0.5)

_NEGATOR = re.compile(r"(?:not|never|cannot|dont|doesnt|isnt|cant|wont|no|neither|nor|without|\w+n['’]t)$")
_OF_NEXT_WORD = frozenset({"no", "neither", "nor", "without"})
# “Not only”, “does not learn much”, “not always”: what stands there is not denied, or not all of it.
_SOFTENERS = frozenset(
    """
    all alone always as completely enough entirely every everything exactly forever fully guarantee just less lot mean
    merely more much necessarily nothing often only perfectly quite simply usually very yet
    """.split()  # noqa: SIM905 as a list it would be a line a word
)
_CLAUSE_ENDS = re.compile(r"[.,;:!?()—–\"“”]")
_NEW_CLAUSE = frozenset({
    "although", "and", "as", "because", "hence", "however", "or", "since", "so", "that", "then", "though", "thus",
    "when", "which",
})  # fmt: skip
_CONTRAST = re.compile(
    r"""
    \b(?:unless|otherwise|without|instead|rather\ than|if\ no|if\ not|would|wouldn['’]t|lest|before|until|whereas
      |while|but)\b
    | ,\ not\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WHOLE_SENTENCE = re.compile(
    r"""
    (?:it|that)
    (?:(?:\ is|['’]s)\ (?:not\ (?:the\ case|true|right|correct)|false|untrue|wrong|incorrect|a\ (?:myth|misconception))
      |\ isn['’]t\ (?:the\ case|true|right|correct))
    (?:\ to\ (?:say|think|believe|claim))?\ that\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_EITHER_OR = re.compile(r"(?:it(?:['’]s|\ is)\ )?either\b.+\bor\b", re.IGNORECASE | re.DOTALL)


def offers_a_choice(sentence: str) -> bool:
    """Return whether sentence says “either A, or B”: of two that exclude each other it states neither."""
    return bool(_EITHER_OR.match(sentence))


def deniable_words(claim: str) -> frozenset[int]:
    """Return the offsets of the words of claim that a negation elsewhere would turn round.

    Two negations may agree: there are none where the claim denies something itself, and of “merged without latency”
    the last word is none.
    """
    found = words(claim)
    negators = [place for place, word in enumerate(found) if _NEGATOR.match(word.text)]
    if any(found[place].text not in _OF_NEXT_WORD for place in negators):
        return frozenset()
    lacking = {word.start for place in negators for word in _scope(claim, found[place:])}
    return frozenset(word.start for word in found) - lacking


def denied_words(text: str) -> dict[int, float]:
    """Return how surely (0..1) text denies its words, by the offsets at which they begin; those that it denies alone.

    A sentence that is denied as a whole denies each of its words with 1.
    """
    denied: dict[int, float] = {}
    for sentence in sentences(text):
        found = words(sentence.text)
        if _WHOLE_SENTENCE.match(sentence.text):
            denied |= {sentence.start + word.start: 1.0 for word in found}
        elif not _CONTRAST.search(sentence.text):
            for place, word in enumerate(found):
                if _NEGATOR.match(word.text):
                    scope = list(_scope(sentence.text, found[place:]))
                    denied |= {sentence.start + w.start: s for w, s in _content(scope, word.text)}
    return denied


def _scope(sentence: str, found: Sequence[Span]) -> Iterator[Span]:
    """Yield the words after the first of found, a negator, up to the end of its clause or the next negator."""
    for before, word in pairwise(found):
        ends = _CLAUSE_ENDS.search(sentence, before.end, word.start)
        if ends or word.text in _NEW_CLAUSE or _NEGATOR.match(word.text):
            return
        yield word


def _content(scope: Sequence[Span], negator: str) -> list[tuple[Span, float]]:
    """Return the words of content that negator denies in its scope, and how surely."""
    if any(word.text in _SOFTENERS for word in scope):
        return []
    content = [word for word in scope if word.text not in STOP_WORDS]
    return list(zip(content, STRENGTHS[: 1 if negator in _OF_NEXT_WORD else None], strict=False))
