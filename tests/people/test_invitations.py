"""Invitations: sent, lost on the way, opened, accepted."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, Membership, Role, User
from people.services.invitations import hash_token, invite
from tests.conftest import client_of
from tests.factories import UserFactory


def notices(response: HttpResponse) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


# --- Inviting -----------------------------------------------------------------------------------------------


def send_invitation(admin: User, cohort: Cohort, email: str = "New@Example.com", role: str = "mentor") -> Any:
    return client_of(admin).post(reverse("invite", args=[cohort.pk]), {"email": email, "role": role})


def test_an_invitation_goes_out_by_mail_and_its_link_works(
    admin: User, cohort: Cohort, mailoutbox: list[EmailMessage]
) -> None:
    response = send_invitation(admin, cohort)
    (message,) = mailoutbox

    link = response.context["link"]
    assert (response.status_code, response.context["sent"]) == (200, True)
    assert (message.to, message.subject) == (["new@example.com"], "Join Autumn on Greenroom")
    assert re.findall(r"http\S+", str(message.body)) == [link]
    assert "Admin invites you to join “Autumn” on Greenroom as mentor." in str(message.body)

    invited = client_of(UserFactory(email="new@example.com"))
    assert invited.get(link).status_code == 200
    accepted = invited.post(link)

    assert accepted["Location"] == reverse("home")
    assert notices(accepted) == [("success", "Welcome to Autumn. You are a mentor there.")]
    assert [(m.user.email, m.role) for m in cohort.memberships.exclude(user=admin)] == [("new@example.com", "mentor")]


def test_the_link_of_an_invitation_is_shown_once_and_stored_nowhere(admin: User, cohort: Cohort) -> None:
    link = send_invitation(admin, cohort).context["link"]
    token = link.rstrip("/").rpartition("/")[2]

    assert Invitation.objects.get().token_hash == hash_token(token)
    assert token not in client_of(admin).get(reverse("cohort", args=[cohort.pk])).content.decode()
    assert token not in str([*AuditEntry.objects.values(), *Invitation.objects.values()])


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"email": "", "role": "mentor"}, {"email": ["This field is required."]}),
        ({"email": "no address", "role": "mentor"}, {"email": ["Enter a valid email address."]}),
        (
            {"email": "new@example.com", "role": "owner"},
            {"role": ["Select a valid choice. owner is not one of the available choices."]},
        ),
        (
            {"email": "CANDIDATE@example.com", "role": "admin"},
            {"email": ["candidate@example.com is a member of Autumn already."]},
        ),
    ],
)
def test_an_invitation_with_a_fault_is_not_made(
    admin: User,
    cohort: Cohort,
    candidate: User,
    mailoutbox: list[EmailMessage],
    fields: dict[str, str],
    errors: dict[str, list[str]],
) -> None:
    response = client_of(admin).post(reverse("invite", args=[cohort.pk]), fields)

    assert (response.status_code, response.context["form"].errors) == (400, errors)
    assert (Invitation.objects.count(), mailoutbox) == (0, [])


def test_an_invitation_is_no_way_to_forge_mail(admin: User, cohort: Cohort, mailoutbox: list[EmailMessage]) -> None:
    """A cohort's name may hold a line break; a subject may not."""
    Cohort.objects.filter(pk=cohort.pk).update(name="Autumn\r\nBcc: everybody@example.com")

    response = send_invitation(admin, cohort)

    assert response.status_code == 200
    assert [message.subject for message in mailoutbox] == ["Join Autumn Bcc: everybody@example.com on Greenroom"]
    assert mailoutbox[0].recipients() == ["new@example.com"]


@pytest.mark.parametrize("broken", ["mail_server_down", "mail_server_silent"])
def test_an_invitation_outlives_a_mail_server_that_does_not_work(
    request: pytest.FixtureRequest, admin: User, cohort: Cohort, broken: str
) -> None:
    request.getfixturevalue(broken)

    response = send_invitation(admin, cohort)

    page = response.content.decode()
    assert (response.status_code, response.context["sent"]) == (200, False)
    assert "The email could not be sent" in page
    assert response.context["link"] in page
    invited = client_of(UserFactory(email="new@example.com"))
    assert invited.post(response.context["link"])["Location"] == reverse("home")


# --- Accepting ----------------------------------------------------------------------------------------------


def make_invitation(cohort: Cohort, admin: User, email: str, role: Role = Role.MENTOR) -> str:
    """Return the path at which the invitation of email is accepted."""
    _, token = invite(cohort=cohort, email=email, role=role, actor=admin, now=database_now())
    return reverse("accept_invitation", args=[token])


def test_opening_an_invitation_does_not_accept_it(cohort: Cohort, admin: User, stranger: User) -> None:
    path = make_invitation(cohort, admin, stranger.email)

    response = client_of(stranger).get(path)

    assert response.status_code == 200
    assert f'action="{path}"' in response.content.decode()
    assert not stranger.memberships.exists()


def test_an_invitation_for_another_address_says_so_and_gives_nothing(
    cohort: Cohort, admin: User, stranger: User, outsider: User
) -> None:
    response = client_of(outsider).post(make_invitation(cohort, admin, stranger.email))

    assert response.status_code == 400
    assert response.context["refused"] == (
        "This invitation is for another address. Log in as stranger@example.com to accept it."
    )
    assert not Membership.objects.filter(cohort=cohort, user=outsider).exists()


def test_an_invitation_that_was_used_says_so(cohort: Cohort, admin: User, stranger: User) -> None:
    client, path = client_of(stranger), make_invitation(cohort, admin, stranger.email)

    first, second = client.post(path), client.post(path)

    assert (first.status_code, second.status_code) == (302, 400)
    assert second.context["refused"] == "This invitation has been used already."
    assert stranger.memberships.count() == 1


def test_an_invitation_that_does_not_exist_says_so(stranger: User) -> None:
    response = client_of(stranger).post(reverse("accept_invitation", args=["made-up"]))

    assert response.status_code == 400
    assert "This invitation does not exist" in response.content.decode()
    assert not stranger.memberships.exists()


def test_the_role_of_an_invitation_does_not_come_from_the_form(cohort: Cohort, admin: User, stranger: User) -> None:
    path = make_invitation(cohort, admin, stranger.email, Role.CANDIDATE)

    client_of(stranger).post(path, {"role": "admin"})

    assert stranger.memberships.get().role == Role.CANDIDATE


def test_somebody_without_an_account_signs_up_and_accepts(client: Client, cohort: Cohort, admin: User) -> None:
    path = make_invitation(cohort, admin, "newcomer@example.com", Role.CANDIDATE)

    login_page = client.get(path, follow=True)
    signed_up = client.post(
        login_page.context["signup_url"],
        {
            "name": "Nora Newcomer",
            "email": "Newcomer@example.com",
            "password1": "seven green rooms in a row",
            "next": path,
        },
    )
    client.post(signed_up["Location"])

    assert signed_up["Location"] == path
    assert [(m.user.name, m.role) for m in cohort.memberships.exclude(user=admin)] == [("Nora Newcomer", "candidate")]
