"""Sessions, of oneself and of others; a person on one page; and that nobody acts as somebody else."""

import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin as staff_site
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse
from knox.models import AuthToken

from people.clock import database_now
from people.models import AuditEntry, Cohort, Erasure, Role, User
from people.services import erasure, logins
from people.templatetags.logins import browser
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory
from tests.people.test_accounts import PASSWORD, log_in, who
from tests.security.world import routes

ADMINS_PASSWORD = "a long enough password"


@pytest.fixture
def known() -> User:
    return User.objects.create_user("known@example.com", PASSWORD, name="Known Person")


@pytest.fixture
def sure(site_admin: User) -> Client:
    """A browser of the site admin's in which the password was just given again."""
    client = Client()
    log_in(client, site_admin.email, ADMINS_PASSWORD)
    client.post(reverse("account_reauthenticate"), {"password": ADMINS_PASSWORD})
    return client


def do(client: Client, name: str, person: User, **data: str) -> str:
    """Do it on the person's page; return what the page says then."""
    response = client.post(reverse(name, args=[person.pk]), data, follow=True)
    assert response.redirect_chain == [(reverse("person", args=[person.pk]), 302)]
    return "".join(str(message) for message in response.context["messages"])


def acts() -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(action__startswith="person.").exclude(action="person.login")
    return [(one.action, one.object_id) for one in entries]


# --- Sessions -----------------------------------------------------------------------------------------------


def test_a_person_sees_their_sessions_and_ends_one(known: User, peer: User) -> None:
    here, there = Client(), Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    log_in(here, known.email)
    log_in(there, known.email)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert ("This one" in page, "Firefox on Linux" in page) == (True, True)
    other = UserSession.objects.get(user_agent__contains="Firefox")

    outsiders = client_of(peer).post(reverse("end_session", args=[other.pk]))
    response = here.post(reverse("end_session", args=[other.pk]))

    assert (outsiders.status_code, response.status_code) == (404, 302)
    assert there.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200


def test_the_session_one_is_in_is_ended_by_logging_out(known: User) -> None:
    here = Client()
    log_in(here, known.email)

    response = here.post(reverse("end_session", args=[UserSession.objects.get().pk]))

    assert response.status_code == 404
    assert who(here) == str(known.pk)


def test_a_person_ends_all_others(known: User) -> None:
    here, *others = Client(), Client(), Client()
    for client in (here, *others):
        log_in(client, known.email)

    here.post(reverse("usersessions_list"))

    assert [client.get(reverse("profile")).status_code for client in (here, *others)] == [200, 302, 302]


@pytest.mark.parametrize("tokens", [True, False])
def test_a_site_admin_ends_all_sessions_of_a_person(known: User, sure: Client, *, tokens: bool) -> None:
    listed, unlisted = Client(), client_of(known)  # one that no list knows ends too
    log_in(listed, known.email)
    AuthToken.objects.create(user=known)

    do(sure, "end_logins", known, **({"tokens": "on"} if tokens else {}))

    assert [client.get(reverse("profile")).status_code for client in (listed, unlisted)] == [302, 302]
    assert AuthToken.objects.filter(user=known).exists() is not tokens
    assert acts() == [("person.end_logins", str(known.pk))]
    assert not UserSession.objects.filter(user=known).exists()
    assert Session.objects.count() == 1  # the site admin’s


def test_who_is_deactivated_is_out_and_stays_out(known: User, sure: Client) -> None:
    client = Client()
    log_in(client, known.email)
    _, token = AuthToken.objects.create(user=known)

    do(sure, "deactivate_person", known)
    out = client.get(reverse("profile")).status_code, log_in(Client(), known.email)["Location"]
    do(sure, "activate_person", known)

    assert out == (302, reverse("account_inactive"))
    assert client.get(reverse("profile")).status_code == 302
    reply = Client().get(reverse("api_interviews"), headers={"Authorization": f"Token {token}"})
    assert reply.status_code == 401
    log_in(client, known.email)
    assert client.get(reverse("profile")).status_code == 200


def test_the_last_site_admin_stays(site_admin: User) -> None:
    with pytest.raises(ValidationError, match="last site admin"):
        logins.deactivate(user=site_admin, actor=site_admin)
    with pytest.raises(ValidationError, match="last site admin"):
        erasure.ask(user=site_admin, actor=site_admin, now=database_now())

    User.objects.create_superuser("second@example.com", ADMINS_PASSWORD)

    assert erasure.ask(user=site_admin, actor=site_admin, now=database_now()).done_at is None


