"""What Celery runs for interviews."""

from celery import shared_task

from interview.services import interviews
from people.clock import database_now


@shared_task(name="interview.close_overdue")
def close_overdue() -> None:
    interviews.close_overdue(now=database_now())
