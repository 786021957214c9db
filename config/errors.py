"""What is said when something goes wrong: a page for people, JSON for programs, the same words for both."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import exception_handler

from config.limits import words_for_api
from interview.services import interviews

STATUS_OF = {
    "draft_conflict": 409,
    "deadline_passed": 403,
    "kept_late": 403,
    "closed": 403,
    "too_long": 422,
    "idempotency_key_reused": 422,
    "not_enough_questions": 409,
    "day_is_over": 409,
    "not_open_yet": 403,
    "assignment_over": 403,
    "no_attempts_left": 403,
}

SECONDS_TO_COME_BACK = 5  # about as long as a database takes to start again


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | HttpResponse | None:
    """Turn what the services refuse into {"detail", "code"}; a draft conflict also carries the other text."""
    if isinstance(error, interviews.Refused):
        body: dict[str, Any] = {"detail": str(error), "code": error.code}
        if isinstance(error, interviews.DraftConflict):
            body |= {"text": error.text, "revision": error.revision}
        return Response(body, status=STATUS_OF[error.code])
    response = exception_handler(error, context)
    if isinstance(error, Throttled) and response is not None:
        response.data = {"detail": words_for_api(getattr(error, "wait", None)), "code": "too_many"}
    return response


def page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": message}, status=status)
    return render(request, "error.html", {"title": title, "message": message}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        # A file's size is said by questionbank.uploads; Django speaks of its setting, which means nothing to people.
        of_file = str(exception) if str(exception).startswith("The file") else ""
        said = of_file or "What you sent is larger than a megabyte. An answer can have 20,000 characters."
        return page(request, 413, "That is too much", f"{said} Nothing was changed.")
    return page(request, 400, "That request was not understood", "Nothing was changed. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = str(exception) or "Your role does not open this page."
    return page(request, 403, "This page is not for you", message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    message = "It does not exist, or it belongs to somebody else. Check the address, or go back to the start."
    return page(request, 404, "There is nothing here", message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    message = (
        "This page was open too long or in another login. Nothing was changed. "
        "Go back, copy what you typed, reload the page and send it again."
    )
    return page(request, 403, "Please send that again", message)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that we failed: 503 and when to come back if the database is away, else 500. Nothing here may ask it."""
    # Django calls this while it handles what a view has raised.
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        status, message = 503, "The database is away for a moment. Nothing was changed. Send it again."
    else:
        status, message = 500, "Something went wrong on our side. It has been written down."
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": message}, status=status)
    else:
        response = HttpResponse(loader.get_template(f"{status}.html").render(), status=status)
    if status == 503:
        response["Retry-After"] = str(SECONDS_TO_COME_BACK)
    return response
