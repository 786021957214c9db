"""The pages of a cohort's dashboard that say how it does: who sees them, and what they see."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from interview.models import Assignment
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import QuestionVersion, Track
from tests.analytics.fact_rows import facts, join
from tests.conftest import client_of
from tests.factories import CohortFactory, MembershipFactory

PAGES = ["cohort_dashboard", "cohort_progress"]


def _get(user: User | None, cohort: Cohort, page: str = "cohort_dashboard", **query: str) -> Any:
    return client_of(user).get(reverse(page, args=[cohort.pk]), query)


def _names(response: Any) -> list[str]:
    return [row.candidate.name for row in response.context["page"]]


def _assign(cohort: Cohort, track: Track, actor: User) -> Assignment:
    now = database_now()
    return Assignment.objects.create(
        cohort=cohort,
        track=track,
        mode="practice",
        opens_at=now - timedelta(days=9),
        due_at=now - timedelta(days=2),
        closes_at=now + timedelta(days=1),
        created_by=actor,
        created_at=now,
    )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["mentor", "admin", "site_admin"])
def test_those_who_lead_a_cohort_see_its_figures(
    request: pytest.FixtureRequest, cohort: Cohort, published: QuestionVersion, who: str, page: str, outsider: User
) -> None:
    facts(join(cohort, "Zuleika"), published, [73], database_now())
    facts(outsider, published, [19], database_now())

    response = _get(request.getfixturevalue(who), cohort, page)

    assert response.status_code == 200
    assert _names(response) == ["Zuleika"]
    assert "Outsider" not in response.content.decode()


@pytest.mark.parametrize("page", [*PAGES, "cohort_results"])
@pytest.mark.parametrize(
    ("who", "status"), [("candidate", 403), ("peer", 403), ("outsider", 403), ("stranger", 403), ("other_mentor", 404)]
)
def test_nobody_else_sees_them(
    request: pytest.FixtureRequest, cohort: Cohort, published: QuestionVersion, who: str, status: int, page: str
) -> None:
    facts(join(cohort, "Zuleika"), published, [73], database_now())

    response = _get(request.getfixturevalue(who), cohort, page)

    assert response.status_code == status
    assert "Zuleika" not in response.content.decode()


def test_a_mentor_elsewhere_who_is_a_candidate_here_sees_nothing(cohort: Cohort, other_mentor: User) -> None:
    MembershipFactory(cohort=cohort, user=other_mentor, role=Role.CANDIDATE)

    assert _get(other_mentor, cohort).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_cohort_that_is_not_there_is_a_404(mentor: User, page: str) -> None:
    assert client_of(mentor).get(reverse(page, args=[uuid4()])).status_code == 404


def test_the_former_address_leads_on(cohort: Cohort, mentor: User) -> None:
    assert _get(mentor, cohort, "cohort_results").url == reverse("cohort_dashboard", args=[cohort.pk])


def test_the_overview_says_its_figures_in_words(
    cohort: Cohort, mentor: User, admin: User, published: QuestionVersion, track: Track
) -> None:
    now = database_now()
    for score in (20, 40, 60, 80, 90):
        facts(join(cohort, f"Person{score}"), published, [score], now - timedelta(days=14), seconds=90)
        facts(User.objects.get(name=f"Person{score}"), published, [score - 10], now)
    _assign(cohort, track, admin)

    html = " ".join(_get(mentor, cohort).content.decode().split())

    monday = (now - timedelta(days=now.weekday())).strftime("%-d %B")
    assert "Half of the 10 answers score 33 to 78; the median is 55." in html
    assert f"and 48 in the week of {monday} (5 candidates)." in html
    assert "5 of 5 candidates, whatever the filter." in html
    assert "Overdue: Taster, due 2 days ago." in html


def test_the_filter_narrows_the_figures_and_links_keep_it(
    cohort: Cohort, mentor: User, published: QuestionVersion
) -> None:
    ada = join(cohort, "Ada")
    facts(ada, published, [70], database_now())
    facts(ada, published, [90, 95], database_now(), mode="mock")

    response = _get(mentor, cohort, mode="mock")

    assert response.context["distribution"].n == 2
    assert f"candidate={ada.pk}&amp;mode=mock" in response.content.decode()
    assert [tab["address"].endswith("?mode=mock") for tab in response.context["tabs"]] == [True] * 5


def test_a_filter_that_cannot_be_read_is_said_and_filters_nothing(
    cohort: Cohort, mentor: User, published: QuestionVersion
) -> None:
    facts(join(cohort, "Ada"), published, [70], database_now())

    response = _get(mentor, cohort, mode="exam", topic="no-such")

    html = response.content.decode()
    assert (response.status_code, response.context["distribution"].n) == (200, 1)
    assert "The filter cannot be read" in html
    assert html.count("This is not one of the choices.") == 2


@pytest.mark.parametrize("address", ["page=-3", "page=x", "sort=nonsense", "sort=-", "q=%25", "from=&to=&track="])
@pytest.mark.parametrize("page", PAGES)
def test_odd_addresses_are_no_trouble(cohort: Cohort, mentor: User, candidate: User, page: str, address: str) -> None:
    response = client_of(mentor).get(f"{reverse(page, args=[cohort.pk])}?{address}")

    assert response.status_code == 200


def test_candidates_are_sorted_with_those_without_a_figure_last(
    cohort: Cohort, mentor: User, published: QuestionVersion
) -> None:
    people = {name: join(cohort, name) for name in ("Ada", "Bob", "Cyd")}
    facts(people["Bob"], published, [20], database_now())
    facts(people["Cyd"], published, [80], database_now() - timedelta(days=1))

    orders = {sort: _names(_get(mentor, cohort, sort=sort)) for sort in ("", "mean", "-mean", "-name", "active")}

    assert orders == {
        "": ["Ada", "Bob", "Cyd"],
        "mean": ["Bob", "Cyd", "Ada"],
        "-mean": ["Cyd", "Bob", "Ada"],
        "-name": ["Cyd", "Bob", "Ada"],
        "active": ["Cyd", "Bob", "Ada"],
    }


def test_candidates_by_assignment_are_sorted_by_how_far_they_are(
    cohort: Cohort, mentor: User, admin: User, track: Track
) -> None:
    for name in ("Ada", "Bob"):
        join(cohort, name)
    assignment = _assign(cohort, track, admin)
    User.objects.get(name="Bob").interviews.create(
        assignment=assignment,
        track=track,
        title="Taster",
        mode="practice",
        started_at=assignment.opens_at,
        finished_at=assignment.due_at,
        minutes=10,
    )

    found = _get(mentor, cohort, "cohort_progress", sort=str(assignment.pk))

    assert _names(found) == ["Bob", "Ada"]
    assert "Finished in time" in found.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_name_or_an_address_finds_its_candidate(
    cohort: Cohort, mentor: User, admin: User, track: Track, page: str
) -> None:
    _assign(cohort, track, admin)
    for name in ("Ada", "Bob"):
        join(cohort, name)

    found = [_names(_get(mentor, cohort, page, q=q)) for q in ("aD", "bob@", "xyz")]

    assert found == [["Ada"], ["Bob"], []]


def test_long_tables_come_in_pages_of_fifty(cohort: Cohort, mentor: User) -> None:
    for number in range(51):
        join(cohort, f"Person{number:02}")

    address = reverse("cohort_dashboard", args=[cohort.pk])
    pages = [client_of(mentor).get(address, {"page": number}) for number in (1, 2)]

    assert [(len(_names(page)), _names(page)[-1]) for page in pages] == [(50, "Person49"), (1, "Person50")]


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_an_empty_cohort_says_so(site_admin: User, page: str) -> None:
    assert "This cohort has no candidates yet." in _get(site_admin, CohortFactory(), page).content.decode()


def test_a_cohort_without_answers_and_a_filter_without_any_say_so(
    cohort: Cohort, mentor: User, candidate: User, published: QuestionVersion
) -> None:
    nothing = _get(mentor, cohort).content.decode()
    facts(candidate, published, [50], database_now())
    filtered = _get(mentor, cohort, mode="mock").content.decode()

    assert "No answer is graded yet." in nothing
    assert "No graded answer fits the filter." in filtered


def test_names_are_escaped(cohort: Cohort, mentor: User, published: QuestionVersion) -> None:
    ada = join(cohort, "Ada")
    User.objects.filter(pk=ada.pk).update(name="<script>alert(1)</script>")
    facts(ada, published, [50], database_now())

    assert "<script>alert" not in _get(mentor, cohort, q="<script>").content.decode()


@pytest.mark.parametrize(("page", "queries"), [("cohort_dashboard", 22), ("cohort_progress", 12)])
@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_the_size(
    request: pytest.FixtureRequest, cohort: Cohort, mentor: User, page: str, queries: int, count: int
) -> None:
    published, track = request.getfixturevalue("published"), request.getfixturevalue("track")
    for number in range(count):
        facts(join(cohort, f"Person{number}"), published, [10] * 5, database_now() - number * timedelta(days=7))
        _assign(cohort, track, mentor)
    client = client_of(mentor)

    with request.getfixturevalue("django_assert_num_queries")(queries):
        response = client.get(reverse(page, args=[cohort.pk]))

    assert (len(response.context["page"]), len(response.context["columns"])) == (count, count)
