"""What next: the practice plan, today's practice, and the way through a track's topics."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interview.forms import PlanForm
from interview.models import Interview
from interview.selectors import plan as plans
from interview.selectors import progress
from interview.services import interviews
from interview.services import plan as services
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.models import Topic
from questionbank.selectors import tracks


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: LoggedInRequest) -> HttpResponse:
    """Today's practice, readiness by topic, and what the candidate prepares for. POST changes the latter."""
    now = database_now()
    today = plans.today(request.user, now)
    form = PlanForm(request.POST or None, plan=today.plan, today=today.day)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_plan(candidate=request.user, now=now, **form.cleaned_data)
        except services.DayIsOver as error:
            form.add_error("interview_on", str(error))
        else:
            messages.success(request, "Your plan is saved.")
            return redirect("plan")
    context = {
        "form": form,
        "today": today,
        "topics": [topic for topic in today.progress if today.plan.track or topic.latest],
        "tracks": tracks(),
    }
    return render(request, "interview/plan.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def start_today(request: LoggedInRequest) -> HttpResponse:
    return _start(request, lambda: services.start_today(candidate=request.user, now=database_now()))


@login_required
@require_POST
def start_topic(request: LoggedInRequest) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=request.POST.get("topic", ""))
    return _start(request, lambda: services.start_topic(candidate=request.user, topic=topic, now=database_now()))


def _start(request: LoggedInRequest, start: Callable[[], Interview]) -> HttpResponse:
    """Start a practice and lead to its first question without an answer."""
    try:
        interview = start()
    except interviews.Refused as error:
        messages.error(request, str(error))
        return redirect("plan")
    first = interview.questions.filter(answer=None).values_list("position", flat=True).first()
    return redirect("question", pk=interview.pk, position=first or 1)


@login_required
@require_GET
def path(request: LoggedInRequest, slug: str) -> HttpResponse:
    """The way through a track: its topics in order, what each asks, how far the candidate is, what to read."""
    track = get_object_or_404(tracks(), slug=slug)
    return render(request, "interview/path.html", {"track": track, "topics": progress.path_of(request.user, track)})
