"""What a password must be, beside its length: not one that is guessed early. No rules about kinds of characters."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

OF_THE_PLACE = ("greenroom", "interview", "mentor", "candidate")
"""Words that somebody who guesses passwords of this site tries first."""
ENOUGH = 3  # zxcvbn's "safely unguessable": 10^8 guesses and more
LOOKED_AT = 24  # characters: more make no password easier to guess, and zxcvbn needs long for long ones


class NotEarlyGuessed:
    """Refuse what a program that guesses would try early: leaked and common passwords, names, dates, keyboard runs,
    repetitions, the words of this place and the person's own, also turned around, in 1337 or with digits added.

    zxcvbn has its lists with it; nothing leaves the machine.
    """

    def validate(self, password: str, user: Any = None) -> None:
        found = zxcvbn(password[:LOOKED_AT], user_inputs=[*OF_THE_PLACE, *words_of(user)])
        if found["score"] < ENOUGH:
            raise ValidationError(
                "This password is easy to guess: common passwords, names, dates and patterns are tried first. "
                "Four or five words that have nothing to do with each other make a good one.",
                code="password_guessed_early",
            )

    def get_help_text(self) -> str:
        return "Not a common password, and not made of your name, your address or “greenroom”."


def words_of(user: Any) -> list[str]:
    """Return the words of a person's name and address, and both as they are."""
    texts = [str(getattr(user, field, "") or "") for field in ("name", "email")]
    return [word for text in texts for word in (text, *re.split(r"[\W_]+", text)) if len(word) > 2]
