"""What Celery runs. A task takes ids, calls one service, and may run twice or never without harm."""

import os
import socket
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import task_postrun, task_prerun, worker_process_init
from django.db import close_old_connections

from grading.services import bench, calibrations, jobs, linting, regrades, regrading
from people.clock import database_now


def _process_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Load the model after the fork (before it can hang) and before the first answer waits for it."""
    jobs.beat(name=_process_name(), now=database_now())


@task_prerun.connect
@task_postrun.connect
def drop_dead_connections(**_: Any) -> None:
    """Let a task meet no connection that a database restart has cut."""
    close_old_connections()


@shared_task(name=jobs.GRADE_JOB)
def grade_job(job_id: str) -> None:
    jobs.grade(job_id=UUID(job_id))


@shared_task(name="grading.sweep_jobs")
def sweep_jobs() -> None:
    now = database_now()
    jobs.beat(name=_process_name(), now=now)
    jobs.sweep(now=now)
    bench.sweep(now=now)
    calibrations.sweep(now=now)
    regrading.sweep(now=now)
    linting.read_prompts()


@shared_task(name=bench.RUN_BENCH)
def run_bench(run_id: str) -> None:
    bench.run(run_id=UUID(run_id))


@shared_task(name=bench.RUN_BULK_BENCH)
def run_bulk_bench(run_id: str) -> None:
    bench.run(run_id=UUID(run_id))


@shared_task(name="grading.forget_bench_runs")
def forget_bench_runs() -> None:
    bench.forget_runs(now=database_now())


@shared_task(name=calibrations.RUN_PREVIEW)
def run_calibration_preview(preview_id: str) -> None:
    calibrations.work_out(preview_id=UUID(preview_id))


@shared_task(name=regrades.RUN_REGRADE)
def run_regrade(regrade_id: str) -> None:
    regrading.work(regrade_id=UUID(regrade_id))
