"""Everything that is mine: what it is, and one file to take it away."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from interview.selectors.mine import everything_of
from people.clock import database_now
from people.requests import LoggedInRequest


@login_required
@require_GET
def my_data(request: LoggedInRequest) -> HttpResponse:
    """Say what the file holds."""
    return render(request, "interview/my_data.html")


@login_required
@require_GET
def download_my_data(request: LoggedInRequest) -> HttpResponse:
    """The file: JSON, for people and programs to read."""
    now = database_now()
    everything = {"exported_at": now, **everything_of(request.user)}
    response = JsonResponse(everything, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="greenroom-{now:%Y-%m-%d}.json"'
    return response
