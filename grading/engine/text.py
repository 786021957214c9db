"""Sentences and words of an answer, with the offsets at which they stand in it."""

import re
import unicodedata
from dataclasses import dataclass

# Words that carry no claim of their own. Negations are not here: they carry one.
STOP_WORDS = frozenset(
    """
    a about above after again all also although am an and any are as at be because been before being below
    between both but by can could did do does doing done down during each either else ever every few for from
    further get gets getting got had has have having he her here hers him his how i if in into is it its itself
    just like made make makes making may me might more most much must my of off on once one only onto or other
    our out over own per quite rather really same she should so some such than that the their them then there
    these they thing things this those through thus to too under up upon us use used uses using very via was we
    well were what when where whether which while who whom whose why will with within would yes you your
    """.split()  # noqa: SIM905 as a list it would be a line a word
)

# The model reads 256 word pieces; a run of words without a full stop is read in pieces of this many words.
LONGEST_SENTENCE = 80

_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*", re.UNICODE)
# A sentence ends at . ! ? … with the quotes and brackets that close there, or at a line break; not inside 3.5, e.g.,
# i.e., or np.array. A run of stops is tried once, from its first one and without giving any back: 20,000 of them must
# not take a worker's time.
_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s|$)|\n+")
# Characters that are not seen but would cut words in two or pass for words.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# What tells "k < n" from "k > n".
_SIGN = re.compile(r"[<>=≤≥≠+*/%]")
_ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True)
class Span:
    """A piece of a text: text[start:end]."""

    text: str
    start: int
    end: int


def visible(text: str) -> tuple[str, list[int]]:
    """Return text as it is seen, and for each character of that the offset at which it stands in text.

    Invisible characters are left out; control characters and lone surrogates are spaces.
    """
    kept = [(_shown(c), offset) for offset, c in enumerate(text) if not _INVISIBLE.match(c)]
    return "".join(c for c, _ in kept), [offset for _, offset in kept]


def _shown(character: str) -> str:
    if character == "\n":
        return character
    unseen = character == _ZERO_WIDTH_SPACE or unicodedata.category(character) in ("Cc", "Cs")
    return " " if unseen else character


def words(text: str) -> list[Span]:
    """Return the words of text. Hyphenated words, np.array and don't are one word each."""
    return [Span(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]


def sentences(text: str) -> list[Span]:
    """Return the sentences of text, without the space around them; one of over 80 words comes in pieces."""
    found: list[Span] = []
    start = 0
    for end in [m.end() for m in _END.finditer(text)] + [len(text)]:
        inside = words(text[start:end])
        for first in range(0, len(inside), LONGEST_SENTENCE):
            last = first + LONGEST_SENTENCE
            begin = start + inside[first].start if first else start
            stop = start + inside[last].start if last < len(inside) else end
            found.append(_stripped(text, begin, stop))
        start = end
    return found


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    return Span(piece.strip(), begin, begin + len(piece.strip()))


def distinct_sentences(text: str) -> list[Span]:
    """Return the sentences of text, those that say the same words and signs again left out."""
    seen: set[tuple[str, ...]] = set()
    kept: list[Span] = []
    for sentence in sentences(text):
        key = (*(word.text for word in words(sentence.text)), *_SIGN.findall(sentence.text))
        if key not in seen:
            seen.add(key)
            kept.append(sentence)
    return kept


def stem(word: str) -> str:
    """Return a rough root, enough to see that "averages" in a prompt and "averaging" in a claim are one word."""
    for suffix in ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "ly", "s", "e"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def content_stems(text: str) -> set[str]:
    """Return the roots of the words of text that carry meaning."""
    return {stem(word.text) for word in words(text) if word.text not in STOP_WORDS}


def clauses(text: str) -> list[str]:
    """Split a reference answer into clauses of six words or more, to stand in for key points it lacks."""
    pieces: list[str] = []
    for sentence in sentences(text):
        parts = re.split(r"[;:]\s+|,\s+(?=(?:and|but|while|whereas|so|because|which)\b)", sentence.text)
        for part in parts:
            if pieces and len(words(part)) < 6 and part is not parts[0]:
                pieces[-1] = f"{pieces[-1]}, {part}"
            else:
                pieces.append(part)
    return pieces
