"""Whether a claim makes two claims at once.

Without a parser: a claim is compound when it is two sentences, or is joined by a semicolon or by “and”, “but” with
what has a verb of its own on either side. Reasons (because, so), conditions and contrasts (while, whereas) are one
claim. Which words are verbs is a list: it holds those that explanations of technical matters are made of.
"""

import re
from itertools import pairwise

from grading.engine.text import sentences, words

_BASES = """
    accept act add affect aggregate align allow answer apply arrive ask assume avoid become begin belong bring build
    calculate call cause change check choose combine come compare compress compute contain control converge convert
    copy correct correspond create cut decide decode decrease define delete demand depend describe destroy detect
    determine differ discard divide draw drop encode ensure equal estimate evaluate exclude exist expect explain fail
    fall fill filter find fit follow forget generate get give go grow guarantee handle happen have help hide hold
    ignore improve include increase indicate insert introduce keep know lead learn leave let lie look lose lower
    maintain make map match matter mean measure meet minimise minimize miss move multiply need normalise normalize
    obtain occur offer optimise optimize outperform overfit overwrite perform penalise penalize permit point predict
    prevent produce promise protect prove provide pull push put raise reach read receive reduce reflect reject rely
    remain remember remove replace represent require retrieve return reuse reveal rise run save say scale see select
    send separate serve share shift show shrink solve spend split spread stay stop store suffer suit take teach tell
    tend train transform treat try turn update use vanish vary wait want work write yield bias
    carry clip concern dominate mix pass saturate set skip speed win
""".split()  # noqa: SIM905 as a list it would be a line a word
_HELPING = frozenset(
    """
    is are was were has had does did can cannot could may might must should will would shall isn't aren't wasn't
    weren't hasn't doesn't didn't can't couldn't mustn't shouldn't won't wouldn't don't do
    """.split()  # noqa: SIM905
)


def _third_person(base: str) -> str:
    if base == "have":
        return "has"
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return base + "es"
    return base[:-1] + "ies" if re.search("[^aeiou]y$", base) else base + "s"


_THIRD_PERSON = frozenset(map(_third_person, _BASES))
_FINITE = _HELPING | _THIRD_PERSON | frozenset(_BASES)
# What follows one of these words hangs on what stands before it.
_SUBORDINATE = frozenset(
    """
    that which who whom whose when where if because since so while whereas although though unless until before after
    than how why whether
    """.split()  # noqa: SIM905
)
_SMALL = frozenset(
    ["also", "always", "hence", "never", "not", "often", "only", "still", "then", "therefore", "thus", "usually"]
)
_JOINT = re.compile(r"(?P<apart>;|,?)\s+(?:and|but)\s+|;\s+", re.IGNORECASE)
# A half with fewer words than this is no claim.
FEWEST_WORDS = 3


def halves(claim: str) -> tuple[str, str] | None:
    """Return the two claims that claim makes, None when it makes one."""
    parts = [sentence.text for sentence in sentences(claim) if len(words(sentence.text)) >= FEWEST_WORDS]
    if len(parts) > 1:
        return parts[0], " ".join(parts[1:])
    for joint in _JOINT.finditer(claim):
        left, right = claim[: joint.start()], claim[joint.end() :]
        if joint.group().startswith(";") and min(len(_words(left)), len(_words(right))) >= FEWEST_WORDS:
            return left.strip(), right.strip()
        # “… when a question and a model occur twice” goes on with its condition, not with a claim.
        hangs = not joint["apart"] and not _SUBORDINATE.isdisjoint(_words(left))
        if not hangs and _has_verb(_words(left)) and _goes_on(_words(right)):
            return left.strip(), right.strip()
    return None


def _words(text: str) -> list[str]:
    return [word.text for word in words(text) if word.text not in _SMALL]


def _goes_on(found: list[str]) -> bool:
    """Whether these words make a claim: with a subject of their own, or by another verb of the same subject."""
    if len(found) < FEWEST_WORDS:
        return False
    return found[0] in _THIRD_PERSON or (found[0] not in _FINITE and _has_verb(found))


def _has_verb(found: list[str]) -> bool:
    """Whether a finite verb stands behind a subject, before anything that hangs on the rest."""
    end = next((place for place, word in enumerate(found) if place and word in _SUBORDINATE), len(found))
    return any(word in _FINITE and before != "to" for before, word in pairwise(found[:end]))
