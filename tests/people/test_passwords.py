"""What passwords are refused, what ones are not, and what becomes of sessions when one is changed (ASVS 5.0, 6.2)."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from people.models import User
from tests.people.test_accounts import PASSWORD, change_password, errors, log_in, sign_up, who

NORA = User(email="nora.newcomer@analytics.example", name="Nora Newcomer")


def refused(password: str) -> list[str]:
    """Return the codes of what is wrong with Nora's new password."""
    try:
        validate_password(password, NORA)
    except ValidationError as error:
        return sorted(str(one.code) for one in error.error_list)
    return []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "P4$$w0rd2026!",
        "drowssap1234",
        "qazwsxedcrfv",
        "1q2w3e4r5t6y",
        "123456789012",
        "letmeinletmein",
        "football2024!",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabc",
        "greenroom-demo",
        "Greenroom2026!",
        "GreenroomGreenroom",
        "noranewcomer",
        "Newcomer1990",
        "newcomer.nora!",
        "analytics2026",
    ],
)
def test_what_is_guessed_early_is_refused(password: str) -> None:
    assert set(refused(password)) & {"password_guessed_early", "password_too_similar"}


@pytest.mark.parametrize(
    "password",
    [
        "seven green rooms in a row",
        "zutiefstvergnügtebäume",
        "日本語のながいことばとうた",
        "   spaces   count   too   ",
        "alllowercaseyetlongandodd",
        "73919284650183746529",
        "xK3!vq9Lm2#p",
        "the greenroom of my aunt smells of cedar",
        "x" + "lantern gravel orbit mustard " * 5,
    ],
)
def test_no_kind_of_character_is_asked_for_and_none_is_refused(password: str) -> None:
    assert refused(password) == []


def test_eleven_characters_are_too_few_and_twelve_are_enough() -> None:
    assert refused("xK3!vq9Lm2#") == ["password_too_short"]
    assert refused("xK3!vq9Lm2#p") == []


def test_the_refusal_says_what_makes_a_good_one(client: Client) -> None:
    response = sign_up(client, password1="Greenroom2026!")

    (message,) = errors(response)["password1"]
    assert message.startswith("This password is easy to guess: ")
    assert message.endswith("Four or five words that have nothing to do with each other make a good one.")
    assert 'value="newcomer@example.com"' in response.content.decode()


def test_a_password_of_128_characters_counts_to_its_last(client: Client) -> None:
    long = ("lantern gravel orbit mustard " * 5)[:127]
    sign_up(client, password1=long + "!")

    wrong, right = Client(), Client()
    log_in(wrong, "newcomer@example.com", long + "?")
    log_in(right, "newcomer@example.com", long + "!")

    assert (who(wrong), who(right)) == (None, str(User.objects.get().pk))


@pytest.mark.parametrize(
    ("page", "field", "kind"),
    [("account_signup", "password1", "new-password"), ("account_login", "password", "current-password")],
)
def test_a_password_may_be_pasted_and_kept_by_the_browser(client: Client, page: str, field: str, kind: str) -> None:
    html = client.get(reverse(page)).content.decode()
    (field_html,) = [tag for tag in html.split("<input") if f'name="{field}"' in tag]
    attributes = field_html.partition(">")[0]

    assert f'autocomplete="{kind}"' in attributes
    assert "maxlength" not in attributes
    assert "onpaste" not in html


# --- A new one ----------------------------------------------------------------------------------------------


@pytest.fixture
def known() -> User:
    return User.objects.create_user("known@example.com", PASSWORD, name="Known")


def logged_in(person: User) -> Client:
    client = Client()
    log_in(client, person.email)
    return client


def test_a_change_asks_for_the_old_password(known: User) -> None:
    response = change_password(logged_in(known), "not the old password", "a wholly new password")

    assert list(errors(response)) == ["oldpassword"]
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


def test_a_change_ends_every_other_session_and_keeps_the_one_it_was_made_in(known: User) -> None:
    here, elsewhere = logged_in(known), logged_in(known)

    change_password(here, PASSWORD, "a wholly new password")

    assert here.get(reverse("profile")).status_code == 200
    assert elsewhere.get(reverse("profile")).status_code == 302


def test_a_change_keeps_api_tokens_and_the_page_of_ones_tokens_ends_them(known: User) -> None:
    """A program does not know the password; whoever suspects one ends it where it was made."""
    here = logged_in(known)
    made, token = AuthToken.objects.create(user=known)
    program = {"headers": {"Authorization": f"Token {token}"}}

    change_password(here, PASSWORD, "a wholly new password")
    assert Client().get(reverse("api_tracks"), **program).status_code == 200

    here.post(reverse("revoke_token", args=[made.digest]))
    assert Client().get(reverse("api_tracks"), **program).status_code == 401


def test_no_password_is_kept_that_can_be_read(known: User, settings: Any) -> None:
    from django.conf import global_settings

    assert global_settings.PASSWORD_HASHERS[0].endswith("PBKDF2PasswordHasher")
    assert PASSWORD not in known.password
