"""The mail that says a mock is graded: sent once, and not lost while the mail server is away."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from grading.models import OPEN_STATES
from interview.models import Interview, Mode

log = logging.getLogger(__name__)

# What has not been told by then is no news any more; their history has told them.
STALE_AFTER = timedelta(days=3)


def announce_graded(*, now: datetime) -> int:
    """Tell the candidates of finished mocks that every answer is graded; return how many mocks were told of.

    Run every few seconds: whatever could not be told stays due, so that a mail server that is away loses nothing.
    """
    due = (
        Interview.objects.filter(mode=Mode.MOCK, announced_at=None, finished_at__gt=now - STALE_AFTER)
        .exclude(questions__answer__job__state__in=OPEN_STATES)
        .order_by("finished_at")
        .values_list("pk", flat=True)
    )
    told = 0
    for pk in list(due):
        try:
            told += announce(interview_id=pk, now=now)
        except OSError as error:  # SMTP's errors among them
            log.warning("interview %s was not announced and will be: %s", pk, error)
            break  # the next one would wait for the same server
    return told


@transaction.atomic
def announce(*, interview_id: UUID, now: datetime) -> bool:
    """Claim the interview's one mail and send it; return whether it was still due.

    The claim is one conditional UPDATE: whoever comes second waits for the first and then sends nothing. It is
    committed after the mail server has taken the mail, and taken back when that fails, which raises OSError. Only
    a machine that dies between the two could send a second mail; none is ever lost.
    """
    due = Interview.objects.filter(pk=interview_id, announced_at=None)
    if due.update(announced_at=now) != 1:
        return False
    interview = Interview.objects.select_related("candidate").get(pk=interview_id)
    candidate = interview.candidate
    if candidate.mail_when_graded and candidate.is_active and not candidate.is_guest:
        _send(interview)
    return True


def _send(interview: Interview) -> None:
    """Send a mail with a link, and without answers and scores: mail is read by others on its way."""
    context = {
        "interview": interview,
        "link": settings.SITE_URL + reverse("result", args=[interview.pk]),
        "profile": settings.SITE_URL + reverse("profile"),
    }
    body = render_to_string("interview/email/graded.txt", context)
    try:
        send_mail("[Greenroom] Your mock interview is graded", body, None, [interview.candidate.email])
    except SMTPRecipientsRefused as error:  # it would be refused again
        log.warning("interview %s: the candidate's address is refused: %s", interview.pk, error)
