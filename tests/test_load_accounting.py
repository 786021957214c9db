"""The load's accounts find what is lost and what is doubled (benchmarks/load.py rests on them)."""

import random
from dataclasses import replace
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from benchmarks.loading.candidate import LONGEST, PAUSE, typing
from benchmarks.loading.ledger import Ledger, Row, reckon

INTERVIEW = UUID("1f0c6a4e-0000-4000-8000-000000000001")  # the same in each process of pytest-xdist
FIRST, SECOND, UNCONFIRMED = uuid4(), uuid4(), uuid4()


def a_ledger() -> Ledger:
    """Two drafts and two answers confirmed, and a third answer whose reply was lost."""
    ledger = Ledger(interviews={INTERVIEW})
    for position, key in enumerate((FIRST, SECOND, UNCONFIRMED), 1):
        drafts = ledger.drafts[(INTERVIEW, position)]
        for revision in (1, 2):
            drafts.sent.append(f"text {position}.{revision}")
            drafts.confirm(f"text {position}.{revision}", revision)
        answer = ledger.submission(key, (INTERVIEW, position), f"text {position}.2")
        answer.times, answer.confirmed = 1, key is not UNCONFIRMED
    return ledger


def a_row(position: int, key: UUID | None, *, grades: int = 1) -> Row:
    text = f"text {position}.2"
    return Row(INTERVIEW, position, text, 2, key, text if key else None, jobs=bool(key), grades=grades if key else 0)


def all_rows() -> list[Row]:
    return [a_row(1, FIRST), a_row(2, SECOND), a_row(3, UNCONFIRMED)]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    found = reckon(a_ledger(), all_rows())

    assert found.holds
    assert found.counts == {
        "interviews started": 1,
        "drafts sent": 6,
        "questions with a confirmed draft": 3,
        "answers sent": 3,
        "answers sent more than once": 0,
        "answers confirmed": 2,
        "answers stored of those": 2,
        "answers stored, reply lost": 1,
        "answers by the end of a mock": 0,
        "answers in the database": 3,
        "graded exactly once": 3,
        "lost": 0,
        "doubled": 0,
        "not graded": 0,
    }


def test_an_answer_whose_reply_was_lost_may_be_missing() -> None:
    assert reckon(a_ledger(), [a_row(1, FIRST), a_row(2, SECOND), a_row(3, None)]).holds


def test_a_confirmed_answer_that_is_not_there_is_lost() -> None:
    found = reckon(a_ledger(), [a_row(1, FIRST), a_row(2, None), a_row(3, UNCONFIRMED)])

    assert found.lost == [f"answer to question 2 of {INTERVIEW}: confirmed, none is there"]
    assert not found.holds


def test_a_confirmed_answer_with_another_text_is_lost() -> None:
    rows = [replace(a_row(1, FIRST), answer="text 1.1"), *all_rows()[1:]]

    assert reckon(a_ledger(), rows).lost == [f"answer to question 1 of {INTERVIEW}: confirmed, another text is there"]


def test_two_answers_to_one_question_are_doubled() -> None:
    rows = [*all_rows(), a_row(2, uuid4())]

    assert reckon(a_ledger(), rows).doubled == [f"answer to question 2 of {INTERVIEW}: 2 of one question"]


def test_one_submission_that_made_two_answers_is_doubled() -> None:
    rows = [*all_rows(), a_row(4, FIRST)]

    assert reckon(a_ledger(), rows).doubled == [f"answer to question 1 of {INTERVIEW}: 2 by one submission"]


@pytest.mark.parametrize(
    ("of_the_row", "wrong"), [({"grades": 2}, f"grade of question 1 of {INTERVIEW}: 2"), ({"jobs": 2}, "job of")]
)
def test_a_second_grade_or_job_is_doubled(of_the_row: dict[str, int], wrong: str) -> None:
    rows = [replace(a_row(1, FIRST), **of_the_row), *all_rows()[1:]]

    (line,) = reckon(a_ledger(), rows).doubled
    assert line.startswith(wrong)


def test_a_job_of_no_answer_is_doubled() -> None:
    assert reckon(a_ledger(), all_rows(), stray_jobs=1).doubled == ["1 jobs belong to no answer"]


def test_an_interview_that_nobody_started_is_doubled() -> None:
    twice = uuid4()
    rows = [*all_rows(), replace(a_row(1, None), interview=twice)]

    assert reckon(a_ledger(), rows).doubled == [f"interview {twice} was started by nobody"]


def test_an_answer_without_a_grade_is_named() -> None:
    rows = [replace(a_row(1, FIRST), grades=0), *all_rows()[1:]]

    found = reckon(a_ledger(), rows)

    assert found.ungraded == [f"answer to question 1 of {INTERVIEW}"]
    assert not found.holds


@pytest.mark.parametrize(
    ("draft", "revision", "says"),
    [
        (None, None, "none is there"),
        ("text 1.1", 1, "revision 1 is there with another text"),
        ("text 1.1", 2, "revision 2 is there with another text"),
        ("somebody else's", 3, "revision 3 is there with another text"),
    ],
)
def test_a_confirmed_draft_that_is_not_there_is_lost(draft: str | None, revision: int | None, says: str) -> None:
    rows = [replace(a_row(1, FIRST), draft=draft, revision=revision), *all_rows()[1:]]

    (line,) = reckon(a_ledger(), rows).lost
    assert line == f"draft of question 1 of {INTERVIEW}: revision 2 was confirmed, {says}"


def test_a_draft_that_arrived_although_its_reply_was_lost_is_fine() -> None:
    ledger = a_ledger()
    ledger.drafts[(INTERVIEW, 1)].sent.append("text 1.3")

    assert reckon(ledger, [replace(a_row(1, FIRST), draft="text 1.3", revision=3), *all_rows()[1:]]).holds


def test_a_mock_whose_end_was_confirmed_has_an_answer_to_each_question() -> None:
    mock = uuid4()
    ledger = a_ledger()
    ledger.interviews.add(mock)
    ledger.finished[mock] = 3
    frozen = replace(a_row(1, uuid4()), interview=mock)
    left_open = replace(frozen, position=2, draft=None, revision=None, answer="")

    found = reckon(ledger, [*all_rows(), frozen, left_open])

    assert found.lost == [f"answer to question 3 of {mock}: the mock's end was confirmed"]
    assert found.counts["answers by the end of a mock"] == 3


@pytest.mark.parametrize("seed", range(5))
def test_what_is_typed_is_saved_as_the_page_does(seed: int) -> None:
    saves = typing(60.0, random.Random(seed))  # noqa: S311 (no secret)

    shares = [share for _, share in saves]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    moments = [0.0, *(moment for moment, _ in saves)]
    assert max(later - earlier for earlier, later in pairwise(moments)) <= LONGEST + PAUSE[1]
