"""What an interview's rows say of themselves."""

from uuid import uuid4

import pytest

from interview.models import InterviewQuestion, word_target
from interview.services.interviews import save_draft, submit_answer
from people.clock import database_now


@pytest.mark.parametrize(
    ("minutes", "target"), [(1, (10, 30)), (4, (60, 120)), (5, (70, 150)), (8, (120, 240)), (60, (900, 1800))]
)
def test_the_words_to_aim_for_follow_from_the_minutes_in_tens(minutes: int, target: tuple[int, int]) -> None:
    assert word_target(minutes) == target


@pytest.mark.parametrize(("text", "is_answered"), [("", False), (" \n\t", False), ("Lazily.", True)])
def test_a_draft_answers_a_question_if_it_says_something(
    asked: InterviewQuestion, text: str, *, is_answered: bool
) -> None:
    save_draft(asked=asked, text=text, revision=0, now=database_now())

    assert InterviewQuestion.objects.get(pk=asked.pk).is_answered is is_answered


def test_what_is_submitted_is_answered_whatever_it_says(asked: InterviewQuestion) -> None:
    submit_answer(asked=asked, text="", idempotency_key=uuid4(), now=database_now())

    assert InterviewQuestion.objects.get(pk=asked.pk).is_answered
