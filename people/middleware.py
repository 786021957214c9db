"""How guests meet the pages for accounts, and leaders all others."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from people.authentication import SET_IT_UP
from people.second_step import lacks_second_step

OF_ACCOUNTS = ("account_", "mfa_", "usersessions_")
"""What the names of allauth's pages begin with."""


def _name_of_page(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.url_name) or ""


class GuestsHaveNoAccount:
    """Let a guest meet allauth's pages as somebody who is not logged in; request.guest says who they are.

    So they can sign up and log in (which passes their answers on, see AccountAdapter.login), and have no address and
    no password to change. Their own login holds everywhere else, and until then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        name = _name_of_page(request)
        if not name.startswith(OF_ACCOUNTS) or name == "account_logout":
            return
        if request.user.is_authenticated and request.user.is_guest:
            request.guest = request.user  # type: ignore[attr-defined]
            request.user = AnonymousUser()


class LeadersHaveASecondStep:
    """Send mentors, admins and site admins without a second step to set one up, where the settings ask for it.

    Until then only the pages of their own account are open to them. Tokens: people.authentication.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not settings.REQUIRE_MFA_FOR_LEADERS or not request.user.is_authenticated:
            return None
        if _name_of_page(request).startswith((*OF_ACCOUNTS, "livez", "readyz")) or not lacks_second_step(request.user):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": SET_IT_UP, "code": "second_step_missing"}, status=403)
        messages.info(request, "Mentors and admins log in with a second step. Set one up, then go on.")
        return redirect("mfa_index")
