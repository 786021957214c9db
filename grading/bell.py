"""The bell: tells a worker that a job waits. It may fail; the database holds the truth and the sweeper rings again."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

GRADE_JOB = "grading.grade_job"

# A candidate waits for this, so it has its own short patience: one try, and a broker that hangs costs 0.3 s a step.
IMPATIENT = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3, "max_retries": 0}


def ring(job_id: UUID) -> bool:
    """Tell a worker of job_id; return whether the broker took the message. Never raises for a broker that is away.

    The connection is a fresh one: one kept since before a restart of the broker would fail first.
    """
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            current_app.send_task(GRADE_JOB, args=[str(job_id)], retry=False, connection=connection)
    except (OperationalError, OSError) as error:
        log.warning("job %s was not rung, the sweeper will: %s", job_id, error)
        return False
    return True
