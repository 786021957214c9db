"""Answering: a question at a time, its feedback in practice, a last look, and the end."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interview import access
from interview.forms import AnswerForm
from interview.models import InterviewQuestion
from interview.selectors import results
from interview.services import interviews
from people.clock import database_now
from people.requests import LoggedInRequest


def gives_text_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a text that somebody sends after their session has ended back to them, before view asks for a login."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.POST.get("text", "")
        if text.strip() and not request.user.is_authenticated:
            return render(request, "interview/logged_out.html", {"text": text}, status=401)
        return view(request, *args, **kwargs)

    return wrapped


@gives_text_back
@login_required
@require_http_methods(["GET", "POST"])
def question(request: LoggedInRequest, pk: UUID, position: int) -> HttpResponse:
    """The answer page. POST saves (or submits) what the form holds, then goes where its button says."""
    asked = access.get_asked(request.user, pk, position)
    if request.method == "POST":
        return _write(request, asked)
    return _question_page(request, asked)


def _question_page(
    request: LoggedInRequest,
    asked: InterviewQuestion,
    *,
    typed: str | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the answer page; typed is what could not be saved, which must not be lost."""
    interview = asked.interview
    questions = list(results.questions_of(interview))
    shows_result = asked.is_submitted and not interview.is_mock and typed in (None, asked.text)
    context = {
        "interview": interview,
        "asked": asked,
        "questions": questions,
        "answered": sum(other.is_answered for other in questions),
        "is_last": asked.position == len(questions),
        "text": asked.text if typed is None else typed,
        "refused": refused,
        "idempotency_key": uuid4(),
        "max_characters": settings.ANSWER_MAX_CHARACTERS,
        "remaining_ms": interview.remaining_ms(database_now()),
        "result": results.result_of_question(asked) if shows_result else None,
        "can_write": interview.is_running and not asked.is_submitted,
    }
    return render(request, "interview/question.html", context, status=status)


def _write(request: LoggedInRequest, asked: InterviewQuestion) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        refused = "The page sent something incomplete. Your text is below; save it again."
        return _question_page(request, asked, typed=request.POST.get("text", ""), refused=refused, status=400)
    data = form.cleaned_data
    try:
        if data["action"] == "submit":
            interviews.submit_answer(
                asked=asked, text=data["text"], idempotency_key=data["idempotency_key"], now=database_now()
            )
        elif data["text"] != asked.text:
            interviews.save_draft(asked=asked, text=data["text"], revision=data["revision"], now=database_now())
        if data["action"] in ("flag", "unflag"):
            interviews.flag_question(asked=asked, flagged=data["action"] == "flag")
    except interviews.DraftConflict as conflict:
        context = {"asked": asked, "interview": asked.interview, "mine": data["text"], "conflict": conflict}
        return render(request, "interview/conflict.html", context, status=409)
    except interviews.Refused as error:
        return _question_page(request, asked, typed=data["text"], refused=str(error), status=400)
    return _go_on(asked, data["action"])


def _go_on(asked: InterviewQuestion, action: str) -> HttpResponse:
    """Redirect to where the pressed button leads."""
    interview = asked.interview_id
    last = asked.interview.questions.count()
    if action == "review" or (action == "next" and asked.position == last):
        return redirect("review_interview", pk=interview)
    step = {"previous": -1, "next": 1}.get(action, 0)
    return redirect("question", pk=interview, position=min(max(asked.position + step, 1), last))


@login_required
@require_POST
def flag(request: LoggedInRequest, pk: UUID, position: int) -> HttpResponse:
    """Flag a question, or take its flag away. Where it can still be answered, the answer's own form does it."""
    asked = access.get_asked(request.user, pk, position)
    try:
        interviews.flag_question(asked=asked, flagged=request.POST.get("action") == "flag")
    except interviews.Refused as error:
        messages.error(request, str(error))
    return redirect("question", pk=pk, position=position)


@login_required
@require_GET
def feedback(request: LoggedInRequest, pk: UUID, position: int) -> HttpResponse:
    """The result of one practised answer as a fragment, which asks again until there is one."""
    asked = access.get_asked(request.user, pk, position)
    if asked.interview.is_mock and asked.interview.is_running:
        return HttpResponse(status=204)
    context = {"result": results.result_of_question(asked), "interview": asked.interview, "asked": asked}
    return render(request, "interview/_feedback.html", context)


@login_required
@require_GET
def review_interview(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What is answered and what is not, before finishing."""
    interview = access.get_interview(request.user, pk)
    if not interview.is_running:
        return redirect("result", pk=pk)
    questions = list(results.questions_of(interview))
    context = {
        "interview": interview,
        "questions": questions,
        "unanswered": [asked for asked in questions if not asked.is_answered],
        "flagged": [asked for asked in questions if asked.flagged],
        "remaining_ms": interview.remaining_ms(database_now()),
    }
    return render(request, "interview/review.html", context)


@login_required
@require_POST
def finish(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    interviews.finish(interview=access.get_interview(request.user, pk), now=database_now())
    return redirect("result", pk=pk)
