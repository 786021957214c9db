"""Mails that remind candidates of what is assigned to them: never two of a kind, and none lost.

A row is written first, then its mail is sent by a worker, a few seconds of them at a time. Each row is claimed by its
lock, and committed after the mail server has taken the mail.
"""

import logging
import zoneinfo
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from interview.models import Reminder, ReminderKind
from interview.selectors.assignments import Due, reminders_due
from people.bell import ring
from people.clock import database_now

log = logging.getLogger(__name__)

SEND_REMINDERS = "interview.send_reminders"
# A piece ends after so many seconds and rings for the next one: bulk work of others waits no longer than that.
PIECE_SECONDS = 4

SUBJECTS = {
    ReminderKind.OPENED: "Assigned to you",
    ReminderKind.DUE_SOON: "Due soon",
    ReminderKind.OVERDUE: "Still open",
}


def sweep(*, now: datetime) -> set[UUID]:
    """Write down who is to be reminded, forget who is not any more, and ring; return the assignments rung for.

    Run every minute: what a worker, the broker or the mail server has not done since is rung for again.
    """
    due = reminders_due(now)
    # Kinds that only a later version of Greenroom knows are its own to judge.
    known = Reminder.objects.filter(sent_at=None, kind__in=ReminderKind.values)
    written = {_due(one): one.pk for one in known}
    if over := written.keys() - due:
        # Only what is unsent still: another worker may send it at this moment.
        Reminder.objects.filter(pk__in=[written[one] for one in over], sent_at=None).delete()
    if new := due - written.keys():
        Reminder.objects.bulk_create(
            [Reminder(assignment_id=pk, candidate_id=user, kind=kind, created_at=now) for pk, user, kind in new],
            ignore_conflicts=True,  # another sweep was first
        )
    assignments = {pk for pk, _, _ in due}
    for pk in assignments:
        ring(SEND_REMINDERS, pk)
    return assignments


def _due(reminder: Reminder) -> Due:
    return reminder.assignment_id, reminder.candidate_id, reminder.kind


def send(*, assignment_id: UUID) -> None:
    """Send a piece of the assignment's reminders, and ring for the next one.

    A mail server that is away ends the piece; the sweep rings again. Who has finished meanwhile is passed over.
    """
    until = monotonic() + PIECE_SECONDS
    due = reminders_due(database_now(), pk=assignment_id)
    unsent = [one.pk for one in Reminder.objects.filter(assignment=assignment_id, sent_at=None) if _due(one) in due]
    for pk in unsent:
        if monotonic() > until:
            ring(SEND_REMINDERS, assignment_id)
            return
        try:
            send_one(reminder_id=pk, now=database_now())
        except SMTPRecipientsRefused as error:
            log.warning("reminder %s waits, its address is refused for now: %s", pk, error)
        except OSError as error:  # SMTP's other errors among them
            log.warning("reminder %s was not sent and will be: %s", pk, error)
            return  # the next one would wait for the same server


@transaction.atomic
def send_one(*, reminder_id: int, now: datetime) -> bool:
    """Claim a reminder and send its mail; return whether it was still to be sent.

    Raises OSError where the mail server does not take it; it stays unsent then. An address that is refused for good
    is not tried again.
    """
    unsent = Reminder.objects.select_for_update(skip_locked=True, of=("self",)).filter(sent_at=None)
    reminder = (
        unsent.select_related("assignment__track", "assignment__cohort", "candidate").filter(pk=reminder_id).first()
    )
    if reminder is None:
        return False
    reminder.sent_at = now
    reminder.save(update_fields=["sent_at"])
    try:
        _mail(reminder, now)
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _ in error.recipients.values()):  # busy, or wants it sent again later
            raise
        log.warning("reminder %s: the candidate's address is refused: %s", reminder.pk, error)
    return True


def _mail(reminder: Reminder, now: datetime) -> None:
    """Send the mail, with times as the candidate's clock shows them."""
    assignment, candidate = reminder.assignment, reminder.candidate
    context = {
        "assignment": assignment,
        "candidate": candidate,
        "kind": reminder.kind,
        "now": now,
        "zone": candidate.time_zone.replace("_", " "),
        "link": settings.SITE_URL + reverse("assigned", args=[assignment.pk]),
        "profile": settings.SITE_URL + reverse("profile"),
    }
    with timezone.override(zoneinfo.ZoneInfo(candidate.time_zone)):
        body = render_to_string("interview/email/reminder.txt", context)
    subject = f"[Greenroom] {SUBJECTS[ReminderKind(reminder.kind)]}: {assignment.track.title}"
    send_mail(" ".join(subject.split()), body, None, [candidate.email])  # a title may hold a line break
