"""What Celery runs for interviews."""

from celery import shared_task

from interview.services import guests, interviews, notices
from people.clock import database_now


@shared_task(name="interview.close_overdue")
def close_overdue() -> None:
    interviews.close_overdue(now=database_now())


@shared_task(name="interview.announce_graded")
def announce_graded() -> None:
    notices.announce_graded(now=database_now())


@shared_task(name="interview.remove_idle_guests")
def remove_idle_guests() -> None:
    guests.remove_idle_guests(now=database_now())
