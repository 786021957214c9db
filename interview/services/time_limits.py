"""Extra time that is given while an interview runs."""

from datetime import timedelta

from django.db import transaction

from interview.models import Interview, extended
from people.models import User


@transaction.atomic
def lengthen_running(*, candidate: User) -> int:
    """Give candidate's running interviews the time that is agreed with them now; return how many became longer.

    None becomes shorter: whoever has begun counts on the time they were told.
    """
    running = Interview.objects.select_for_update().filter(candidate=candidate, finished_at=None)
    return sum(_lengthen(interview, candidate) for interview in running)


def _lengthen(interview: Interview, candidate: User) -> bool:
    """The interview is locked, so that none of its answers is frozen by the old deadline meanwhile."""
    untimed = interview.untimed or candidate.untimed
    factor = max(interview.extra_time_factor, candidate.extra_time_factor)
    if (untimed, factor) == (interview.untimed, interview.extra_time_factor):
        return False
    interview.untimed, interview.extra_time_factor = untimed, factor
    if interview.is_mock:
        minutes = extended(interview.minutes, factor)
        interview.deadline_at = None if untimed else interview.started_at + timedelta(minutes=minutes)
    interview.save(update_fields=["untimed", "extra_time_factor", "deadline_at"])
    return True
