"""What is checked before any mark is given. Each guard names itself in the grade's flags."""

import re

from grading.engine.text import content_stems, distinct_sentences, visible, words
from grading.engine.types import Question
from grading.engine.word_order import is_shuffled, is_shuffled_copy, is_word_list, only_names

EMPTY = "empty"
NOT_LANGUAGE = "not_language"
OTHER_LANGUAGE = "other_language"
QUESTION_REPEATED = "question_repeated"
WORD_LIST = "word_list"
SHUFFLED = "shuffled"
TEXT_REPEATED = "text_repeated"
INSTRUCTIONS = "instructions"
INSTRUCTIONS_ALONE = "instructions_alone"
HIDDEN_CHARACTERS = "hidden_characters"
OFF_TOPIC = "off_topic"
UNSURE = "unsure"

IN_WORDS = {
    EMPTY: "There is no text to grade.",
    NOT_LANGUAGE: "Most of this does not read as words.",
    OTHER_LANGUAGE: "This does not seem to be in English, the language of the interview.",
    QUESTION_REPEATED: "The answer says little that the question does not say itself.",
    WORD_LIST: "This lists words without saying anything of them.",
    SHUFFLED: "The words of this stand in no order that can be read.",
    TEXT_REPEATED: "The same sentences come again; each counts once.",
    INSTRUCTIONS_ALONE: "This speaks to the grader and answers nothing.",
    INSTRUCTIONS: "Part of this speaks to the grader. It earns nothing.",
    HIDDEN_CHARACTERS: "Characters that nobody sees were left out.",
    OFF_TOPIC: "The answer seems to be about something else.",
    UNSURE: "The grader is not sure of this score.",
}
"""Each flag in words for the candidate."""

ZEROING = frozenset({
    EMPTY, NOT_LANGUAGE, OTHER_LANGUAGE, QUESTION_REPEATED, WORD_LIST, SHUFFLED, INSTRUCTIONS_ALONE,
})  # fmt: skip
"""Flags that end the grading with a score of 0."""

DOUBTFUL = frozenset({NOT_LANGUAGE, OTHER_LANGUAGE, WORD_LIST, SHUFFLED, INSTRUCTIONS, INSTRUCTIONS_ALONE})
"""Flags with which a mentor should look at the answer: a rule spoke where a person may see more."""

# A short answer may well use the question's words alone ("A or B?"): only longer ones can repeat the question.
SHORTEST_REPETITION = 6
HIDDEN_ALLOWED = 3
FEWEST_REPEATED = 3

