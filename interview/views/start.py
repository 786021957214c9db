"""Where a candidate starts: a question to try, an example to look at, what can be practised, and what awaits."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interview.forms import StartForm
from interview.models import Interview, Mode, extended
from interview.selectors import assignments, plan, results
from interview.selectors.example import example_interview
from interview.services import guests, interviews
from people.clock import database_now
from people.models import User
from people.requests import LoggedInRequest
from people.selectors import leaders_who_read
from questionbank.models import Track
from questionbank.selectors import tracks


@require_POST
def try_question(request: HttpRequest) -> HttpResponse:
    """Let somebody without an account answer one question, as a guest."""
    if request.user.is_authenticated:
        return redirect("home")
    try:
        interview = guests.start_as_guest(now=database_now())
    except interviews.Refused as error:
        messages.info(request, str(error))
        return redirect("landing")
    login(request, interview.candidate)
    return redirect("question", pk=interview.pk, position=1)


@require_GET
def example(request: HttpRequest) -> HttpResponse:
    """Show everybody the result of an example interview."""
    interview = example_interview()
    if interview is None:
        words = {
            "title": "There is no example here yet",
            "message": "It comes with the questions. Answer one yourself to see how it is graded.",
        }
        return render(request, "error.html", words, status=404)
    context = {"interview": interview, "result": results.result_of(interview)}
    return render(request, "interview/example.html", context)


@login_required
@require_GET
def home(request: LoggedInRequest) -> HttpResponse:
    """Choose a track, or go on with what is running."""
    now = database_now()
    assigned = assignments.current(assignments.assigned_to(request.user, now))
    first = next((one for one in assigned if one.is_to_do), None)
    running = _running_besides(request.user, assigned)
    context = {
        "now": now,
        "assigned": assigned,
        "assigned_first": first,
        "running": running,
        "comes_first": first or running,
        "tracks": tracks(),
        "today": plan.today(request.user, now),
        "recent": results.history_of(request.user).exclude(finished_at=None)[:3],
    }
    return render(request, "interview/home.html", context)


def _running_besides(user: User, assigned: list[assignments.Assigned]) -> Interview | None:
    """Return what user can go on with, but for what is assigned, which leads there itself."""
    running = results.running_interview(user)
    return None if running in [one.running for one in assigned] else running


@login_required
@require_http_methods(["GET", "POST"])
def track(request: LoggedInRequest, slug: str) -> HttpResponse:
    """Say what awaits; start on POST."""
    found = get_object_or_404(tracks(), slug=slug)
    form = StartForm(request.POST or None)
    refused = ""
    if request.method == "POST" and not form.is_valid():
        refused = "The page sent something incomplete. Choose practice or mock interview and press Start again."
    elif request.method == "POST":
        try:
            interview = interviews.start_interview(
                candidate=request.user,
                track=found,
                mode=Mode(form.cleaned_data["mode"]),
                now=database_now(),
                interview_id=form.cleaned_data["key"],
            )
        except interviews.Refused as error:
            refused = str(error)
        else:
            return redirect("question", pk=interview.pk, position=1)
    context = {"form": form, "key": uuid4(), "refused": refused, **what_awaits(found, request.user)}
    return render(request, "interview/track.html", context, status=400 if refused else 200)


def what_awaits(track: Track, user: User) -> dict[str, Any]:
    """Return what interview/_awaits.html says to user before they start track."""
    return {
        "track": track,
        "readers": leaders_who_read(user),
        "extended_minutes": extended(track.minutes, user.extra_time_factor),
        "question_count": sum(section.count for section in track.sections.all()),
    }
