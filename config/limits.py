"""How often pages may be asked for, and by whom it is counted: one table, by the names of the pages.

It holds beside allauth's own limits, which are kept in the cache and forget while Redis is away. These are rows of
PostgreSQL (people/services/limits.py). Where a limit is used up the answer is 429 with Retry-After, and the page holds
all that was typed, to be sent again. docs/decisions/0022-limits.md has the reasons.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from people.services import limits
from people.services.limits import Limit, TooMany

Handler = Callable[[HttpRequest], HttpResponse]

# --- By whom ------------------------------------------------------------------------------------------------

IPV6_PREFIX = 64  # what one subscriber has


def client_ip(request: HttpRequest) -> str:
    """Return the address that the request came from, the network of an IPv6 address.

    Of X-Forwarded-For only the hop that TRUSTED_PROXIES names is believed: whoever asks can write the ones before it.
    """
    ip = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    if ip.version == 6:
        return str(ipaddress.ip_network(f"{ip}/{IPV6_PREFIX}", strict=False))
    return str(ip)


def by_ip(request: HttpRequest) -> str:
    return f"ip {client_ip(request)}"


def by_user(request: HttpRequest) -> str | None:
    return f"user {request.user.pk}" if request.user.is_authenticated else None


def by_address(request: HttpRequest) -> str | None:
    """The email address that was typed."""
    address = request.POST.get("login") or request.POST.get("email") or ""
    return f"address {address.strip().casefold()}" if address.strip() else None


def by_address_from_here(request: HttpRequest) -> str | None:
    address = by_address(request)
    return f"{address} from {by_ip(request)}" if address else None


def by_who_logs_in(request: HttpRequest) -> str | None:
    """The account whose password was right and whose second step is asked for; allauth keeps it in the session."""
    pending = request.session.get("account_login")
    return f"user {pending.get('user_pk')}" if isinstance(pending, dict) else None


# --- How often ----------------------------------------------------------------------------------------------

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Rule:
    """Of what (pages with the same name share a bucket), by whom, how often.

    failures: what succeeds, which these pages say by leading on, does not count. So a room full of people behind one
    address can log in at once, and somebody who has guessed wrong gains nothing by logging in as themselves.
    """

    of: str
    by: Callable[[HttpRequest], str | None]
    limit: Limit
    failures: bool = False

    def key(self, request: HttpRequest) -> str | None:
        who = self.by(request)
        return f"{self.of}: {who}" if who else None


LOGIN = (
    # From one place an address is tried rarely; from everywhere more often, so that nobody can easily be locked out.
    Rule("login", by_address_from_here, Limit(10, 10 * MINUTE), failures=True),
    Rule("login", by_address, Limit(60, HOUR), failures=True),
    Rule("login", by_ip, Limit(100, 10 * MINUTE), failures=True),
)
SECOND_STEP = (
    Rule("second step", by_who_logs_in, Limit(6, 10 * MINUTE), failures=True),
    Rule("second step", by_ip, Limit(60, 10 * MINUTE), failures=True),
)
CONFIRM = (Rule("confirm", by_user, Limit(10, 10 * MINUTE), failures=True),)
START = (Rule("start", by_user, Limit(120, HOUR)),)
SUBMIT = (Rule("submit", by_user, Limit(240, 2 * MINUTE)),)
IMPORT = (Rule("import", by_user, Limit(30, HOUR)),)
EXPORT = (Rule("export", by_user, Limit(60, HOUR)),)
INVITE = (Rule("invite", by_user, Limit(200, HOUR)), Rule("invite", by_address, Limit(10, DAY)))

PAGES: dict[str, tuple[Rule, ...]] = {
    "account_login": LOGIN,
    "mfa_authenticate": SECOND_STEP,
    "mfa_login_webauthn": (Rule("passkey", by_ip, Limit(60, 10 * MINUTE), failures=True),),
    "account_reauthenticate": CONFIRM,
    "mfa_reauthenticate": CONFIRM,
    "account_change_password": CONFIRM,
    "account_signup": (Rule("sign-up", by_ip, Limit(100, HOUR)), Rule("mail", by_address, Limit(10, HOUR))),
    "account_reset_password": (Rule("reset", by_ip, Limit(60, HOUR)), Rule("mail", by_address, Limit(10, HOUR))),
    "account_reset_password_from_key": (Rule("reset key", by_ip, Limit(60, HOUR)),),
    "account_email": (Rule("change address", by_user, Limit(20, HOUR)),),
    "try_question": (Rule("guest", by_ip, Limit(20, MINUTE)), Rule("guests", by_ip, Limit(300, DAY))),
    "create_token": (Rule("token", by_user, Limit(20, HOUR)),),
    "invite": INVITE,
    "renew_invitation": INVITE,
    "apply_members": (Rule("invite table", by_user, Limit(20, HOUR)),),
    "send_again": (Rule("invite table", by_user, Limit(20, HOUR)),),
    "accept_invitation": (Rule("accept", by_user, Limit(30, HOUR)),),
    "imports": IMPORT,
    "upload_members": IMPORT,
    "track": START,
    "assigned": START,
    "start_today": START,
    "start_topic": START,
    "try_again": START,
    "api_interviews": START,
    "api_start_assigned": START,
    "question": SUBMIT,
    "finish": SUBMIT,
    "api_answer": SUBMIT,
    "api_finish": SUBMIT,
    "export": EXPORT,
    "export_dashboard": EXPORT,
    "export_audit": EXPORT,
    "export_person": EXPORT,
    "download_my_data": EXPORT,
}
FILES = {"export", "download_my_data"}
"""Pages whose GET counts too: it makes a file. Of all others only what is sent counts."""


def take_all(request: HttpRequest) -> list[tuple[str, Rule]]:
    """Take a token of each bucket that the request's page has; return what succeeds gives back. Raises TooMany."""
    name = (request.resolver_match and request.resolver_match.url_name) or ""
    if not settings.RATE_LIMITS or (request.method != "POST" and name not in FILES):
        return []
    taken: list[tuple[str, Rule]] = []
    for rule in PAGES.get(name, ()):
        if key := rule.key(request):
            try:
                limits.take(key=key, limit=rule.limit)
            except TooMany:
                give_back(taken)  # what is refused costs nothing
                raise
            taken.append((key, rule))
    return [(key, rule) for key, rule in taken if rule.failures]


