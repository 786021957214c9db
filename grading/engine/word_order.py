"""Whether words stand in the order of language: tells text from shuffled text, whatever it is about.

A bigram model over coarse classes: function words and punctuation as themselves, all other words by their ending. The
score of a text is the mean over its neighbours (a, b) of log p(b | a) / p(b): above 0 for language, far below for
shuffled words. manage.py train_verifier counts the classes in the packs' own answers (word_order.json).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

from grading.engine.text import sentences, words

WORD_ORDER_FILE = Path(__file__).with_name("word_order.json")

FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being between both but by can could did
    do does done down during each either every for from get gets got had has have he her here his how i if in
    into is it its just less like made make makes may me might more most must my n't neither never no nor not of
    on only or other our out over per same she should so some such than that the their them then there these
    they this those through to too under up us use used uses using very was we were what when where which while
    who why will with within without would you your
    """.split()  # noqa: SIM905 as a list it would be a line a word
)
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d+|[,.;:()!?]", re.IGNORECASE)
_ENDINGS = ("ing", "ed", "ly", "tion", "s")
# Predicates that say nothing of their subject.
_HOLLOW = re.compile(
    r"""
    \b(?:
      matters? | counts? | helps? | exists? | applies | apply | comes?\ (?:up|in|into\ (?:it|play))
      | plays?\ (?:an?\ |its\ |their\ )?(?:\w+\ )?(?:role|part)s?
      | (?:is|are)\ (?:(?:also|all|really|very|so|quite)\ )?
        (?:(?:an?|the|one)\ )?(?:important|relevant|key|crucial|essential|central|vital|useful|interesting|involved
          |significant|critical|needed|necessary)
        (?:\ (?:here|too|(?:thing|point|factor|part|topic|concept)s?))?
      | (?:should|must|has\ to|have\ to|can)\ be\ (?:considered|mentioned|named|known|noted|discussed|kept\ in\ mind)
    )(?:\ (?:here|too|as\ well|a\ lot|most|much))?[.!?\s]*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STRUCTURE = re.compile(r"[.;:=()→>+×!?]|\s[-–—]\s")
# Texts with fewer classes than this are too short to tell.
SHORTEST = 12
SHORTEST_NOTE = 3
# In a hurry people write shorter ones that hardly differ from shuffled words.
SHORTEST_SHUFFLED = 25
SHORTEST_COPY = 16
# From how many sentences on, and from which share of them, naming things is all that a text does.
FEWEST_HOLLOW = 3
HOLLOW_SHARE = 0.75
# Pseudo-counts that pull a rare class's followers towards the average.
PRIOR = 4.0


@dataclass(frozen=True)
class WordOrder:
    """Counts of classes and of neighbouring classes ("a b") in ordinary text."""

    single: dict[str, int]
    pairs: dict[str, int]

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "WordOrder":
        """Read what save wrote."""
        return cls(**json.loads(WORD_ORDER_FILE.read_text(encoding="utf-8")))

    @classmethod
    def count(cls, texts: Iterable[str]) -> "WordOrder":
        """Count the classes of texts."""
        single: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in texts:
            found = classes(text)
            single.update(found)
            pairs.update(f"{a} {b}" for a, b in pairwise(found))
        return cls(dict(sorted(single.items())), dict(sorted(pairs.items())))

    def save(self, path: Path = WORD_ORDER_FILE) -> None:
        """Write the counts as JSON."""
        path.write_text(json.dumps(self.__dict__, indent=0) + "\n", encoding="utf-8")

    def score(self, text: str) -> float | None:
        """Return the mean of log p(b | a) / p(b) over the neighbours in text; None for a text too short to tell."""
        found = classes(text)
        if len(found) < SHORTEST:
            return None
        total = sum(self.single.values())
        gained = 0.0
        for a, b in pairwise(found):
            alone = (self.single.get(b, 0) + 0.5) / (total + 0.5 * len(self.single))
            gained += math.log(
                (self.pairs.get(f"{a} {b}", 0) + PRIOR * alone) / (self.single.get(a, 0) + PRIOR) / alone
            )
        return gained / (len(found) - 1)


def classes(text: str) -> list[str]:
    """Return the classes of the words and signs of text, with its start and its end."""
    return ["^", *(_class(word) for word in _TOKEN.findall(text.casefold())), "."]


def _class(word: str) -> str:
    if word in "!?":
        return "."
    if word in FUNCTION_WORDS or not word[0].isalnum():
        return word
    if word[0].isdigit():
        return "#"
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) > len(e) + 2), "")
    return f"C{ending}"


def is_shuffled(text: str) -> bool:
    """Return whether the words of text stand in no order that language has. Short texts get the benefit of doubt."""
    score = WordOrder.load().score(text)
    length = len(classes(text))
    return score is not None and length >= SHORTEST_SHUFFLED and score < -0.2 - 2.5 / math.sqrt(length)


def is_shuffled_copy(text: str, sources: Sequence[str]) -> bool:
    """Return whether text takes nearly all its words from sources, but hardly any two in the order they have there.

    Who says the same in other words brings words of his own; who copies keeps the order.
    """
    known = [[word.text for word in words(source)] for source in sources]
    vocabulary, neighbours = set(chain(*known)), set(chain(*map(pairwise, known)))
    found = [word.text for word in words(text)]
    if len(found) < SHORTEST_COPY:
        return False
    taken = sum(word in vocabulary for word in found)
    kept = sum(pair in neighbours for pair in pairwise(found))
    return taken >= 0.9 * len(found) and kept < 0.25 * (len(found) - 1)


def only_names(text: str) -> bool:
    """Return whether most sentences of text name a thing and say no more than that it matters."""
    said = [sentence.text for sentence in sentences(text)]
    hollow = sum(bool(_HOLLOW.search(sentence)) for sentence in said)
    return len(said) >= FEWEST_HOLLOW and hollow >= HOLLOW_SHARE * len(said)


def is_word_list(text: str) -> bool:
    """Return whether text lists words without saying anything of them: neither function words nor signs of notes."""
    found = [token for token in _TOKEN.findall(text.casefold()) if token[0].isalnum()]
    if len(found) < SHORTEST:
        return False
    functional = sum(token in FUNCTION_WORDS for token in found)
    # Notes are lines of a few words each; a list has one word a line.
    notes = sum(len(line.split()) >= SHORTEST_NOTE for line in text.strip().split("\n")[1:])
    structure = len(_STRUCTURE.findall(text.strip(" ."))) + notes
    return functional < 0.1 * len(found) and structure < 0.05 * len(found)
