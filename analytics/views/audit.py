"""The audit log: read, filtered by the address, and taken out as a table."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from analytics.forms import AuditForm
from analytics.selectors import audit as selectors
from people.access import admin_required
from people.clock import database_now
from people.requests import LoggedInRequest
from people.responses import attachment
from people.services.audit import audit
from tables.formats import FORMATS

PAGE = 50
# More take longer than a request may. Days narrow it.
MOST_EXPORTED = 20_000
COLUMNS = ["at", "who", "address", "what", "action", "object_type", "object_id", "detail"]


@admin_required
@require_GET
def log(request: LoggedInRequest) -> HttpResponse:
    """A page of entries, the newest first; ?before= the number of an entry goes on from there, however long it is."""
    form = AuditForm(request.GET, user=request.user)
    entries = _found(request, form)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        entries = entries.filter(pk__lt=int(before))
    page = list(entries[: PAGE + 1])
    context = {
        "form": form,
        "lines": list(selectors.lines_of(page[:PAGE])),
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "before": before,
        "is_narrowed": any(form.asked().values()),
        "formats": FORMATS.values(),
    }
    return render(request, "analytics/audit.html", context, status=400 if form.errors else 200)


def _found(request: LoggedInRequest, form: AuditForm) -> Any:
    asked = form.asked()
    return selectors.find(selectors.entries_visible_to(request.user, cohort=asked.get("cohort")), asked)


@admin_required
@require_POST
def export(request: LoggedInRequest) -> HttpResponse:
    """The entries that the same address shows, as a table. It is a POST, as the log notes who took it."""
    format_ = FORMATS.get(request.POST.get("format", ""))
    if format_ is None:
        raise Http404
    form = AuditForm(request.GET, user=request.user)
    back = f"{reverse('audit')}?{request.GET.urlencode()}"
    if not form.is_valid():
        return redirect(back)  # the page says what is wrong
    rows = [_row(line) for line in selectors.lines_of(_found(request, form)[: MOST_EXPORTED + 1])]
    if len(rows) > MOST_EXPORTED:
        messages.error(request, f"More than {MOST_EXPORTED:,} entries at once take too long. Narrow them by days.")
        return redirect(back)
    asked = {name: str(value) for name, value in form.asked().items() if value}
    cohort = form.asked().get("cohort")
    audit(actor=request.user, action="audit.export", on=cohort or request.user, entries=len(rows), asked=asked)
    response = attachment(f"audit-log-{database_now():%Y-%m-%d}{format_.extension}", format_.media_type)
    response.write(format_.write(COLUMNS, rows))
    return response


def _row(line: selectors.Line) -> list[str]:
    entry = line.entry
    return [
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        line.actor,
        entry.actor.email if entry.actor else "",
        line.words,
        entry.action,
        entry.object_type,
        entry.object_id,
        json.dumps(entry.detail, ensure_ascii=False),
    ]
