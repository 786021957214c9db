"""How guests meet the pages for accounts."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse


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
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if not name.startswith("account_") or name == "account_logout":
            return
        if request.user.is_authenticated and request.user.is_guest:
            request.guest = request.user  # type: ignore[attr-defined]
            request.user = AnonymousUser()
