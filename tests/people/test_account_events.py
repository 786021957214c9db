"""What the audit log says of logins, passwords, second steps, tokens and refusals; and that nobody can flood it."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from analytics.audit_words import WORDS
from people.models import AuditEntry, RateBucket, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview
from tests.people.test_accounts import PASSWORD, ask_for_reset, change_password, log_in, open_reset_link, sign_up
from tests.people.test_second_step import SEED
from tests.people.totp import code_of

NEW = "a wholly new password"


@pytest.fixture
def known() -> User:
    user = User.objects.create_user("known@example.com", PASSWORD, name="Known")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def said_of(user: User) -> list[tuple[str, bool]]:
    """Return the actions written down on user, the oldest first, and whether they did them themselves."""
    entries = AuditEntry.objects.filter(object_type="people.user", object_id=str(user.pk)).order_by("pk")
    return [(entry.action.removeprefix("person."), entry.actor == user) for entry in entries]


def logged_in(user: User) -> Client:
    client = Client()
    log_in(client, user.email)
    return client


# --- Logging in ---------------------------------------------------------------------------------------------


def test_a_login_and_a_wrong_password_are_written_down(known: User) -> None:
    log_in(Client(), "Known@example.com", "not the password")
    logged_in(known)

    assert said_of(known) == [("login_failed", False), ("login", True)]
    assert AuditEntry.objects.get(action="person.login_failed").actor is None


def test_guessing_does_not_flood_the_log(known: User) -> None:
    for _ in range(13):
        log_in(Client(), known.email, "not the password")

    assert said_of(known) == [("login_failed", False)] * 10


def test_an_address_nobody_has_leaves_no_entry(known: User) -> None:
    log_in(Client(), "nobody@example.com", "not the password")

    assert not AuditEntry.objects.exists()


def test_a_wrong_second_step_is_written_down(known: User) -> None:
    cache.clear()  # codes that were used are remembered there
    TOTP.activate(known, SEED)
    client = logged_in(known)

    client.post(reverse("mfa_authenticate"), {"code": "000000" if code_of(SEED) != "000000" else "000001"})
    assert said_of(known) == [("second_step_failed", False)]

    client.post(reverse("mfa_authenticate"), {"code": code_of(SEED)})
    assert said_of(known)[1:] == [("login", True)]


def test_signing_up_is_written_down(client: Client) -> None:
    sign_up(client)

    assert said_of(User.objects.get()) == [("sign_up", True), ("login", True)]


# --- What they log in with ----------------------------------------------------------------------------------


def test_a_changed_password_is_written_down(known: User) -> None:
    client = client_of(known)
    change_password(client, "not the old one", NEW)
    change_password(client, PASSWORD, NEW)

    assert ("change_password", True) in said_of(known)
    assert AuditEntry.objects.filter(action="person.change_password").count() == 1


def test_a_password_set_by_mail_is_written_down(known: User, mailoutbox: list[Any], client: Client) -> None:
    ask_for_reset(client, known.email)
    client.post(open_reset_link(client, mailoutbox[0]), {"password1": NEW, "password2": NEW})

    assert said_of(known) == [("reset_password", True)]


def test_adding_and_taking_away_a_second_step_is_written_down(
    known: User, django_capture_on_commit_callbacks: Any
) -> None:
    cache.clear()
    client = logged_in(known)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    seed = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_of(seed)})
    client.post(reverse("mfa_deactivate_totp"))

    entries = AuditEntry.objects.filter(action__endswith="second_step").order_by("pk")
    assert [(entry.action, entry.detail["kind"]) for entry in entries] == [
        ("person.add_second_step", "totp"),
        ("person.add_second_step", "recovery codes"),
        ("person.remove_second_step", "totp"),
        ("person.remove_second_step", "recovery codes"),
    ]


def test_api_tokens_are_written_down_but_not_what_they_are(known: User) -> None:
    client = client_of(known)
    token = client.post(reverse("create_token")).context["token"]
    client.post(reverse("revoke_token", args=[AuthToken.objects.get().digest]))

    assert said_of(known) == [("create_token", True), ("revoke_token", True)]
    assert token not in str(list(AuditEntry.objects.values()))


def test_ending_all_other_sessions_is_written_down(known: User) -> None:
    here, _there, _elsewhere = logged_in(known), logged_in(known), logged_in(known)
    for client in (here, _there, _elsewhere):
        client.get(reverse("profile"))

    here.post(reverse("usersessions_list"))

    assert AuditEntry.objects.get(action="person.end_sessions").detail == {"sessions": 2}


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.fixture
def noted(settings: Any) -> None:
    settings.NOTE_REFUSALS = True


def test_asking_for_what_is_somebody_elses_is_written_down(
    noted: None, outsider: User, candidate: User, track: Track
) -> None:
    interview = make_interview(candidate, track)

    assert client_of(outsider).get(reverse("question", args=[interview.pk, 1])).status_code == 404

    entry = AuditEntry.objects.get(action="person.refused")
    assert (entry.actor, entry.action) == (outsider, "person.refused")
    assert entry.detail == {"page": "question", "status": 404, "asked": {"pk": str(interview.pk), "position": "1"}}
    assert WORDS[entry.action].format_map(entry.detail) == "was refused the page question (404)"


def test_asking_for_a_page_of_another_role_is_written_down(noted: None, candidate: User) -> None:
    assert client_of(candidate).get(reverse("platform")).status_code == 403

    assert AuditEntry.objects.get().detail == {"page": "platform", "status": 403, "asked": {}}


def test_programs_that_are_refused_are_written_down(
    noted: None, outsider: User, candidate: User, track: Track
) -> None:
    _, token = AuthToken.objects.create(user=outsider)
    page = reverse("api_interview", args=[make_interview(candidate, track).pk])

    assert Client().get(page, headers={"Authorization": f"Token {token}"}).status_code == 404

    assert AuditEntry.objects.get(action="person.refused").actor == outsider


def test_trying_one_thing_after_another_does_not_flood_the_log(noted: None, candidate: User) -> None:
    client = client_of(candidate)
    for _ in range(13):
        client.get(reverse("platform"))

    assert AuditEntry.objects.count() == 10
    assert RateBucket.objects.count() == 1


def test_addresses_that_do_not_exist_and_visitors_leave_no_entry(noted: None, candidate: User) -> None:
    client_of(candidate).get("/no/such/page/")
    Client().get(reverse("platform"))

    assert not AuditEntry.objects.exists()


def test_the_token_of_an_invitation_is_never_written_down(noted: None, candidate: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(candidate)

    assert client.post(reverse("accept_invitation", args=["s3cret-token"])).status_code == 403

    assert AuditEntry.objects.get().detail["asked"] == {}
