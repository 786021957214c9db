"""What is logged, and how: one event a line, with the ids of request, user and task; JSON in production.

Lines name people and things by their ids alone. What somebody else has written cannot begin a line of its own, and
addresses, tokens and the rows that PostgreSQL quotes in its errors are taken out of whatever a library has to say.
docs/operations.md says how to read them.
"""

import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

Handler = Callable[[HttpRequest], HttpResponse]
Event = MutableMapping[str, Any]

log = structlog.stdlib.get_logger("greenroom.requests")

# --- What no line may hold ----------------------------------------------------------------------------------

# Those that end a line or move a terminal's cursor; Unicode's own line ends and direction marks among them.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
# Long, with a digit and a capital: an invitation's link, a key, an API token. UUIDs have no capitals.
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{32,}")
# PostgreSQL quotes whole rows here, over as many lines as they have.
ROW = re.compile(r"DETAIL: .*?(?=\n\n(?:The above|During handling)|\nTraceback|\Z)", re.DOTALL)


def _without_secrets(text: str) -> str:
    return TOKEN.sub("[token]", ADDRESS.sub("[address]", ROW.sub("[row]", text)))


def _in_one_line(text: str) -> str:
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean(_logger: Any, _method: str, event: Event) -> Event:
    """Make every value fit to be logged. Only a traceback keeps its lines, each of them marked as one of its own."""
    for key, value in event.items():
        if isinstance(value, bool | int | float) or value is None:
            continue
        text = str(value) if key == "request_id" else _without_secrets(str(value))
        if key == "exception":
            event[key] = "\n".join(f"  | {_in_one_line(line)}" for line in text.split("\n"))
        else:
            event[key] = _in_one_line(text)
    return event


def name_the_view(_logger: Any, _method: str, event: Event) -> Event:
    """Say of which page Django complains, in place of the address: that may hold a token."""
    request = getattr(event.get("_record"), "request", None)
    if isinstance(request, HttpRequest):
        event["event"] = str(event["event"]).partition(":")[0]
        event["view"] = view_name(request)
    return event


def view_name(request: HttpRequest) -> str:
    """Return the name of the page that request asked for, the same for all objects that its address may name."""
    match = request.resolver_match
    return (match.view_name or match.route or "unnamed") if match else "none"


# --- How it is written --------------------------------------------------------------------------------------


def configure(*, as_json: bool) -> dict[str, Any]:
    """Set structlog up and return the LOGGING that goes with it: JSON, or lines for people."""
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *first,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    lines = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": first,
        "processors": [
            name_the_view,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            clean,
            structlog.processors.JSONRenderer() if as_json else lines,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"events": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Each request and each task has one line already, with its ids.
            "django.request": {"level": "ERROR"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.beat": {"level": "WARNING"},
            # gunicorn would keep its own to itself.
            "gunicorn.error": {"level": "INFO", "propagate": True},
        },
    }


# --- The line of a request ----------------------------------------------------------------------------------

SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{7,63}")


class LogRequests:
    """Give each request an id, which every line that it causes has, in workers too, and one line at its end.

    A proxy's X-Request-ID is taken where it looks like one. The answer's header says the id.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if SANE_ID.fullmatch(sent) else str(uuid4())
        clear_contextvars()  # of the request that this thread served before
        bind_contextvars(request_id=request_id)
        begun = time.perf_counter()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        name_user(request)
        log.info(
            "request_finished",
            method=request.method,
            view=view_name(request),
            status=response.status_code,
            ms=round(1000 * (time.perf_counter() - begun)),
        )
        return response


class NameUsersInLogs:
    """Have each line that a page causes name its user by id. It stands below whatever finds out who that is."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name_user(request)
        return self.get_response(request)


def name_user(request: HttpRequest) -> None:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        bind_contextvars(user_id=str(user.pk))
