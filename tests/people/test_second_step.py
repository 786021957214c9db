"""The second step of a login: set up, asked for, not skipped; and who must have one."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from people.models import Cohort, Role, User
from people.services.cohorts import set_role
from tests.conftest import client_of
from tests.people.test_accounts import PASSWORD, link_in, log_in, who
from tests.people.totp import code_of

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def known() -> User:
    """Somebody with a password, a confirmed address, and an authenticator app with recovery codes."""
    cache.clear()  # codes that were used are remembered there
    user = User.objects.create_user("known@example.com", PASSWORD, name="Known")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    TOTP.activate(user, SEED)
    RecoveryCodes.activate(user)
    return user


def recovery_codes(user: User) -> list[str]:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()


def second_step(client: Client, code_: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code_})


def test_the_password_alone_logs_nobody_in_who_has_a_second_step(client: Client, known: User) -> None:
    response = log_in(client, known.email)

    assert (response.status_code, response["Location"]) == (302, reverse("mfa_authenticate"))
    assert who(client) is None
    assert client.get(reverse("home")).status_code == 302
    assert "Your second step" in client.get(reverse("mfa_authenticate")).content.decode()


def test_the_code_of_the_app_completes_the_login(client: Client, known: User) -> None:
    log_in(client, known.email)

    response = second_step(client, code_of(SEED))

    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert who(client) == str(known.pk)


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_code_of_another_half_minute_is_refused(client: Client, known: User, steps: int) -> None:
    log_in(client, known.email)

    second_step(client, code_of(SEED, steps=steps))

    assert who(client) is None


def test_a_code_works_once(known: User) -> None:
    seen = code_of(SEED)
    for_the_first, for_the_second = Client(), Client()
    log_in(for_the_first, known.email)
    log_in(for_the_second, known.email)

    second_step(for_the_first, seen)
    second_step(for_the_second, seen)

    assert (who(for_the_first), who(for_the_second)) == (str(known.pk), None)


def test_a_recovery_code_works_once(known: User) -> None:
    first, *others = recovery_codes(known)
    clients = [Client(), Client(), Client()]
    for client in clients:
        log_in(client, known.email)

    for client, used in zip(clients, [first, first, others[0]], strict=True):
        second_step(client, used)

    assert [who(client) for client in clients] == [str(known.pk), None, str(known.pk)]
    assert recovery_codes(known) == others[1:]


def test_guessing_codes_is_ended_even_for_the_right_one(client: Client, known: User, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}
    log_in(client, known.email)
    for _ in range(3):
        second_step(client, "000000")

    response = second_step(client, code_of(SEED))

    assert who(client) is None
    assert "Too many" in response.content.decode()


def test_a_new_password_does_not_skip_the_second_step(client: Client, known: User, mailoutbox: list[Any]) -> None:
    client.post(reverse("account_reset_password"), {"email": known.email})
    form = client.get(link_in(mailoutbox[0]))["Location"]
    client.post(form, {"password1": "another green room", "password2": "another green room"})
    assert who(client) is None

    response = log_in(client, known.email, "another green room")

    assert response["Location"] == reverse("mfa_authenticate")
    assert who(client) is None


def test_seeds_are_sealed_in_the_database_and_outlive_a_new_key(known: User, settings: LazySettings) -> None:
    stored = Authenticator.objects.get(user=known, type=Authenticator.Type.TOTP)
    assert SEED not in str(stored.data)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key altogether"

    assert stored.wrap().validate_code(code_of(SEED))


def test_setting_an_app_up_asks_for_the_password_and_shows_recovery_codes(client: Client) -> None:
    user = User.objects.create_user("new@example.com", PASSWORD, name="New")
    log_in(client, user.email)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))

    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(page.context["form"].secret)})

    assert done["Location"] == reverse("mfa_view_recovery_codes")
    shown = client.get(done["Location"]).content.decode()
    codes = recovery_codes(user)
    assert (len(codes), [one for one in codes if one not in shown]) == (10, [])
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "style=" not in page.content.decode()


def test_guests_have_no_second_step(client: Client, track: Any) -> None:
    client.post(reverse("try_question"))

    pages = [client.get(reverse(name)) for name in ("mfa_index", "mfa_activate_totp", "usersessions_list")]

    assert [(page.status_code, page["Location"][:15]) for page in pages] == [(302, "/account/login/")] * 3


# --- Who must have one --------------------------------------------------------------------------------------


@pytest.fixture
def required(settings: LazySettings) -> None:
    settings.REQUIRE_MFA_FOR_LEADERS = True


def test_on_ones_own_machine_nobody_must_have_one(mentor: User) -> None:
    assert client_of(mentor).get(reverse("cohorts")).status_code == 200


@pytest.mark.parametrize("leader", ["mentor", "admin", "site_admin"])
def test_leaders_without_it_are_sent_to_set_it_up(required: None, request: Any, leader: str) -> None:
    client = client_of(request.getfixturevalue(leader))

    pages = [client.get(reverse(name)) for name in ("home", "cohorts", "questions", "my_data")]

    assert [(page.status_code, page["Location"]) for page in pages] == [(302, reverse("mfa_index"))] * 4
    assert client.get(reverse("mfa_index")).status_code == 200


def test_what_is_needed_to_set_it_up_or_to_leave_stays_open(required: None, mentor: User) -> None:
    client = client_of(mentor)

    answers = {name: client.get(reverse(name)).status_code for name in ("account_email", "account_logout", "livez")}
    to_password = client.get(reverse("mfa_activate_totp"))["Location"]

    assert answers == {"account_email": 200, "account_logout": 200, "livez": 200}
    assert to_password.startswith(reverse("account_reauthenticate"))
    assert client.get(to_password).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert who(client) is None


def test_leaders_with_it_and_candidates_without_go_on(required: None, mentor: User, candidate: User) -> None:
    TOTP.activate(mentor, SEED)

    pages = [client_of(mentor).get(reverse("cohorts")), client_of(candidate).get(reverse("home"))]

    assert [page.status_code for page in pages] == [200, 200]


def test_recovery_codes_alone_are_no_second_step(required: None, mentor: User) -> None:
    RecoveryCodes.activate(mentor)

    assert client_of(mentor).get(reverse("cohorts")).status_code == 302


def test_who_becomes_a_leader_is_asked_from_then_on(required: None, candidate: User, other_cohort: Cohort) -> None:
    client = client_of(candidate)
    before = client.get(reverse("home")).status_code

    set_role(cohort=other_cohort, user=candidate, role=Role.MENTOR, actor=None)

    assert (before, client.get(reverse("home")).status_code) == (200, 302)


@pytest.mark.parametrize("way", ["token", "session"])
def test_programs_of_leaders_without_it_are_told_so(required: None, mentor: User, way: str) -> None:
    client = client_of(mentor if way == "session" else None)
    headers = {"Authorization": f"Token {AuthToken.objects.create(user=mentor)[1]}"} if way == "token" else {}

    response = client.get(reverse("api_questions"), headers=headers)

    assert response.status_code == 403
    assert "second step" in response.json()["detail"]


def test_programs_of_leaders_with_it_and_of_candidates_go_on(required: None, mentor: User, candidate: User) -> None:
    TOTP.activate(mentor, SEED)
    tokens = {name: AuthToken.objects.create(user=user)[1] for name, user in (("m", mentor), ("c", candidate))}

    answers = [
        Client().get(reverse(name), headers={"Authorization": f"Token {tokens[whose]}"}).status_code
        for name, whose in (("api_questions", "m"), ("api_interviews", "c"))
    ]

    assert answers == [200, 200]
