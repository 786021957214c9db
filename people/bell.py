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
