"""The mails of many invitations: sent by a worker, each once, and none is lost while the mail server is away.

The row is the promise (mail_due_at). Whoever sends claims it first by one conditional UPDATE, which makes it due again
a little later: if the worker dies, the next one sends it. A token is made for each try, as only its hash is stored.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from people.bell import ring
from people.clock import database_now
from people.models import Cohort, Invitation, MemberImport, User
from people.services.audit import audit
from people.services.cohorts import lock_current
from people.services.invitations import INVITATION_LIFETIME, hash_token, make_token

log = logging.getLogger(__name__)

SEND = "people.send_invitations"
LONGEST = 10  # seconds that a worker sends before it lets others have their turn
TRY_AGAIN = timedelta(minutes=2)  # after a try that failed, or whose worker has died
GIVE_UP_AFTER = timedelta(days=1)

NOT_TAKEN = "The mail server did not take it."
ADDRESS_REFUSED = "The mail server refuses this address."


def mail(*, invitation: Invitation, link: str) -> None:
    """Send the mail of an invitation. Raises OSError, SMTP's errors among them."""
    body = render_to_string("people/email/invitation.txt", {"invitation": invitation, "link": link})
    subject = " ".join(f"Join {invitation.cohort} on Greenroom".split())  # a name may hold a line break
    send_mail(subject, body, None, [invitation.email])


def mail_now(*, invitation: Invitation, link: str, now: datetime) -> bool:
    """Send a mail whose link is known and note what became of it; return whether the mail server took it."""
    try:
        mail(invitation=invitation, link=link)
    except OSError as error:
        _note(invitation.pk, mail_error=_in_words(error))
        return False
    _note(invitation.pk, sent_at=now, mail_error="")
    return True


# --- By a worker --------------------------------------------------------------------------------------------


def send_due(*, cohort_id: UUID) -> int:
    """Send the mails that are due in a cohort, for some seconds, and ring for the rest; return how many were sent."""
    until, sent = monotonic() + LONGEST, 0
    while pk := _due(database_now()).filter(cohort=cohort_id).values_list("pk", flat=True).first():
        if monotonic() >= until:
            ring(SEND, cohort_id)
            break
        try:
            sent += send_one(invitation_id=pk, now=database_now())
        except OSError as error:
            log.warning("invitations of cohort %s wait, the mail server is away: %s", cohort_id, error)
            break  # the next one would wait for the same server
    return sent


def send_one(*, invitation_id: UUID, now: datetime) -> bool:
    """Send the mail of an invitation if it is due; return whether it was sent by this call.

    Raises OSError while the mail server is away: the mail is due again a little later, for a day.
    """
    invitation = _claim(invitation_id, now)
    if invitation is None:
        return False
    token, expires_at = make_token(), now + INVITATION_LIFETIME
    _note(invitation_id, token_hash=hash_token(token), expires_at=expires_at)
    invitation.expires_at = expires_at
    try:
        mail(invitation=invitation, link=settings.SITE_URL + reverse("accept_invitation", args=[token]))
    except OSError as error:
        is_over = _is_refused_for_good(error) or now - invitation.created_at > GIVE_UP_AFTER
        _note(invitation_id, mail_error=_in_words(error), **({"mail_due_at": None} if is_over else {}))
        if isinstance(error, SMTPRecipientsRefused):
            return False
        raise
    _note(invitation_id, sent_at=now, mail_due_at=None, mail_error="")
    return True


def _due(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(mail_due_at__lte=now, accepted_at=None).order_by("mail_due_at")


def _claim(pk: UUID, now: datetime) -> Invitation | None:
    if not _due(now).filter(pk=pk).update(mail_due_at=now + TRY_AGAIN):
        return None
    return Invitation.objects.select_related("cohort", "invited_by").get(pk=pk)


def _note(pk: UUID, **values: object) -> None:
    Invitation.objects.filter(pk=pk, accepted_at=None).update(**values)


def _is_refused_for_good(error: OSError) -> bool:
    """Whether the address is no good, which another try would not change. 4xx asks for another try."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())


def _in_words(error: OSError) -> str:
    return ADDRESS_REFUSED if isinstance(error, SMTPRecipientsRefused) else NOT_TAKEN


# --- From outside -------------------------------------------------------------------------------------------


@transaction.atomic
def send_again(*, member_import: MemberImport, actor: User, now: datetime) -> int:
    """Owe a mail again to those of an import whom none has reached; return how many.

    Raises ValidationError for an archived cohort.
    """
    lock_current(member_import.cohort)
    failed = member_import.invitations.filter(sent_at=None, accepted_at=None, mail_due_at=None)
    count = failed.update(mail_due_at=now, created_at=now, mail_error="")
    if count:
        audit(actor=actor, action="cohort.send_again", on=member_import.cohort, invitations=count)
        transaction.on_commit(lambda: ring(SEND, member_import.cohort_id))
    return count


def sweep(*, now: datetime) -> None:
    """Ring for every cohort in which a mail is due."""
    for cohort_id in Cohort.objects.filter(invitations__in=_due(now)).distinct().values_list("pk", flat=True):
        ring(SEND, cohort_id)
