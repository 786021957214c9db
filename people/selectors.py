"""Reads about people and cohorts."""

import math

from django.db.models import Count, Q, QuerySet

from people.models import Cohort, Invitation, Membership, Role, User


def with_member_counts(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """Add candidate_count and leader_count to each cohort."""
    return cohorts.annotate(
        candidate_count=Count("memberships", filter=Q(memberships__role=Role.CANDIDATE)),
        leader_count=Count("memberships", filter=Q(memberships__role__in=Role.leading())),
    )


def members_of(cohort: Cohort) -> QuerySet[Membership]:
    """Return the cohort's memberships with their people, admins first, then by name."""
    return cohort.memberships.select_related("user").order_by("role", "user__name", "user__email")


def open_invitations_of(cohort: Cohort) -> QuerySet[Invitation]:
    """Return the cohort's invitations that nobody has accepted, the newest first."""
    return cohort.invitations.filter(accepted_at__isnull=True)


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
