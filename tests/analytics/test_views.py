"""Who sees a cohort's figures, and what they see."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import Track
from tests.conftest import client_of
from tests.factories import CohortFactory, MembershipFactory, UserFactory, give_grade, make_interview


def _answer_with(user: User, track: Track, score: float) -> None:
    asked = make_interview(user, track).questions.get(position=1)
    job = submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now()).job
    give_grade(job, score)


def _results(user: User | None, cohort: Cohort) -> Any:
    return client_of(user).get(reverse("cohort_results", args=[cohort.pk]))


@pytest.mark.parametrize("who", ["mentor", "admin", "site_admin"])
def test_those_who_lead_a_cohort_see_its_figures(
    request: pytest.FixtureRequest, cohort: Cohort, candidate: User, outsider: User, track: Track, who: str
) -> None:
    _answer_with(candidate, track, 73)
    _answer_with(outsider, track, 19)

    response = _results(request.getfixturevalue(who), cohort)

    html = response.content.decode()
    assert response.status_code == 200
    assert [row.candidate for row in response.context["table"].rows] == [candidate]
    assert ("Candidate" in html, "73" in html, "Outsider" in html) == (True, True, False)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("candidate", 403),
        ("peer", 403),
        ("outsider", 403),
        ("stranger", 403),
        ("other_mentor", 404),
    ],
)
def test_nobody_else_sees_them(
    request: pytest.FixtureRequest, cohort: Cohort, candidate: User, track: Track, who: str, status: int
) -> None:
    candidate.name = "Zuleika"
    candidate.save()
    _answer_with(candidate, track, 73)
    user = request.getfixturevalue(who)

    response = _results(user, cohort)

    assert response.status_code == status
    assert ("Zuleika" in response.content.decode()) == (user == candidate)  # their own name is in the menu


def test_a_visitor_is_asked_to_log_in(cohort: Cohort) -> None:
    address = reverse("cohort_results", args=[cohort.pk])

    assert _results(None, cohort).url == f"{reverse('account_login')}?next={address}"


def test_a_mentor_of_two_cohorts_sees_each_on_its_own_page(
    cohort: Cohort, candidate: User, mentor: User, outsider: User, other_cohort: Cohort, track: Track
) -> None:
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.MENTOR)
    _answer_with(candidate, track, 73)
    _answer_with(outsider, track, 19)

    tables = [_results(mentor, each).context["table"] for each in (cohort, other_cohort)]

    assert [[row.candidate for row in table.rows] for table in tables] == [[candidate], [outsider]]


def test_a_mentor_elsewhere_who_is_a_candidate_here_sees_nothing(cohort: Cohort, other_mentor: User) -> None:
    MembershipFactory(cohort=cohort, user=other_mentor, role=Role.CANDIDATE)

    assert _results(other_mentor, cohort).status_code == 404


def test_a_cohort_that_is_not_there_is_a_404(mentor: User) -> None:
    assert client_of(mentor).get(reverse("cohort_results", args=[uuid4()])).status_code == 404


def test_the_page_of_an_empty_cohort_says_so(site_admin: User) -> None:
    response = _results(site_admin, CohortFactory())

    assert response.status_code == 200
    assert "This cohort has no candidates yet." in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_the_number_of_candidates(
    cohort: Cohort, mentor: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        user = UserFactory()
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        _answer_with(user, track, 50)
    client = client_of(mentor)

    with django_assert_num_queries(8):
        response = client.get(reverse("cohort_results", args=[cohort.pk]))

    assert len(response.context["table"].rows) == count
