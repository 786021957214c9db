"""The bell: tells a worker that a job waits. It may fail; the database holds the truth and the sweeper rings again."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

GRADE_JOB = "grading.grade_job"


def ring(job_id: UUID) -> bool:
    """Tell a worker of job_id; return whether the broker took the message. Never raises for a broker that is away."""
    try:
        current_app.send_task(GRADE_JOB, args=[str(job_id)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("job %s was not rung, the sweeper will: %s", job_id, error)
        return False
    return True
