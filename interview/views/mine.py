"""Everything that is mine: what it is, and one file to take it away. A site admin takes it on a person's behalf."""

from datetime import datetime
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from interview.selectors.archive import archive_of
from people.access import site_admin_required
from people.clock import database_now
from people.models import User
from people.requests import LoggedInRequest
from people.services.audit import audit


@login_required
@require_GET
def my_data(request: LoggedInRequest) -> HttpResponse:
    """Say what the file holds, and how to have all of it erased."""
    return render(request, "interview/my_data.html")


@login_required
@require_GET
def download_my_data(request: LoggedInRequest) -> HttpResponse:
    now = database_now()
    return _file(archive_of(request.user, now=now), now)


@site_admin_required
@require_POST
@reauthentication_required
def export_person(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The same file of somebody who asked a site admin for it; that is written down."""
    person = get_object_or_404(User, pk=pk)
    now = database_now()
    archive = archive_of(person, now=now)
    audit(actor=request.user, action="person.export", on=person)
    return _file(archive, now)


def _file(archive: bytes, now: datetime) -> HttpResponse:
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="greenroom-{now:%Y-%m-%d}.zip"'
    return response
