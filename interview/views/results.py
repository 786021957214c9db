"""What came of it: the result of an interview, and all interviews so far."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from interview import access
from interview.selectors import results
from people.requests import LoggedInRequest

HISTORY_PAGE = 20


@login_required
@require_GET
def result(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The result page; of a running interview, where it stands."""
    interview = access.get_interview(request.user, pk)
    if interview.is_running:
        messages.info(request, "This interview is still running. Finish it to see its result.")
        return redirect("review_interview", pk=pk)
    context = {"interview": interview, "result": results.result_of(interview)}
    # The page asks for its own fragment while answers are being graded.
    template = "interview/_results.html" if "fragment" in request.GET else "interview/result.html"
    return render(request, template, context)


@login_required
@require_GET
def history(request: LoggedInRequest) -> HttpResponse:
    page = Paginator(results.history_of(request.user), HISTORY_PAGE).get_page(request.GET.get("page"))
    return render(request, "interview/history.html", {"page": page})
