"""Which pages are limited, for whom, and what those who are stopped get to see."""

import re
import socket
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse
from knox.models import AuthToken

from config import limits
from config.limits import PAGES, Limit, Rule
from interview.models import Answer, Interview
from people.models import Cohort, Invitation, RateBucket, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview

PASSWORD, WRONG = "a long enough password", "not the password"
TWO = Limit(2, 86_400)


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.RATE_LIMITS = True


@pytest.fixture
def person() -> User:
    return User.objects.create_user("person@example.com", PASSWORD, name="Person")


def limit_to_two(monkeypatch: Any, page: str, which: int = 0) -> None:
    """Let that rule of page pass two a day, and drop its others."""
    rule = PAGES[page][which]
    monkeypatch.setitem(PAGES, page, (Rule(rule.of, rule.by, TWO, rule.failures),))


def log_in(client: Client, password: str = WRONG, login: str = "person@example.com", **more: Any) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": login, "password": password}, **more)


def test_every_limited_page_exists() -> None:
    assert set(PAGES) <= set(filter(lambda name: isinstance(name, str), get_resolver().reverse_dict))
    assert set(PAGES) >= limits.FILES


# --- Logging in ---------------------------------------------------------------------------------------------


def test_an_address_can_be_tried_ten_times_from_one_place(client: Client, person: User) -> None:
    codes = [log_in(client).status_code for _ in range(11)]

    assert codes == [200] * 10 + [429]
    assert log_in(client, PASSWORD).status_code == 429
    # It makes no difference how the address is typed.
    assert log_in(client, login=" Person@EXAMPLE.com").status_code == 429


