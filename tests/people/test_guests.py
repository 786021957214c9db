"""What guests meet where accounts are made, and what is closed to them."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from interview.models import Interview
from people.clock import database_now
from people.models import Cohort, Role, User
from people.services.invitations import invite
from questionbank.models import Track
from tests.conftest import client_of

PASSWORD = "seven green rooms in a row"


@pytest.fixture
def guest(client: Client, track: Track) -> User:
    """A guest, logged in with client, with a first question."""
    client.post(reverse("try_question"))
    return User.objects.get(is_guest=True)


@pytest.fixture
def known() -> User:
    user = User.objects.create_user("known@example.com", PASSWORD, name="Known")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_up(client: Client, email: str = "newcomer@example.com") -> Any:
    return client.post(reverse("account_signup"), {"name": "Nora", "email": email, "password1": PASSWORD})


def log_in(client: Client, email: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def owner() -> User:
    return Interview.objects.get().candidate


# --- Into an account ----------------------------------------------------------------------------------------


def test_signing_up_takes_the_answers_along(client: Client, guest: User) -> None:
    assert "What you have written as a guest comes along." in client.get(reverse("account_signup")).content.decode()

    response = sign_up(client)

    user = User.objects.get(email="newcomer@example.com")
    assert (response.status_code, response["Location"], who(client)) == (302, reverse("home"), str(user.pk))
    assert (owner(), user.is_guest, user.mail_when_graded) == (user, False, True)
    assert "What you wrote as a guest is yours now." in client.get(reverse("home")).content.decode()


def test_logging_in_takes_the_answers_along(client: Client, guest: User, known: User) -> None:
    log_in(client, known.email)

    assert (owner(), who(client)) == (known, str(known.pk))


def test_a_wrong_password_leaves_the_guest_where_they_are(client: Client, guest: User, known: User) -> None:
    client.post(reverse("account_login"), {"login": known.email, "password": "something else"})

    assert (owner(), who(client)) == (guest, str(guest.pk))


def test_somebody_who_was_no_guest_takes_nothing_along(client: Client, guest: User, known: User) -> None:
    log_in(Client(), known.email)

    assert owner() == guest


def test_in_production_nothing_passes_before_the_address_is_confirmed(
    client: Client, guest: User, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sign_up(client)
    assert (owner(), who(client)) == (guest, str(guest.pk))

    (path,) = re.findall(r"^https?://\S+/account/\S+$", str(mailoutbox[0].body), re.MULTILINE)
    client.get(urlsplit(path).path)
    client.post(urlsplit(path).path)
    if who(client) == str(guest.pk):  # allauth may ask for the password once more
        log_in(client, "newcomer@example.com")

    user = User.objects.get(email="newcomer@example.com")
    assert (owner(), who(client)) == (user, str(user.pk))


def test_in_production_a_guest_does_not_learn_whether_an_account_exists(
    client: Client, guest: User, settings: LazySettings, known: User
) -> None:
    """Neither from the answer to signing up nor from any page afterwards."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    other = Client()
    other.post(reverse("try_question"))

    told = [_all_that_is_told(client, "newcomer@example.com"), _all_that_is_told(other, known.email)]

    assert told[0] == told[1]


def _all_that_is_told(client: Client, email: str) -> list[tuple[int, str, str]]:
    answers = [sign_up(client, email)]
    names = ["landing", "home", "history", "profile", "account_signup", "account_login", "account_email"]
    answers += [client.get(reverse(name)) for name in [*names, "account_email_verification_sent"]]
    return [(a.status_code, a.get("Location", ""), _without_what_differs(a)) for a in answers]


def _without_what_differs(response: Any) -> str:
    """Return the page without tokens, ids and times, and the address that the person typed."""
    page = re.sub(r'(value|nonce|content)="[\w-]{32,}"', "", response.content.decode())
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d\d:\d\d|\w+@example\.com", "", page)


# --- What is closed to guests -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "account_set_password", "account_reauthenticate"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_guest_has_no_address_and_no_password_to_change(client: Client, guest: User, name: str, method: str) -> None:
    response = getattr(client, method)(reverse(name))

    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_login")


@pytest.mark.parametrize(("method", "name"), [("get", "profile"), ("post", "profile"), ("post", "create_token")])
def test_a_guest_is_asked_to_sign_up_first(client: Client, guest: User, method: str, name: str) -> None:
    response = getattr(client, method)(reverse(name), {"name": "Somebody"})

    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_signup")
    guest.refresh_from_db()
    assert guest.name == "Guest"


def test_a_guest_joins_a_cohort_by_signing_up_first(client: Client, guest: User, admin: User, cohort: Cohort) -> None:
    invitation = {"cohort": cohort, "email": "nora@example.com", "role": Role.CANDIDATE}
    _, token = invite(**invitation, actor=admin, now=database_now())
    address = reverse("accept_invitation", args=[token])

    asked = client.get(address)
    client.post(address)
    assert not guest.memberships.exists()

    assert urlsplit(asked["Location"]).path == reverse("account_signup")
    fields = {"name": "Nora", "email": "nora@example.com", "password1": PASSWORD, "next": address}
    assert client.post(asked["Location"], fields)["Location"] == address
    client.post(address)
    assert [m.user.email for m in cohort.memberships.filter(role=Role.CANDIDATE)] == ["nora@example.com"]


def test_the_bar_is_for_guests_alone(client: Client, guest: User, candidate: User) -> None:
    words = "You are trying Greenroom as a guest."

    assert words in client.get(reverse("home")).content.decode()
    assert words not in client_of(candidate).get(reverse("home")).content.decode()
    assert words not in Client().get(reverse("landing")).content.decode()


def test_a_guest_is_told_that_leaving_is_for_good(client: Client, guest: User) -> None:
    assert "Guests cannot come back" in client.get(reverse("account_logout")).content.decode()

    client.post(reverse("account_logout"))

    assert who(client) is None
