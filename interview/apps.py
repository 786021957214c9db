"""What interviews do when they hear of a grade, or of a guest who becomes somebody."""

from typing import Any

from django.apps import AppConfig


class InterviewConfig(AppConfig):
    name = "interview"

    def ready(self) -> None:
        from grading.signals import grade_ready
        from people.signals import guest_joins

        grade_ready.connect(_remember, dispatch_uid="interview.remember")
        guest_joins.connect(_hand_over, dispatch_uid="interview.hand_over")


def _remember(job: Any, **_: Any) -> None:
    """Let the points that a graded answer has missed come again."""
    from interview.services.plan import remember

    remember(job=job)


def _hand_over(guest: Any, user: Any, **_: Any) -> None:
    """Pass a guest's interviews to the account that the guest has become."""
    from interview.services.guests import hand_over

    hand_over(guest=guest, user=user)
