"""Accounts, as people meet them: sign up, log in, log out, a forgotten password. allauth does the work."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse, reverse_lazy

from people.models import User
from tests.conftest import client_of

PASSWORD = "seven green rooms in a row"

# Each is refused for one reason: its length, everybody else's use of it, its likeness to the name or address.
WEAK = ["elevenchars", "qwertyuiop123", "newcomer@example.com", "Nora Newcomer"]


@pytest.fixture
def known() -> User:
    """Somebody who can log in."""
    return User.objects.create_user("known@example.com", PASSWORD, name="Known")


def sign_up(client: Client, **changes: str) -> HttpResponse:
    fields = {"name": "Nora Newcomer", "email": "newcomer@example.com", "password1": PASSWORD, **changes}
    return client.post(reverse("account_signup"), fields)


def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def who(client: Client) -> str | None:
    """Return the id of the person who is logged in."""
    return client.session.get("_auth_user_id")


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


def link_in(message: EmailMessage) -> str:
    """Return the path of the one link to Greenroom's pages that the message asks to open."""
    (link,) = re.findall(r"^https?://\S+/account/\S+$", str(message.body), re.MULTILINE)
    return urlsplit(link).path


# --- Sign up ------------------------------------------------------------------------------------------------


def test_signing_up_makes_an_account_with_the_name_and_logs_in(client: Client) -> None:
    response = sign_up(client, email="Newcomer@Example.com")

    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert (user.name, user.email, user.is_staff, user.is_superuser) == (
        "Nora Newcomer",
        "newcomer@example.com",
        False,
        False,
    )
    assert user.check_password(PASSWORD)
    assert who(client) == str(user.pk)
    assert not user.memberships.exists()


def test_signing_up_gives_no_rights_that_the_form_does_not_offer(client: Client) -> None:
    sign_up(client, is_staff="on", is_superuser="on", extra_time_factor="3.00", role="admin")

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.extra_time_factor) == (False, False, 1)


def test_signing_up_sends_a_link_that_confirms_the_address(client: Client, mailoutbox: list[EmailMessage]) -> None:
    sign_up(client)
    (message,) = mailoutbox
    path = link_in(message)

    assert (message.to, message.subject) == (["newcomer@example.com"], "[Greenroom] Confirm your email address")
    assert str(message.body).startswith("Hello Nora Newcomer,\n")

    client.get(path)
    assert not EmailAddress.objects.get().verified  # mail programs open links by themselves

    client.post(path)
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("field", ["name", "email", "password1"])
def test_signing_up_needs_every_field(client: Client, field: str) -> None:
    response = sign_up(client, **{field: ""})

    assert (response.status_code, errors(response)) == (200, {field: ["This field is required."]})
    assert not User.objects.exists()


@pytest.mark.parametrize("password", WEAK)
def test_signing_up_refuses_a_weak_password(client: Client, password: str) -> None:
    response = sign_up(client, password1=password)

    assert list(errors(response)) == ["password1"]
    assert not User.objects.exists()


def test_signing_up_says_how_long_a_password_must_be(client: Client) -> None:
    response = sign_up(client, password1="elevenchars")

    (message,) = errors(response)["password1"]
    assert message == "This password is too short. It must contain at least 12 characters."
    assert message in response.content.decode()


@pytest.mark.parametrize("email", ["known@example.com", "KNOWN@example.COM"])
def test_signing_up_with_an_address_that_is_taken_changes_nothing(client: Client, known: User, email: str) -> None:
    response = sign_up(client, email=email)

    assert list(errors(response)) == ["email"]
    assert list(User.objects.all()) == [known]
    assert who(client) is None


