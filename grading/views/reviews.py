"""The mentors' pages of graded answers."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grading import access
from grading.forms import ReplyForm, ReviewForm
from grading.models import GradingJob
from grading.selectors import grades as selectors
from grading.selectors.grades import ShownMark
from grading.services import reviews as services
from grading.views.forms import done
from people.access import leader_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.models import Mark

ANSWERS_PAGE = 25


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
    points = enumerate(job.key.key_points.all(), 1)
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
    if not done(form, write):
        return _review_page(request, job, reply=form)
    messages.success(request, f"Your answer is saved. {job.candidate} sees it with your name.")
    return redirect("review", pk=pk)
