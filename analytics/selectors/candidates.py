"""A cohort's candidates one by one: what each has done, and who may need somebody to ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Avg, Count, Max, Q, QuerySet, StdDev, Sum
from django.db.models.functions import NullIf, TruncWeek

from analytics import at_risk
from analytics.at_risk import LATELY, LOOK_BACK, Means, Others, Owed, Reason, Record
from analytics.filters import candidates_of, facts_of
from analytics.models import AnswerFact
from analytics.selectors.aggregates import Percentile
from interview.models import Interview
from interview.selectors.assignments import CohortAssignment, Stage, Standing
from people.models import Cohort, Membership, Role, User


@dataclass(frozen=True)
class CandidateRow:
    """A candidate's figures over the answers that the filter lets through.

    active_at: when last at work at all; mean: of the scores (0–100); empty: how many answers have no word; timed: how
    many tell their time; minutes: the median of those; minutes_a_week: the mean of the weeks with a timed answer.
    """

    candidate: User
    active_at: datetime | None
    answers: int = 0
    mean: float | None = None
    empty: int = 0
    timed: int = 0
    minutes: float | None = None
    minutes_a_week: float | None = None


def candidate_rows(
    candidates: Iterable[User], facts: QuerySet[AnswerFact], active: Mapping[UUID, datetime]
) -> list[CandidateRow]:
    """Return a row for each of candidates, in their order. active: when each was last at work. One query."""
    is_timed = Q(seconds__isnull=False)
    weeks = Count(TruncWeek("answered_at"), filter=is_timed, distinct=True)
    found = (
        facts.order_by()
        .values("candidate")
        .annotate(
            answers=Count("pk"),
            mean=Avg("score"),
            empty=Count("pk", filter=Q(is_empty=True)),
            timed=Count("pk", filter=is_timed),
            minutes=Percentile("seconds", share=0.5) / 60,
            minutes_a_week=Sum("seconds") / 60 / NullIf(weeks, 0),
        )
    )
    rows = found.values_list("candidate", "answers", "mean", "empty", "timed", "minutes", "minutes_a_week")
    figures = {candidate: own for candidate, *own in rows}
    return [CandidateRow(one, active.get(one.pk), *figures.get(one.pk, ())) for one in candidates]


@dataclass(frozen=True)
class AtRisk:
    """A candidate who may need somebody to ask, and why."""

    candidate: User
    active_at: datetime | None
    reasons: list[Reason]


def last_active(cohort: Cohort) -> dict[UUID, datetime]:
    """Return by candidate when they last began an interview or handed in an answer that is graded. Two queries."""
    answered = facts_of(cohort).order_by().values("candidate").annotate(at=Max("answered_at"))
    began = (
        Interview.objects.filter(candidate__in=candidates_of(cohort).order_by().values("pk"))
        .order_by()
        .values("candidate")
        .annotate(at=Max("started_at"))
    )
    latest: dict[UUID, datetime] = {}
    for row in [*answered, *began]:
        latest[row["candidate"]] = max(row["at"], latest.get(row["candidate"], row["at"]))
    return latest


def at_risk_list(
    cohort: Cohort,
    candidates: list[User],
    *,
    active: Mapping[UUID, datetime],
    standings: list[CohortAssignment],
    now: datetime,
) -> list[AtRisk]:
    """Return those of candidates for whom a rule of at_risk speaks, the heaviest reasons first. Two queries.

    The filter does not move it: it is about how they do now.
    """
    joined = dict(Membership.objects.filter(cohort=cohort, role=Role.CANDIDATE).values_list("user", "created_at"))
    figures = _recent_figures(cohort, now)
    owed = _owed(standings)
    records = {
        candidate.pk: Record(
            joined_at=joined.get(candidate.pk, now),
            active_at=active.get(candidate.pk),
            owed=owed.get(candidate.pk, []),
            **_recent(figures.get(candidate.pk)),
        )
        for candidate in candidates
    }
    at_work = sum(record.is_at_work(now) for record in records.values())
    found = []
    for candidate in candidates:
        record = records[candidate.pk]
        others = Others(len(records) - 1, at_work - record.is_at_work(now))
        if reasons := at_risk.reasons(record, others, now):
            found.append(AtRisk(candidate, record.active_at, reasons))
    return sorted(found, key=lambda one: -sum(reason.weight for reason in one.reasons))


def _recent_figures(cohort: Cohort, now: datetime) -> dict[UUID, Mapping[str, Any]]:
    lately, first = Q(answered_at__gte=now - LATELY), Q(attempt=1)
    rows = (
        facts_of(cohort)
        .filter(answered_at__gte=now - LOOK_BACK)
        .order_by()
        .values("candidate")
        .annotate(
            answers=Count("pk"),
            empty=Count("pk", filter=Q(is_empty=True)),
            **_means("lately", first & lately),
            **_means("before", first & ~lately),
        )
    )
    return {row["candidate"]: row for row in rows}


def _means(name: str, which: Q) -> dict[str, Aggregate]:
    return {
        f"{name}_n": Count("pk", filter=which),
        f"{name}_mean": Avg("score", filter=which),
        f"{name}_deviation": StdDev("score", sample=True, filter=which),
    }


def _recent(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a Record that come of its candidate's row of figures."""
    if row is None:
        return {}
    means = {
        name: Means(row[f"{name}_n"], row[f"{name}_mean"] or 0.0, row[f"{name}_deviation"])
        for name in ("lately", "before")
    }
    return {"answers": row["answers"], "empty": row["empty"], **means}


OPEN = (Standing.NOT_STARTED, Standing.RUNNING, Standing.MISSED)


def _owed(standings: list[CohortAssignment]) -> dict[UUID, list[Owed]]:
    """Return by candidate the assignments that are open to them, or were, and not finished."""
    owed: dict[UUID, list[Owed]] = {}
    for each in standings:
        if each.stage == Stage.UPCOMING:
            continue
        for one in each.standings:
            if one.standing in OPEN:
                owed.setdefault(one.candidate.pk, []).append(
                    Owed(
                        each.assignment.track.title,
                        each.assignment.due_at,
                        each.assignment.closes_at,
                        one.standing == Standing.RUNNING,
                        one.standing == Standing.MISSED,
                    )
                )
    return owed
