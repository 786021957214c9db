"""The rules that name candidates at risk, each at its edge."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.at_risk import Means, Others, Owed, Record, reasons

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BUSY = Others(9, 3)


def _said(record: Record, others: Others = BUSY) -> dict[str, str]:
    return {reason.kind: reason.words for reason in reasons(record, others, NOW)}


def _record(**own: Any) -> Record:
    return Record(**{"joined_at": NOW - 100 * DAY, "active_at": NOW - DAY, **own})


def _owed(due_in: timedelta, **own: Any) -> Owed:
    due = NOW + due_in
    return Owed(
        **{"title": "Taster", "due_at": due, "closes_at": due + DAY, "is_begun": False, "is_missed": False, **own}
    )


def test_who_works_and_does_well_is_not_named() -> None:
    assert _said(_record(lately=Means(9, 70, 10), before=Means(9, 70, 10), answers=20, empty=5)) == {}


@pytest.mark.parametrize(
    ("silent", "others", "said"),
    [
        (13.9, BUSY, {}),
        (14, BUSY, {"inactive": "Nothing for 14 days; 3 of 9 others have been at work in the last 14."}),
        (20, Others(3, 1), {"inactive": "Nothing for 20 days; 1 of 3 others has been at work in the last 14."}),
        (20, Others(9, 2), {}),  # too few others are at work: it may be a holiday
        (20, Others(0, 0), {}),
    ],
)
def test_silence_counts_from_the_fourteenth_day_while_others_work(
    silent: float, others: Others, said: dict[str, str]
) -> None:
    assert _said(_record(active_at=NOW - silent * DAY), others) == said


def test_who_never_began_is_named_two_weeks_after_joining() -> None:
    words = "Not begun in 15 days; 3 of 9 others have been at work in the last 14."

    assert _said(_record(active_at=None, joined_at=NOW - 15 * DAY)) == {"inactive": words}
    assert _said(_record(active_at=None, joined_at=NOW - 13 * DAY)) == {}


@pytest.mark.parametrize(
    ("lately", "before", "is_named"),
    [
        (Means(10, 60, 8), Means(10, 70, 8), True),
        (Means(10, 61, 8), Means(10, 70, 8), False),  # nine points are too few
        (Means(10, 60, 25), Means(10, 70, 25), False),  # chance makes as much
        (Means(4, 45, 1), Means(10, 70, 8), False),  # four answers are too few
        (Means(10, 45, 8), Means(4, 70, 8), False),
        (Means(10, 80, 8), Means(10, 70, 8), False),
    ],
)
def test_a_fall_is_ten_points_beyond_chance_over_five_answers_on_each_side(
    lately: Means, before: Means, *, is_named: bool
) -> None:
    words = "Falling: mean 60 over the last 3 weeks (10 answers), 70 before (10 answers)."

    assert _said(_record(lately=lately, before=before)) == ({"falling": words} if is_named else {})


@pytest.mark.parametrize(
    ("lately", "before", "said"),
    [
        (Means(2, 30), Means(3, 45), {"low": "Low scores: mean 39 over 5 answers."}),
        (Means(2, 30), Means(3, 47), {}),
        (Means(2, 0), Means(2, 0), {}),
        (Means(5, 39.9), Means(), {"low": "Low scores: mean 40 over 5 answers."}),
    ],
)
def test_a_low_mean_is_one_below_forty_over_five_answers(lately: Means, before: Means, said: dict[str, str]) -> None:
    assert _said(_record(lately=lately, before=before)) == said


@pytest.mark.parametrize(
    ("owed", "said"),
    [
        (_owed(timedelta(hours=47.6)), {"due soon": "Not begun: Taster, due in 48 hours."}),
        (_owed(timedelta(minutes=20)), {"due soon": "Not begun: Taster, due in an hour."}),
        (_owed(timedelta(hours=47), is_begun=True), {}),
        (_owed(timedelta(hours=49)), {}),
        (_owed(-3 * DAY, closes_at=NOW + DAY), {"overdue": "Overdue: Taster, due 3 days ago."}),
        (_owed(-3 * DAY, closes_at=NOW + DAY, is_begun=True), {"overdue": "Overdue: Taster, due 3 days ago."}),
        (_owed(-2 * DAY, is_missed=True), {"missed": "Missed: Taster, closed a day ago."}),
        (_owed(-29 * DAY, is_missed=True), {"missed": "Missed: Taster, closed 28 days ago."}),
        (_owed(-30 * DAY, is_missed=True), {}),
    ],
)
def test_assignments_are_named_when_they_are_missed_overdue_or_nearly_due(owed: Owed, said: dict[str, str]) -> None:
    assert _said(_record(owed=[owed])) == said


def test_assignments_of_one_kind_are_named_together() -> None:
    missed = [_owed(-3 * DAY, is_missed=True), _owed(-2 * DAY, is_missed=True, title="The hour")]

    said = _said(_record(owed=missed))

    assert said == {"missed": "Missed: Taster, closed 2 days ago; The hour, closed a day ago."}


@pytest.mark.parametrize(
    ("answers", "empty", "said"),
    [
        (10, 3, {"empty": "Much left empty: 3 of 10 answers."}),
        (10, 2, {}),
        (4, 4, {}),
    ],
)
def test_much_is_left_empty_from_three_in_ten_of_five_answers(answers: int, empty: int, said: dict[str, str]) -> None:
    assert _said(_record(answers=answers, empty=empty)) == said


def test_the_heaviest_reason_comes_first() -> None:
    record = _record(
        active_at=NOW - 20 * DAY, answers=5, empty=5, before=Means(5, 0), owed=[_owed(-2 * DAY, is_missed=True)]
    )

    assert list(_said(record)) == ["missed", "inactive", "low", "empty"]
