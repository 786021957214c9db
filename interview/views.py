"""The candidate's pages: choose, answer, review, results, history."""

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interview import access, selectors, services
from interview.forms import AnswerForm, StartForm
from interview.models import InterviewQuestion, Mode, extended
from people.clock import database_now
from people.requests import LoggedInRequest
from people.selectors import leaders_who_read
from questionbank.selectors import tracks

HISTORY_PAGE = 20


@login_required
@require_GET
def home(request: LoggedInRequest) -> HttpResponse:
    """Choose a track, or go on with what is running."""
    context = {
        "tracks": tracks(),
        "running": selectors.running_interview(request.user),
        "recent": selectors.history_of(request.user).exclude(finished_at=None)[:3],
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
            interview = services.start_interview(
                candidate=request.user, track=found, mode=Mode(form.cleaned_data["mode"]), now=database_now()
            )
        except services.Refused as error:
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
    questions = list(selectors.questions_of(interview))
    shows_result = asked.is_submitted and not interview.is_mock and typed in (None, asked.text)
    context = {
        "interview": interview,
        "asked": asked,
        "questions": questions,
        "is_last": asked.position == len(questions),
        "text": asked.text if typed is None else typed,
        "refused": refused,
        "idempotency_key": uuid4(),
        "max_characters": settings.ANSWER_MAX_CHARACTERS,
        "remaining_ms": interview.remaining_ms(database_now()),
        "result": selectors.result_of_question(asked) if shows_result else None,
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
            services.submit_answer(
                asked=asked, text=data["text"], idempotency_key=data["idempotency_key"], now=database_now()
            )
        elif data["text"] != asked.text:
            services.save_draft(asked=asked, text=data["text"], revision=data["revision"], now=database_now())
    except services.DraftConflict as conflict:
        context = {"asked": asked, "interview": asked.interview, "mine": data["text"], "conflict": conflict}
        return render(request, "interview/conflict.html", context, status=409)
    except services.Refused as error:
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
@require_GET
def feedback(request: LoggedInRequest, pk: UUID, position: int) -> HttpResponse:
    """The result of one practised answer as a fragment, which asks again until there is one."""
    asked = access.get_asked(request.user, pk, position)
    if asked.interview.is_mock and asked.interview.is_running:
        return HttpResponse(status=204)
    context = {"result": selectors.result_of_question(asked), "interview": asked.interview, "asked": asked}
    return render(request, "interview/_feedback.html", context)


@login_required
@require_GET
def review_interview(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What is answered and what is not, before finishing."""
    interview = access.get_interview(request.user, pk)
    if not interview.is_running:
        return redirect("result", pk=pk)
    questions = list(selectors.questions_of(interview))
    context = {
        "interview": interview,
        "questions": questions,
        "unanswered": [asked for asked in questions if not asked.text.strip()],
        "remaining_ms": interview.remaining_ms(database_now()),
    }
    return render(request, "interview/review.html", context)


@login_required
@require_POST
def finish(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    services.finish(interview=access.get_interview(request.user, pk), now=database_now())
    return redirect("result", pk=pk)


@login_required
@require_GET
def result(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The result page; of a running interview, where it stands."""
    interview = access.get_interview(request.user, pk)
    if interview.is_running:
        messages.info(request, "This interview is still running. Finish it to see its result.")
        return redirect("review_interview", pk=pk)
    context = {"interview": interview, "result": selectors.result_of(interview)}
    # The page asks for its own fragment while answers are being graded.
    template = "interview/_results.html" if "fragment" in request.GET else "interview/result.html"
    return render(request, template, context)


@login_required
@require_GET
def history(request: LoggedInRequest) -> HttpResponse:
    page = Paginator(selectors.history_of(request.user), HISTORY_PAGE).get_page(request.GET.get("page"))
    return render(request, "interview/history.html", {"page": page})
