"""Pages on which files of questions come in."""

import csv
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from people.responses import attachment
from questionbank import access
from questionbank.formats.common import Unreadable
from questionbank.formats.registry import FORMATS
from questionbank.forms import ApplyForm, MappingForm, UploadForm
from questionbank.models import Import, ImportState
from questionbank.services import imports as services
from tables.formula import guarded

RECENT = 10
SHOWN_PROBLEMS = 100
SHOWN_DRAFTS = 50


@mentor_required
@require_http_methods(["GET", "POST"])
def imports(request: LoggedInRequest) -> HttpResponse:
    """Upload a file; the ways out; and one's latest imports."""
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    if is_sent and form.is_valid():
        data = form.cleaned_data
        try:
            taken = services.upload(
                name=data["file"].name,
                format_name=data["format"],
                data=data["file"].read(),
                topic=data["topic"],
                actor=request.user,
                now=database_now(),
            )
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            return redirect("import", taken.pk)
    context = {
        "form": form,
        "formats": FORMATS.values(),
        "recent": Import.objects.visible_to(request.user).defer("content").select_related("uploaded_by")[:RECENT],
    }
    return render(request, "questionbank/imports.html", context, status=400 if is_sent else 200)


@mentor_required
@require_GET
def import_detail(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """One import, whatever its state; with ?fragment only the part that changes while a worker is at it."""
    return _page(request, access.get_import(request.user, pk))


def _page(
    request: LoggedInRequest,
    import_: Import,
    *,
    mapping: MappingForm | None = None,
    apply: ApplyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "import": import_,
        "format": FORMATS[import_.format],
        "progress": services.progress_of(import_.pk) if import_.is_under_way else None,
        "problems": import_.problems[:SHOWN_PROBLEMS],
        "notes": import_.notes[:SHOWN_PROBLEMS],
        "mapping": mapping or _mapping_form(import_),
        "apply": apply or _apply_form(import_),
        "earlier": _earlier(request, import_),
        "drafts": import_.versions.select_related("question").order_by("question__slug")[:SHOWN_DRAFTS],
    }
    name = "_import.html" if "fragment" in request.GET else "import.html"
    return render(request, f"questionbank/{name}", context, status=status)


def _mapping_form(import_: Import, data: object = None) -> MappingForm | None:
    """Return the form of a table's columns while they may still be named, else None."""
    peek = FORMATS[import_.format].peek
    if peek is None or import_.state not in (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED):
        return None
    try:
        seen = peek(bytes(import_.content))
    except Unreadable:  # cancelled since import_ was fetched, and its content dropped
        return None
    return MappingForm(data, peek=seen, mapping=import_.mapping)


def _apply_form(import_: Import, data: object = None) -> ApplyForm:
    return ApplyForm(data, missing_topics=import_.report.get("missing_topics", {}))


def _earlier(request: LoggedInRequest, import_: Import) -> Import | None:
    """Return an earlier import of the very same file that was not given up."""
    same = Import.objects.visible_to(request.user).filter(digest=import_.digest, created_at__lt=import_.created_at)
    return same.exclude(state=ImportState.CANCELLED).defer("content").first()


@mentor_required
@require_POST
def check_import(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Check a table with the columns as they are named now."""
    import_ = access.get_import(request.user, pk)
    form = _mapping_form(import_, request.POST)
    if form is None:
        messages.error(request, f"This import is {import_.get_state_display().lower()} by now.")
        return redirect("import", pk)
    if not form.is_valid():
        return _page(request, import_, mapping=form, status=400)
    try:
        services.check(import_=import_, mapping=form.mapping(), now=database_now())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("import", pk)


@mentor_required
@require_POST
def apply_import(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    import_ = access.get_import(request.user, pk)
    form = _apply_form(import_, request.POST)
    form.full_clean()
    try:
        services.apply(import_=import_, **form.cleaned_data, now=database_now())
    except ValidationError as refused:
        form.add_error(None, refused)
        return _page(request, import_, apply=form, status=400)
    return redirect("import", pk)


@mentor_required
@require_POST
def cancel_import(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    import_ = access.get_import(request.user, pk)
    try:
        services.cancel(import_=import_, actor=request.user, now=database_now())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("import", pk)
    messages.success(request, "The import is cancelled. Nothing of the file is in the bank.")
    return redirect("imports")


@mentor_required
@require_GET
def import_problems(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """All problems and notes of an import as a CSV file."""
    import_ = access.get_import(request.user, pk)
    response = attachment(f"problems-{import_.pk}.csv", "text/csv; charset=utf-8")
    table = csv.writer(response)
    table.writerow(["what", "place", "field", "message"])
    rows = [("problem", *problem) for problem in import_.problems] + [("note", n[0], "", n[1]) for n in import_.notes]
    table.writerows([[guarded(cell) for cell in row] for row in rows])
    return response


@mentor_required
@require_GET
def import_template(_request: LoggedInRequest, format_name: str) -> HttpResponse:
    """The table that mentors begin with."""
    format_ = FORMATS.get(format_name)
    if format_ is None or format_.template is None:
        raise Http404
    response = attachment(f"questions{format_.extensions[0]}", format_.media_type)
    response.write(format_.template())
    return response
