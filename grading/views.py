"""The mentors' pages of graded answers, and the page that says how marks are made."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from grading import access, selectors, services
from grading.engine import CREDIT, ENGINE_VERSION
from grading.engine.scoring import CONTRADICTION_COST
from grading.forms import ReviewForm
from grading.models import GradingJob
from grading.selectors import ShownMark
from people.access import leader_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.models import Mark

ANSWERS_PAGE = 25


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
    """One answer with its grade; mentors set marks here, with a reason."""
    job = access.get_job_to_read(request.user, pk)
    shown = selectors.shown_grade(job)
    marks = shown.marks if shown else _unmarked(job)
    may_review = access.may_review(request.user, job) and not job.is_open
    form = ReviewForm(request.POST if request.method == "POST" else None, marks=marks)
    if request.method == "POST":
        if not may_review:
            raise PermissionDenied("Only a mentor of the candidate's cohort can set marks, once the answer is graded.")
        if form.is_valid():
            return _save(request, job, form)
    context = {
        "job": job,
        "shown": shown,
        "rows": [(mark, form.mark_field(mark.key_point.pk)) for mark in marks],
        "form": form,
        "may_review": may_review,
    }
    return render(request, "grading/review.html", context, status=400 if form.errors else 200)


def _unmarked(job: GradingJob) -> list[ShownMark]:
    """The key points of an answer that the machine could not grade."""
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
