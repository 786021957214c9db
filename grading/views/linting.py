"""The linter: what is wrong with what the editor's form says, or a version, found by a worker while one writes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grading.models import BenchPurpose, BenchRun
from grading.selectors.bench import runs_of
from grading.selectors.linting import Report, lint_of
from grading.services import bench as services
from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank import access
from questionbank.content import QuestionContent
from questionbank.forms import VersionForms
from questionbank.models import Question, QuestionVersion
from questionbank.selectors import content_of, with_parts

# How long a page waits in silence before it says that the grader is slow, and asks less often.
PATIENCE = timedelta(seconds=5)


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@mentor_required
@require_POST
def lint(request: LoggedInRequest) -> HttpResponse:
    """Check what the editor's form says so far, valid or not; what words alone show is said at once."""
    raw = request.POST.get("lint-question", "")
    question = access.get_question(request.user, _id(raw)) if raw else None
    forms = VersionForms(request.POST, content=_before(question))
    forms.is_valid()  # what is not valid yet is left out
    content = forms.content()
    replaced = _id(request.POST.get("lint-replaces", ""))
    if replaced:
        services.withdraw_run(run_id=replaced, actor=request.user)
    try:
        run = _ask(request, content, question)
    except ValidationError as refused:
        return _show(request, Report(content, None), refused=" ".join(refused.messages))
    return _show(request, Report(content, run)) if _is_fragment(request) else redirect("lint_run", run.pk)


def _id(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _before(question: Question | None) -> QuestionContent | None:
    """Return what the form is based on, as the editor takes it: misconceptions keep their names."""
    newest = with_parts(question.versions.all()).first() if question else None
    return content_of(newest) if newest else None


def _ask(request: LoggedInRequest, content: QuestionContent, question: Question | None) -> BenchRun:
    return services.request_run(
        purpose=BenchPurpose.LINT,
        content=content,
        text=str(question.pk) if question else "",
        actor=request.user,
        now=database_now(),
    )


@mentor_required
@require_GET
def lint_run(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What one's own run has found. A script that asks too early is told nothing new (204)."""
    run = get_object_or_404(runs_of(request.user).filter(purpose=BenchPurpose.LINT), pk=pk)
    if _is_fragment(request) and run.is_pending and not _is_slow(run):
        return HttpResponse(status=204)
    return _show(request, Report(QuestionContent.from_dict(run.content), run))


@mentor_required
@require_http_methods(["GET", "POST"])
def lint_version(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What is found in a version, with the parts of its page; a POST has it checked."""
    versions = QuestionVersion.objects.filter(question__in=Question.objects.visible_to(request.user))
    version = get_object_or_404(with_parts(versions), pk=pk)
    if request.method == "POST":
        services.request_lint(version=version, actor=request.user, now=database_now())
        if not _is_fragment(request):  # a script gets the part alone: what is typed elsewhere on the page stays
            return redirect("question_version", version.question_id, version.number)
    return _show(request, Report(content_of(version), lint_of(version)), version=version)


def _is_slow(run: BenchRun | None) -> bool:
    return run is not None and run.is_pending and database_now() - run.created_at >= PATIENCE


def _show(request: HttpRequest, report: Report, *, refused: str = "", **context: Any) -> HttpResponse:
    """Render report; refused: why the rules that need the model have not been asked."""
    part = "grading/_lint_version.html" if "version" in context else "grading/_lint_report.html"
    template = part if _is_fragment(request) else "grading/lint.html"
    context["is_page"] = not _is_fragment(request)
    context |= {"report": report, "is_slow": _is_slow(report.run), "refused": refused, "part": part}
    return render(request, template, context, status=400 if refused and not _is_fragment(request) else 200)
