"""Middleware that belongs to no single app."""

import re
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from config.errors import STATUS_OF, page
from config.logs import view_name
from people.models import User
from people.services import account_events

Handler = Callable[[HttpRequest], HttpResponse]

# PostgreSQL cannot store NUL, and UTF-8 has no lone surrogates.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class RejectUnstorableInput:
    """Answer 400 to a NUL or a lone surrogate in the address or a form, before any view meets it.

    So too to what says that it is not in UTF-8 (config.wsgi has read it as that). JSON bodies are checked by the
    serializers, which name the field.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            return page(request, 400, "That text cannot be stored", "It is not in UTF-8. Nothing was changed.")
        if self._has_unstorable(request):
            message = "It holds a NUL or a broken character. Nothing was changed. Go back and remove it."
            return page(request, 400, "That text cannot be stored", message)
        return self.get_response(request)

    @staticmethod
    def _has_unstorable(request: HttpRequest) -> bool:
        texts = [request.path_info]
        texts += [text for pair in request.GET.lists() for text in (pair[0], *pair[1])]
        if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            texts += [text for pair in request.POST.lists() for text in (pair[0], *pair[1])]
        return any(UNSTORABLE.search(text) for text in texts)


class IgnoreUnstorableCookies:
    """Take a cookie that holds such a character for none: the database is asked for the session that it names."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if not UNSTORABLE.search(value)}
        return self.get_response(request)


class PersonalPagesStayPrivate:
    """Keep what a logged-in person sees out of shared and browser caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


class UserTimeZone:
    """Show times in the person's own zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = request.user.time_zone if request.user.is_authenticated else "UTC"
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return self.get_response(request)


IDS = ("pk", "_pk", "job", "position", "number", "slug", "comment", "appeal")
"""How the parts of addresses that name things end; others, as the token of an invitation, are never written down."""


class NoteRefusals:
    """Write down, now and then, who was refused a page of another role, or what is not theirs or not there."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match, user = request.resolver_match, request.user
        if not settings.NOTE_REFUSALS or response.status_code not in (403, 404) or self._is_of_time(response):
            return response
        if match and isinstance(user, User):
            asked = {name: str(value) for name, value in match.kwargs.items() if name.endswith(IDS)}
            account_events.note_refusal(user=user, page=view_name(request), status=response.status_code, asked=asked)
        return response

    @staticmethod
    def _is_of_time(response: HttpResponse) -> bool:
        """That a time is over, or has not come yet, is nothing to write down; the API says it by 403, too."""
        data = getattr(response, "data", None)
        return isinstance(data, dict) and data.get("code") in STATUS_OF
