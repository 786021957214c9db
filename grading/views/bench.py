"""The bench: what the editor's form says is tried by a worker, and its outcome fetched until it is there."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grading.forms import BenchForm
from grading.models import BenchPurpose, BenchRun
from grading.selectors import bench as selectors
from grading.services import bench as services
from people.access import mentor_required
from people.clock import database_now
from people.models import User
from people.requests import LoggedInRequest
from questionbank.access import get_import
from questionbank.forms import VersionForms
from questionbank.models import Question, QuestionVersion

# How long a page waits in silence before it says that the grader is slow, and asks less often.
PATIENCE = timedelta(seconds=5)


def _is_fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page (htmx, or static/js/bench.js in its manner)."""
    return request.headers.get("HX-Request") == "true"


@mentor_required
@require_POST
def bench(request: LoggedInRequest) -> HttpResponse:
    """Try what the editor's form says so far: with the answer typed beside it, or by all its exemplars."""
    form, version = BenchForm(request.POST), VersionForms(request.POST)
    version.is_valid()  # what is not valid yet is left out
    if not form.is_valid():
        return _refused(request, [str(message) for messages in form.errors.values() for message in messages])
    purpose, replaced = form.cleaned_data["purpose"], _id(request.POST.get("bench-replaces"))
    if replaced:
        services.withdraw_run(run_id=replaced, actor=request.user)
    try:
        run = services.request_run(
            purpose=purpose,
            content=version.content(),
            text=form.cleaned_data["text"] if purpose == BenchPurpose.ANSWER else "",
            actor=request.user,
            now=database_now(),
        )
    except ValidationError as refused:
        return _refused(request, refused.messages)
    if _is_fragment(request):
        return _show(request, run, request.POST.get("bench-since"))
    return redirect("bench_run", pk=run.pk)


def _refused(request: HttpRequest, messages: list[str]) -> HttpResponse:
    template = "grading/_bench_refused.html" if _is_fragment(request) else "grading/bench.html"
    return render(request, template, {"refused": messages}, status=400)


def _id(raw: str | None) -> UUID | None:
    try:
        return UUID(raw or "")
    except ValueError:
        return None


@mentor_required
@require_GET
def bench_run(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The outcome of one's own run. A script that asks too early is told nothing new (204)."""
    shown_here = [BenchPurpose.ANSWER, BenchPurpose.EXEMPLARS]
    run = get_object_or_404(selectors.runs_of(request.user).filter(purpose__in=shown_here), pk=pk)
    if _is_fragment(request) and run.is_pending and database_now() - run.created_at < PATIENCE:
        return HttpResponse(status=204)
    return _show(request, run, request.GET.get("since"))


def _show(request: LoggedInRequest, run: BenchRun, since: str | None) -> HttpResponse:
    """Render run; since names the run whose outcome stands in its place until now."""
    template = "grading/_bench_run.html" if _is_fragment(request) else "grading/bench.html"
    return render(request, template, _context(run, _own(request.user, since)))


def _own(user: User, raw: str | None) -> BenchRun | None:
    pk = _id(raw)
    return selectors.runs_of(user).filter(pk=pk).first() if pk else None


def _context(run: BenchRun, before: BenchRun | None) -> dict[str, Any]:
    is_slow = run.is_pending and database_now() - run.created_at >= PATIENCE
    context: dict[str, Any] = {"run": run, "before": before, "is_slow": is_slow}
    if run.purpose == BenchPurpose.EXEMPLARS:
        return {**context, "exemplars": selectors.tried_exemplars(run), "total": len(run.content["exemplars"])}
    if run.is_done:
        context["trial"] = selectors.shown_answer(run, before)
    elif run.is_pending and before and before.is_done and before.purpose == run.purpose:
        context["trial"] = selectors.shown_answer(before)
    return context


@mentor_required
@require_http_methods(["GET", "POST"])
def bench_verdict(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Whether a version's exemplars have passed; a POST puts them on the bench. A script gets that part alone, so
    that what is typed elsewhere on the page stays.

    With ?approve only the button that approves a version in review, or why it waits.
    """
    versions = QuestionVersion.objects.filter(question__in=Question.objects.visible_to(request.user))
    version = get_object_or_404(versions.select_related("question"), pk=pk)
    if request.method == "POST":
        try:
            services.request_check(version=version, actor=request.user, now=database_now())
        except ValidationError as refused:
            return _refused(request, refused.messages)
        if not _is_fragment(request):
            return redirect("question_version", version.question_id, version.number)
    context = {"version": version, "check": selectors.check_of(version)}
    if "approve" in request.GET:
        return render(request, "grading/_approve.html", context)
    template = "grading/_bench_verdict.html" if _is_fragment(request) else "grading/bench.html"
    return render(request, template, context)


@mentor_required
@require_GET
def bench_import(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """How the questions of one's own import do on the bench."""
    import_ = get_import(request.user, pk)
    template = "grading/_bench_import.html" if _is_fragment(request) else "grading/bench.html"
    return render(request, template, {"import": import_, "imported": selectors.check_of_import(import_)})
