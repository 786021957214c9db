"""Assignments by the API: the same verbs, the same rights."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Assignment, Interview, Mode
from interview.services.assignments import start_assigned
from interview.services.interviews import finish
from people.clock import database_now
from people.models import Cohort, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import make_assignment

DAY = timedelta(days=1)


def _iso(time: Any) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _start(client: Client, assignment: Assignment) -> Any:
    return client.post(reverse("api_start_assigned", args=[assignment.pk]))


def _list(client: Client, cohort: Cohort) -> Any:
    return client.get(reverse("api_assignments", args=[cohort.pk]))


def _assign(client: Client, at: Cohort, **body: Any) -> Any:
    return client.post(reverse("api_assignments", args=[at.pk]), body, content_type="application/json")


def _body(**changes: Any) -> dict[str, Any]:
    due = (database_now() + 7 * DAY).replace(second=0, microsecond=0)
    return {"track": "taster", "mode": "mock", "due_at": _iso(due), "closes_at": _iso(due), **changes}


# --- a candidate's ------------------------------------------------------------------------------------------


def test_a_candidate_lists_what_is_assigned_to_them_alone(
    cohort: Cohort, other_cohort: Cohort, candidate: User, peer: User, track: Track
) -> None:
    made = make_assignment(cohort, track, attempts=2, note="Read first.")
    make_assignment(other_cohort, track, note="CANARYNOTE")
    start_assigned(candidate=peer, assignment=made, now=database_now())
    done = start_assigned(candidate=candidate, assignment=made, now=database_now())
    finish(interview=done, now=database_now())

    assert client_of(candidate).get(reverse("api_assigned")).json() == [
        {
            "id": str(made.pk),
            "cohort": "Autumn",
            "track": "taster",
            "title": "Taster",
            "mode": "practice",
            "note": "Read first.",
            "opens_at": _iso(made.opens_at),
            "due_at": _iso(made.due_at),
            "closes_at": _iso(made.closes_at),
            "attempts": 2,
            "attempts_left": 1,
            "stage": "open",
            "standing": "finished in time",
            "can_start": True,
            "running": None,
            "finished": str(done.pk),
        }
    ]


def test_starting_twice_starts_one(cohort: Cohort, candidate: User, track: Track) -> None:
    made = make_assignment(cohort, track)
    client = client_of(candidate)

    first, second = _start(client, made), _start(client, made)

    assert (first.status_code, first.json()["assignment"], len(first.json()["questions"])) == (201, str(made.pk), 2)
    assert second.json()["id"] == first.json()["id"]


def test_what_cannot_be_started_says_why_with_a_code(cohort: Cohort, candidate: User, track: Track) -> None:
    client, now = client_of(candidate), database_now()
    upcoming = make_assignment(cohort, track, opens_at=now + DAY)
    closed = make_assignment(cohort, track, opens_at=now - 3 * DAY, due_at=now - 2 * DAY, closes_at=now - DAY)
    used = make_assignment(cohort, track, attempts=1)
    finish(interview=start_assigned(candidate=candidate, assignment=used, now=now), now=now)

    answers = [_start(client, one) for one in (upcoming, closed, used)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (403, "not_open_yet"),
        (403, "assignment_over"),
        (403, "no_attempts_left"),
    ]


def test_nobody_starts_what_is_not_assigned_to_them(
    cohort: Cohort, outsider: User, mentor: User, admin: User, track: Track
) -> None:
    made = make_assignment(cohort, track)

    assert {_start(client_of(user), made).status_code for user in (outsider, mentor, admin)} == {404}
    assert not Interview.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_candidates_list_takes_the_same_queries(
    cohort: Cohort, candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        start_assigned(candidate=candidate, assignment=make_assignment(cohort, track), now=database_now())
    client = client_of(candidate)

    with django_assert_num_queries(5):
        response = client.get(reverse("api_assigned"))

    assert len(response.json()) == count


# --- an admin's ---------------------------------------------------------------------------------------------


def test_an_admin_assigns_and_lists(cohort: Cohort, admin: User, track: Track) -> None:
    client, body = client_of(admin), _body(attempts=3, note="Read first.", reminds=False)

    response = _assign(client, cohort, **body)

    made = Assignment.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(made.pk),
        "cohort": str(cohort.pk),
        **body,
        "opens_at": _iso(made.opens_at),
        "created_at": _iso(made.created_at),
        "withdrawn_at": None,
    }
    assert (made.created_by, _list(client, cohort).json()["results"]) == (admin, [response.json()])
    assert _assign(client, cohort, **body).json()["id"] == str(made.pk)


def test_what_is_read_only_cannot_be_written(
    cohort: Cohort, other_cohort: Cohort, admin: User, stranger: User, track: Track
) -> None:
    pk, earlier = str(uuid4()), "2020-01-01T00:00:00Z"

    _assign(
        client_of(admin),
        cohort,
        **_body(
            id=pk, cohort=str(other_cohort.pk), created_by=str(stranger.pk), created_at=earlier, withdrawn_at=earlier
        ),
    )

    made = Assignment.objects.get()
    assert (str(made.pk) == pk, made.cohort, made.created_by, made.withdrawn_at) == (False, cohort, admin, None)
    assert made.created_at.year > 2020


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"track": "none"}, "track"),
        ({"track": None}, "track"),
        ({"mode": "exam"}, "mode"),
        ({"due_at": "soon"}, "due_at"),
        ({"due_at": "2020-01-01T00:00:00Z"}, "due_at"),
        ({"opens_at": None}, "opens_at"),
        ({"closes_at": "9999-12-31T23:59:59-12:00"}, "closes_at"),
        ({"attempts": 0}, "attempts"),
        ({"attempts": 10**9}, "attempts"),
        ({"note": "x" * 2001}, "note"),
        ({"note": "\x00"}, "note"),
    ],
)
def test_bad_values_are_refused_at_their_field(
    cohort: Cohort, admin: User, track: Track, changes: dict[str, Any], field: str
) -> None:
    response = _assign(client_of(admin), cohort, **_body(**changes))

    assert (response.status_code, field in response.json(), Assignment.objects.exists()) == (400, True, False)


def test_what_the_service_refuses_is_said_in_the_same_way(cohort: Cohort, admin: User, track: Track) -> None:
    make_assignment(cohort, track, mode=Mode.MOCK)
    overlap = _assign(client_of(admin), cohort, **_body())
    Cohort.objects.update(archived_at=database_now())
    archived = _assign(client_of(admin), cohort, **_body())

    assert (overlap.status_code, list(overlap.json())) == (400, ["track"])
    assert (archived.status_code, archived.json()) == (
        400,
        {"non_field_errors": ["Autumn is archived: nothing can be assigned there any more."]},
    )


def test_only_those_who_lead_read_and_only_admins_write(
    cohort: Cohort, candidate: User, mentor: User, outsider: User, other_mentor: User, site_admin: User, track: Track
) -> None:
    make_assignment(cohort, track, note="CANARYNOTE")

    codes = {
        user.name: (
            _list(client_of(user), cohort).status_code,
            _assign(client_of(user), cohort, **_body()).status_code,
        )
        for user in (candidate, mentor, outsider, other_mentor, site_admin)
    }

    assert codes == {
        "Candidate": (403, 403),
        "Mentor": (200, 403),
        "Outsider": (403, 403),
        "Other Mentor": (404, 403),
        "Site Admin": (200, 201),
    }


@pytest.mark.parametrize("count", [1, 3])
def test_an_admins_list_takes_the_same_queries(
    cohort: Cohort, admin: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_assignment(cohort, track)
    client = client_of(admin)

    with django_assert_num_queries(6):
        response = _list(client, cohort)

    assert response.json()["count"] == count
