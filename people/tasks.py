"""What Celery runs for people. A task takes ids, calls one service, and may run twice or never."""

import logging
from time import monotonic
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError

from people.clock import database_now
from people.services import erasure, invitation_mails, limits, member_imports, task_runs

log = logging.getLogger(__name__)


_begun_at: dict[str, float] = {}  # by the id of each task that this process is at


@task_prerun.connect
def note_begin(task_id: str, **_: Any) -> None:
    _begun_at[task_id] = monotonic()


@task_postrun.connect
def note_end(task_id: str, task: Task, retval: Any, **_: Any) -> None:
    """Note how each task of every app went, for the platform page and the metrics."""
    seconds = monotonic() - _begun_at.pop(task_id)
    error = type(retval).__name__ if isinstance(retval, BaseException) else ""
    try:
        task_runs.note(name=task.name, seconds=seconds, error=error, now=database_now())
    except DatabaseError as trouble:
        log.warning("%s was not noted: %s", task.name, type(trouble).__name__)


@shared_task(name=invitation_mails.SEND)
def send_invitations(cohort_id: str) -> None:
    invitation_mails.send_due(cohort_id=UUID(cohort_id))


@shared_task(name="people.sweep_invitations")
def sweep_invitations() -> None:
    invitation_mails.sweep(now=database_now())


@shared_task(name="people.forget_member_imports")
def forget_member_imports() -> None:
    member_imports.forget(now=database_now())


@shared_task(name="people.erase_due")
def erase_due() -> None:
    erasure.erase_due(now=database_now())


@shared_task(name="people.sweep_limits")
def sweep_limits() -> None:
    limits.sweep(now=database_now())
