"""Where a candidate starts: a question without an account, the example, the track page."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from config import limits
from grading.models import GradingJob
from interview.models import Interview
from interview.services.example import make_example
from people.clock import database_now
from people.models import User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import give_grade

# --- A question to try --------------------------------------------------------------------------------------


def test_from_the_first_page_to_a_graded_answer_takes_two_requests(client: Client, track: Track) -> None:
    assert f'action="{reverse("try_question")}"' in client.get(reverse("landing")).content.decode()

    page = client.post(reverse("try_question"), follow=True)
    fields = {"text": "Lazily.", "revision": 0, "action": "submit"}
    client.post(page.redirect_chain[-1][0], fields)

    job = GradingJob.objects.get()
    assert (job.text, job.candidate.is_guest) == ("Lazily.", True)


def test_trying_makes_no_guest_of_somebody_who_is_logged_in(candidate: User, track: Track) -> None:
    response = client_of(candidate).post(reverse("try_question"))

    assert response["Location"] == reverse("home")
    assert not User.objects.filter(is_guest=True).exists()


def test_trying_twice_leads_back_to_the_one_question(client: Client, track: Track) -> None:
    client.post(reverse("try_question"))

    assert client.post(reverse("try_question"))["Location"] == reverse("home")
    assert Interview.objects.count() == 1


def test_without_questions_the_first_page_says_so(client: Client) -> None:
    page = client.post(reverse("try_question"), follow=True)

    assert "There is no question to try yet." in page.content.decode()
    assert not User.objects.exists()


def test_guests_are_made_at_a_limited_rate(track: Track, settings: LazySettings, monkeypatch: Any) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setitem(limits.PAGES, "try_question", (limits.Rule("guest", limits.by_ip, limits.Limit(2, 60)),))

    codes = [Client().post(reverse("try_question")).status_code for _ in range(3)]

    assert codes == [302, 302, 429]
    assert User.objects.filter(is_guest=True).count() == 2


# --- The example --------------------------------------------------------------------------------------------


@pytest.fixture
def example(track: Track) -> Interview:
    answers = {"generators": "Values come one at a time.", "second-question": ""}
    return make_example(track=track, answers=answers, now=database_now())


def test_the_example_is_open_to_everybody_and_offers_nothing_to_change(
    example: Interview, candidate: User, mentor: User
) -> None:
    for job in GradingJob.objects.all():
        give_grade(job, 64)

    for client in (Client(), client_of(candidate), client_of(mentor)):
        page = client.get(reverse("example")).content.decode()
        assert "Values come one at a time." in re.sub(r"<[^>]*>", "", page)
        assert "hx-get" not in page
        forms = re.findall(r'<form[^>]*action="([^"]*)"', page)
        assert set(forms) <= {reverse("try_question"), reverse("account_logout")}


def test_the_example_says_that_it_is_being_graded(client: Client, example: Interview) -> None:
    page = client.get(reverse("example")).content.decode()

    assert "The example is being graded." in page
    assert "CANARY" not in page


def test_without_an_example_the_page_says_so(client: Client) -> None:
    response = client.get(reverse("example"))

    assert response.status_code == 404
    assert "There is no example here yet" in response.content.decode()


def test_the_example_can_be_read_nowhere_else(example: Interview, candidate: User) -> None:
    client = client_of(candidate)

    assert client.get(reverse("result", args=[example.pk])).status_code == 404
    assert client.post(reverse("try_again", args=[example.pk, 1])).status_code == 404


def test_the_example_takes_a_fixed_number_of_queries(
    client: Client, example: Interview, django_assert_max_num_queries: Any
) -> None:
    for job in GradingJob.objects.all():
        give_grade(job, 64)

    with django_assert_max_num_queries(25):
        client.get(reverse("example"))


# --- The track page -----------------------------------------------------------------------------------------


def _key(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_double_click_on_start_starts_once(candidate: User, track: Track) -> None:
    client = client_of(candidate)
    address = reverse("track", args=[track.slug])
    fields = {"mode": "practice", "key": _key(client.get(address).content.decode())}

    first, second = client.post(address, fields), client.post(address, fields)

    assert first["Location"] == second["Location"]
    assert Interview.objects.count() == 1


def test_the_page_opened_twice_starts_twice(candidate: User, track: Track) -> None:
    client = client_of(candidate)
    address = reverse("track", args=[track.slug])

    for _ in range(2):
        client.post(address, {"mode": "practice", "key": _key(client.get(address).content.decode())})

    assert Interview.objects.count() == 2


def test_a_key_of_somebody_else_starts_nothing(candidate: User, peer: User, track: Track) -> None:
    address = reverse("track", args=[track.slug])
    fields = {"mode": "practice", "key": str(uuid4())}
    client_of(peer).post(address, fields)

    response = client_of(candidate).post(address, fields)

    assert response.status_code == 400
    assert _key(response.content.decode()) != fields["key"]
    assert [interview.candidate for interview in Interview.objects.all()] == [peer]


@pytest.mark.parametrize("fields", [{}, {"mode": "nap"}, {"mode": "practice", "key": "no uuid"}])
def test_a_start_that_makes_no_sense_says_so(candidate: User, track: Track, fields: dict[str, str]) -> None:
    response = client_of(candidate).post(reverse("track", args=[track.slug]), fields)

    assert response.status_code == 400
    assert "The page sent something incomplete." in response.content.decode()
    assert not Interview.objects.exists()


@pytest.mark.parametrize(
    ("factor", "untimed", "words"),
    [
        ("1.00", "", "10 minutes, and the clock does not stop."),
        ("1.50", "", "15 minutes (extended from 10), and the clock does not stop."),
        ("1.50", "yes", "No time limit, as agreed with you."),
    ],
)
def test_the_track_page_says_how_long_a_mock_takes(
    candidate: User, track: Track, factor: str, untimed: str, words: str
) -> None:
    User.objects.filter(pk=candidate.pk).update(extra_time_factor=Decimal(factor), untimed=bool(untimed))

    page = client_of(candidate).get(reverse("track", args=[track.slug])).content.decode()

    assert words in " ".join(re.sub(r"<[^>]*>", " ", page).split())


# --- Empty pages --------------------------------------------------------------------------------------------


def test_an_empty_home_says_what_to_do(candidate: User, mentor: User) -> None:
    assert reverse("example") in client_of(candidate).get(reverse("home")).content.decode()
    assert "Load a pack of questions" in client_of(mentor).get(reverse("home")).content.decode()


def test_an_empty_history_leads_to_a_track_and_to_the_example(candidate: User) -> None:
    page = client_of(candidate).get(reverse("history")).content.decode()

    assert reverse("example") in page


def test_the_profile_says_what_being_in_no_cohort_means(stranger: User, candidate: User) -> None:
    assert "You are in no cohort" in client_of(stranger).get(reverse("profile")).content.decode()
    page = " ".join(client_of(candidate).get(reverse("profile")).content.decode().split())
    assert 'Autumn <span class="muted">as candidate</span>' in page
