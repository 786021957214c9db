"""How demo candidates do: able or not, better with time and with each try, and some give up."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from interview.models import Assignment, Mode
from interview.services.demo.bank import Asked, Bank, Ready
from interview.services.demo.people import Person
from questionbank.models import Track

# How the candidates differ, in points of the score: between them, and one's own answers from each other.
MEAN, BETWEEN, WITHIN = 58, 18, 16
# What half a year brings, and each further try of a question.
GROWTH, GROWTH_BETWEEN = 7, 6
BY_A_TRY = 5
DAYS = 180
LEFT_EMPTY = 0.05
MOCKS = 0.3
STOP_HALFWAY = 0.08  # of practice interviews
DROP_OUTS = 0.15  # of candidates, each after their own part of the half year
TAKE_PART = 0.85  # in an assignment that they could still do
LATE = 0.12


@dataclass(frozen=True)
class Given:
    """An answer: to what, with which exemplar, and when it was submitted. None: nothing was submitted."""

    section: str
    asked: Asked
    answer: Ready | None
    at: datetime


@dataclass(frozen=True)
class Played:
    """A finished interview of person. chance: what else happens to it."""

    person: Person
    track: Track
    assignment: Assignment | None
    mode: str
    began: datetime
    finished: datetime
    given: tuple[Given, ...]
    chance: random.Random


def seeded(*of: object) -> random.Random:
    """Return what the same words always get the same chances from."""
    return random.Random(" ".join(map(str, of)))  # noqa: S311 (no secret)


@dataclass(frozen=True)
class _Start:
    """When and how an interview begins. chance: what else happens in it."""

    began: datetime
    mode: str
    track: Track
    assignment: Assignment | None
    chance: random.Random


def play(
    person: Person, numbers: Sequence[int], *, bank: Bank, met: Counter[UUID], seed: int, now: datetime
) -> Iterator[Played]:
    """Yield the interviews of these numbers of person's, in order of time.

    met: how often they have met each question; it is counted on. The same seed, candidate and number give the same.
    """
    own = seeded(seed, person.user.email)
    ability, growth = own.gauss(MEAN, BETWEEN), own.gauss(GROWTH, GROWTH_BETWEEN)
    active = own.uniform(0.1, 0.6) if own.random() < DROP_OUTS else 1.0
    assignments: list[Assignment | None] = list(own.sample(person.assignments, len(person.assignments)))
    starts = [_start(person, number, assignments, active, bank, seed, now) for number in numbers]
    for start in sorted(starts, key=lambda one: one.began):
        level = ability + growth * (1 - (now - start.began) / timedelta(days=DAYS))
        yield _play(person, start, level, bank, met)


def _start(
    person: Person,
    number: int,
    assignments: Sequence[Assignment | None],
    active: float,
    bank: Bank,
    seed: int,
    now: datetime,
) -> _Start:
    chance = seeded(seed, person.user.email, number)
    first = now - timedelta(days=1 + DAYS)
    last = first + active * timedelta(days=DAYS)
    assigned = assignments[number] if number < len(assignments) else None
    if assigned and chance.random() < TAKE_PART:
        until = assigned.closes_at if chance.random() < LATE else assigned.due_at
        began = assigned.opens_at + chance.betavariate(4, 2) * (until - assigned.opens_at)
        if began < last:
            return _Start(began, assigned.mode, assigned.track, assigned, chance)
    mode = Mode.MOCK if chance.random() < MOCKS else Mode.PRACTICE
    return _Start(first + chance.random() * (last - first), mode, chance.choice(bank.tracks), None, chance)


def _play(person: Person, start: _Start, level: float, bank: Bank, met: Counter[UUID]) -> Played:
    chance, is_mock = start.chance, start.mode == Mode.MOCK
    drawn = bank.draw(start.track.pk, met, chance)
    stops_after = chance.randint(1, len(drawn)) if chance.random() < STOP_HALFWAY else len(drawn)
    at, given = start.began, []
    for place, (section, asked) in enumerate(drawn):
        answer = None
        if place < stops_after:
            at += timedelta(minutes=min(asked.version.minutes * chance.lognormvariate(-0.2, 0.4), 59))
            if chance.random() >= LEFT_EMPTY:
                score = level + BY_A_TRY * met[asked.question] - asked.difficulty + chance.gauss(0, WITHIN)
                answer = asked.answer(chance, score)
        met[asked.question] += 1
        given.append(Given(section, asked, answer, at))
    if is_mock:  # all is handed in at the end, what is empty too
        at = min(at, start.began + timedelta(minutes=start.track.minutes))
        given = [Given(one.section, one.asked, one.answer or one.asked.empty, at) for one in given]
    return Played(person, start.track, start.assignment, start.mode, start.began, at, tuple(given), chance)