_INSTRUCTION = re.compile(
    r"""
      \b(?:ignore|disregard|forget|override)\b [^.!?\n]{0,40}
      \b(?:instruction|rubric|criteria|prompt|key\ point)s?\b
    | \b(?:give|award|assign|grant)\b [^.!?\n]{0,30}
      (?:\b(?:full|highest|maximum|top|perfect)\ (?:marks?|credit|score|grade|points)
        |\b100\ (?:of|out|points|marks|percent)|\b(?:score|grade|mark)\ of\ 100)\b
    | \b(?:mark|grade|score|rate|count)\b [^.!?\n]{0,25} \bas\ (?:correct|stated|right|complete|excellent|perfect)\b
    | \byou\ are\ (?:now\ )?(?:an?\ |the\ )?(?:[a-z]+\ )?(?:grader|examiner|evaluator|assistant)\b
    | \b(?:dear|hello|hey|note\ to)\b [^.!?\n]{0,12} \b(?:grader|examiner|evaluator|marker)\b
    | <\|?(?:system|im_start)\|?> | \bsystem\ ?(?:prompt|message)?\ ?:
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ABOUT_INSTRUCTIONS = re.compile(r"instruct|inject|grader|grading", re.IGNORECASE)
# Words of other languages that no English text is full of.
_FOREIGN = frozenset(
    """
    quando quindi tutta tutto questo und der das ist nicht ein eine einen mit von zu den dem auf für als auch
    sich werden wird sind bei oder aber wenn dass durch nur wie zum zur le la les du et est une un dans que qui
    sur par avec ce cette sont pas ou mais au aux el las una por como más lo su al pero il di che sono gli della
    nel het een en dat niet zijn voor uma em não delle dei uno tutti anche
    """.split()  # noqa: SIM905 as a list it would be a line a word
)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
_VOWEL = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]")


def flags_before_reading(question: Question, answer: str) -> tuple[str, ...]:
    """Return the flags that the words alone can raise; the first that ends the grading stands alone."""
    seen, _ = visible(answer)
    if not words(seen):
        return (EMPTY,)
    said = [sentence.text for sentence in distinct_sentences(seen)]
    once = " ".join(said)
    for flag, raised in (
        (NOT_LANGUAGE, _is_not_language(seen)),
        (OTHER_LANGUAGE, _is_other_language(seen)),
        (QUESTION_REPEATED, _repeats(question.prompt, seen)),
        (WORD_LIST, is_word_list(seen) or only_names(once)),
        (SHUFFLED, is_shuffled(once) or is_shuffled_copy(once, _expected(question))),
        (INSTRUCTIONS_ALONE, all(speaks_to_grader(question, sentence) for sentence in said)),
    ):
        if raised:
            return (flag,)
    noted = (
        (TEXT_REPEATED, _comes_again(seen, once)),
        (INSTRUCTIONS, speaks_to_grader(question, seen)),
        (HIDDEN_CHARACTERS, len(answer) - len(seen) > HIDDEN_ALLOWED),
    )
    return tuple(flag for flag, raised in noted if raised)


def speaks_to_grader(question: Question, text: str) -> bool:
    """Whether text tells the grader what to do; where the question is about such orders, an answer may quote some."""
    if not _INSTRUCTION.search(text):
        return False
    return not _ABOUT_INSTRUCTIONS.search(" ".join((question.prompt, *_expected(question))))


def _expected(question: Question) -> tuple[str, ...]:
    """Return what a right answer says, as the question's author has written it."""
    return (*question.references, *(point.claim for point in question.key_points))


def _comes_again(text: str, once: str) -> bool:
    """Whether a good part of text, and more than a phrase, says the same sentences again. once: text without them."""
    all_words, kept = len(words(text)), len(words(once))
    return kept < 0.7 * all_words and all_words - kept >= FEWEST_REPEATED


def _repeats(prompt: str, answer: str) -> bool:
    """Whether the answer says most of the prompt again and hardly a word of its own; a few words are let through."""
    own, asked = content_stems(answer), content_stems(prompt)
    if not own:
        return True
    says_little = len(own) >= SHORTEST_REPETITION and len(own - asked) <= len(own) // 5
    return says_little and len(own & asked) >= 0.6 * len(asked)


def _is_not_language(text: str) -> bool:
    """Whether most of the words cannot be words of any language: no vowel, endless consonants, endless length."""
    found = [word.text for word in words(text)]
    letters = [word for word in found if word.isalpha() and word.isascii()]
    strange = sum(
        (len(word) > 5 and not _VOWEL.search(word)) or bool(_CONSONANTS.search(word)) or len(word) > 30
        for word in letters
    )
    return len(found) >= 4 and strange > len(found) / 2


def _is_other_language(text: str) -> bool:
    """Whether text is in another script, or has more function words of other languages than English ones."""
    found = [word.text for word in words(text)]
    letters = [character for character in text if character.isalpha()]
    foreign_script = sum(not character.isascii() and ord(character) > 0x24F for character in letters)
    if len(letters) >= 8 and foreign_script > len(letters) / 2:
        return True
    foreign = sum(word in _FOREIGN for word in found)
    english = sum(word in _ENGLISH for word in found)
    return len(found) >= 8 and foreign >= 0.15 * len(found) and english < foreign / 2


_ENGLISH = frozenset(
    """
    the of and to is are that it in for on with as by this be was were which from have has not you we they can
    will when then there than so if because what how where does do
    """.split()  # noqa: SIM905 as a list it would be a line a word
)
