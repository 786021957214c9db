"""Graded answers: the mentors' pages, what candidates say to a grade, and the page that says how marks are made."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grading import access, selectors, services
from grading.engine import CREDIT, ENGINE_VERSION
from grading.engine.scoring import CONTRADICTION_COST
from grading.forms import AppealForm, AskMentorForm, ReplyForm, ReviewForm
from grading.models import GradingJob
from grading.selectors import ShownMark
from people.access import leader_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.models import Mark

ANSWERS_PAGE = 25

AnyForm = TypeVar("AnyForm", bound=Form)


@require_GET
def how_marks_are_made(request: HttpRequest) -> HttpResponse:
    context = {
        "engine_version": ENGINE_VERSION,
        "partly": CREDIT["partly"],
        "cost": CONTRADICTION_COST,
        "clearly_from": selectors.CLEARLY_FROM,
        "plainly_from": selectors.PLAINLY_FROM,
        "only_just_from": selectors.ONLY_JUST_FROM,
    }
    return render(request, "grading/how_marks_are_made.html", context)


@leader_required
@require_GET
def reviews(request: LoggedInRequest) -> HttpResponse:
    """The answers of the cohorts one leads: those that wait for a mentor first."""
    page = Paginator(selectors.answers_to_review(request.user), ANSWERS_PAGE).get_page(request.GET.get("page"))
    return render(request, "grading/reviews.html", {"page": page})


@leader_required
@require_http_methods(["GET", "POST"])
def review(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """One answer with its grade; mentors set marks here, with a reason, and read what the candidate says to it."""
    job = access.get_job_to_read(request.user, pk)
    if request.method == "GET":
        return _review_page(request, job)
    if job.is_open or not access.may_review(request.user, job):
        raise PermissionDenied("Only a mentor of the candidate's cohort can set marks, once the answer is graded.")
    form = ReviewForm(request.POST, marks=_marks(job))
    return _save(request, job, form) if form.is_valid() else _review_page(request, job, form=form)


def _review_page(
    request: LoggedInRequest, job: GradingJob, *, form: ReviewForm | None = None, reply: ReplyForm | None = None
) -> HttpResponse:
    """Render the page; a form that was sent and refused comes back as it was filled in."""
    marks = _marks(job)
    used = form or ReviewForm(marks=marks)
    context = {
        "job": job,
        "shown": selectors.shown_grade(job),
        "rows": [(mark, used.mark_field(mark.key_point.pk)) for mark in marks],
        "form": used,
        "reply": reply or ReplyForm(job=job),
        "may_review": access.may_review(request.user, job) and not job.is_open,
    }
    return render(request, "grading/review.html", context, status=400 if form or reply else 200)


def _marks(job: GradingJob) -> list[ShownMark]:
    """Return the marks of a job fetched with its results; each is missing where the machine could not grade."""
    shown = selectors.shown_grade(job)
    if shown:
        return shown.marks
    points = enumerate(job.version.key_points.all(), 1)
    return [ShownMark(point, number, Mark.MISSING, None, "") for number, point in points]


def _save(request: LoggedInRequest, job: GradingJob, form: ReviewForm) -> HttpResponse:
    try:
        services.review(
            job=job,
            reviewer=request.user,
            marks=form.marks(),
            reason=form.cleaned_data["reason"],
            now=database_now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"Your marks are saved. {job.candidate} sees them with your name and reason.")
    return redirect("review", pk=job.pk)


@leader_required
@require_POST
def reply(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """A mentor's answer to a question of the candidate's."""
    job = access.get_job_to_read(request.user, pk)
    if not access.may_review(request.user, job):
        raise PermissionDenied("Only a mentor of the candidate's cohort can answer their questions.")

    def write(form: ReplyForm) -> None:
        data = form.cleaned_data
        services.answer_mentor_question(
            question=data["question"], mentor=request.user, answer=data["answer"], now=database_now()
        )

    form = ReplyForm(request.POST, job=job)
    if not _done(form, write):
        return _review_page(request, job, reply=form)
    messages.success(request, f"Your answer is saved. {job.candidate} sees it with your name.")
    return redirect("review", pk=pk)


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
    if not _done(form, write):
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
    if not _done(form, lambda form: services.ask_mentor(job=job, text=form.cleaned_data["text"], now=database_now())):
        context = {"job": job, "form": form, "title": "Ask a mentor", "button": "Send the question"}
        return render(request, "grading/to_mentor.html", context, status=400)
    messages.success(request, "Your question is sent. You see the answer here.")
    return redirect("own_answer", pk)


def _done(form: AnyForm, write: Callable[[AnyForm], object]) -> bool:
    """Do what a form asks for and say whether it is done; why it is not is then one of the form's errors."""
    if form.is_valid():
        try:
            write(form)
        except ValidationError as error:
            form.add_error(None, error)
    return not form.errors
