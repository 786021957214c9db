"""The demo cohorts: candidates, a mentor of each, and what they are assigned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle, islice
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Count

from interview.models import Answer, Assignment, Interview, Mode
from people.models import Cohort, Membership, Role, User
from questionbank.models import Track

COHORT = "Demo"
# .invalid is reserved: no mail reaches it, and nobody can log in with it.
DOMAIN = "@demo.greenroom.invalid"
DEMO_ACCOUNTS = "@demo.test"
NO_REAL_PEOPLE = (DEMO_ACCOUNTS, ".invalid")

# Candidates of the first cohort, the second …: one in ten is a large one.
SIZES = [40] * 9 + [240]
# Whoever looks at the demo accounts sees so many demo cohorts: enough to compare them.
SEEN_BY_DEMO_ACCOUNTS = 3
# What each cohort is assigned: the days of the last half year on which it opens.
OPENED_DAYS_AGO = (168, 132, 96, 54, 12)
DUE_AFTER, CLOSES_AFTER = timedelta(days=14), timedelta(days=21)


@dataclass(frozen=True)
class Person:
    """A demo candidate, with the mentor and the assignments of their cohort; interviews: how many they have."""

    user: User
    mentor: UUID
    assignments: tuple[Assignment, ...]
    interviews: int


def has_real_candidates() -> bool:
    """Say whether anybody has an interview who is not made up."""
    theirs = Interview.objects.all()
    for ending in NO_REAL_PEOPLE:
        theirs = theirs.exclude(candidate__email__endswith=ending)
    return theirs.exists()


def count_answers() -> int:
    """Return how many answers demo candidates have given."""
    return Answer.objects.filter(question__interview__candidate__email__endswith=DOMAIN).count()


def make_people(*, total: int, now: datetime) -> Iterator[list[Person]]:
    """Yield the first total demo candidates, cohort by cohort, made where they are not there yet.

    They cannot log in. Whoever leads another cohort of demo accounts leads the first few of these too.
    """
    tracks = list(Track.objects.order_by("position", "slug"))
    first = 1
    for place, size in zip(count(1), cycle(SIZES), strict=False):
        if first > total:
            return
        numbers = range(first, min(first + size, total + 1))
        yield _cohort(place, numbers, tracks, now)
        first += size


@transaction.atomic
def _cohort(place: int, numbers: range, tracks: list[Track], now: datetime) -> list[Person]:
    cohort, _ = Cohort.objects.get_or_create(name=COHORT if place == 1 else f"{COHORT} {place}")
    mentor = _make_users([f"mentor-{place:05}{DOMAIN}"], [f"Demo mentor {place}"])[0]
    leaders = {mentor.pk: Role.MENTOR.value}
    if place <= SEEN_BY_DEMO_ACCOUNTS:
        demo_accounts = Membership.objects.filter(user__email__endswith=DEMO_ACCOUNTS, role__in=Role.leading())
        leaders |= dict(demo_accounts.values_list("user", "role"))
    candidates = _make_users(
        [f"candidate-{number:05}{DOMAIN}" for number in numbers], [f"Demo candidate {number}" for number in numbers]
    )
    roles = leaders | {candidate.pk: Role.CANDIDATE.value for candidate in candidates}
    Membership.objects.bulk_create(
        (Membership(cohort=cohort, user_id=user, role=role) for user, role in roles.items()), ignore_conflicts=True
    )
    assignments = tuple(_assignments(cohort, place, mentor, tracks, now))
    done = _interviews_of(candidates)
    return [Person(candidate, mentor.pk, assignments, done.get(candidate.pk, 0)) for candidate in candidates]


def _make_users(emails: list[str], names: list[str]) -> list[User]:
    """Return the users with these addresses in their order, made where they are not there yet."""
    no_password = make_password(None)
    User.objects.bulk_create(
        (
            User(email=email, name=name, password=no_password, mail_when_graded=False)
            for email, name in zip(emails, names, strict=True)
        ),
        ignore_conflicts=True,
    )
    made = {user.email: user for user in User.objects.filter(email__in=emails)}
    return [made[email] for email in emails]


def _assignments(cohort: Cohort, place: int, mentor: User, tracks: list[Track], now: datetime) -> list[Assignment]:
    """Return what cohort is assigned; where that is nothing yet, a track after the other, each second as a mock."""
    there = list(Assignment.objects.filter(cohort=cohort).select_related("track"))
    if there:
        return there
    in_turn = islice(cycle(tracks), place - 1, None)
    opened = [now - timedelta(days=days) for days in OPENED_DAYS_AGO]
    return Assignment.objects.bulk_create(
        Assignment(
            cohort=cohort,
            track=track,
            mode=mode,
            opens_at=opens_at,
            due_at=opens_at + DUE_AFTER,
            closes_at=opens_at + CLOSES_AFTER,
            reminds=False,
            created_by=mentor,
            created_at=opens_at,
        )
        for track, mode, opens_at in zip(in_turn, cycle([Mode.PRACTICE, Mode.MOCK]), opened, strict=False)
    )


def _interviews_of(candidates: list[User]) -> dict[UUID, int]:
    found = Interview.objects.filter(candidate__in=candidates).order_by().values_list("candidate")
    return dict(found.annotate(interviews=Count("pk")))
