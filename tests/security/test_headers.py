"""What every kind of answer tells the browser it may do, with the settings that production has (test_settings.py)."""

from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from interview.models import Interview
from people.models import Cohort, User
from questionbank.models import Question, Track
from tests.factories import make_interview

YEAR = 31_536_000


@pytest.fixture(autouse=True)
def _as_in_production(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"


@pytest.fixture
def interview(candidate: User, track: Track) -> Interview:
    return make_interview(candidate, track)


def ask(path: str, person: User | None = None, method: str = "get", **more: Any) -> HttpResponseBase:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return getattr(client, method)(path, secure=True, **more)


def test_every_kind_of_answer_is_guarded(
    candidate: User, mentor: User, admin: User, site_admin: User, cohort: Cohort, interview: Interview
) -> None:
    """One test, as the answers take seconds to make."""
    question = Question.objects.first()
    assert question
    of_interview = reverse("question", args=[interview.pk, 1])
    answers = {
        "landing": ask(reverse("landing")),
        "log in": ask(reverse("account_login")),
        "sign up": ask(reverse("account_signup")),
        "home": ask(reverse("home"), candidate),
        "answering": ask(of_interview, candidate),
        "second step": ask(reverse("mfa_index"), mentor),
        "a mentor's page": ask(reverse("question_detail", args=[question.pk]), mentor),
        "the editor": ask(reverse("edit_question", args=[question.pk]), mentor),
        "a dashboard": ask(reverse("cohort_dashboard", args=[cohort.pk]), admin),
        "platform": ask(reverse("platform"), site_admin),
        "the staff site": ask(reverse("admin:index"), site_admin),
        "a list of the staff site": ask(reverse("admin:people_user_changelist"), site_admin),
        "a form of the staff site": ask(reverse("admin:people_user_change", args=[candidate.pk]), site_admin),
        "API": ask(reverse("api_interview", args=[interview.pk]), candidate),
        "API, refused": ask(reverse("api_interview", args=[interview.pk])),
        "API, its schema": ask(reverse("api_schema"), candidate),
        "API, its pages": ask(reverse("api_docs"), candidate),
        "a file": ask(reverse("export") + "?format=jsonl", mentor),
        "own data": ask(reverse("download_my_data"), candidate),
        "to log in": ask(reverse("home")),
        "400": ask(reverse("landing") + "?q=%00"),
        "403": ask(reverse("platform"), candidate),
        "404": ask("/no/such/page/"),
        "404 of somebody else's": ask(of_interview, mentor),
        "405": ask(reverse("try_question")),
        "liveness": ask(reverse("livez")),
        "metrics": ask(reverse("metrics")),
    }

    statuses = {kind: answer.status_code for kind, answer in answers.items()}
    assert sorted(set(statuses.values())) == [200, 302, 400, 401, 403, 404, 405], statuses
    headers_are_strict(answers)
    no_script_or_style_comes_in_that_is_not_ours(answers)
    no_page_holds_what_its_policy_would_stop(answers)
    what_a_person_sees_stays_out_of_caches(answers)


def directives(policy: str) -> dict[str, set[str]]:
    named = [part.split() for part in policy.split(";")]
    return {name: set(sources) for name, *sources in named}


def headers_are_strict(answers: dict[str, HttpResponseBase]) -> None:
    wanted = {
        "Strict-Transport-Security": f"max-age={YEAR}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    for kind, answer in answers.items():
        assert {name: answer.get(name) for name in wanted} == wanted, kind


def no_script_or_style_comes_in_that_is_not_ours(answers: dict[str, HttpResponseBase]) -> None:
    for kind, answer in answers.items():
        policy = directives(answer["Content-Security-Policy"])
        assert "unsafe" not in answer["Content-Security-Policy"], kind
        assert policy["default-src"] == {"'self'"}, kind
        assert {source for source in policy["script-src"] if not source.startswith("'nonce-")} == {"'self'"}, kind
        assert {source for source in policy["style-src"] if not source.startswith("'nonce-")} == {"'self'"}, kind
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, kind
        assert policy["form-action"] == {"'self'"}, kind
        assert policy["img-src"] == {"'self'", "data:"}, kind


def no_page_holds_what_its_policy_would_stop(answers: dict[str, HttpResponseBase]) -> None:
    """The staff site's pages among them: none has a style or a handler in a tag, or a script without a nonce."""
    pages = {kind: answer for kind, answer in answers.items() if answer["Content-Type"].startswith("text/html")}
    assert len(pages) > 15

    for kind, page in pages.items():
        html = page.content.decode() if not page.streaming else ""
        tags = [tag.partition(">")[0] for tag in html.split("<")[1:]]
        assert [tag for tag in tags if " style=" in tag or " onclick=" in tag or " onload=" in tag] == [], kind
        bare = [tag for tag in tags if tag.startswith("script") and " src=" not in tag and "nonce=" not in tag]
        assert [tag for tag in bare if "application/json" not in tag] == [], kind


def what_a_person_sees_stays_out_of_caches(answers: dict[str, HttpResponseBase]) -> None:
    of_nobody = {"landing", "API, refused", "to log in", "400", "404", "405", "liveness", "metrics"}

    for kind in answers.keys() - of_nobody:
        assert "no-store" in answers[kind]["Cache-Control"], kind


def test_cookies_belong_to_this_host_alone(candidate: User) -> None:
    User.objects.filter(pk=candidate.pk).update(is_active=True)
    candidate.set_password("a long enough password")
    candidate.save()
    client = Client()
    client.get(reverse("account_login"), secure=True)
    client.post(
        reverse("account_login"), {"login": candidate.email, "password": "a long enough password"}, secure=True
    )

    assert sorted(client.cookies) == ["__Host-csrftoken", "__Host-sessionid"]
    for cookie in client.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]) == (True, "/", "", "Lax")
    assert client.cookies["__Host-sessionid"]["httponly"] is True


def test_plain_http_leads_to_tls() -> None:
    response = Client().get(reverse("landing"))

    assert (response.status_code, response["Location"]) == (301, "https://testserver/")
