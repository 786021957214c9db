"""What came of it: the result of an interview, and all interviews so far."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from interview import access
from interview.selectors import progress, results
from interview.services import interviews
from people.clock import database_now
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
@require_POST
def try_again(request: LoggedInRequest, pk: UUID, position: int) -> HttpResponse:
    """Start a second try of a question, or go on with the one that runs."""
    asked = access.get_asked(request.user, pk, position)
    try:
        asked = interviews.try_again(asked=asked, now=database_now())
    except interviews.Refused as error:
        messages.info(request, str(error))
    return redirect("question", pk=asked.interview_id, position=asked.position)


@login_required
@require_GET
def history(request: LoggedInRequest) -> HttpResponse:
    """Scores over time, of one topic where the address names it, and every interview."""
    scores = progress.score_history(request.user, request.GET.get("topic", ""))
    if scores is None:
        raise Http404
    page = Paginator(results.history_of(request.user), HISTORY_PAGE).get_page(request.GET.get("page"))
    return render(request, "interview/history.html", {"page": page, "scores": scores})
