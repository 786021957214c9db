"""What is checked before any mark is given. Each guard names itself in the grade's flags."""

from grading.engine.text import content_stems, visible, words

EMPTY = "empty"
QUESTION_REPEATED = "question_repeated"
OFF_TOPIC = "off_topic"

IN_WORDS = {
    EMPTY: "There is no text to grade.",
    QUESTION_REPEATED: "The answer says little that the question does not say itself.",
    OFF_TOPIC: "The answer seems to be about something else.",
}
"""Each flag in words for the candidate."""

ZEROING = frozenset({EMPTY, QUESTION_REPEATED})
"""Flags that end the grading with a score of 0."""


def flags_before_reading(prompt: str, answer: str) -> tuple[str, ...]:
    """Return the flags that the words alone can raise."""
    seen, _ = visible(answer)
    if not words(seen):
        return (EMPTY,)
    own = content_stems(seen)
    # An answer earns something only by words of its own; "A or B?" is answered by one word of the prompt's plus a few.
    if len(own - content_stems(prompt)) <= min(2, len(own) // 5):
        return (QUESTION_REPEATED,)
    return ()
