"""Middleware that belongs to no single app."""

import re
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from config.errors import page

Handler = Callable[[HttpRequest], HttpResponse]

# PostgreSQL cannot store NUL, and UTF-8 has no lone surrogates.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class RejectUnstorableInput:
    """Answer 400 to a NUL or a lone surrogate in the address or a form, before any view meets it.

    JSON bodies are checked by the serializers, which name the field.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
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
