"""Sessions, API tokens and second steps of a person; and whether they may log in at all."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from knox.models import AuthToken

from people.models import User
from people.services.audit import audit


@transaction.atomic
def end_session(*, user: User, session: UserSession) -> None:
    """End one of user's own sessions."""
    Session.objects.filter(session_key=session.session_key).delete()
    session.delete()
    audit(actor=user, action="person.end_session", on=user)


@transaction.atomic
def end_all_logins(*, user: User, actor: User, tokens: bool) -> None:
    """End all sessions of user, wherever they are, and on choice their API tokens."""
    forget_logins(user=user, tokens=tokens)
    audit(actor=actor, action="person.end_logins", on=user, tokens=tokens)


def forget_logins(*, user: User, tokens: bool) -> None:
    """End user's sessions, those that nobody has listed too: each carries how often all were ended."""
    User.objects.filter(pk=user.pk).update(logins_ended=F("logins_ended") + 1)
    listed = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=listed.values("session_key")).delete()
    listed.delete()
    if tokens:
        AuthToken.objects.filter(user=user).delete()


@transaction.atomic
def deactivate(*, user: User, actor: User) -> None:
    """Let user log in no more; their sessions and API tokens end. Raises ValidationError for the last site admin."""
    if is_last_site_admin(user):
        raise ValidationError("The last site admin stays. Make somebody else site admin first.")
    User.objects.filter(pk=user.pk).update(is_active=False)
    forget_logins(user=user, tokens=True)
    audit(actor=actor, action="person.deactivate", on=user)


@transaction.atomic
def activate(*, user: User, actor: User) -> None:
    """Let user log in again. Raises ValidationError for somebody who was erased."""
    if user.is_erased:
        raise ValidationError("This account was erased. It cannot come back.")
    User.objects.filter(pk=user.pk).update(is_active=True)
    audit(actor=actor, action="person.activate", on=user)


@transaction.atomic
def reset_second_step(*, user: User, actor: User) -> None:
    """Take away user's second step, whose phone and recovery codes are lost; their sessions end."""
    Authenticator.objects.filter(user=user).delete()
    forget_logins(user=user, tokens=False)
    audit(actor=actor, action="person.reset_second_step", on=user)


def is_last_site_admin(user: User) -> bool:
    """Say whether nobody but user could do everything. Locks the site admins for the transaction."""
    admins = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    return {admin.pk for admin in admins} == {user.pk}
