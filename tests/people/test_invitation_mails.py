"""The mails of many invitations: each sent once, none lost, and each with its state."""

import re
from collections.abc import Sequence
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from people.clock import database_now
from people.models import Cohort, Invitation, MemberImport, User
from people.services import invitation_mails, member_imports
from people.services.cohorts import archive_cohort
from people.services.invitations import accept_invitation, hash_token
from people.tasks import send_invitations, sweep_invitations
from tests.conftest import client_of


class Refusing(BaseEmailBackend):
    """A mail server that knows nobody at nowhere.example, and has no room now for anybody at full.example."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            (address,) = message.to
            if address.endswith("nowhere.example"):
                raise SMTPRecipientsRefused({address: (550, b"no such user")})
            if address.endswith("full.example"):
                raise SMTPRecipientsRefused({address: (452, b"mailbox full")})
        return len(email_messages)


@pytest.fixture
def choosy_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"


def invite_by_table(cohort: Cohort, admin: User, *emails: str) -> MemberImport:
    data = "email\n" + "".join(f"{email}\n" for email in emails)
    taken = member_imports.upload(
        cohort=cohort, filename="people.csv", data=data.encode(), actor=admin, now=database_now()
    )
    member_imports.apply(member_import=taken, actor=admin, now=database_now())
    return taken


def states(cohort: Cohort) -> dict[str, tuple[bool, bool, str]]:
    """Return address → whether it was sent, whether a mail is owed, what went wrong."""
    return {
        one.email.partition("@")[0]: (one.sent_at is not None, one.mail_due_at is not None, one.mail_error)
        for one in cohort.invitations.all()
    }


def token_in(message: EmailMessage) -> str:
    (token,) = re.findall(r"/invitations/([^/\s]+)/", str(message.body))
    return token


def test_each_gets_one_mail_however_often_the_task_runs(
    cohort: Cohort, admin: User, mailoutbox: list[EmailMessage]
) -> None:
    invite_by_table(cohort, admin, "a@example.com", "b@example.com")

    for _ in range(3):
        send_invitations(str(cohort.pk))

    assert sorted(message.to[0] for message in mailoutbox) == ["a@example.com", "b@example.com"]
    assert states(cohort) == {"a": (True, False, ""), "b": (True, False, "")}


def test_the_link_works_and_its_token_is_stored_nowhere(
    cohort: Cohort, admin: User, stranger: User, mailoutbox: list[EmailMessage]
) -> None:
    invite_by_table(cohort, admin, stranger.email)
    send_invitations(str(cohort.pk))
    token = token_in(mailoutbox[0])

    assert token not in str(Invitation.objects.values())
    assert Invitation.objects.get().token_hash == hash_token(token)
    assert accept_invitation(token=token, user=stranger, now=database_now()).cohort == cohort


@pytest.mark.parametrize("broken", ["mail_server_down", "mail_server_silent"])
def test_a_dead_mail_server_loses_nothing(
    request: pytest.FixtureRequest, cohort: Cohort, admin: User, settings: Any, mailoutbox: Any, broken: str
) -> None:
    working = settings.EMAIL_BACKEND
    invite_by_table(cohort, admin, "a@example.com", "b@example.com")
    request.getfixturevalue(broken)
    send_invitations(str(cohort.pk))
    while_away = states(cohort)

    settings.EMAIL_BACKEND = working
    Invitation.objects.update(mail_due_at=database_now())
    send_invitations(str(cohort.pk))

    assert sorted(while_away.values()) == [(False, True, ""), (False, True, "The mail server did not take it.")]
    assert states(cohort) == {"a": (True, False, ""), "b": (True, False, "")}
    assert len(mailoutbox) == 2


def test_a_mail_server_that_is_away_for_a_day_is_given_up(mail_server_down: None, cohort: Cohort, admin: User) -> None:
    invite_by_table(cohort, admin, "a@example.com")
    Invitation.objects.update(created_at=database_now() - timedelta(days=1, seconds=1))

    send_invitations(str(cohort.pk))

    assert states(cohort) == {"a": (False, False, "The mail server did not take it.")}


def test_an_address_that_is_refused_keeps_no_other_from_its_mail(
    choosy_mail_server: None, cohort: Cohort, admin: User
) -> None:
    invite_by_table(cohort, admin, "x@nowhere.example", "y@full.example", "z@example.com")

    send_invitations(str(cohort.pk))

    assert states(cohort) == {
        "x": (False, False, "The mail server refuses this address."),
        "y": (False, True, "The mail server refuses this address."),
        "z": (True, False, ""),
    }


def test_failed_mails_are_sent_again_at_a_word(
    choosy_mail_server: None, cohort: Cohort, admin: User, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    taken = invite_by_table(cohort, admin, "x@nowhere.example", "z@example.com")
    send_invitations(str(cohort.pk))
    client, page = client_of(admin), reverse("member_import", args=[cohort.pk, taken.pk])
    offered = client.get(page).content.decode()

    client.post(reverse("send_again", args=[cohort.pk, taken.pk]))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_invitations(str(cohort.pk))

    assert "1 mail could not be sent." in offered
    assert [message.to for message in mailoutbox] == [["x@nowhere.example"]]
    assert states(cohort) == {"x": (True, False, ""), "z": (True, False, "")}


def test_a_worker_that_died_is_followed_by_another(cohort: Cohort, admin: User, mailoutbox: list[Any]) -> None:
    """The claim of a worker ends by itself: the mail is due again a little later."""
    invite_by_table(cohort, admin, "a@example.com")
    claimed_at = database_now()
    Invitation.objects.update(mail_due_at=claimed_at + invitation_mails.TRY_AGAIN)

    send_invitations(str(cohort.pk))
    while_claimed = len(mailoutbox)
    Invitation.objects.update(mail_due_at=claimed_at)
    send_invitations(str(cohort.pk))

    assert (while_claimed, len(mailoutbox)) == (0, 1)


def test_nobody_is_mailed_who_has_accepted_or_whose_cohort_is_archived(
    cohort: Cohort, admin: User, mailoutbox: list[Any]
) -> None:
    invite_by_table(cohort, admin, "a@example.com", "b@example.com")
    Invitation.objects.filter(email="a@example.com").update(accepted_at=database_now(), accepted_by=admin)
    archive_cohort(cohort=cohort, actor=admin, now=database_now())

    send_invitations(str(cohort.pk))

    assert mailoutbox == []


def test_the_sweeper_rings_for_cohorts_in_which_a_mail_is_due(
    monkeypatch: pytest.MonkeyPatch, cohort: Cohort, other_cohort: Cohort, admin: User
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(invitation_mails, "ring", lambda task, of: rung.append((task, of)))
    invite_by_table(cohort, admin, "a@example.com", "b@example.com")
    invite_by_table(other_cohort, admin, "c@example.com")
    send_invitations(str(other_cohort.pk))
    rung.clear()

    sweep_invitations()

    assert rung == [("people.send_invitations", cohort.pk)]
