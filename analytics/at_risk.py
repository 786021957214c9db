"""Which candidates may need somebody to ask how they are, and why in words. Pure rules, no database.

They are reasons to ask, not verdicts: each says what it rests on, with its n, and none looks further back than
LOOK_BACK. Scores are 0–100, those of first attempts, so that practising a question again moves nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.estimates import Estimate, difference

LOOK_BACK = timedelta(weeks=12)
"""What is older says little about how somebody does now."""

INACTIVE_FOR = timedelta(days=14)
OTHERS_AT_WORK = 1 / 3
"""Silence means something only where at least so many of the others are at work: not in holidays."""

LATELY = timedelta(weeks=3)
FALL = 10
"""So many points lower than before, and more than chance would make of it (the interval of 95 % leaves out 0)."""

FEWEST_ANSWERS = 5
"""The mean of fewer answers is mostly luck of the questions."""

LOW = 40
EMPTY_SHARE = 0.3

DUE_SOON = timedelta(hours=48)
MISSED_FOR = timedelta(weeks=4)
"""How long an assignment that was missed is a reason."""


@dataclass(frozen=True)
class Means:
    """The mean score of n answers and how far they lie apart (standard deviation; None for fewer than two)."""

    n: int = 0
    mean: float = 0.0
    deviation: float | None = None


@dataclass(frozen=True)
class Owed:
    """An assignment that the candidate has not finished. is_missed: it is closed, and nothing runs any more."""

    title: str
    due_at: datetime
    closes_at: datetime
    is_begun: bool
    is_missed: bool


@dataclass(frozen=True)
class Record:
    """What the rules know of one candidate.

    joined_at: since when in the cohort; active_at: when last at work, ever, or None; lately, before: first attempts of
    the last three weeks, and those before them; answers, empty: how many answers were handed in, and how many of them
    without a word. All but joined_at and active_at within LOOK_BACK.
    """

    joined_at: datetime
    active_at: datetime | None = None
    lately: Means = Means()
    before: Means = Means()
    answers: int = 0
    empty: int = 0
    owed: list[Owed] = field(default_factory=list)

    def is_at_work(self, now: datetime) -> bool:
        return self.active_at is not None and now - self.active_at < INACTIVE_FOR


@dataclass(frozen=True)
class Reason:
    """kind: the rule's short name; words: what to say; weight: the heavier, the further up in the list."""

    kind: str
    words: str
    weight: int


@dataclass(frozen=True)
class Others:
    """How many others there are in the cohort, and how many of them are at work."""

    count: int
    at_work: int


def reasons(record: Record, others: Others, now: datetime) -> list[Reason]:
    """Return why the candidate of record may need attention at now, the heaviest reason first; often none."""
    found = [
        *_missed(record.owed, now),
        *_inactive(record, others, now),
        *_falling(record),
        *_low(record),
        *_owing(record.owed, now),
        *_left_empty(record),
    ]
    return sorted(found, key=lambda reason: -reason.weight)


def _inactive(record: Record, others: Others, now: datetime) -> Iterator[Reason]:
    """Nothing for INACTIVE_FOR (since joining, where there was never anything), while others work."""
    silent = now - (record.active_at or record.joined_at)
    if silent < INACTIVE_FOR or not others.at_work or others.at_work < OTHERS_AT_WORK * others.count:
        return
    has = f"{others.at_work} of {others.count} others {'has' if others.at_work == 1 else 'have'}"
    began = f"Nothing for {silent.days} days" if record.active_at else f"Not begun in {silent.days} days"
    yield Reason("inactive", f"{began}; {has} been at work in the last {INACTIVE_FOR.days}.", 4)


def _falling(record: Record) -> Iterator[Reason]:
    """The mean of the last three weeks lies at least FALL points below what was before, beyond chance."""
    lately, before = record.lately, record.before
    if min(lately.n, before.n) < FEWEST_ANSWERS:
        return
    change = difference(_estimate(before), _estimate(lately))
    if change and change.points <= -FALL and change.is_clear:
        yield Reason(
            "falling",
            f"Falling: mean {lately.mean:.0f} over the last {LATELY.days // 7} weeks ({lately.n} answers), "
            f"{before.mean:.0f} before ({before.n} answers).",
            3,
        )


def _estimate(means: Means) -> Estimate:
    # The unit is the answer here: all of them are one person's.
    return Estimate(means.mean, means.deviation, means.n, means.n)


def _low(record: Record) -> Iterator[Reason]:
    """The mean of all first attempts, at least FEWEST_ANSWERS, lies below LOW."""
    n = record.lately.n + record.before.n
    if n < FEWEST_ANSWERS:
        return
    mean = (record.lately.n * record.lately.mean + record.before.n * record.before.mean) / n
    if mean < LOW:
        yield Reason("low", f"Low scores: mean {mean:.0f} over {n} answers.", 3)


def _missed(owed: list[Owed], now: datetime) -> Iterator[Reason]:
    """Assignments are closed without anything finished, not longer than MISSED_FOR ago."""
    missed = [one for one in owed if one.is_missed and now - one.closes_at <= MISSED_FOR]
    yield from _named("missed", "Missed", [f"{one.title}, closed {_days(now - one.closes_at)}" for one in missed], 5)


def _owing(owed: list[Owed], now: datetime) -> Iterator[Reason]:
    """Assignments are past their due date and not finished, or due within DUE_SOON and not begun."""
    still = [one for one in owed if not one.is_missed]
    overdue = [f"{one.title}, due {_days(now - one.due_at)}" for one in still if one.due_at <= now]
    soon = [one for one in still if now < one.due_at <= now + DUE_SOON and not one.is_begun]
    yield from _named("overdue", "Overdue", overdue, 4)
    yield from _named("due soon", "Not begun", [f"{one.title}, due in {_hours(one.due_at - now)}" for one in soon], 2)


def _named(kind: str, word: str, what: list[str], weight: int) -> Iterator[Reason]:
    """Yield one reason for all that is of one kind, if anything is."""
    if what:
        yield Reason(kind, f"{word}: {'; '.join(what)}.", weight)


def _left_empty(record: Record) -> Iterator[Reason]:
    """At least EMPTY_SHARE of at least FEWEST_ANSWERS answers were handed in without a word."""
    if record.answers >= FEWEST_ANSWERS and record.empty >= EMPTY_SHARE * record.answers:
        yield Reason("empty", f"Much left empty: {record.empty} of {record.answers} answers.", 2)


def _days(past: timedelta) -> str:
    if past.days == 0:
        return "within the last day"
    return "a day ago" if past.days == 1 else f"{past.days} days ago"


def _hours(left: timedelta) -> str:
    hours = max(1, round(left / timedelta(hours=1)))
    return "an hour" if hours == 1 else f"{hours} hours"
