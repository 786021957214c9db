"""A cohort's dashboard: the overview, and who has done what by when."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from analytics import at_risk
from analytics.estimates import Estimate
from analytics.filters import candidates_of
from analytics.item_statistics import FEWEST
from analytics.selectors import dashboard as selectors
from analytics.selectors.overview import WEEKS, Week
from analytics.selectors.progress import Progress
from analytics.views.frame import frame
from analytics.views.tables import Value, page_of
from people.access import get_led_cohort, leader_required
from people.clock import database_now
from people.requests import LoggedInRequest

# What the table of candidates can be sorted by: in the address, and the figure it means.
CANDIDATE_COLUMNS: dict[str, Value] = {
    "name": lambda row: row.candidate.display_name.casefold(),
    "active": lambda row: row.active_at,
    "answers": lambda row: row.answers,
    "mean": lambda row: row.mean,
    "empty": lambda row: row.empty / row.answers if row.answers else None,
    "minutes": lambda row: row.minutes,
    "week": lambda row: row.minutes_a_week,
}


@leader_required
@require_GET
def results(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Lead on to the dashboard: its address before there was one."""
    return redirect("cohort_dashboard", get_led_cohort(request.user, pk).pk)


@leader_required
@require_GET
def overview(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """How the cohort does, at a glance; the filter narrows the answers that count."""
    here = frame(request, pk, "cohort_dashboard")
    found = selectors.overview(here.cohort, here.filters, database_now())
    context = {
        **here.context,
        **_rules(),
        "people": found.people,
        "at_work": found.at_work,
        "at_risk": found.at_risk,
        "columns": found.columns,
        "overall": found.overall,
        "distribution": found.distribution,
        "weeks": found.weeks,
        "trend_ends": _ends(found.weeks),
        "time": found.time,
        "page": page_of(found.rows, request.GET, CANDIDATE_COLUMNS),
        "q": request.GET.get("q", ""),
        "sort": request.GET.get("sort", ""),
    }
    return render(request, "analytics/overview.html", context)


def _ends(weeks: list[Week]) -> list[tuple[date, Estimate]]:
    """Return the first and the last week of enough candidates: what the sentence beside the trend compares."""
    enough = [(week.monday, week.estimate) for week in weeks if week.estimate and not week.estimate.is_small]
    return [enough[0], enough[-1]] if len(enough) > 1 else []


def _rules() -> dict[str, Any]:
    """Return the thresholds that the explanations name."""
    return {
        "fewest": FEWEST,
        "inactive_days": at_risk.INACTIVE_FOR.days,
        "look_back_weeks": at_risk.LOOK_BACK.days // 7,
        "lately_weeks": at_risk.LATELY.days // 7,
        "fall": at_risk.FALL,
        "low": at_risk.LOW,
        "fewest_answers": at_risk.FEWEST_ANSWERS,
        "empty_percent": round(100 * at_risk.EMPTY_SHARE),
        "due_soon_hours": round(at_risk.DUE_SOON.total_seconds() / 3600),
        "missed_weeks": at_risk.MISSED_FOR.days // 7,
        "trend_weeks": WEEKS,
    }


@leader_required
@require_GET
def progress(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Who has done what by when: candidates by assignments, or by tracks."""
    here = frame(request, pk, "cohort_progress")
    people = list(candidates_of(here.cohort))
    by_track = request.GET.get("by") == "track"
    found = selectors.progress(people, here.cohort, database_now(), by_track=by_track)
    context = {
        **here.context,
        "by_track": by_track,
        "columns": found.columns,
        "people": people,
        "page": page_of(found.rows, request.GET, _progress_columns(found)),
        "q": request.GET.get("q", ""),
        "sort": request.GET.get("sort", ""),
    }
    return render(request, "analytics/progress.html", context)


def _progress_columns(found: Progress) -> dict[str, Value]:
    columns: dict[str, Value] = {
        "name": lambda row: row.candidate.display_name.casefold(),
        "active": lambda row: row.active_at,
        "done": lambda row: row.done,
    }
    return columns | {column.key: _by_cell(number) for number, column in enumerate(found.columns)}


def _by_cell(number: int) -> Value:
    return lambda row: (row.cells[number].rank, row.cells[number].at is None, row.cells[number].at)
