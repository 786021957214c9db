"""What is said when something goes wrong: pages for people, JSON for programs."""

from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from interview.models import Draft
from people.models import User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview


def _raise(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the database's password is hunter2")


def _raise_as_without_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


urlpatterns = [  # the addresses of the tests that ask for them by pytest.mark.urls
    path("broken/", _raise),
    path("api/broken/", _raise),
    path("away/", _raise_as_without_database),
    path("api/away/", _raise_as_without_database),
]
handler500 = "config.errors.server_error"


# --- 400 ----------------------------------------------------------------------------------------------------


def test_a_host_that_is_not_ours_is_a_400(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]

    response = Client().get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "That request was not understood" in response.content.decode()
    assert "evil.example" not in response.content.decode()


def test_a_host_that_is_not_ours_is_a_400_in_json_under_the_api(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]

    response = Client().get("/api/v1/tracks/", headers={"Host": "evil.example"})

    assert (response.status_code, response.json()) == (
        400,
        {"detail": "Nothing was changed. Go back and try again."},
    )


def test_a_form_of_too_many_fields_is_a_400(candidate: User, track: Track) -> None:
    asked = make_interview(candidate, track).questions.get(position=1)
    fields = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}

    response = client_of(candidate).post(
        reverse("question", args=[asked.interview_id, 1]), {**fields, "text": "a", "action": "save", "revision": 0}
    )

    assert response.status_code == 400
    assert "Nothing was changed." in response.content.decode()
    assert not Draft.objects.exists()


# --- 403 ----------------------------------------------------------------------------------------------------


def test_a_page_for_another_role_says_for_whom_it_is(candidate: User) -> None:
    response = client_of(candidate).get(reverse("questions"))

    html = response.content.decode()
    assert response.status_code == 403
    assert "This page is not for you" in html
    assert "This page is for people who are mentor of a cohort." in html


def test_the_api_for_another_role_says_for_whom_it_is(candidate: User) -> None:
    response = client_of(candidate).get(reverse("api_questions"))

    detail = "Questions can be read by mentors; candidates meet them in interviews."
    assert (response.status_code, response.json()) == (403, {"detail": detail})


def test_a_form_without_the_csrf_token_says_how_to_go_on(candidate: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(candidate)

    response = browser.post(reverse("profile"), {"name": "Forged"})

    candidate.refresh_from_db()
    assert (response.status_code, candidate.name) == (403, "Candidate")
    assert "copy what you typed, reload the page and send it again" in response.content.decode()


# --- 404 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["anonymous", "candidate"])
def test_a_page_that_is_not_there_is_a_404_with_a_way_on(
    request: pytest.FixtureRequest, candidate: User, who: str
) -> None:
    response = client_of(candidate if who == "candidate" else None).get("/nothing/here/")

    html = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing here" in html
    assert f'href="{reverse("home" if who == "candidate" else "landing")}"' in html


def test_an_address_of_the_api_that_is_not_there_is_a_404_in_json() -> None:
    response = Client().get("/api/v2/")

    detail = "It does not exist, or it belongs to somebody else. Check the address, or go back to the start."
    assert (response.status_code, response.json()) == (404, {"detail": detail})


# --- 413 ----------------------------------------------------------------------------------------------------


def test_a_form_over_a_megabyte_is_a_413_and_saves_nothing(candidate: User, track: Track) -> None:
    asked = make_interview(candidate, track).questions.get(position=1)

    response = client_of(candidate).post(
        reverse("question", args=[asked.interview_id, 1]),
        {"text": "x" * 1024 * 1024, "action": "save", "revision": 0},
    )

    assert response.status_code == 413
    assert "That is too much" in response.content.decode()
    assert not Draft.objects.exists()


def test_a_body_over_a_megabyte_is_a_413_in_json_under_the_api(candidate: User) -> None:
    response = client_of(candidate).post(
        reverse("api_interviews"), '{"track": "' + "x" * 1024 * 1024 + '"}', content_type="application/json"
    )

    detail = "What you sent is larger than a megabyte. An answer can have 20,000 characters. Nothing was changed."
    assert (response.status_code, response.json()) == (413, {"detail": detail})


# --- 500 ----------------------------------------------------------------------------------------------------


@pytest.mark.urls(__name__)
def test_a_failure_of_ours_is_a_page_that_tells_nothing_of_it() -> None:
    client = Client(raise_request_exception=False)

    response = client.get("/broken/")

    html = response.content.decode()
    assert response.status_code == 500
    assert ("Greenroom" in html, "RuntimeError" in html, "hunter2" in html) == (True, False, False)


@pytest.mark.urls(__name__)
def test_a_failure_of_ours_is_json_under_the_api() -> None:
    response = Client(raise_request_exception=False).get("/api/broken/")

    detail = "Something went wrong on our side. It has been written down."
    assert (response.status_code, response.json()) == (500, {"detail": detail})


# --- 503 ----------------------------------------------------------------------------------------------------


@pytest.mark.urls(__name__)
def test_without_the_database_people_are_asked_to_come_back(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client(raise_request_exception=False).get("/away/")

    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert ("What you had saved before is safe" in html, "connection" in html) == (True, False)


@pytest.mark.urls(__name__)
def test_without_the_database_programs_are_asked_to_come_back() -> None:
    response = Client(raise_request_exception=False).get("/api/away/")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json() == {"detail": "The database is away for a moment. Nothing was changed. Send it again."}
