"""What Celery runs for interviews."""

from uuid import UUID

from celery import shared_task

from interview.services import guests, interviews, notices, reminders
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


@shared_task(name="interview.sweep_reminders")
def sweep_reminders() -> None:
    reminders.sweep(now=database_now())


@shared_task(name=reminders.SEND_REMINDERS)
def send_reminders(assignment_id: str) -> None:
    reminders.send(assignment_id=UUID(assignment_id))
