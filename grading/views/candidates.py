"""What candidates say to a grade."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from grading import access
from grading.forms import AppealForm, AskMentorForm
from grading.services import reviews as services
from grading.views.forms import done
from people.clock import database_now
from people.requests import LoggedInRequest


@login_required
@require_POST
def appeal(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """A candidate's appeal against one mark of an own answer."""
    shown = access.get_own_grade(request.user, pk)

    def write(form: AppealForm) -> None:
        data = form.cleaned_data
        services.appeal(
            job=shown.job,
            key_point_id=data["key_point"],
            said=form.said(),
            reason=data["reason"],
            now=database_now(),
        )

    form = AppealForm(request.POST, shown=shown)
    if not done(form, write):
        context = {"job": shown.job, "form": form, "title": "This mark is wrong", "button": "Send the appeal"}
        return render(request, "grading/to_mentor.html", context, status=400)
    messages.success(request, "Your appeal is sent. You see here what a mentor makes of it.")
    return redirect("own_answer", pk)


@login_required
@require_POST
def ask_mentor(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """A candidate's question about an own answer."""
    job = access.get_own_job(request.user, pk)
    form = AskMentorForm(request.POST)
    if not done(form, lambda form: services.ask_mentor(job=job, text=form.cleaned_data["text"], now=database_now())):
        context = {"job": job, "form": form, "title": "Ask a mentor", "button": "Send the question"}
        return render(request, "grading/to_mentor.html", context, status=400)
    messages.success(request, "Your question is sent. You see the answer here.")
    return redirect("own_answer", pk)
