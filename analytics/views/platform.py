"""The platform page: how this Greenroom itself is doing, for the people who run it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.selectors import platform as selectors
from grading.agreement import FEWEST
from grading.models import JobState
from people import bell
from people.access import site_admin_required
from people.clock import database_now
from people.requests import LoggedInRequest


@site_admin_required
@require_GET
def platform(request: LoggedInRequest) -> HttpResponse:
    """The whole page; ?fragment alone, for htmx, the part that says how things stand now."""
    if "fragment" in request.GET:
        return render(request, "analytics/_platform_now.html", _now())
    return render(request, "analytics/platform.html", _now() | _longer(request))


def _now() -> dict[str, Any]:
    """What changes from second to second, all of it quick to count."""
    now = database_now()
    waits = selectors.waiting(now)
    workers = selectors.workers(now)
    unread = bell.unread()
    runs = selectors.task_runs()
    tasks = selectors.scheduled(now, runs)
    counts = selectors.job_counts()
    return {
        "now": now,
        "concerns": selectors.concerns(
            now, waits=waits, alive=any(worker.is_alive for worker in workers), unread=unread, tasks=tasks
        ),
        "waits": [(one, one.seconds(now)) for one in waits],
        "unread": unread,
        "counts": counts,
        "states": [(state.label, n, state == JobState.NEEDS_REVIEW) for state, n in counts.by_state.items()],
        "latencies": selectors.latencies(now),
        "troubles": selectors.troubles(now),
        "workers": workers,
        "tasks": tasks,
        "mail_troubles": selectors.mail_troubles(now),
    }


def _longer(request: LoggedInRequest) -> dict[str, Any]:
    now = database_now()
    hours = selectors.graded_by_hour(now)
    return {
        "hours": hours,
        "graded_today": sum(hour.n for hour in hours),
        "busiest": max(hours, key=lambda hour: hour.n),
        "months": selectors.agreement_by_month(request.user, now),
        "fewest": FEWEST,
        "storage": selectors.storage(),
    }
