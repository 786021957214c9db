"""Where a candidate meets what is assigned to them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from interview import access
from interview.selectors.assignments import assigned_one
from interview.services import interviews
from interview.services.assignments import start_assigned
from interview.views.start import what_awaits
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.selectors import tracks


@login_required
@require_http_methods(["GET", "POST"])
def assigned(request: LoggedInRequest, assignment_pk: UUID) -> HttpResponse:
    """Say what is assigned, until when, and what awaits; start on POST."""
    assignment = access.get_assigned(request.user, assignment_pk)
    now = database_now()
    refused = ""
    if request.method == "POST":
        try:
            interview = start_assigned(candidate=request.user, assignment=assignment, now=now)
        except interviews.Refused as error:
            refused = str(error)
        else:
            first = interview.questions.filter(answer=None).values_list("position", flat=True).first()
            return redirect("question", pk=interview.pk, position=first or 1)
    context = {
        "now": now,
        "assigned": assigned_one(request.user, assignment, now),
        "refused": refused,
        **what_awaits(get_object_or_404(tracks(), pk=assignment.track_id), request.user),
    }
    return render(request, "interview/assigned.html", context, status=400 if refused else 200)
