"""Inviting many people at once, by a table: upload, columns, what would happen, then how the mails stand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people import access, selectors
from people.clock import database_now
from people.forms import ColumnsForm, MemberUploadForm
from people.models import Cohort, MemberImport
from people.requests import LoggedInRequest
from people.responses import attachment
from people.services import invitation_mails, member_imports
from people.views.cohorts import PAGE, frame
from tables.formats import FORMATS

RECENT = 10
SHOWN_PROBLEMS = 200
SHOWN_ROWS = 20


@access.admin_required
@require_http_methods(["GET", "POST"])
def upload_members(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Upload a table; and the latest ones."""
    cohort = access.get_administered_cohort(request.user, pk)
    form = MemberUploadForm(request.POST, request.FILES) if request.method == "POST" else MemberUploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            taken = member_imports.upload(
                cohort=cohort, filename=file.name, data=file.read(), actor=request.user, now=database_now()
            )
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            return redirect("member_import", pk=pk, import_pk=taken.pk)
    recent = MemberImport.objects.filter(cohort=cohort).defer("rows", "report").select_related("uploaded_by")
    context = {
        **frame(request, cohort, "invitations"),
        "form": form,
        "formats": FORMATS.values(),
        "recent": recent[:RECENT],
    }
    return render(request, "people/import_members.html", context, status=400 if form.errors else 200)


@access.admin_required
@require_GET
def member_template(_request: LoggedInRequest, format_name: str) -> HttpResponse:
    """The table that admins begin with."""
    format_ = FORMATS.get(format_name)
    if format_ is None:
        raise Http404
    response = attachment(f"members{format_.extension}", format_.media_type)
    response.write(format_.write(member_imports.TEMPLATE, member_imports.EXAMPLE))
    return response


def _get(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> tuple[Cohort, MemberImport]:
    cohort = access.get_administered_cohort(request.user, pk)
    imports = MemberImport.objects.filter(cohort=cohort).select_related("cohort", "uploaded_by")
    return cohort, get_object_or_404(imports, pk=import_pk)


@access.admin_required
@require_GET
def member_import(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> HttpResponse:
    """What a table would do; once it is applied, how its mails stand, with ?fragment that part alone."""
    cohort, found = _get(request, pk, import_pk)
    if found.applied_at:
        return _applied(request, cohort, found)
    return _to_apply(request, cohort, found)


def _to_apply(
    request: LoggedInRequest, cohort: Cohort, found: MemberImport, form: ColumnsForm | None = None
) -> HttpResponse:
    plan = member_imports.dry_run(member_import=found)
    form = form or ColumnsForm(header=found.header, mapping=found.mapping)
    context = {
        **frame(request, cohort, "invitations"),
        "import": found,
        "form": form,
        "plan": plan,
        "problems": plan.problems[:SHOWN_PROBLEMS],
        "first": list(plan.invitees.items())[:SHOWN_ROWS],
        "chosen": _chosen(found),
        "unused": [name for at, name in enumerate(found.header) if name and at not in found.mapping.values()],
    }
    return render(request, "people/member_import.html", context, status=400 if form.errors else 200)


def _chosen(found: MemberImport) -> list[tuple[str, str]]:
    """Return each field's label with the header of its column."""
    labels = member_imports.LABELS.items()
    return [(label, found.header[found.mapping[name]]) for name, label in labels if name in found.mapping]


def _applied(request: LoggedInRequest, cohort: Cohort, found: MemberImport) -> HttpResponse:
    invitations = selectors.with_states(found.invitations.all(), now=database_now())
    counts = selectors.count_states(invitations)
    report: dict[str, Any] = found.report or {}
    context = {
        **frame(request, cohort, "invitations"),
        "import": found,
        "invitations": Paginator(invitations, PAGE).get_page(request.GET.get("page")),
        "counts": counts,
        "is_under_way": bool(counts.get(selectors.InvitationState.WAITING)),
        "failed": counts.get(selectors.InvitationState.FAILED, 0),
        "problems": [member_imports.Problem(*problem) for problem in report["problems"][:SHOWN_PROBLEMS]],
    }
    name = "_members_invited.html" if "fragment" in request.GET else "members_invited.html"
    return render(request, f"people/{name}", context)


@access.admin_required
@require_POST
def choose_columns(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> HttpResponse:
    cohort, found = _get(request, pk, import_pk)
    form = ColumnsForm(request.POST, header=found.header, mapping=found.mapping)
    if form.is_valid():
        try:
            member_imports.choose_columns(member_import=found, mapping=form.mapping())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("member_import", pk=pk, import_pk=import_pk)
    return _to_apply(request, cohort, found, form)


@access.admin_required
@require_POST
def apply_members(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> HttpResponse:
    _, found = _get(request, pk, import_pk)
    try:
        member_imports.apply(member_import=found, actor=request.user, now=database_now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("member_import", pk=pk, import_pk=import_pk)


@access.admin_required
@require_POST
def discard_members(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> HttpResponse:
    _, found = _get(request, pk, import_pk)
    member_imports.discard(member_import=found)
    messages.success(request, f"{found.filename} is forgotten. Nobody was invited.")
    return redirect("upload_members", pk=pk)


@access.admin_required
@require_POST
def send_again(request: LoggedInRequest, pk: UUID, import_pk: UUID) -> HttpResponse:
    """Owe another mail to those of the table whom none has reached."""
    _, found = _get(request, pk, import_pk)
    try:
        invitation_mails.send_again(member_import=found, actor=request.user, now=database_now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("member_import", pk=pk, import_pk=import_pk)
