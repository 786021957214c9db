"""How hard a text is to read, by the Flesch–Kincaid grade.

Kincaid, Fishburne, Rogers and Chissom 1975, “Derivation of new readability formulas for Navy enlisted personnel”:
0.39 words a sentence + 11.8 syllables a word − 15.59, in years of school. The library that has it (textstat) brings
NLTK and its dictionaries, for which a count of vowel groups is near enough: the threshold was chosen with it.
"""

import re

from grading.engine.text import sentences, words

_VOWELS = re.compile(r"[aeiouy]+")


def reading_level(text: str) -> float:
    """Return the years of school it takes to read text with ease; 0 for a text without words."""
    found = [word.text for word in words(text)]
    if not found:
        return 0.0
    return 0.39 * words_a_sentence(text) + 11.8 * sum(map(_syllables, found)) / len(found) - 15.59


def words_a_sentence(text: str) -> float:
    """Return how many words a sentence of text has on average; 0 for a text without words."""
    return len(words(text)) / max(1, len(sentences(text)))


def _syllables(word: str) -> int:
    """Count groups of vowels, without an e at the end that nobody hears. Numbers and signs are one syllable."""
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)
