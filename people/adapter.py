"""Greenroom's word in allauth's matters."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import render

from people.services.guests import join_guest

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the sign-up form's name and a guest's answers, and says so when a mail cannot be sent."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (allauth's signature)
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit=commit)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log in, after sign-up too. Whoever was a guest in this browser takes along what they have written.

        Nothing of it happens before the login is whole (the address confirmed, where that is asked): until then the
        pages are the same whether the account is new, known, or somebody else's.
        """
        guest = getattr(request, "guest", None)
        joined = guest is not None and join_guest(guest=guest, user=user)
        super().login(request, user)
        if joined:
            messages.success(request, "What you wrote as a guest is yours now. You find it in your history.")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; while the mail server is away, answer 503 rather than 500 or “it is on its way”."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.warning("%s could not be sent, the mail server is away: %s", template_prefix, error)
            words = {
                "title": "The email could not be sent",
                "message": "The mail server does not answer. Try again in a few minutes. If you have just signed up, "
                "your account is kept: log in with your address and password.",
            }
            raise ImmediateHttpResponse(render(self.request, "error.html", words, status=503)) from error
