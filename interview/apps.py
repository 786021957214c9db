"""What interviews do when they hear of a grade, of a guest who becomes somebody, or of a person's erasure."""

from typing import Any

from django.apps import AppConfig


class InterviewConfig(AppConfig):
    name = "interview"

    def ready(self) -> None:
        from grading.signals import grade_ready
        from people.signals import cohort_duplicated, erasing, guest_joins, time_limits_given

        grade_ready.connect(_remember, dispatch_uid="interview.remember")
        guest_joins.connect(_hand_over, dispatch_uid="interview.hand_over")
        erasing.connect(_erase, dispatch_uid="interview.erase")
        cohort_duplicated.connect(_copy_assignments, dispatch_uid="interview.copy_assignments")
        time_limits_given.connect(_lengthen_running, dispatch_uid="interview.lengthen_running")


def _remember(job: Any, **_: Any) -> None:
    """Let the points that a graded answer has missed come again."""
    from interview.services.plan import remember

    remember(job=job)


def _hand_over(guest: Any, user: Any, **_: Any) -> None:
    """Pass a guest's interviews to the account that the guest has become."""
    from interview.services.guests import hand_over

    hand_over(guest=guest, user=user)


def _erase(person: Any, at_most: int, **_: Any) -> bool:
    """Take away what a person has written, here and in what lies below."""
    from interview.services.erasure import erase

    return erase(person=person, at_most=at_most)


def _copy_assignments(source: Any, target: Any, shift: Any, actor: Any, now: Any, **_: Any) -> None:
    """Assign to a cohort's copy what the cohort has, later."""
    from interview.services.assignments import copy_assignments

    copy_assignments(source=source, target=target, shift=shift, actor=actor, now=now)


def _lengthen_running(user: Any, **_: Any) -> None:
    """Let what is agreed with a person about time hold for the interviews they are in."""
    from interview.services.time_limits import lengthen_running

    lengthen_running(candidate=user)
