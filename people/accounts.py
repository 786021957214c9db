"""Reads of accounts, for site admins."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, OuterRef, Q, QuerySet
from knox.models import AuthToken

from people.models import AuditEntry, User
from people.second_step import STEPS

LATEST_ACTS = 20


def people_found(words: str) -> QuerySet[Any]:
    """Return everybody with an account whose name or address holds each of words, by name; annotated with has_step."""
    found = User.objects.filter(is_guest=False)
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    has_step = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=STEPS))
    return found.annotate(has_step=has_step).prefetch_related("memberships__cohort").order_by("name", "email")


def account_of(person: User) -> dict[str, Any]:
    """Return what a site admin sees of person's account, in a fixed number of queries.

    acts: the latest audit entries by person or about them.
    """
    about = Q(object_type="people.user", object_id=str(person.pk))
    return {
        "memberships": person.memberships.select_related("cohort").order_by("cohort__name"),
        "sessions": UserSession.objects.filter(user=person).order_by("-created_at"),
        "tokens": AuthToken.objects.filter(user=person).order_by("created"),
        "steps": Authenticator.objects.filter(user=person, type__in=STEPS).order_by("created_at"),
        "acts": AuditEntry.objects.filter(about | Q(actor=person)).select_related("actor")[:LATEST_ACTS],
    }
