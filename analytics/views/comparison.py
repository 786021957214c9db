"""Cohorts side by side, and a track before and after its questions changed."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics.access import MOST_COHORTS, get_compared
from analytics.filters import Filters
from analytics.forms import day_of_change
from analytics.item_statistics import FEWEST
from analytics.selectors import dashboard as selectors
from analytics.selectors.comparisons import VersionComparison
from analytics.views.frame import Frame, frame
from people.access import leader_required
from people.models import Cohort
from people.requests import LoggedInRequest
from questionbank.models import Track


@leader_required
@require_GET
def compare(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    here = frame(request, pk, "cohort_compare")
    cohorts = get_compared(request.user, here.cohort, request.GET.getlist("with"))
    found = selectors.comparison(cohorts, here.filters, day_of_change(request.GET))
    versions = found.versions
    others = Cohort.objects.visible_to(request.user).exclude(pk__in=[cohort.pk for cohort in cohorts])
    context = {
        **here.context,
        "compared": _compared(here, cohorts),
        "others": others if len(cohorts) < MOST_COHORTS else [],
        "most_cohorts": MOST_COHORTS,
        "kept": [("with", cohort.pk) for cohort in cohorts[1:]],
        "comparison": found.cohorts,
        "versions": versions,
        "sides": _sides(here.filters, versions) if versions and versions.day else None,
        "tracks": [] if here.filters.track else Track.objects.all(),
        "with_query": urlencode([("with", cohort.pk) for cohort in cohorts[1:]]),
        "exports": [one for one in here.context["exports"] if one.name != "versions" or (versions and versions.day)],
        "fewest": FEWEST,
    }
    return render(request, "analytics/compare.html", context)


def _compared(here: Frame, cohorts: list[Cohort]) -> list[dict[str, Any]]:
    """Return each cohort with the address of the page without it; the page's own stays."""
    query = list(here.form.query.items())
    return [
        {
            "cohort": cohort,
            "without": cohort != here.cohort
            and "?" + urlencode(query + [("with", o.pk) for o in cohorts if o not in (cohort, here.cohort)]),
        }
        for cohort in cohorts
    ]


def _sides(filters: Filters, versions: VersionComparison) -> dict[str, str]:
    """Return the days, as addresses say them, within which answers before and since the change were given."""
    assert versions.day  # noqa: S101 (the caller asks for nothing else)
    last = versions.day - timedelta(days=1)
    until = timezone.localtime(filters.until).date() - timedelta(days=1) if filters.until else last
    since = timezone.localtime(filters.since).date() if filters.since else versions.day
    return {"last": f"{min(last, until)}", "first": f"{max(versions.day, since)}"}
