"""The mentors' pages of regrades: what a key would change for past answers, then to apply it or to leave it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grading import access
from grading.forms import PhrasingForm, RegradeForm
from grading.models import Appeal, AppealState, Regrade, RegradeItem, RegradeState
from grading.selectors import regrades as selectors
from grading.selectors.queue import names_known
from grading.services import phrasings
from grading.services import regrades as services
from grading.views.forms import done
from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.access import get_question
from questionbank.models import VersionState

ITEMS_PAGE = 25
FROM_AN_APPEAL = "A candidate’s appeal has shown that another wording says the same. It counts for everyone now."


@mentor_required
@require_POST
def preview_regrade(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    """Let a worker find out what a version would change."""
    version = get_object_or_404(get_question(request.user, pk).versions, number=number)
    try:
        regrade = services.preview(version=version, actor=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("question_version", pk=pk, number=number)
    return redirect("regrade", pk=regrade.pk)


@mentor_required
@require_GET
def regrade(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """What a regrade does, or would do; ?fragment: the part that changes while the worker is at it."""
    return _page(request, access.get_regrade(request.user, pk))


def _page(request: LoggedInRequest, found: Regrade, form: RegradeForm | None = None) -> HttpResponse:
    """Render the page; a form that was sent and refused comes back as it was filled in."""
    template = "grading/_regrade.html" if "fragment" in request.GET else "grading/regrade.html"
    context = {
        "regrade": found,
        "version": found.version,
        "is_working": found.state in selectors.WORKING,
        "form": form or RegradeForm(initial={"reason": FROM_AN_APPEAL if found.appeal_id else ""}),
        "bands": selectors.band_names(),
    }
    if found.state != RegradeState.CANCELLED:
        context |= _progress(found)
    if found.state not in (RegradeState.PREVIEWING, RegradeState.CANCELLED):
        context |= _effect(request, found)
    return render(request, template, context, status=400 if form else 200)


def _progress(found: Regrade) -> dict[str, Any]:
    is_open = found.state in (RegradeState.PREVIEWING, RegradeState.PREVIEWED)
    is_stale = is_open and found.version.content_hash != found.content_hash
    return {
        "progress": selectors.progress_of(found),
        "is_stale": is_stale,
        "newcomers": selectors.newcomers(found).count() if is_open and not is_stale else 0,
        "is_published": found.version.state == VersionState.PUBLISHED,
        "can_be_published": found.version.state != VersionState.RETIRED,
    }


def _effect(request: LoggedInRequest, found: Regrade) -> dict[str, Any]:
    page = Paginator(selectors.movers(found), ITEMS_PAGE).get_page(request.GET.get("page"))
    kept = Paginator(selectors.kept(found), ITEMS_PAGE).get_page(request.GET.get("kept"))
    items = [*page, *kept]
    readable = selectors.readable_candidates(request.user, items)
    named = names_known(request.user, [item.job_id for item in items])
    return {
        "outlook": selectors.outlook_of(found),
        "changes": selectors.changes_of(found.version),
        "page": page,
        "kept": kept,
        "moving": _with_names(page, readable, named),
        "keeping": _with_names(kept, readable, named),
        "ungraded": found.items.filter(result__has_key="trouble").count(),
    }


def _with_names(page: Page[Any], readable: set[UUID], named: set[UUID]) -> list[tuple[RegradeItem, bool, bool]]:
    """Return the page's items, each with whether its answer may be read, and whether its candidate is named."""
    return [(item, item.job.candidate_id in readable, item.job_id in named) for item in page]


@mentor_required
@require_POST
def apply_regrade(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Let what the preview shows count."""
    found = access.get_regrade(request.user, pk)
    form = RegradeForm(request.POST)

    def write(form: RegradeForm) -> None:
        services.apply(regrade=found, actor=request.user, reason=form.cleaned_data["reason"], now=database_now())

    if not done(form, write):
        return _page(request, found, form)
    return redirect("regrade", pk=pk)


@mentor_required
@require_POST
def cancel_regrade(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Leave all grades as they are."""
    found = access.get_regrade(request.user, pk)
    try:
        services.cancel(regrade=found, actor=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Cancelled. No grade was changed.")
    return redirect("regrade", pk=pk)


@mentor_required
@require_http_methods(["GET", "POST"])
def accept_phrasing(request: LoggedInRequest, pk: UUID, appeal: int) -> HttpResponse:
    """Make the sentence of an accepted appeal a wording that counts for everyone."""
    job = access.get_job_to_read(request.user, pk)
    accepted = Appeal.objects.select_related("key_point", "job__version").filter(state=AppealState.ACCEPTED)
    found = get_object_or_404(accepted, pk=appeal, job=job)
    if not access.may_review(request.user, job):
        raise PermissionDenied("Only a mentor of the candidate’s cohort can do this.")
    made: list[Regrade] = []

    def write(form: PhrasingForm) -> None:
        phrasing = form.cleaned_data["phrasing"]
        made.append(phrasings.accept_phrasing(appeal=found, phrasing=phrasing, actor=request.user, now=database_now()))

    form = PhrasingForm(request.POST or None, initial={"phrasing": found.said})
    if request.method == "POST" and done(form, write):
        messages.success(request, "The wording is in the draft. This is what it would change.")
        return redirect("regrade", pk=made[0].pk)
    context = {"job": job, "appeal": found, "form": form}
    return render(request, "grading/accept_phrasing.html", context, status=400 if form.errors else 200)
