"""Reads about people and cohorts."""

import math
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, TextChoices, Value, When

from people.models import Cohort, Invitation, Membership, Role, User


def with_member_counts(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """Add candidate_count and leader_count to each cohort."""
    return cohorts.annotate(
        candidate_count=Count("memberships", filter=Q(memberships__role=Role.CANDIDATE)),
        leader_count=Count("memberships", filter=Q(memberships__role__in=Role.leading())),
    )


MEMBER_ORDERS = {
    "name": ["user__name", "user__email"],
    "role": ["role", "user__name", "user__email"],
    "newest": ["-created_at", "user__email"],
}


def members_of(cohort: Cohort, *, words: str = "", role: str = "", order: str = "role") -> QuerySet[Membership]:
    """Return the cohort's memberships with their people: those whose name or address holds words, of role or all."""
    found = cohort.memberships.select_related("user")
    if words:
        found = found.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    if role in Role.values:
        found = found.filter(role=role)
    return found.order_by(*MEMBER_ORDERS.get(order, MEMBER_ORDERS["role"]))


class InvitationState(TextChoices):
    """How an invitation stands. The first that holds is the one."""

    ACCEPTED = "accepted", "Accepted"
    EXPIRED = "expired", "Expired"
    WAITING = "waiting", "Mail waits to be sent"
    FAILED = "failed", "Mail not sent"
    SENT = "sent", "Mail sent"
    LINK = "link", "Link passed on"


def with_states(invitations: QuerySet[Invitation], *, now: datetime) -> QuerySet[Any]:
    """Add to each invitation its state (an InvitationState), the newest first."""
    return invitations.annotate(
        state=Case(
            When(accepted_at__isnull=False, then=Value(InvitationState.ACCEPTED.value)),
            When(expires_at__lte=now, then=Value(InvitationState.EXPIRED.value)),
            When(mail_due_at__isnull=False, then=Value(InvitationState.WAITING.value)),
            When(~Q(mail_error=""), then=Value(InvitationState.FAILED.value)),
            When(sent_at__isnull=False, then=Value(InvitationState.SENT.value)),
            default=Value(InvitationState.LINK.value),
        )
    ).order_by("-created_at", "email")


def count_states(invitations: QuerySet[Any]) -> dict[str, int]:
    """Return how many of invitations, which are with_states, stand how."""
    return dict(invitations.order_by().values_list("state").annotate(number=Count("pk")))


def leaders_who_read(candidate: User) -> QuerySet[User]:
    """Return the mentors and admins who may read this candidate's answers."""
    cohorts = candidate.memberships.filter(role=Role.CANDIDATE).values("cohort")
    leading = Membership.objects.filter(cohort__in=cohorts, role__in=Role.leading()).values("user")
    return User.objects.filter(pk__in=leading).order_by("name", "email")


def mentors() -> QuerySet[User]:
    """Return everybody who may write questions: the mentors of any cohort, and site admins."""
    teaching = Membership.objects.filter(role=Role.MENTOR).values("user")
    return User.objects.filter(Q(is_superuser=True) | Q(pk__in=teaching), is_active=True)


def time_limits_in_words(user: User) -> str:
    """Say what was agreed with user about time limits."""
    if user.untimed:
        return "Your mock interviews have no time limit."
    if user.extra_time_factor == 1:
        return "Your mock interviews have the usual time limits."
    factor, minutes = user.extra_time_factor.normalize(), math.ceil(60 * user.extra_time_factor)
    return f"Your time limits are {factor:f} times the usual ones: 60 minutes become {minutes}."
