"""The way from a graded answer to the page on which its candidate reads it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from interview import access
from people.requests import LoggedInRequest


@login_required
@require_GET
def own_answer(request: LoggedInRequest, job: UUID) -> HttpResponse:
    """Lead to the answer of this grading job: on its own page while it is practised, then on the result page."""
    asked = access.get_asked_of_job(request.user, job)
    if asked.interview.is_running:
        page = reverse("question", args=[asked.interview_id, asked.position])
    else:
        page = reverse("result", args=[asked.interview_id])
    return redirect(f"{page}#graded-{asked.position}")
