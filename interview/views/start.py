"""Where a candidate starts: what can be practised, and what awaits."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from interview.forms import StartForm
from interview.models import Mode, extended
from interview.selectors import results
from interview.services import interviews
from people.clock import database_now
from people.requests import LoggedInRequest
from people.selectors import leaders_who_read
from questionbank.selectors import tracks


@login_required
@require_GET
def home(request: LoggedInRequest) -> HttpResponse:
    """Choose a track, or go on with what is running."""
    context = {
        "tracks": tracks(),
        "running": results.running_interview(request.user),
        "recent": results.history_of(request.user).exclude(finished_at=None)[:3],
    }
    return render(request, "interview/home.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def track(request: LoggedInRequest, slug: str) -> HttpResponse:
    """Say what awaits; start on POST."""
    found = get_object_or_404(tracks(), slug=slug)
    form = StartForm(request.POST or None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            interview = interviews.start_interview(
                candidate=request.user, track=found, mode=Mode(form.cleaned_data["mode"]), now=database_now()
            )
        except interviews.Refused as error:
            refused = str(error)
        else:
            return redirect("question", pk=interview.pk, position=1)
    context = {
        "track": found,
        "form": form,
        "refused": refused,
        "readers": leaders_who_read(request.user),
        "extended_minutes": extended(found.minutes, request.user.extra_time_factor),
        "question_count": sum(section.count for section in found.sections.all()),
    }
    return render(request, "interview/track.html", context, status=400 if refused or form.errors else 200)