def test_in_production_signing_up_does_not_tell_whether_the_account_exists(
    settings: LazySettings, known: User, mailoutbox: list[EmailMessage]
) -> None:
    """There the address must be confirmed first, so that the answer can be the same; the mail says the truth."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    new, taken = Client(), Client()

    answers = [sign_up(new), sign_up(taken, email=known.email)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, reverse("account_email_verification_sent"))
    ] * 2
    assert new.get(answers[0]["Location"]).status_code == taken.get(answers[1]["Location"]).status_code == 200
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["newcomer@example.com"], "[Greenroom] Confirm your email address"),
        (["known@example.com"], "[Greenroom] You have an account already"),
    ]
    assert (who(new), who(taken)) == (None, None)
    known.refresh_from_db()
    assert (known.name, known.check_password(PASSWORD)) == ("Known", True)


def test_signing_up_leads_on_to_the_page_that_was_asked_for(client: Client) -> None:
    """Somebody who opens an invitation without an account comes back to it."""
    invitation = reverse("accept_invitation", args=["token"])

    page = client.get(invitation, follow=True)
    signup_link = page.context["signup_url"]
    response = client.post(
        signup_link, {"name": "Nora", "email": "n@example.com", "password1": PASSWORD, "next": invitation}
    )

    assert signup_link == f"{reverse('account_signup')}?next={invitation.replace('/', '%2F')}"
    assert response["Location"] == invitation


# --- Log in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "email", ["known@example.com", "Known@Example.com", "KNOWN@EXAMPLE.COM", " known@example.com "]
)
def test_logging_in_takes_the_address_in_any_case(client: Client, known: User, email: str) -> None:
    response = log_in(client, email)

    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert who(client) == str(known.pk)


def test_a_wrong_password_does_not_tell_whether_the_account_exists(client: Client, known: User) -> None:
    wrong_password = log_in(client, known.email, "not the password at all")
    nobody = log_in(client, "nobody@example.com", "not the password at all")

    assert wrong_password.status_code == nobody.status_code == 200
    assert (
        errors(wrong_password)
        == errors(nobody)
        == {"__all__": ["The email address and/or password you specified are not correct."]}
    )
    assert who(client) is None


def test_the_pages_for_a_wrong_password_and_for_nobody_are_the_same_but_for_the_address(known: User) -> None:
    def page(email: str) -> str:
        text = log_in(Client(), email, "not the password at all").content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text).replace(email, "ADDRESS")

    assert page(known.email) == page("nobody@example.com")


def test_a_password_counts_to_the_letter(client: Client, known: User) -> None:
    for nearly in (PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1], ""):
        log_in(client, known.email, nearly)
        assert who(client) is None


def test_somebody_who_may_not_log_in_does_not(client: Client, known: User) -> None:
    User.objects.filter(pk=known.pk).update(is_active=False)

    response = log_in(client, known.email)

    assert response["Location"] == reverse("account_inactive")
    assert client.get(response["Location"]).status_code == 200
    assert who(client) is None


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/profile/", "/profile/"),
        ("https://evil.example/", reverse_lazy("home")),
        ("//evil.example/", reverse_lazy("home")),
        ("javascript:alert(1)", reverse_lazy("home")),
    ],
)
def test_logging_in_leads_on_to_pages_of_greenroom_alone(
    client: Client, known: User, wanted: str, reached: str
) -> None:
    response = log_in(client, known.email, next=wanted)

    assert response["Location"] == reached


def test_logging_in_begins_a_new_session(client: Client, known: User) -> None:
    """A session that somebody else has fixed beforehand must not become that of the person."""
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key

    log_in(client, known.email)

    assert client.session.session_key != before
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_guessing_passwords_is_ended_even_for_the_right_one(client: Client, settings: LazySettings) -> None:
    """allauth's own limits, which the tests' settings switch off otherwise."""
    settings.ACCOUNT_RATE_LIMITS = {}
    target = User.objects.create_user(f"{uuid4()}@example.com", PASSWORD)
    address = {"REMOTE_ADDR": f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"}

    for _ in range(5):
        client.post(reverse("account_login"), {"login": target.email, "password": "a guess of many"}, **address)
    response = client.post(reverse("account_login"), {"login": target.email, "password": PASSWORD}, **address)

    assert (response.status_code, list(errors(response))) == (200, ["__all__"])
    assert "Too many failed login attempts" in errors(response)["__all__"][0]
    assert who(client) is None


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_people_who_are_logged_in_are_sent_to_practise(candidate: User, name: str) -> None:
    response = client_of(candidate).get(reverse(name))

    assert (response.status_code, response["Location"]) == (302, reverse("home"))


def test_the_landing_page_sends_people_who_are_logged_in_to_practise(candidate: User) -> None:
    assert Client().get(reverse("landing")).status_code == 200
    assert client_of(candidate).get(reverse("landing"))["Location"] == reverse("home")


# --- Log out ------------------------------------------------------------------------------------------------


def test_logging_out_takes_a_press_of_a_button(candidate: User) -> None:
    client = client_of(candidate)

    asked = client.get(reverse("account_logout"))
    assert (asked.status_code, who(client)) == (200, str(candidate.pk))

    response = client.post(reverse("account_logout"))
    assert (response.status_code, response["Location"]) == (302, reverse("landing"))
    assert who(client) is None


def test_logging_out_by_a_forged_request_does_not_work(candidate: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(candidate)

    response = client.post(reverse("account_logout"))

    assert response.status_code == 403
    assert who(client) == str(candidate.pk)


def test_pages_that_a_person_saw_stay_out_of_caches(candidate: User) -> None:
    """The back button shows nothing to whoever comes next."""
    response = client_of(candidate).get(reverse("profile"))

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


# --- A forgotten password -----------------------------------------------------------------------------------


def ask_for_reset(client: Client, email: str) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email})


def open_reset_link(client: Client, message: EmailMessage) -> str:
    """Open the link of the message as a browser does; return where the form for the new password is."""
    response = client.get(link_in(message))
    assert response.status_code == 302, "the key leaves the address, so that no later page sees it as a referrer"
    return response["Location"]


@pytest.mark.parametrize("email", ["known@example.com", "Known@EXAMPLE.com"])
def test_a_forgotten_password_is_replaced_by_mail(
    client: Client, known: User, mailoutbox: list[EmailMessage], email: str
) -> None:
    asked = ask_for_reset(client, email)
    (message,) = mailoutbox
    form = open_reset_link(client, message)

    assert asked["Location"] == reverse("account_reset_password_done")
    assert (message.to, message.subject) == (["known@example.com"], "[Greenroom] Choose a new password")
    assert client.get(form).status_code == 200

    saved = client.post(form, {"password1": "a wholly new password", "password2": "a wholly new password"})

    assert saved["Location"] == reverse("account_reset_password_from_key_done")
    assert client.get(saved["Location"]).status_code == 200
    known.refresh_from_db()
    assert known.check_password("a wholly new password")
    fresh = Client()
    log_in(fresh, known.email, "a wholly new password")
    assert who(fresh) == str(known.pk)


def test_the_old_password_works_no_longer_after_a_reset(
    client: Client, known: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_reset(client, known.email)
    form = open_reset_link(client, mailoutbox[0])
    client.post(form, {"password1": "a wholly new password", "password2": "a wholly new password"})

    fresh = Client()
    log_in(fresh, known.email)

    assert who(fresh) is None


def test_a_reset_ends_the_sessions_there_were(client: Client, known: User, mailoutbox: list[EmailMessage]) -> None:
    """Whoever had the old password is out."""
    thief = Client()
    log_in(thief, known.email)
    ask_for_reset(client, known.email)

    form = open_reset_link(client, mailoutbox[0])
    client.post(form, {"password1": "a wholly new password", "password2": "a wholly new password"})

    assert thief.get(reverse("profile")).status_code == 302


def test_a_reset_link_works_once(known: User, mailoutbox: list[EmailMessage]) -> None:
    ask_for_reset(Client(), known.email)
    first = Client()
    form = open_reset_link(first, mailoutbox[0])
    first.post(form, {"password1": "a wholly new password", "password2": "a wholly new password"})

    again = Client().get(link_in(mailoutbox[0]))

    assert (again.status_code, again.context["token_fail"]) == (200, True)
    assert "This link no longer works" in again.content.decode()


def test_a_reset_link_that_was_tampered_with_does_not_work(known: User, mailoutbox: list[EmailMessage]) -> None:
    ask_for_reset(Client(), known.email)
    path = link_in(mailoutbox[0])

    response = Client().get(f"{path[:-2]}{'1' if path[-2] == '0' else '0'}/")

    assert response.context["token_fail"] is True


@pytest.mark.parametrize("password", ["elevenchars", "qwertyuiop123", "known@example.com"])
def test_a_reset_refuses_a_weak_password(
    client: Client, known: User, mailoutbox: list[EmailMessage], password: str
) -> None:
    ask_for_reset(client, known.email)
    form = open_reset_link(client, mailoutbox[0])

    response = client.post(form, {"password1": password, "password2": password})

    assert (response.status_code, list(errors(response))) == (200, ["password1"])
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


def test_asking_for_a_reset_does_not_tell_whether_the_account_exists(
    client: Client, known: User, mailoutbox: list[EmailMessage]
) -> None:
    answers = [ask_for_reset(client, email) for email in (known.email, "nobody@example.com")]

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["known@example.com"], "[Greenroom] Choose a new password"),
        (["nobody@example.com"], "[Greenroom] No account with this address"),
    ]


# --- Change what one has ------------------------------------------------------------------------------------


def change_password(client: Client, old: str, new: str) -> Any:
    return client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})


def test_a_password_is_changed_by_somebody_who_knows_it(known: User) -> None:
    client = client_of(known)

    refused = change_password(client, "not the password at all", "a wholly new password")
    assert list(errors(refused)) == ["oldpassword"]

    change_password(client, PASSWORD, "a wholly new password")
    known.refresh_from_db()
    assert known.check_password("a wholly new password")
    assert who(client) == str(known.pk)


@pytest.mark.parametrize("password", ["elevenchars", "Zebedee Quackenbush", "zq.1990@example.com"])
def test_a_change_refuses_a_weak_password(known: User, password: str) -> None:
    User.objects.filter(pk=known.pk).update(name="Zebedee Quackenbush", email="zq.1990@example.com")

    response = change_password(client_of(known), PASSWORD, password)

    assert list(errors(response)) == ["password1"]
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "account_logout"])
def test_pages_of_ones_own_account_can_be_opened(known: User, name: str) -> None:
    assert client_of(known).get(reverse(name)).status_code == 200


# --- The mail server ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["mail_server_down", "mail_server_silent"])
def test_a_reset_that_cannot_be_sent_says_so(
    request: pytest.FixtureRequest, client: Client, known: User, broken: str
) -> None:
    request.getfixturevalue(broken)

    answers = [ask_for_reset(client, email) for email in (known.email, "nobody@example.com")]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert "The email could not be sent" in answers[0].content.decode()
    assert answers[0].content == answers[1].content


def test_an_account_outlives_a_mail_server_that_is_down(
    client: Client, settings: LazySettings, mail_server_down: None
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    response = sign_up(client)

    assert response.status_code == 503
    assert "The email could not be sent" in response.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_a_confirmation_that_could_not_be_sent_is_sent_at_the_next_login(
    request: pytest.FixtureRequest, client: Client, settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    works = settings.EMAIL_BACKEND
    request.getfixturevalue("mail_server_down")
    sign_up(client)
    settings.EMAIL_BACKEND = works

    response = log_in(client, "newcomer@example.com")

    assert response["Location"] == reverse("account_email_verification_sent")
    assert [message.to for message in mailoutbox] == [["newcomer@example.com"]]
