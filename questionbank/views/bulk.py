"""What is done with the questions that are ticked in the list."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.forms import BulkForm, Deed
from questionbank.services.bulk import approve_all, submit_all


@mentor_required
@require_POST
def bulk(request: LoggedInRequest) -> HttpResponse:
    """Export, hand in or approve; then say what was done, and of each question that was refused, why."""
    asked = QueryDict(request.POST.get("list", ""), mutable=True)  # what the list was asked for
    back = reverse("questions", query=asked)
    form = BulkForm(request.POST, user=request.user)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(back)
    questions, deed = form.cleaned_data["question"], form.cleaned_data["deed"]
    if deed == Deed.EXPORT:
        if questions:
            asked.setlist("question", [str(question.pk) for question in questions])
        asked["format"] = form.cleaned_data["format"]
        return redirect(reverse("export", query=asked))
    if deed == Deed.HAND_IN:
        outcomes = submit_all(questions=questions, seen=form.seen(), actor=request.user)
    else:
        outcomes = approve_all(questions=questions, seen=form.seen(), actor=request.user, now=database_now())
    context = {
        "deed": deed,
        "done": [outcome for outcome in outcomes if outcome.version],
        "refused": [outcome for outcome in outcomes if outcome.refused],
        "back": back,
    }
    return render(request, "questionbank/bulk.html", context)
