"""Invitations: an offer of one role in one cohort to one address, by a link that works once."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import Cohort, Invitation, MemberImport, Membership, Role, User
from people.services.audit import audit, audit_each
from people.services.cohorts import give_time, lock_current, set_role

INVITATION_LIFETIME = timedelta(days=7)


class InvitationRefused(Exception):
    """An invitation cannot be accepted; the message says why, in words for the invited person."""


@dataclass(frozen=True)
class Invitee:
    """Who is invited, as what, and what is agreed with them beforehand."""

    email: str
    role: Role
    name: str = ""
    extra_time_factor: Decimal = Decimal(1)
    untimed: bool = False


def hash_token(token: str) -> str:
    """Return the form in which an invitation's token is stored: SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token() -> str:
    return secrets.token_urlsafe(32)


# --- By those who invite ------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *,
    cohort: Cohort,
    email: str,
    role: Role,
    actor: User,
    now: datetime,
    name: str = "",
    extra_time_factor: Decimal = Decimal(1),
    untimed: bool = False,
) -> tuple[Invitation, str]:
    """Invite email to role in cohort; return the invitation and its token, which is stored nowhere.

    An earlier open invitation of the same address to the cohort ends: the newest link is the one that works.
    Raises ValidationError when the person is a member already, and for an archived cohort.
    """
    lock_current(cohort)  # of two who invite one address, the later replaces
    invitee = Invitee(email.lower(), role, name, extra_time_factor, untimed)
    if Membership.objects.filter(cohort=cohort, user__email__iexact=invitee.email).exists():
        raise ValidationError(f"{invitee.email} is a member of {cohort} already.")
    token = make_token()
    invitation = _invitation(cohort, invitee, token, actor, now)
    _replace(cohort, [invitation], actor)
    return invitation, token


@transaction.atomic
def invite_all(
    *, cohort: Cohort, invitees: Iterable[Invitee], member_import: MemberImport, actor: User, now: datetime
) -> list[Invitation]:
    """Invite people who are no members, each address once; a worker owes each a mail, whose token nobody knows yet.

    Earlier open invitations of the same addresses end. Raises ValidationError for an archived cohort.
    """
    lock_current(cohort)
    invitations = [_invitation(cohort, invitee, make_token(), actor, now) for invitee in invitees]
    for invitation in invitations:
        invitation.mail_due_at, invitation.member_import = now, member_import
    _replace(cohort, invitations, actor)
    return invitations


def _invitation(cohort: Cohort, invitee: Invitee, token: str, actor: User, now: datetime) -> Invitation:
    return Invitation(
        cohort=cohort,
        email=invitee.email,
        role=invitee.role,
        name=invitee.name,
        extra_time_factor=invitee.extra_time_factor,
        untimed=invitee.untimed,
        token_hash=hash_token(token),
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITATION_LIFETIME,
    )


def _replace(cohort: Cohort, invitations: list[Invitation], actor: User) -> None:
    """Store new invitations in the place of the open ones of the same addresses, which are in lower case."""
    emails = [invitation.email for invitation in invitations]
    cohort.invitations.filter(email__in=emails, accepted_at=None).delete()
    Invitation.objects.bulk_create(invitations)
    said = [(cohort, {"email": one.email, "role": one.role}) for one in invitations]
    audit_each(actor=actor, action="cohort.invite", on=said)


@transaction.atomic
def renew(*, invitation: Invitation, actor: User, now: datetime) -> str:
    """Give an open invitation a new link and seven days more; return the new token. The old link ends.

    Raises ValidationError for one that was accepted, and for an archived cohort.
    """
    lock_current(invitation.cohort)
    token = make_token()
    renewed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
        token_hash=hash_token(token),
        expires_at=now + INVITATION_LIFETIME,
        mail_due_at=None,
        mail_error="",
        sent_at=None,
    )
    if not renewed:
        raise ValidationError(f"{invitation.email} has accepted or lost this invitation meanwhile.")
    audit(actor=actor, action="cohort.renew_invitation", on=invitation.cohort, email=invitation.email)
    return token


@transaction.atomic
def revoke(*, invitation: Invitation, actor: User) -> bool:
    """Take an open invitation back: its link ends. Return whether it was still open."""
    revoked, _ = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    if revoked:
        audit(actor=actor, action="cohort.revoke_invitation", on=invitation.cohort, email=invitation.email)
    return bool(revoked)


# --- By those who are invited -------------------------------------------------------------------------------


def find(*, token: str, now: datetime) -> Invitation:
    """Return the open invitation of a token. Raises InvitationRefused for an unknown, used or expired one."""
    invitation = Invitation.objects.select_related("cohort", "invited_by").filter(token_hash=hash_token(token)).first()
    if invitation is None:
        raise InvitationRefused("This invitation does not exist, or a newer one has replaced it.")
    if invitation.accepted_at:
        raise InvitationRefused("This invitation has been used already.")
    if invitation.expires_at <= now:
        raise InvitationRefused("This invitation has expired. Ask for a new one.")
    if invitation.cohort.archived_at:
        raise InvitationRefused(f"{invitation.cohort} is over: nobody joins it any more.")
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User, now: datetime) -> Membership:
    """Make user a member as the invitation with this token says; what was agreed about time holds from now on.

    Raises InvitationRefused as find does, for a token sent to another address, and for a member.
    """
    list(Invitation.objects.select_for_update().filter(token_hash=hash_token(token)))  # of two at once, one waits
    invitation = find(token=token, now=now)
    if invitation.email.lower() != user.email.lower():
        raise InvitationRefused(f"This invitation is for another address. Log in as {invitation.email} to accept it.")
    member = Membership.objects.filter(cohort=invitation.cohort, user=user).first()
    if member:
        raise InvitationRefused(
            f"You are a member of {invitation.cohort} already, as {member.get_role_display().lower()}."
        )
    invitation.accepted_at, invitation.accepted_by, invitation.mail_due_at = now, user, None
    invitation.save(update_fields=["accepted_at", "accepted_by", "mail_due_at"])
    _carry_over(invitation, user)
    return set_role(cohort=invitation.cohort, user=user, role=Role(invitation.role), actor=user)


def _carry_over(invitation: Invitation, user: User) -> None:
    """A name that the person has chosen stays; so does more time than the invitation speaks of."""
    if invitation.name and not user.name:
        user.name = invitation.name
        user.save(update_fields=["name"])
    give_time(
        user=user,
        factor=invitation.extra_time_factor,
        untimed=invitation.untimed,
        actor=invitation.invited_by,
        cohort=invitation.cohort,
        on_top=True,
    )
