"""The heat maps of a cohort's dashboard: topics, and key points."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.filters import candidates_of
from analytics.item_statistics import FEWEST
from analytics.selectors import dashboard as selectors
from analytics.selectors.heatmaps import OFTEN, name_points
from analytics.views.frame import frame
from people.access import leader_required
from people.requests import LoggedInRequest

CANDIDATES_PAGE = 50
POINTS_PAGE = 50


@leader_required
@require_GET
def topics(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Candidates × topics."""
    here = frame(request, pk, "cohort_topics")
    sort = request.GET.get("sort") or "name"
    found = selectors.topics(here.cohort, here.filters, sort=sort)
    context = {
        **here.context,
        "map": found,
        "page": Paginator(found.rows, CANDIDATES_PAGE).get_page(request.GET.get("page")),
        "sort": sort,
        "fewest": FEWEST,
    }
    return render(request, "analytics/topics.html", context)


@leader_required
@require_GET
def points(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What the cohort leaves out, key point by key point."""
    here = frame(request, pk, "cohort_points")
    rows = selectors.points(here.cohort, here.filters)
    page = Paginator(rows, POINTS_PAGE).get_page(request.GET.get("page"))
    most = rows[:1]
    name_points([*page.object_list, *most])
    context = {
        **here.context,
        "page": page,
        "candidates": candidates_of(here.cohort).count(),
        "most": most[0] if most and most[0].left_out else None,
        "often": sum(row.is_often for row in rows),
        "enough": sum(not row.is_small for row in rows),
        "often_percent": round(100 * OFTEN),
        "fewest": FEWEST,
    }
    return render(request, "analytics/points.html", context)
