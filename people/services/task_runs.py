"""What a worker's tasks leave behind for monitoring: which ran when, how long they took, how often they failed."""

from datetime import datetime

from django.db.models import F

from people.models import TaskRun


def note(*, name: str, seconds: float, error: str, now: datetime) -> None:
    """Add a run of the task name that took so long and has just ended, with the kind of its failure or ""."""
    changes = {
        "runs": F("runs") + 1,
        "seconds_total": F("seconds_total") + seconds,
        "seconds": seconds,
        "ended_at": now,
        **({"failures": F("failures") + 1, "failed_at": now, "error": error[:100]} if error else {}),
    }
    noted = TaskRun.objects.filter(name=name)
    if not noted.update(**changes):
        TaskRun.objects.bulk_create([TaskRun(name=name)], ignore_conflicts=True)  # another worker may be first
        noted.update(**changes)
