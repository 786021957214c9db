"""Who sees item statistics, and what the pages say."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from people.models import Cohort, User
from questionbank.models import Mark, QuestionVersion
from tests.analytics.attempts import crowd, job_of, mark, questions
from tests.conftest import client_of

FOUR = ("alpha", "beta", "gamma", "delta")


@pytest.fixture
def asked(cohort: Cohort) -> dict[str, QuestionVersion]:
    """Four questions that six candidates have answered: alpha the worse, the better they are elsewhere."""
    versions = questions(*FOUR)
    crowd(cohort, versions, [{"alpha": 90 - 10.0 * n, **dict.fromkeys(FOUR[1:], 30.0 + 10 * n)} for n in range(6)])
    return versions


def _page(user: User, version: QuestionVersion) -> str:
    return client_of(user).get(reverse("question_statistics", args=[version.question_id])).content.decode()


def _titles(user: User, **query: str) -> list[str]:
    page = client_of(user).get(reverse("item_statistics"), query).context["page"]
    return [row.title for row in page]


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("other_mentor", 200), ("site_admin", 200)]
    + [(who, 403) for who in ("candidate", "peer", "admin", "outsider", "stranger")],
)
def test_mentors_alone_see_the_figures(
    request: pytest.FixtureRequest, published: QuestionVersion, who: str, status: int
) -> None:
    client = client_of(request.getfixturevalue(who))

    assert client.get(reverse("item_statistics")).status_code == status
    assert client.get(reverse("question_statistics", args=[published.question_id])).status_code == status


def test_a_question_that_is_not_there_is_a_404(mentor: User) -> None:
    assert client_of(mentor).get(reverse("question_statistics", args=[uuid4()])).status_code == 404


def test_a_mentor_of_another_cohort_sees_figures_and_no_candidate(
    cohort: Cohort, mentor: User, other_mentor: User, asked: dict[str, QuestionVersion]
) -> None:
    for person in User.objects.filter(memberships__cohort=cohort, memberships__role="candidate"):
        User.objects.filter(pk=person.pk).update(name="Zuleika")
        mark(job_of(person, asked["alpha"]), mentor, **dict.fromkeys(["lazy", "memory", "once"], Mark.MISSING))

    theirs, ours = _page(other_mentor, asked["alpha"]), _page(mentor, asked["alpha"])

    assert ("6 candidates have answered" in theirs, "Zuleika" in theirs, "Answers to look at" in theirs) == (
        True,
        False,
        False,
    )
    assert ("Zuleika" in ours, "Answers to look at" in ours) == (True, True)


def test_names_stay_hidden_until_a_mentor_is_done(mentor: User, asked: dict[str, QuestionVersion]) -> None:
    User.objects.filter(name__startswith="Person").update(name="Zuleika")

    page = _page(mentor, asked["alpha"])

    assert ("Answers to look at" in page, "Zuleika" in page) == (True, False)


def test_the_chart_has_its_table_and_a_sentence(mentor: User, asked: dict[str, QuestionVersion]) -> None:
    page = _page(mentor, asked["alpha"])

    rows = re.findall(r'data-band="([^"]+)"\s+data-count="(\d+)"', page)
    assert [int(count) for _, count in rows] == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert "6 candidates have answered this question. 67% of them reach 60 of 100." in " ".join(page.split())
    assert "Those who are weaker elsewhere do better here." in page
    assert 'data-histogram="histogram-table"' in page


def test_too_few_answers_show_no_figure(mentor: User, cohort: Cohort) -> None:
    versions = questions(*FOUR)
    crowd(cohort, versions, [dict.fromkeys(FOUR, 37.0)] * 3)

    page, table = _page(mentor, versions["alpha"]), client_of(mentor).get(reverse("item_statistics")).content.decode()

    assert ("Too few answers: 3 of 5" in page, "37%" in page, "data-histogram" in page) == (True, False, False)
    assert ("too few answers: 3 of 5" in table, "37%" in table) == (True, False)


@pytest.mark.parametrize(
    ("sort", "first"),
    [("title", "Alpha"), ("-title", "Gamma"), ("discrimination", "Alpha"), ("-facility", "Alpha"), ("time", "Alpha")],
)
def test_the_table_is_sorted_as_the_address_says(
    mentor: User, asked: dict[str, QuestionVersion], sort: str, first: str
) -> None:
    assert (_titles(mentor, sort=sort)[0], len(_titles(mentor, sort=sort))) == (first, 4)


def test_an_unknown_order_topic_or_track_does_no_harm(mentor: User, asked: dict[str, QuestionVersion]) -> None:
    assert len(_titles(mentor, sort="size")) == 4
    assert _titles(mentor, topic="none") == []
    assert _titles(mentor, track="none") == []
    assert _titles(mentor, flag="1") == []


def test_the_empty_page_says_so(mentor: User) -> None:
    assert "Nobody’s answers are graded yet." in client_of(mentor).get(reverse("item_statistics")).content.decode()


def test_the_question_links_to_its_figures(mentor: User, published: QuestionVersion) -> None:
    page = client_of(mentor).get(reverse("question_detail", args=[published.question_id])).content.decode()

    assert reverse("question_statistics", args=[published.question_id]) in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_take_the_same_queries_for_any_number(
    cohort: Cohort, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    versions = questions(*FOUR, *(f"more-{n}" for n in range(count)))
    crowd(cohort, versions, [dict.fromkeys(versions, 10.0 * n) for n in range(4 + count)])
    client = client_of(mentor)

    with django_assert_num_queries(11):
        client.get(reverse("item_statistics"))
    with django_assert_num_queries(18):
        client.get(reverse("question_statistics", args=[versions["alpha"].question_id]))
