"""The Celery application: `celery -A config.celery worker` and `… beat`."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep
from structlog.contextvars import bind_contextvars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")


class OutOfMemory(Exception):
    """A task asked for more memory than there was."""


class SturdyTask(Task):
    """A task for which no memory is left fails like any other. Celery would end the whole worker for a MemoryError."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.run(*args, **kwargs)
        except MemoryError as error:
            raise OutOfMemory(str(error)) from error


app = Celery("greenroom", task_cls=SturdyTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["people", "questionbank", "grading", "interview", "analytics"])
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def leave_logging_alone(**_: Any) -> None:
    """Django's LOGGING holds for workers and beat too: where somebody listens to this, Celery sets nothing up."""


@receiver(bind_extra_task_metadata)
def name_what_it_is_about(task: Task, **_: Any) -> None:
    """Put the task's name and the ids that it was given into each of its lines: job_id, cohort_id …"""
    names = task.run.__code__.co_varnames
    bind_contextvars(task=task.name, **dict(zip(names, map(str, task.request.args or ()), strict=False)))