def give_back(taken: list[tuple[str, Rule]]) -> None:
    for key, rule in taken:
        limits.give_back(key=key, limit=rule.limit)


# --- Pages --------------------------------------------------------------------------------------------------


class LimitPages:
    """Answer 429 where a limit is used up. It stands below whatever finds out who asks."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Whoever logs in without leaving the page is told so in JSON.
        in_place = response.status_code == 200 and response.get("Content-Type") == "application/json"
        if response.status_code == 302 or in_place:
            give_back(getattr(request, "taken_tokens", []))
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None  # LimitApi knows who a token belongs to
        try:
            request.taken_tokens = take_all(request)  # type: ignore[attr-defined]
        except TooMany as refused:
            return too_many(request, seconds=refused.seconds)
        return None


NEVER_SHOWN = ("password", "csrfmiddlewaretoken", "code", "credential")
"""What the names of fields hold that are typed anew rather than sent back to the browser."""


def too_many(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    """Say when to go on, with all that was typed. allauth answers by it, too (config.urls.handler429)."""
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": words_for_api(seconds), "code": "too_many"}, status=429)
    else:
        anew = any(_is_secret(name) for name in request.POST if name != "csrfmiddlewaretoken")
        typed, files = typed_in(request), bool(request.FILES)
        context = {"wait": in_words(seconds), "typed": typed, "files": files, "anew": anew}
        response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form that was sent, as often as they were, without secrets."""
    return [(name, value) for name, values in request.POST.lists() for value in values if not _is_secret(name)]


def _is_secret(name: str) -> bool:
    return any(secret in name for secret in NEVER_SHOWN)


def in_words(seconds: int) -> str:
    """Return how long to wait, rounded up: "20 seconds", "5 minutes", "12 hours"."""
    unit, name = next(
        (unit, name)
        for unit, name in ((HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
        if seconds >= 2 * unit or unit == 1
    )
    amount = -(-seconds // unit)
    return f"{amount} {name}" if amount == 1 else f"{amount} {name}s"


def words_for_api(seconds: float | None) -> str:
    return f"Too many at once. Nothing was changed. Try again in {in_words(int(seconds or MINUTE))}."


# --- API ----------------------------------------------------------------------------------------------------


class LimitApi(BaseThrottle):
    """The same limits for programs, after their token has been read."""

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (DRF's signature)
        asked = request._request  # noqa: SLF001 (the page that is asked for is known to Django's request alone)
        try:
            take_all(asked)
        except TooMany as refused:
            self.seconds = refused.seconds
            return False
        return True

    def wait(self) -> float | None:
        return self.seconds
