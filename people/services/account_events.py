"""What the audit log says of logins, passwords, second steps, tokens, and of what people were refused.

Whoever fails or is refused can try without end, so of these a few an hour are written down for each person, by the
same buckets as limits. Entries name no address, no password and no place.
"""

import logging
from collections.abc import Sequence

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.db import transaction
from knox.models import AuthToken

from people.models import User
from people.services import limits
from people.services.audit import audit
from people.services.limits import Limit

log = logging.getLogger(__name__)

NOW_AND_THEN = Limit(10, 3600)
"""How many of one person's failures are written down at once, and within an hour again."""

# --- Logging in ---------------------------------------------------------------------------------------------


def note_login(*, user: User) -> None:
    audit(actor=user, action="person.login", on=user)


def note_failed_login(*, email: str) -> None:
    """Write down that the password for email was wrong. That somebody tried an address unknown here is only logged."""
    user = User.objects.filter(email__iexact=email).first()
    log.warning("A login failed: %s", user.pk if user else "there is no such account")
    if user and limits.passes(key=f"failed login: {user.pk}", limit=NOW_AND_THEN):
        audit(actor=None, action="person.login_failed", on=user)


def note_failed_second_step(*, user: User) -> None:
    log.warning("A second step failed: %s", user.pk)
    if limits.passes(key=f"failed second step: {user.pk}", limit=NOW_AND_THEN):
        audit(actor=None, action="person.second_step_failed", on=user)


def note_refusal(*, user: User, page: str, status: int, asked: dict[str, str]) -> None:
    """Write down that user asked for a page of another role (403), or for what is not theirs or not there (404).

    asked: the ids in the address, by their names; secrets in addresses are none of it.
    """
    if limits.passes(key=f"refusal: {user.pk}", limit=NOW_AND_THEN):
        audit(actor=user, action="person.refused", on=user, page=page, status=status, asked=asked)


# --- What they log in with ----------------------------------------------------------------------------------


def note_sign_up(*, user: User) -> None:
    audit(actor=user, action="person.sign_up", on=user)


def note_new_password(*, user: User, by_mail: bool) -> None:
    """Write down a new password; by_mail: set by the link of a mail, so perhaps by somebody else."""
    if by_mail:
        audit(actor=user, action="person.reset_password", on=user)
    else:
        audit(actor=user, action="person.change_password", on=user)


def note_new_address(*, user: User) -> None:
    audit(actor=user, action="person.change_address", on=user)


def note_second_step(*, user: User, kind: str, added: bool) -> None:
    """Write down that a second step was added or taken away; kind is allauth's word: totp, webauthn, …"""
    kind = kind.replace("_", " ")
    if added:
        audit(actor=user, action="person.add_second_step", on=user, kind=kind)
    else:
        audit(actor=user, action="person.remove_second_step", on=user, kind=kind)


@transaction.atomic
def create_token(*, user: User) -> str:
    """Make an API token of user's; return it. Only its hash is kept."""
    _, token = AuthToken.objects.create(user=user)
    audit(actor=user, action="person.create_token", on=user)
    return token


@transaction.atomic
def revoke_token(*, user: User, token: AuthToken) -> None:
    """End one of user's own API tokens."""
    token.delete()
    audit(actor=user, action="person.revoke_token", on=user)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """allauth's page of one's sessions ends all others at once; that is written down."""

    @transaction.atomic
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        super().end_sessions(sessions)
        if sessions:
            user = sessions[0].user
            audit(actor=user, action="person.end_sessions", on=user, sessions=len(sessions))
