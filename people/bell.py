"""The bell: tells a worker that something waits. It may fail; the database holds the truth and sweepers ring again."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Somebody waits for this in a browser, so it has its own short patience: one try, and a broker that hangs costs 0.3 s
# a step.
IMPATIENT = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3, "max_retries": 0}


def ring(task: str, of: UUID) -> bool:
    """Send task the id of what waits; return whether the broker took the message. Never raises when it is away.

    The connection is a fresh one: one kept since before a restart of the broker would fail first.
    """
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            current_app.send_task(task, args=[str(of)], retry=False, connection=connection)
    except (OperationalError, OSError) as error:
        log.warning("%s of %s was not rung, the sweeper will: %s", task, of, error)
        return False
    return True


def unread() -> dict[str, int] | None:
    """Return how many messages each queue holds that no worker has taken yet; None while the broker is away."""
    try:
        with current_app.connection_for_read(transport_options=IMPATIENT) as connection:
            channel = connection.default_channel
            # What the broker says of a queue when it is declared; it makes none that is there.
            queues = current_app.conf.task_queues
            return {queue.name: queue(channel).queue_declare(passive=False)[1] for queue in queues}
    except (OperationalError, OSError) as error:
        log.warning("The broker was not asked for its queues: %s", error)
        return None