def test_who_is_tried_from_elsewhere_still_gets_in(client: Client, person: User) -> None:
    for _ in range(11):
        log_in(client, REMOTE_ADDR="192.0.2.66")

    assert log_in(client, PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_an_address_cannot_be_tried_for_ever_from_many_places(client: Client, person: User, monkeypatch: Any) -> None:
    assert PAGES["account_login"][1].limit == Limit(60, 3600)
    limit_to_two(monkeypatch, "account_login", which=1)

    codes = [log_in(client, REMOTE_ADDR=f"192.0.2.{place}").status_code for place in range(3)]

    assert codes == [200, 200, 429]


def test_one_place_cannot_try_address_after_address(client: Client, monkeypatch: Any) -> None:
    assert PAGES["account_login"][2].limit == Limit(100, 600)
    limit_to_two(monkeypatch, "account_login", which=2)

    codes = [log_in(client, login=f"person{number}@example.com").status_code for number in range(3)]

    assert codes == [200, 200, 429]


def test_what_is_refused_costs_nothing(client: Client, person: User, monkeypatch: Any) -> None:
    here, everywhere, _ = PAGES["account_login"]
    rules = (Rule(here.of, here.by, Limit(3, 86_400)), Rule(everywhere.of, everywhere.by, TWO))
    monkeypatch.setitem(PAGES, "account_login", rules)
    assert [log_in(client).status_code for _ in range(5)] == [200, 200, 429, 429, 429]

    monkeypatch.setitem(PAGES, "account_login", rules[:1])

    assert [log_in(client).status_code for _ in range(2)] == [200, 429]


def test_logging_in_does_not_count(person: User, monkeypatch: Any) -> None:
    """So a whole room can, and somebody who guesses gains nothing by logging in as themselves in between."""
    limit_to_two(monkeypatch, "account_login", which=2)
    log_in(Client())

    assert [log_in(Client(), PASSWORD).status_code for _ in range(3)] == [302] * 3
    in_place = [log_in(Client(), PASSWORD, headers={"Accept": "application/json"}) for _ in range(3)]
    assert [answer.status_code for answer in in_place] == [200] * 3
    assert [log_in(Client()).status_code for _ in range(2)] == [200, 429]


def test_addresses_of_one_ipv6_network_are_one_place(client: Client, person: User) -> None:
    codes = [log_in(client, REMOTE_ADDR=f"2001:db8:1:1::{place:x}").status_code for place in range(11)]

    assert codes[-1] == 429
    assert log_in(client, REMOTE_ADDR="2001:db8:1:2::1").status_code == 200


def test_limits_hold_while_redis_is_away(client: Client, person: User, settings: Any) -> None:
    with socket.socket() as never_listens:
        never_listens.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{never_listens.getsockname()[1]}/1"
        settings.CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": address}}

        codes = [log_in(client).status_code for _ in range(11)]
    cache.clear()

    assert codes == [200] * 10 + [429]


def test_buckets_hold_no_addresses(client: Client, person: User) -> None:
    log_in(client)

    keys = list(RateBucket.objects.values_list("key", flat=True))
    assert len(keys) == 4  # three of the login, and one that keeps the audit log from being flooded
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_guessing_second_steps_is_counted_for_the_account_whose_password_was_right(
    client: Client, person: User, rf: RequestFactory
) -> None:
    request = rf.post("/", REMOTE_ADDR="192.0.2.7")
    request.session = {"account_login": {"user_pk": "1f"}}  # type: ignore[assignment]

    keys = [rule.key(request) for rule in PAGES["mfa_authenticate"]]

    assert keys == ["second step: user 1f", "second step: ip 192.0.2.7"]
    assert PAGES["mfa_authenticate"][0].limit == Limit(6, 600)


# --- Where a request comes from -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, "198.51.100.1", "192.0.2.7"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "", "192.0.2.7"),
    ],
    ids=str,
)
def test_only_the_hop_that_our_own_proxy_wrote_is_believed(
    rf: RequestFactory, settings: Any, proxies: int, forwarded: str, ip: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert limits.client_ip(rf.get("/", REMOTE_ADDR="192.0.2.7", headers=headers)) == ip


def test_making_up_hops_does_not_get_around_a_limit(client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    limit_to_two(monkeypatch, "account_signup")

    hops = [{"X-Forwarded-For": f"10.0.0.{made_up}, 203.0.113.9"} for made_up in range(3)]
    codes = [client.post(reverse("account_signup"), headers=headers).status_code for headers in hops]

    assert codes == [200, 200, 429]


# --- What somebody sees who is stopped ----------------------------------------------------------------------


def test_the_page_says_when_to_go_on_and_keeps_what_was_typed(client: Client, monkeypatch: Any) -> None:
    limit_to_two(monkeypatch, "account_signup")
    fields = {"name": "Nora <b>", "email": "nora@example.com", "password1": "secret words in a row"}
    for _ in range(2):
        client.post(reverse("account_signup"), {**fields, "password1": "short"})

    stopped = client.post(reverse("account_signup"), fields)

    html = stopped.content.decode()
    assert stopped.status_code == 429
    assert 86_400 / 2 - 60 < int(stopped["Retry-After"]) <= 86_400 / 2
    assert "In 12 hours it works again." in html
    assert '<input type="hidden" name="name" value="Nora &lt;b&gt;" />' in html
    assert 'value="nora@example.com"' in html
    assert "secret words" not in html
    assert "The password or code has to be typed again." in html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "60 seconds"),
        (121, "3 minutes"),
        (3600, "60 minutes"),
        (7201, "3 hours"),
    ],
)
def test_how_long_to_wait_is_never_said_too_short(seconds: int, words: str) -> None:
    assert limits.in_words(seconds) == words


def test_an_answer_that_is_stopped_stands_on_the_page_and_can_be_sent_again(
    candidate: User, track: Track, monkeypatch: Any
) -> None:
    client, interview = client_of(candidate), make_interview(candidate, track)
    page = reverse("question", args=[interview.pk, 1])
    limit_to_two(monkeypatch, "question")
    text = "Values come one at a time,\nlazily & in order, and that is all that there is to say. " * 2
    fields = {"text": "Short.", "revision": 0, "action": "save"}
    for _ in range(2):
        client.post(page, fields)

    stopped = client.post(page, {"text": text, "revision": 1, "action": "submit"})
    assert (stopped.status_code, Answer.objects.count()) == (429, 0)
    shown = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", stopped.content.decode(), re.DOTALL)
    assert shown is not None
    assert shown[1] == text.replace("&", "&amp;")

    RateBucket.objects.all().delete()
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)" />', stopped.content.decode()))
    client.post(page, {**again, "text": text})
    assert Answer.objects.get().text.splitlines() == text.splitlines()


