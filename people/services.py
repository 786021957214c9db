"""What people do: cohorts, members, invitations, and the audit entry each of these leaves."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Membership, Role, User
from people.signals import guest_joins

INVITATION_LIFETIME = timedelta(days=7)


class InvitationRefused(Exception):
    """An invitation cannot be accepted; the message says why, in words for the invited person."""


def audit(*, actor: User | None, action: str, on: models.Model, **detail: Any) -> AuditEntry:
    """Write down that actor (None: the system) did action on the object, with detail as JSON."""
    return AuditEntry.objects.create(
        at=database_now(),
        actor=actor,
        action=action,
        object_type=on._meta.label_lower,  # noqa: SLF001 (Django's documented model API)
        object_id=str(on.pk),
        detail=detail,
    )


def audit_all(*, actor: User | None, action: str, on: Sequence[models.Model], **detail: Any) -> None:
    """Write down in one query that actor did action on each of the objects."""
    at = database_now()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=at,
            actor=actor,
            action=action,
            object_type=one._meta.label_lower,  # noqa: SLF001 (Django's documented model API)
            object_id=str(one.pk),
            detail=detail,
        )
        for one in on
    )


@transaction.atomic
def create_cohort(*, name: str, actor: User) -> Cohort:
    """Create a cohort; its maker becomes its admin."""
    cohort = Cohort.objects.create(name=name)
    Membership.objects.create(cohort=cohort, user=actor, role=Role.ADMIN)
    audit(actor=actor, action="cohort.create", on=cohort, name=name)
    return cohort


@transaction.atomic
def set_role(*, cohort: Cohort, user: User, role: Role, actor: User | None) -> Membership:
    """Make user a member of cohort in role, or change the role they have there."""
    membership, _ = Membership.objects.update_or_create(cohort=cohort, user=user, defaults={"role": role})
    audit(actor=actor, action="cohort.set_role", on=cohort, user=str(user.pk), role=role)
    return membership


@transaction.atomic
def remove_member(*, cohort: Cohort, user: User, actor: User) -> None:
    """Take user out of cohort; their interviews stay theirs.

    Raises ValidationError for the cohort's last admin, who would leave it without one.
    """
    admins = Membership.objects.select_for_update().filter(cohort=cohort, role=Role.ADMIN)
    if {membership.user_id for membership in admins} == {user.pk}:
        raise ValidationError("The last admin cannot leave. Make somebody else admin first.")
    Membership.objects.filter(cohort=cohort, user=user).delete()
    audit(actor=actor, action="cohort.remove_member", on=cohort, user=str(user.pk))


def hash_token(token: str) -> str:
    """Return the form in which an invitation's token is stored: SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, cohort: Cohort, email: str, role: Role, actor: User, now: datetime) -> tuple[Invitation, str]:
    """Invite email to role in cohort; return the invitation and its token, which is stored nowhere.

    An earlier open invitation of the same address to the cohort ends: the newest link is the one that works.
    Raises ValidationError when the person is a member already.
    """
    email = email.lower()
    Cohort.objects.select_for_update().get(pk=cohort.pk)  # of two who invite one address, the later replaces
    if Membership.objects.filter(cohort=cohort, user__email__iexact=email).exists():
        raise ValidationError(f"{email} is a member of {cohort} already.")
    cohort.invitations.filter(email__iexact=email, accepted_at__isnull=True).delete()
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        cohort=cohort,
        email=email,
        role=role,
        token_hash=hash_token(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITATION_LIFETIME,
    )
    audit(actor=actor, action="cohort.invite", on=cohort, email=email, role=role)
    return invitation, token


@transaction.atomic
def accept_invitation(*, token: str, user: User, now: datetime) -> Membership:
    """Make user a member as the invitation with this token says.

    Raises InvitationRefused for an unknown, used or expired token, and for a token sent to another address.
    """
    invitation = Invitation.objects.select_for_update().filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise InvitationRefused("This invitation does not exist, or a newer one has replaced it.")
    if invitation.accepted_at:
        raise InvitationRefused("This invitation has been used already.")
    if invitation.expires_at <= now:
        raise InvitationRefused("This invitation has expired. Ask for a new one.")
    if invitation.email.lower() != user.email.lower():
        raise InvitationRefused(f"This invitation is for another address. Log in as {invitation.email} to accept it.")
    invitation.accepted_at = now
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return set_role(cohort=invitation.cohort, user=user, role=Role(invitation.role), actor=user)


def create_guest() -> User:
    """Create somebody who tries Greenroom without an account: no password, and an address that no mail reaches."""
    email = f"guest-{uuid.uuid4()}@guest.invalid"
    return User.objects.create_user(email, name="Guest", is_guest=True, mail_when_graded=False)


@transaction.atomic
def join_guest(*, guest: User, user: User) -> bool:
    """Pass what a guest has written to user, the account that they have made or logged in to; the guest is no more.

    Return whether there was such a guest still.
    """
    locked = User.objects.select_for_update().filter(pk=guest.pk, is_guest=True, is_active=True).first()
    if locked is None:
        return False
    guest_joins.send(sender=User, guest=locked, user=user)
    retire_guest(guest=locked)
    audit(actor=user, action="guest.join", on=user, guest=str(guest.pk))
    return True


def retire_guest(*, guest: User) -> None:
    """Delete a guest. Where a grade refers to them, which is only ever added, they stay as nobody who can enter."""
    try:
        guest.delete()
    except ProtectedError:
        User.objects.filter(pk=guest.pk).update(is_active=False)
