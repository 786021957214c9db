"""The pages of cohort figures."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics import selectors
from people.access import get_led_cohort, leader_required
from people.requests import LoggedInRequest


@leader_required
@require_GET
def cohort_results(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    cohort = get_led_cohort(request.user, pk)
    context = {"cohort": cohort, "table": selectors.cohort_table(cohort)}
    return render(request, "analytics/cohort_results.html", context)
