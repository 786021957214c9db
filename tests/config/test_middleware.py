"""What happens around every view."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from knox.models import AuthToken

from config.middleware import RejectUnstorableInput
from config.wsgi import Utf8Request
from interview.models import Draft, Interview, InterviewQuestion
from people.models import Cohort, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview


@pytest.fixture
def asked(candidate: User, track: Track) -> InterviewQuestion:
    return make_interview(candidate, track).questions.get(position=1)


# --- what cannot be stored ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/practise/a%00b/", "/invitations/%00/", "/interviews/?page=%00", "/questions/?q=a%00", "/questions/?%00=a"],
)
def test_a_nul_in_the_address_is_a_400(mentor: User, address: str) -> None:
    response = client_of(mentor).get(address)

    assert response.status_code == 400
    assert "That text cannot be stored" in response.content.decode()


def test_a_lone_surrogate_in_the_address_is_a_400(mentor: User) -> None:
    """UTF-8 has none, but a request may name another encoding for its address."""
    response = client_of(mentor).generic(
        "GET", "/questions/?q=%5C%75%64%38%30%30", "x", content_type="text/plain; charset=unicode_escape"
    )

    assert response.status_code == 400
    assert "That text cannot be stored" in response.content.decode()


@pytest.mark.parametrize("codec", ["zlib", "undefined", "idna", "utf-16", "latin-1"])
def test_what_is_not_in_utf_8_is_a_400(codec: str) -> None:
    """Python has codecs that are none of text. Django's test client would fail over them before our own code runs."""
    sent = RequestFactory().post("/?q=%C3%A4", {"text": "a"})
    kind = f"{sent.environ['CONTENT_TYPE']}; charset={codec}"

    request = Utf8Request({**sent.environ, "CONTENT_TYPE": kind})
    request.user = AnonymousUser()

    assert (request.GET["q"], request.POST["text"]) == ("ä", "a")
    assert RejectUnstorableInput(lambda _request: HttpResponse())(request).status_code == 400


def test_a_form_that_says_utf_8_is_taken(client: Client) -> None:
    form = _form(b"a")["data"]

    response = client.generic(
        "POST", "/account/login/", form, content_type="multipart/form-data; boundary=cut; charset=UTF-8"
    )

    assert response.status_code == 200


def test_a_nul_in_an_address_of_the_api_is_a_400_in_json(candidate: User) -> None:
    response = client_of(candidate).get("/api/v1/interviews/?page=%00")

    assert (response.status_code, list(response.json())) == (400, ["detail"])


def _form(text: bytes) -> dict[str, Any]:
    """Return a multipart form that saves text, as the arguments of Client.post."""
    fields = {b"text": text, b"revision": b"0", b"action": b"save"}
    parts = [b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in fields.items()]
    return {"data": b"".join(parts) + b"--cut--\r\n", "content_type": "multipart/form-data; boundary=cut"}


@pytest.mark.parametrize(
    "form",
    [
        {"data": "text=a%00b&revision=0&action=save", "content_type": "application/x-www-form-urlencoded"},
        {"data": "%00=a&text=b&revision=0&action=save", "content_type": "application/x-www-form-urlencoded"},
        _form(b"a\0b"),
    ],
    ids=["NUL", "NUL in a name", "NUL in multipart"],
)
def test_a_form_that_cannot_be_stored_is_a_400_and_saves_nothing(
    candidate: User, asked: InterviewQuestion, form: dict[str, Any]
) -> None:
    response = client_of(candidate).post(reverse("question", args=[asked.interview_id, 1]), **form)

    assert response.status_code == 400
    assert "That text cannot be stored" in response.content.decode()
    assert not Draft.objects.exists()


def test_the_same_form_without_it_is_saved(candidate: User, asked: InterviewQuestion) -> None:
    response = client_of(candidate).post(reverse("question", args=[asked.interview_id, 1]), **_form("aé\tb".encode()))

    assert (response.status_code, Draft.objects.get().text) == (302, "aé\tb")


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken"])
def test_a_nul_in_a_cookie_is_no_failure_of_ours(cookie: str) -> None:
    client = Client(headers={"Cookie": f'{cookie}="\\000{"a" * 31}"'})

    assert client.get(reverse("account_login")).status_code in (200, 400)
    assert client.get(reverse("home")).status_code in (302, 400)


# --- what caches may keep -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["home", "history", "profile", "api_interviews"])
def test_what_a_person_sees_stays_out_of_caches(candidate: User, track: Track, name: str) -> None:
    response = client_of(candidate).get(reverse(name))

    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))


def test_what_a_program_sees_stays_out_of_caches(candidate: User) -> None:
    _, token = AuthToken.objects.create(user=candidate)

    response = Client().get(reverse("api_interviews"), headers={"Authorization": f"Token {token}"})

    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))


def test_public_pages_may_be_kept() -> None:
    assert "Cache-Control" not in Client().get(reverse("landing")).headers


# --- time zones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "shown"), [("UTC", "1 July 2026, 22:45"), ("Asia/Kolkata", "2 July 2026, 04:15")])
def test_times_are_shown_in_the_persons_own_zone(candidate: User, track: Track, zone: str, shown: str) -> None:
    candidate.time_zone = zone
    candidate.save()
    make_interview(candidate, track, now=datetime(2026, 7, 1, 22, 45, tzinfo=UTC))

    assert shown in client_of(candidate).get(reverse("history")).content.decode()


def test_one_persons_zone_is_not_the_next_ones(candidate: User, peer: User, track: Track) -> None:
    User.objects.filter(pk=candidate.pk).update(time_zone="Asia/Kolkata")
    for user in (candidate, peer):
        make_interview(user, track, now=datetime(2026, 7, 1, 22, 45, tzinfo=UTC))
    client_of(User.objects.get(pk=candidate.pk)).get(reverse("history"))

    assert "1 July 2026, 22:45" in client_of(peer).get(reverse("history")).content.decode()


def test_the_api_gives_times_in_utc_whatever_the_zone(candidate: User, track: Track) -> None:
    candidate.time_zone = "Asia/Kolkata"
    candidate.save()
    make_interview(candidate, track, now=datetime(2026, 7, 1, 22, 45, tzinfo=UTC))

    body = client_of(candidate).get(reverse("api_interviews")).json()

    assert datetime.fromisoformat(body["results"][0]["started_at"]) == Interview.objects.get().started_at


# --- what a browser may do ----------------------------------------------------------------------------------


def test_every_page_says_what_a_browser_may_do(candidate: User, cohort: Cohort) -> None:
    for client, name in ((Client(), "landing"), (Client(), "account_login"), (client_of(candidate), "home")):
        headers = client.get(reverse(name)).headers

        policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
        assert policy["default-src"] == policy["form-action"] == ["'self'"]
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
        assert headers["Referrer-Policy"] == "same-origin"
