"""People, for site admins: searched, and each on one page. Nobody acts as somebody else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from people import access, accounts
from people.clock import database_now
from people.models import User
from people.requests import LoggedInRequest
from people.services import erasure, logins
from people.views.erasure import tell

PEOPLE_PAGE = 50


@access.site_admin_required
@require_GET
def people(request: LoggedInRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    page = Paginator(accounts.people_found(words), PEOPLE_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/people.html", {"page": page, "words": words})


@access.site_admin_required
@require_GET
def person(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(User.objects.select_related("erasure"), pk=pk)
    return render(request, "people/person.html", {"person": found, **accounts.account_of(found)})


def _act(request: LoggedInRequest, pk: UUID, do: Callable[[User], Any], said: str) -> HttpResponse:
    """Do it to the person, say what happened (said, or why not), and go back to their page."""
    found = get_object_or_404(User, pk=pk)
    try:
        do(found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect("person", pk=pk)


@access.site_admin_required
@require_POST
def end_logins(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """End all sessions of a person, and on choice their API tokens."""
    tokens = "tokens" in request.POST
    said = "All sessions have ended, and no API token works any more." if tokens else "All sessions have ended."
    return _act(request, pk, lambda p: logins.end_all_logins(user=p, actor=request.user, tokens=tokens), said)


@access.site_admin_required
@require_POST
@reauthentication_required
def deactivate(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    said = "This person cannot log in any more. All sessions and API tokens have ended."
    return _act(request, pk, lambda p: logins.deactivate(user=p, actor=request.user), said)


@access.site_admin_required
@require_POST
@reauthentication_required
def activate(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    said = "This person can log in again."
    return _act(request, pk, lambda p: logins.activate(user=p, actor=request.user), said)


@access.site_admin_required
@require_POST
@reauthentication_required
def reset_second_step(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    said = "The second step is gone. The next login takes the password alone."
    return _act(request, pk, lambda p: logins.reset_second_step(user=p, actor=request.user), said)


@access.site_admin_required
@require_POST
@reauthentication_required
def ask_erasure(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Ask for the erasure of a person who has asked for it in another way than on their own page."""

    def ask(found: User) -> None:
        tell(found, erasure.ask(user=found, actor=request.user, now=database_now()))

    return _act(request, pk, ask, "It is noted, and the person is told by email.")


@access.site_admin_required
@require_POST
def undo_erasure(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    def undo(found: User) -> None:
        if not erasure.undo(user=found, actor=request.user, now=database_now()):
            raise ValidationError("That cannot be taken back any more.")

    return _act(request, pk, undo, "Nothing will be erased.")
