"""Extra time that is given while an interview runs."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from interview.models import Interview, Mode
from interview.services.interviews import close_overdue, finish
from people.clock import database_now
from people.models import Cohort, User
from people.services.cohorts import give_time
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_interview


def give(candidate: User, admin: User, cohort: Cohort, factor: str, *, untimed: bool = False) -> None:
    give_time(user=candidate, factor=Decimal(factor), untimed=untimed, actor=admin, cohort=cohort)


def test_a_running_mock_becomes_longer(mock: Interview, candidate: User, admin: User, cohort: Cohort) -> None:
    give(candidate, admin, cohort, "1.50")

    mock.refresh_from_db()
    assert (mock.deadline_at, mock.extended_minutes) == (mock.started_at + timedelta(minutes=15), 15)


def test_the_countdown_of_the_open_page_hears_of_it(
    mock: Interview, candidate: User, admin: User, cohort: Cohort
) -> None:
    client = client_of(candidate)
    page = client.get(reverse("question", args=[mock.pk, 1])).content.decode()
    address = reverse("api_interview", args=[mock.pk])
    assert f'data-sync="{address}"' in page

    before = client.get(address).json()["remaining_ms"]
    give(candidate, admin, cohort, "2.00")
    after = client.get(address).json()["remaining_ms"]
    give(candidate, admin, cohort, "2.00", untimed=True)

    assert 9 * 60_000 < after - before <= 10 * 60_000
    assert client.get(address).json()["remaining_ms"] is None


def test_a_mock_without_limit_is_not_closed(mock: Interview, candidate: User, admin: User, cohort: Cohort) -> None:
    give(candidate, admin, cohort, "1.00", untimed=True)

    closed = close_overdue(now=database_now() + timedelta(days=1))

    mock.refresh_from_db()
    assert (closed, mock.is_running, mock.untimed, mock.deadline_at) == (0, True, True, None)


def test_no_running_mock_becomes_shorter(candidate: User, track: Track, admin: User, cohort: Cohort) -> None:
    candidate.extra_time_factor = Decimal("2.00")
    candidate.save()
    mock = make_interview(candidate, track, mode=Mode.MOCK)

    give(candidate, admin, cohort, "1.25")

    mock.refresh_from_db()
    candidate.refresh_from_db()
    assert mock.deadline_at == mock.started_at + timedelta(minutes=20)
    assert make_interview(candidate, track, mode=Mode.MOCK).extra_time_factor == Decimal("1.25")


def test_a_finished_mock_stays_as_it_was(mock: Interview, candidate: User, admin: User, cohort: Cohort) -> None:
    finish(interview=mock, now=database_now())

    give(candidate, admin, cohort, "2.00")

    mock.refresh_from_db()
    assert (mock.deadline_at, mock.extra_time_factor) == (mock.started_at + timedelta(minutes=10), 1)


def test_nobody_elses_mock_becomes_longer(
    mock: Interview, peer: User, track: Track, candidate: User, admin: User, cohort: Cohort
) -> None:
    theirs = make_interview(peer, track, mode=Mode.MOCK)

    give(candidate, admin, cohort, "2.00")

    theirs.refresh_from_db()
    assert theirs.deadline_at == theirs.started_at + timedelta(minutes=10)


def test_practice_that_runs_has_the_time_too_and_no_deadline(
    candidate: User, track: Track, admin: User, cohort: Cohort
) -> None:
    practice = make_interview(candidate, track)

    give(candidate, admin, cohort, "1.50")

    practice.refresh_from_db()
    assert (practice.extra_time_factor, practice.deadline_at) == (Decimal("1.50"), None)