def test_a_file_that_is_too_much_is_not_asked_for_in_vain(mentor: User, monkeypatch: Any) -> None:
    limit_to_two(monkeypatch, "imports")
    client = client_of(mentor)
    for _ in range(2):
        client.post(reverse("imports"))

    stopped = client.post(reverse("imports"), {"file": BytesIO(b"front,back")})

    assert stopped.status_code == 429
    assert "The file has to be chosen again." in stopped.content.decode()
    assert "Send it again" not in stopped.content.decode()


# --- Each page ----------------------------------------------------------------------------------------------


def test_resetting_a_password_is_limited_for_the_address_that_gets_the_mail(
    client: Client, person: User, mailoutbox: list[Any]
) -> None:
    codes = [client.post(reverse("account_reset_password"), {"email": person.email}).status_code for _ in range(11)]

    assert codes == [302] * 10 + [429]
    assert len(mailoutbox) == 10


def test_inviting_is_limited_for_who_invites_and_for_whom_it_reaches(
    admin: User, cohort: Cohort, monkeypatch: Any
) -> None:
    client, page = client_of(admin), reverse("invite", args=[cohort.pk])
    fields = {"role": "candidate", "extra_time_factor": "1", "link_only": "on"}
    codes = [client.post(page, {**fields, "email": "nora@example.com"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]

    limit_to_two(monkeypatch, "invite")
    RateBucket.objects.all().delete()
    codes = [client.post(page, {**fields, "email": f"nora{n}@example.com"}).status_code for n in range(3)]
    assert codes == [200, 200, 429]
    assert Invitation.objects.filter(email="nora2@example.com").count() == 0


@pytest.mark.parametrize(
    ("page", "who"),
    [
        ("accept_invitation", "candidate"),
        ("upload_members", "admin"),
        ("start_today", "candidate"),
        ("export_dashboard", "admin"),
        ("export", "mentor"),
    ],
)
def test_other_pages_are_limited_for_who_is_logged_in(
    request: Any, cohort: Cohort, monkeypatch: Any, page: str, who: str
) -> None:
    limit_to_two(monkeypatch, page)
    client = client_of(request.getfixturevalue(who))
    arguments = {"accept_invitation": ["x" * 43], "export": [], "start_today": []}.get(page, [cohort.pk])
    ask = client.get if page == "export" else client.post

    codes = [ask(reverse(page, args=arguments)).status_code for _ in range(3)]

    assert codes[:2] != [429, 429]
    assert codes[2] == 429


def test_looking_at_a_page_does_not_count(client: Client, monkeypatch: Any) -> None:
    limit_to_two(monkeypatch, "account_login")

    assert [client.get(reverse("account_login")).status_code for _ in range(4)] == [200] * 4
    assert not RateBucket.objects.exists()


def test_programs_share_the_limit_of_their_person_whatever_their_tokens(
    candidate: User, track: Track, monkeypatch: Any
) -> None:
    limit_to_two(monkeypatch, "api_finish")
    interview: Interview = make_interview(candidate, track)
    page = reverse("api_finish", args=[interview.pk])
    tokens = [AuthToken.objects.create(user=candidate)[1] for _ in range(3)]

    answers = [Client().post(page, headers={"Authorization": f"Token {token}"}) for token in tokens]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {
        "detail": "Too many at once. Nothing was changed. Try again in 12 hours.",
        "code": "too_many",
    }
    assert int(answers[2]["Retry-After"]) > 43_000


def test_allauths_own_limits_answer_with_the_same_page(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = False
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    cache.clear()

    codes = [log_in(client).status_code for _ in range(2)]
    stopped = log_in(client)
    cache.clear()

    assert codes == [200, 429]
    assert stopped["Retry-After"] == "60"
    assert 'value="person@example.com"' in stopped.content.decode()
