"""What Celery runs for the question bank. A task takes ids, calls one service, and may run twice or never."""

from uuid import UUID

from celery import shared_task

from people.clock import database_now
from questionbank.services import imports

# Ten thousand questions take longer than any answer may.
IMPORT_SECONDS = 600


@shared_task(name=imports.RUN_IMPORT, soft_time_limit=IMPORT_SECONDS, time_limit=IMPORT_SECONDS + 30)
def run_import(import_id: str) -> None:
    imports.run(import_id=UUID(import_id))


@shared_task(name="questionbank.sweep_imports")
def sweep_imports() -> None:
    imports.sweep(now=database_now())