def test_a_lost_second_step_is_taken_away(known: User, sure: Client) -> None:
    Authenticator.objects.create(user=known, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = client_of(known)

    do(sure, "reset_second_step", known)

    assert not Authenticator.objects.exists()
    assert client.get(reverse("profile")).status_code == 302
    assert acts() == [("person.reset_second_step", str(known.pk))]


# --- A person on one page -----------------------------------------------------------------------------------


def test_the_page_says_who_it_is(known: User, cohort: Cohort, site_admin: User) -> None:
    MembershipFactory(cohort=cohort, user=known, role=Role.MENTOR)
    User.objects.filter(pk=known.pk).update(extra_time_factor="1.50")
    log_in(Client(), known.email)

    page = client_of(site_admin).get(reverse("person", args=[known.pk])).content.decode()

    for said in ("Known Person", "known@example.com", "Autumn", "as mentor", "1.50 times", "127.0.0.1"):
        assert said in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_there_is(
    known: User, site_admin: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        MembershipFactory(user=known)
        AuthToken.objects.create(user=known)
        log_in(Client(), known.email)
        logins.end_all_logins(user=known, actor=site_admin, tokens=False)
        log_in(Client(), known.email)
    client = client_of(site_admin)

    with django_assert_num_queries(8):
        client.get(reverse("person", args=[known.pk]))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_however_many_there_are(
    site_admin: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        MembershipFactory()
    client = client_of(site_admin)

    with django_assert_num_queries(6):
        client.get(reverse("people"))


@pytest.mark.parametrize(
    ("words", "found"),
    [("known", ["known@example.com"]), ("KNOWN person", ["known@example.com"]), ("100%", []), ("nobody", [])],
)
def test_people_are_found_by_parts_of_name_and_address(
    known: User, site_admin: User, words: str, found: list[str]
) -> None:
    UserFactory(name="Somebody Else", email="else@example.org")

    page = client_of(site_admin).get(reverse("people"), {"q": words})

    assert [one.email for one in page.context["page"]] == found


def test_a_site_admin_takes_a_persons_data_on_their_behalf(known: User, sure: Client) -> None:
    response = sure.post(reverse("export_person", args=[known.pk]))

    with ZipFile(io.BytesIO(response.content)) as archive:
        everything = json.loads(archive.read("everything.json"))
    assert everything["profile"]["email"] == known.email
    assert acts() == [("person.export", str(known.pk))]


GRAVE = ["deactivate_person", "activate_person", "reset_second_step", "erase_person", "export_person"]


@pytest.mark.parametrize("name", GRAVE)
def test_grave_acts_ask_for_the_password_first(known: User, site_admin: User, name: str) -> None:
    response = client_of(site_admin).post(reverse(name, args=[known.pk]))

    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert acts() == []


# --- Nobody acts as somebody else ---------------------------------------------------------------------------


def test_no_address_offers_to_act_as_somebody_else() -> None:
    words = ("impersonat", "hijack", "login-as", "login_as", "loginas", "act-as", "su/")

    assert [route for route in routes() if any(word in route.lower() for word in words)] == []
    assert len(get_resolver().url_patterns) > 10


def test_the_staff_site_neither_acts_as_others_nor_shows_secrets(known: User, site_admin: User) -> None:
    client = client_of(site_admin)

    page = client.get(reverse("admin:people_user_change", args=[known.pk])).content.decode().lower()
    shown = {model._meta.label for model in staff_site.site._registry}  # noqa: SLF001

    assert ("log in as" in page, "impersonate" in page, "password" in page.split('class="module')[1]) == (
        False,
        False,
        False,
    )
    assert {"mfa.Authenticator", "usersessions.UserSession", "sessions.Session"}.isdisjoint(shown)
    assert who(client) == str(site_admin.pk)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on an iPhone"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert browser(user_agent) == words


# --- Asking to be erased ------------------------------------------------------------------------------------


def test_asking_needs_the_password_and_says_what_goes(known: User, mailoutbox: list[Any]) -> None:
    client = client_of(known)
    asked = client.get(reverse("erase_my_data"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert "What stays, without your name" in page

    client.post(reverse("erase_my_data"))

    erasure_ = Erasure.objects.get(user=known)
    assert (erasure_.due_at - erasure_.asked_at).days == 14
    (mail,) = mailoutbox
    assert (mail.to, "Keep my account" in mail.body) == ([known.email], True)
    assert acts() == [("person.ask_erasure", str(known.pk))]


def test_in_the_days_of_grace_every_page_says_so_and_offers_the_way_back(known: User) -> None:
    erasure.ask(user=known, actor=known, now=database_now())
    client = Client()
    log_in(client, known.email)

    pages = [client.get(reverse(name)).content.decode() for name in ("home", "profile", "history")]
    client.post(reverse("undo_erasure"))

    assert ["Keep my account" in page for page in pages] == [True] * 3
    assert not Erasure.objects.exists()
    assert "Keep my account" not in client.get(reverse("home")).content.decode()


def test_the_banner_costs_no_query(known: User, django_assert_num_queries: Any) -> None:
    client = client_of(known)
    with django_assert_num_queries(4):
        client.get(reverse("usersessions_list"))
    erasure.ask(user=known, actor=known, now=database_now())

    with django_assert_num_queries(4):
        client.get(reverse("usersessions_list"))


def test_asking_twice_is_asking_once(known: User) -> None:
    first = erasure.ask(user=known, actor=known, now=database_now())

    assert erasure.ask(user=known, actor=known, now=database_now()) == first
    assert acts() == [("person.ask_erasure", str(known.pk))]


def test_the_last_admin_of_a_cohort_is_told_to_find_another(admin: User, mentor: User, cohort: Cohort) -> None:
    with pytest.raises(ValidationError, match="no other admin of Autumn"):
        erasure.ask(user=admin, actor=admin, now=database_now())

    MembershipFactory(cohort=cohort, role=Role.ADMIN)

    assert erasure.ask(user=admin, actor=admin, now=database_now()).user == admin


def test_a_site_admin_asks_and_takes_back_for_a_person(known: User, sure: Client) -> None:
    do(sure, "erase_person", known)
    asked = Erasure.objects.get(user=known)
    do(sure, "undo_erasure_of_person", known)

    assert asked.asked_by.email == "site.admin@example.com"
    assert not Erasure.objects.exists()
    assert [action for action, _ in acts()] == ["person.undo_erasure", "person.ask_erasure"]


def test_what_is_done_cannot_be_taken_back(known: User) -> None:
    now = database_now()
    Erasure.objects.create(user=known, asked_by=known, asked_at=now, due_at=now)
    erasure.erase_due(now=now)

    assert erasure.undo(user=known, actor=known, now=now) is False
    with pytest.raises(ValidationError, match="erased"):
        logins.activate(user=User.objects.get(pk=known.pk), actor=known)
