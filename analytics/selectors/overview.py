"""What a cohort's overview shows, added up by PostgreSQL from the facts, in a fixed number of queries.

Weeks begin on Monday, in the current time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from analytics.estimates import Estimate
from analytics.filters import Filters
from analytics.item_statistics import BANDS, Quartiles
from analytics.models import AnswerFact
from analytics.selectors.aggregates import Percentile
from analytics.selectors.over_candidates import over_candidates

WEEKS = 26
"""How far the trend reaches back, unless the filter names a first day: half a year still fits on a phone."""

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Distribution:
    """The scores of n answers of so many candidates; bands: (scores of the band, answers in it)."""

    n: int
    candidates: int
    mean: float
    quartiles: Quartiles
    bands: list[tuple[str, int]]


def distribution(facts: QuerySet[AnswerFact]) -> Distribution | None:
    """Return how the scores of facts lie; None without any. One query."""
    counts = {f"band{i}": Count("pk", filter=_in_band(i)) for i in range(BANDS)}
    found = facts.aggregate(
        n=Count("pk"), people=Count("candidate", distinct=True), mean=Avg("score"), **_quartiles("score"), **counts
    )
    if not found["n"]:
        return None
    bands = [(band_label(i), found[f"band{i}"]) for i in range(BANDS)]
    return Distribution(found["n"], found["people"], found["mean"], _of_quartiles(found), bands)


def _in_band(number: int) -> Q:
    low = number * 100 / BANDS
    # The last band holds 100 as well.
    return Q(score__gte=low) & (Q() if number == BANDS - 1 else Q(score__lt=low + 100 / BANDS))


def band_label(number: int) -> str:
    return f"{number * 10}–{100 if number == BANDS - 1 else number * 10 + 9}"


def _quartiles(field: str) -> dict[str, Percentile]:
    return {name: Percentile(field, share=share) for name, share in (("low", 0.25), ("median", 0.5), ("high", 0.75))}


def _of_quartiles(found: Mapping[str, Any]) -> Quartiles:
    return Quartiles(found["low"], found["median"], found["high"])


@dataclass(frozen=True)
class Week:
    """A week from its Monday: the mean of its candidates' own means; None where nobody answered."""

    monday: date
    estimate: Estimate | None
    is_running: bool


def trend(facts: QuerySet[AnswerFact], *, filters: Filters, now: datetime) -> list[Week]:
    """Return the weeks of facts, the oldest first, gaps as weeks without a mean. One query."""
    this = _monday(now)
    if filters.since is None:
        first = timezone.make_aware(datetime.combine(this - (WEEKS - 1) * WEEK, datetime.min.time()))
        facts = facts.filter(answered_at__gte=first)
    weeks = over_candidates(facts.annotate(week=TruncWeek("answered_at")), "week")
    found = {week.date(): estimate for (week,), estimate in weeks.items()}
    if not found:
        return []
    mondays = [min(found) + i * WEEK for i in range((max(found) - min(found)) // WEEK + 1)]
    return [Week(monday, found.get(monday), monday == this) for monday in mondays]


def _monday(moment: datetime) -> date:
    day = timezone.localtime(moment).date()
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class TimeOnTask:
    """Minutes a question over n timed answers of so many candidates."""

    n: int
    candidates: int
    minutes: Quartiles


def time_on_task(facts: QuerySet[AnswerFact]) -> TimeOnTask | None:
    """Return how long an answer takes; None where nothing is timed. One query."""
    timed = facts.filter(seconds__isnull=False)
    found = timed.aggregate(n=Count("pk"), people=Count("candidate", distinct=True), **_quartiles("seconds"))
    if not found["n"]:
        return None
    seconds = _of_quartiles(found)
    return TimeOnTask(found["n"], found["people"], Quartiles(seconds.low / 60, seconds.median / 60, seconds.high / 60))
