"""The rules that read words alone: they need no model, and run wherever a question is written."""

from collections.abc import Callable, Iterable

from grading.engine.text import words
from grading.linter.compound import halves
from grading.linter.reading_level import reading_level, words_a_sentence
from grading.linter.types import Evidence, Finding, Rule
from grading.verdict import BANDS
from questionbank.content import QuestionContent

# What the editor asks for. The shipped pack's claims have 8 to 19 words.
FEWEST_WORDS, MOST_WORDS = 6, 20
# School years. In the shipped pack no prompt is above 12.5 and no reference answer above 13.6.
HIGHEST_LEVEL = 14.0
# Below this many words the formula tells nothing.
FEWEST_TO_READ = 12
# A claim that begins with one of these speaks of something that stands elsewhere.
POINTING = frozenset(
    ["he", "her", "his", "it", "its", "she", "such", "that", "their", "these", "they", "this", "those"]
)


def findings(content: QuestionContent) -> list[Finding]:
    """Return what the rules of words find in content."""
    return [finding for rule in RULES for finding in rule(content)]


def _compound(content: QuestionContent) -> Iterable[Finding]:
    for point in content.key_points:
        pair = halves(point.claim)
        if pair:
            message = "These are two claims: an answer may state one and miss the other. Make two points of it."
            evidence = tuple(Evidence(label, half) for label, half in zip(("One", "The other"), pair, strict=True))
            yield Finding(Rule.COMPOUND, f"key_points.{point.id}", message, evidence)


def _said_twice(content: QuestionContent) -> Iterable[Finding]:
    """Find accepted phrasings and misconceptions that say a claim's own words again, and claims that stand twice."""
    said: dict[tuple[str, ...], str] = {}
    for point in content.key_points:
        field = f"key_points.{point.id}"
        yield from _again(said, field, point.claim, "Another key point says the same words.")
        for text in point.accepted:
            yield from _again(said, field, text, "This accepted phrasing says the same words as another wording.")
    for wrong in content.misconceptions:
        message = "This misconception says the same words as a key point: nothing can be both right and wrong."
        yield from _again(dict(said), f"misconceptions.{wrong.id}", wrong.claim, message)


def _again(said: dict[tuple[str, ...], str], field: str, text: str, message: str) -> Iterable[Finding]:
    key = tuple(word.text for word in words(text))
    if key in said:
        yield Finding(Rule.SAID_TWICE, field, message, (Evidence("It says", text),))
    elif key:
        said[key] = field


def _exemplars(content: QuestionContent) -> Iterable[Finding]:
    for band in BANDS:
        if not any(band.holds(exemplar.score) for exemplar in content.exemplars):
            message = (
                f"There is no exemplar of a {band.name} answer: write one that should get {band.in_words}. "
                "Publishing asks for it."
            )
            yield Finding(Rule.EXEMPLARS, "exemplars", message)


def _misconceptions(content: QuestionContent) -> Iterable[Finding]:
    if content.key_points and not content.misconceptions:
        message = "No misconception is written. They help to tell a wrong answer from one that says nothing."
        yield Finding(Rule.MISCONCEPTIONS, f"key_points.{content.key_points[0].id}", message)


def _self_contained(content: QuestionContent) -> Iterable[Finding]:
    for point in content.key_points:
        first = next(iter(words(point.claim)), None)
        if first and first.text in POINTING:
            begins = point.claim[first.start : first.end]
            message = f"It begins with “{begins}”. A claim is read alone: name what it is about."
            yield Finding(Rule.SELF_CONTAINED, f"key_points.{point.id}", message)


def _length(content: QuestionContent) -> Iterable[Finding]:
    for point in content.key_points:
        count = len(words(point.claim))
        if 0 < count < FEWEST_WORDS:
            message = f"{FEWEST_WORDS} words or more say what exactly is claimed."
        elif count > MOST_WORDS:
            message = f"More than {MOST_WORDS} words are seldom stated in full. Say it shorter, or make two points."
        else:
            continue
        yield Finding(Rule.LENGTH, f"key_points.{point.id}", message, (Evidence("Words", str(count)),))


def _reading_level(content: QuestionContent) -> Iterable[Finding]:
    texts = [("prompt", content.prompt)]
    texts += [(f"references.{index}", text) for index, text in enumerate(content.references)]
    for field, text in texts:
        level = reading_level(text) if len(words(text)) >= FEWEST_TO_READ else 0.0
        if level > HIGHEST_LEVEL:
            evidence = (
                Evidence("Reading level (school years)", f"{level:.0f}, at most {HIGHEST_LEVEL:.0f} is easy enough"),
                Evidence("Words a sentence", f"{words_a_sentence(text):.0f}"),
            )
            message = "This is hard to read. Shorter sentences and plainer words help, most of all in a hurry."
            yield Finding(Rule.READING_LEVEL, field, message, evidence)


RULES: tuple[Callable[[QuestionContent], Iterable[Finding]], ...] = (
    _compound,
    _said_twice,
    _exemplars,
    _misconceptions,
    _self_contained,
    _length,
    _reading_level,
)
