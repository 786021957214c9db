"""Having everything of oneself erased, and taking that back."""

import logging

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST

from people import access
from people.clock import database_now
from people.models import Erasure, User
from people.requests import LoggedInRequest
from people.services import erasure

log = logging.getLogger(__name__)


@access.account_required
@require_http_methods(["GET", "POST"])
@reauthentication_required
def erase_my_data(request: LoggedInRequest) -> HttpResponse:
    """Say in plain words what goes and what stays; whoever has just given their password can ask for it."""
    refused = ""
    if request.method == "POST":
        try:
            asked = erasure.ask(user=request.user, actor=request.user, now=database_now())
        except ValidationError as error:
            refused = error.messages[0]
        else:
            tell(asked.user, asked)
            messages.success(request, "It is noted. You can take it back until then, on any page.")
            return redirect("my_data")
    context = {"refused": refused, "grace": settings.ERASURE_GRACE.days}
    return render(request, "people/erase_my_data.html", context, status=400 if refused else 200)


@access.account_required
@require_POST
def undo_erasure(request: LoggedInRequest) -> HttpResponse:
    if erasure.undo(user=request.user, actor=request.user, now=database_now()):
        messages.success(request, "Nothing will be erased. Everything stays as it is.")
    return redirect("my_data")


def tell(person: User, asked: Erasure) -> None:
    """Mail person until when they can take it back. A dead mail server stops nothing: each page says it."""
    body = render_to_string("people/email/erasure.txt", {"erasure": asked, "person": person, "url": settings.SITE_URL})
    try:
        send_mail("Your data will be erased from Greenroom", body, None, [person.email])
    except OSError as error:
        log.warning("the mail on an erasure could not be sent: %s", error)
