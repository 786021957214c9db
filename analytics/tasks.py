"""What Celery runs for figures."""

from time import monotonic

from celery import shared_task

from analytics.services import facts

# Well within a task's time limit; what is left the next one does.
AT_MOST_SECONDS = 10


@shared_task(name="analytics.refresh_facts")
def refresh_facts() -> None:
    until = monotonic() + AT_MOST_SECONDS
    while facts.refresh_piece() and monotonic() < until:
        pass
