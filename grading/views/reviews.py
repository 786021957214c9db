"""The mentors' pages of graded answers: the queue, and the page on which one is marked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
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
from grading.selectors import queue
from grading.services import reviews as services
from grading.views.forms import done
from grading.views.rounds import Round
from people.access import leader_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.models import Question

ANSWERS_PAGE = 25


@dataclass(frozen=True)
class Tab:
    """A part of the queue, as the list of answers offers it."""

    label: str
    count: int
    address: str
    is_current: bool


@leader_required
@require_GET
def reviews(request: LoggedInRequest) -> HttpResponse:
    """The answers of the cohorts one leads, in parts: what waits for a mentor, what is done."""
    here = Round.of(request)
    answers = queue.queue(request.user, here.show, question=here.question)
    counts = queue.counts(request.user, question=here.question)
    context = {
        "page": Paginator(answers, ANSWERS_PAGE).get_page(request.GET.get("page")),
        "tabs": list(_tabs(here, counts)),
        "nothing_at_all": not any(counts.values()),
        "is_blind": here.blind,
        "rows_query": here.query(),
        "question": Question.objects.filter(pk=here.question).first() if here.question else None,
        "start": here.to_next() if _has_next(request, here) else None,
        "everything": replace(here, question=None).to_list(),
    }
    return render(request, "grading/reviews.html", context)


def _has_next(request: LoggedInRequest, here: Round) -> bool:
    """Say whether there is anything to mark in this part of the queue; what is done leads nowhere."""
    if here.show == queue.Show.DONE:
        return False
    return queue.next_to_review(request.user, here.show, question=here.question) is not None


def _tabs(here: Round, counts: dict[str, int]) -> Iterator[Tab]:
    for show in queue.Show:
        yield Tab(show.label, counts[show], replace(here, show=show).to_list(), show == here.show)


@leader_required
@require_GET
def next_answer(request: LoggedInRequest) -> HttpResponse:
    """Lead to the answer that is to be marked next, or back to the list when none is left."""
    here = Round.of(request)
    after = Round.uuid(request.GET.get("after", ""))
    found = queue.next_to_review(request.user, here.show, question=here.question, after=after)
    return redirect(here.to_answer(found) if found else here.to_list())


@leader_required
@require_http_methods(["GET", "POST"])
def review(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """One answer with its grade; mentors set marks here, with a reason, and read what the candidate says to it."""
    job = access.get_job_to_read(request.user, pk)
    if request.method == "GET":
        return _review_page(request, job)
    if job.is_open or not access.may_review(request.user, job):
        raise PermissionDenied("Only a mentor of the candidate's cohort can set marks, once the answer is graded.")
    form = ReviewForm(request.POST, marks=selectors.marks_to_set(job))
    return _save(request, job, form) if form.is_valid() else _review_page(request, job, form=form, status=400)


def _review_page(
    request: LoggedInRequest,
    job: GradingJob,
    *,
    form: ReviewForm | None = None,
    reply: ReplyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page; a form that was sent comes back as it was filled in."""
    here = Round.of(request)
    marks = selectors.marks_to_set(job)
    may_review = access.may_review(request.user, job) and not job.is_open
    # An appeal tells the machine's mark, and who has seen a mentor's marks has seen the machine's.
    may_be_blind = may_review and not job.reviews.all() and not job.appeals.all()
    is_blind = here.blind and may_be_blind
    used = form or ReviewForm(marks=marks, is_blind=is_blind)
    context = {
        "job": job,
        "shown": selectors.shown_grade(job),
        "rows": [(mark, used.mark_field(mark.key_point.pk)) for mark in marks],
        "form": used,
        "reply": reply or ReplyForm(job=job),
        "may_review": may_review,
        "knows_name": _knows_name(request, job),
        "query": here.query(),
        "is_blind": is_blind,
        "may_be_blind": may_be_blind,
        "other_way": replace(here, blind=not here.blind).to_answer(job),
        "to_list": here.to_list(),
        "to_next": None if here.show == queue.Show.DONE else here.to_next(job),
    }
    return render(request, "grading/review.html", context, status=status)


def _knows_name(request: LoggedInRequest, job: GradingJob) -> bool:
    return job.pk in queue.names_known(request.user, [job.pk])


def _save(request: LoggedInRequest, job: GradingJob, form: ReviewForm) -> HttpResponse:
    here = Round.of(request)
    goes_on = request.POST.get("action") == "next"
    try:
        services.review(
            job=job,
            reviewer=request.user,
            marks=form.marks(),
            reason=form.cleaned_data["reason"],
            now=database_now(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _review_page(request, job, form=form, status=400)
    # The next answer's page names nobody.
    who = job.candidate if not goes_on and _knows_name(request, job) else "The candidate"
    messages.success(request, f"Your marks are saved. {who} sees them with your name and reason.")
    return redirect(here.to_next(job) if goes_on else here.to_answer(job))


@leader_required
@require_POST
def show_name(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Tell who has given an answer before it is done, by asking; what is typed already comes back with the page."""
    job = access.get_job_to_read(request.user, pk)
    services.show_name(job=job, reader=request.user)
    typed: dict[str, Any] = request.POST.dict()
    return _review_page(request, job, form=ReviewForm(marks=selectors.marks_to_set(job), typed=typed))


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
        return _review_page(request, job, reply=form, status=400)
    messages.success(request, "Your answer is saved. The candidate sees it with your name.")
    return redirect(Round.of(request).to_answer(job))
