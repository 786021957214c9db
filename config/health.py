"""Whether this process lives, and whether Greenroom can do its work."""

from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from grading.selectors.grades import model_seen_at, oldest_waiting
from people.clock import database_now

MODEL_SILENT_AFTER = timedelta(seconds=60)


class NotReady(Exception):
    """A part cannot do its work; the message says why."""


@require_GET
def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Answer 200 without touching anything else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 (Django's signature)
    """Answer 200 when every part is ready, else 503; {"ready", "checks": {part: "ok" or the reason}} either way."""
    checks = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = all(outcome == "ok" for outcome in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except Exception as error:  # noqa: BLE001 (whatever is wrong with a part, this page must say so)
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied")


def _broker() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=1)


def _model() -> None:
    seen = model_seen_at()
    if seen is None:
        raise NotReady("no worker has loaded the model yet")
    if database_now() - seen > MODEL_SILENT_AFTER:
        raise NotReady(f"no worker with a model was seen since {seen:%H:%M:%S} UTC")


def _queue() -> None:
    oldest = oldest_waiting()
    if oldest is None:
        return
    waits = (database_now() - oldest).total_seconds()
    if waits > settings.GRADING_OVERDUE_SECONDS:
        raise NotReady(f"an answer waits for its grade since {waits:.0f} seconds")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "model": _model,
    "queue": _queue,
}
