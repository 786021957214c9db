"""Greenroom's word in allauth's matters."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest
from django.shortcuts import render

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the sign-up form's name, and says so when a mail cannot be sent."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (allauth's signature)
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit=commit)

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
