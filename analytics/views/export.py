"""A table of a cohort's dashboard as a file."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from analytics.access import get_compared
from analytics.exports import EXPORTS, Asked, Export
from analytics.forms import FilterForm, day_of_change
from people.access import get_led_cohort, leader_required
from people.clock import database_now
from people.requests import LoggedInRequest
from people.responses import attachment
from people.services.audit import audit
from tables.formats import FORMATS
from tables.table import Cell, Unwritable


@leader_required
@require_POST
def export(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The table that the form names, narrowed as the page with the same query. A POST, as the audit log notes it."""
    cohort = get_led_cohort(request.user, pk)
    table = EXPORTS.get(request.POST.get("table", ""))
    format_ = FORMATS.get(request.POST.get("format", ""))
    if table is None or format_ is None:
        raise Http404("The dashboard has no such table, or there is no such kind of file.")
    form = FilterForm(request.GET, cohort=cohort)
    cohorts = get_compared(request.user, cohort, request.GET.getlist("with"))
    back = redirect(f"{reverse(table.page, args=[cohort.pk])}?{request.GET.urlencode()}")
    if not form.is_valid():
        return back  # the page says what is wrong
    by_track = request.GET.get("by") == "track"
    asked = Asked(cohort, cohorts, form.filters, database_now(), by_track, day_of_change(request.GET))
    header, rows = table.make(asked)
    try:
        data = format_.write(header, rows, about=_about(table, asked, ", ".join(form.in_words)))
    except Unwritable as error:
        messages.error(request, f"{error}.")
        return back
    detail = {"table": f"“{table.label}”", "format": format_.name, "rows": len(rows), "asked": form.query}
    audit(actor=request.user, action="cohort.export", on=cohort, **detail)
    response = attachment(f"{table.name}-{asked.now:%Y-%m-%d}{format_.extension}", format_.media_type)
    response.write(data)
    return response


def _about(table: Export, asked: Asked, narrowed: str) -> list[list[Cell]]:
    compared = asked.cohorts if table.page == "cohort_compare" else [asked.cohort]
    shown = narrowed if table.is_filtered else "everything, whatever the filter"
    return [
        ["Cohort", ", ".join(one.name for one in compared)],
        ["Table", table.label],
        ["Shown", shown],
        ["How this is computed", table.definition],
        ["Taken out", timezone.localtime(asked.now).isoformat(timespec="seconds")],
    ]
