"""Who sees the heat maps, the answers behind their cells and the comparisons, and what they see."""

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from analytics.models import AnswerFact
from analytics.services.facts import refresh
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion, Track
from tests.analytics.attempts import crowd, job_of, mark, practise
from tests.conftest import client_of
from tests.factories import MembershipFactory, make_topic, publish_question
from tests.grading.keys import publish_mended

PAGES = ["cohort_topics", "cohort_points", "cohort_compare", "cohort_answers"]

NOWHERE = UUID(int=1)


@pytest.fixture
def asked() -> QuestionVersion:
    return publish_question("generators", title="Generators", topic=make_topic())


@pytest.fixture
def answered(candidate: User, outsider: User, asked: QuestionVersion) -> QuestionVersion:
    """Zuleika of the first cohort has 73 there, the outsider 19."""
    candidate.name = "Zuleika"
    candidate.save()
    practise(candidate, [asked], {"generators": 73})
    practise(outsider, [asked], {"generators": 19})
    refresh()
    return asked


def _get(user: User | None, page: str, cohort: Cohort, **query: Any) -> Any:
    return client_of(user).get(reverse(page, args=[cohort.pk]), query)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["mentor", "admin", "site_admin"])
def test_those_who_lead_a_cohort_see_its_pages(
    request: pytest.FixtureRequest, cohort: Cohort, answered: QuestionVersion, page: str, who: str
) -> None:
    response = _get(request.getfixturevalue(who), page, cohort)

    html = response.content.decode()
    assert response.status_code == 200
    names_people = page in ("cohort_topics", "cohort_answers")
    assert ("Zuleika" in html, "Outsider" in html) == (names_people, False)
    assert (">73" in html, ">19" in html) == (page != "cohort_points", False)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "status"), [("candidate", 403), ("outsider", 403), ("stranger", 403), ("other_mentor", 404)]
)
def test_nobody_else_sees_them(
    request: pytest.FixtureRequest, cohort: Cohort, answered: QuestionVersion, page: str, who: str, status: int
) -> None:
    user = request.getfixturevalue(who)

    response = _get(user, page, cohort)

    assert response.status_code == status
    assert ("Zuleika" in response.content.decode()) == (user.name == "Zuleika")  # their own name is in the menu


@pytest.mark.parametrize("page", PAGES)
def test_a_cohort_in_which_nothing_is_graded_says_what_to_do(page: str, cohort: Cohort, mentor: User) -> None:
    response = _get(mentor, page, cohort)

    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


def test_each_cell_leads_to_just_its_answers(
    cohort: Cohort, mentor: User, peer: User, candidate: User, answered: QuestionVersion
) -> None:
    sql = publish_question("joins", topic=make_topic("sql"), title="Joins")
    practise(candidate, [sql], {"joins": 40})
    practise(peer, [answered, sql], {"generators": 55, "joins": 44})
    refresh()
    client = client_of(mentor)

    found = client.get(reverse("cohort_topics", args=[cohort.pk])).context["map"]
    behind = {
        (row.candidate, topic.slug): client.get(
            reverse("cohort_answers", args=[cohort.pk]), {"candidate": row.candidate.pk, "under": topic.slug}
        ).context["answers"]
        for row in found.rows
        for _, topic in row.by_topic
    }

    cells = {(row.candidate, topic.slug): cell.mean for row in found.rows for cell, topic in row.by_topic if cell}
    assert cells == {who: answers[0].fact.score for who, answers in behind.items()}
    assert {len(answers) for answers in behind.values()} == {1}


def test_a_key_point_leads_down_to_the_sentence_and_to_the_marked_answer(
    cohort: Cohort, mentor: User, candidate: User, answered: QuestionVersion
) -> None:
    job = job_of(candidate, answered)

    response = _get(mentor, "cohort_answers", cohort, question=answered.question_id, point="lazy", mark="stated")

    html = response.content.decode()
    assert '<q dir="auto">Lazily.</q>' in html
    assert reverse("review", args=[job.pk]) in html
    assert [(tab.label, tab.count, tab.is_current) for tab in response.context["mark_tabs"]] == [
        ("All", 1, False),
        ("Missing", 0, False),
        ("Contradicted", 0, False),
        ("Partly", 0, False),
        ("Stated", 1, True),
    ]


def test_what_most_leave_out_is_said_in_a_sentence(cohort: Cohort, mentor: User, asked: QuestionVersion) -> None:
    people = crowd(cohort, {"generators": asked}, [{"generators": 50}] * 5)
    for user, once in zip(people, [Mark.MISSING] * 4 + [Mark.STATED], strict=True):
        mark(job_of(user, asked), mentor, lazy=Mark.STATED, memory=Mark.STATED, once=once)
    refresh()

    html = _get(mentor, "cohort_points", cohort).content.decode()

    assert "4 of 5 left out: “Generators can be consumed a single time.”" in html
    assert "1 of 3 key points is left out by 70 % of the candidates or more" in " ".join(html.split())


@pytest.mark.parametrize(
    "crafted",
    [
        {"candidate": "outsider"},
        {"candidate": "mentor"},
        {"candidate": "nonsense"},
        {"candidate": NOWHERE},
        {"question": "elsewhere"},
        {"question": NOWHERE},
        {"question": "answered", "point": "nowhere"},
        {"question": "answered", "point": "lazy", "mark": "nonsense"},
        {"question": "answered", "version": "0"},
        {"question": "answered", "version": "9" * 30},
        {"under": "nowhere"},
        {"with": "other_cohort"},
        {"with": "nonsense"},
        {"with": NOWHERE},
    ],
    ids=str,
)
def test_a_crafted_address_leads_nowhere(
    request: pytest.FixtureRequest, cohort: Cohort, mentor: User, answered: QuestionVersion, crafted: dict[str, Any]
) -> None:
    elsewhere = publish_question("elsewhere")
    practise(request.getfixturevalue("outsider"), [elsewhere], {"elsewhere": 19})
    refresh()
    named = {
        "elsewhere": elsewhere.question_id,
        "answered": answered.question_id,
        **{name: request.getfixturevalue(name).pk for name in ("outsider", "mentor", "other_cohort")},
    }
    query = {name: named.get(value, value) for name, value in crafted.items()}

    assert _get(mentor, "cohort_answers", cohort, **query).status_code == 404


def test_the_filter_holds_for_the_map_and_the_answers_behind_it(
    cohort: Cohort, mentor: User, candidate: User, answered: QuestionVersion
) -> None:
    pages = [_get(mentor, page, cohort, mode="mock") for page in ("cohort_topics", "cohort_answers")]

    assert [b"No graded answer fits" in page.content for page in pages] == [True, True]


def test_one_s_own_answer_leads_to_one_s_own_page(cohort: Cohort, site_admin: User, asked: QuestionVersion) -> None:
    MembershipFactory(cohort=cohort, user=site_admin, role=Role.CANDIDATE)
    practise(site_admin, [asked], {"generators": 50})
    refresh()

    html = _get(site_admin, "cohort_answers", cohort).content.decode()

    assert reverse("own_answer", args=[job_of(site_admin, asked).pk]) in html


def test_cohorts_that_one_leads_are_compared(
    cohort: Cohort, other_cohort: Cohort, mentor: User, site_admin: User, answered: QuestionVersion
) -> None:
    refused = _get(mentor, "cohort_compare", cohort, **{"with": other_cohort.pk})
    alone = _get(mentor, "cohort_compare", cohort)
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.MENTOR)
    allowed = _get(mentor, "cohort_compare", cohort, **{"with": other_cohort.pk})
    by_site_admin = _get(site_admin, "cohort_compare", cohort, **{"with": other_cohort.pk})

    assert (refused.status_code, list(alone.context["others"])) == (404, [])
    for response in (allowed, by_site_admin):
        assert [cell and cell.mean for cell in response.context["comparison"].overall.cells] == [73, 19]


@pytest.mark.parametrize("day", ["", "2026-02-31", "nonsense"])
def test_any_day_of_a_change_can_be_asked_for(cohort: Cohort, mentor: User, day: str) -> None:
    publish_question("generators")

    assert _get(mentor, "cohort_compare", cohort, change=day).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [("cohort_topics", 11), ("cohort_points", 12), ("cohort_compare", 13), ("cohort_answers", 11)],
)
def test_the_pages_take_the_same_queries_whatever_their_size(
    cohort: Cohort, mentor: User, count: int, page: str, queries: int, django_assert_num_queries: Any
) -> None:
    asked = {f"q-{n}": publish_question(f"q-{n}", topic=make_topic(f"topic-{n}")) for n in range(count)}
    crowd(cohort, asked, [dict.fromkeys(asked, 50)] * count)
    refresh()
    client = client_of(mentor)

    with django_assert_num_queries(queries):
        response = client.get(reverse(page, args=[cohort.pk]))

    assert response.status_code == 200


def test_versions_of_a_track_stand_side_by_side_and_lead_to_their_answers(
    cohort: Cohort, mentor: User, track: Track, published: QuestionVersion
) -> None:
    earlier = crowd(cohort, {"generators": published}, [{"generators": 40}, {"generators": 60}])
    later = publish_mended(published)
    crowd(cohort, {"generators": later}, [{"generators": 70}, {"generators": 90}])
    refresh()
    AnswerFact.objects.update(track=track)

    html = " ".join(_get(mentor, "cohort_compare", cohort, track=track.slug).content.decode().split())
    behind = _get(
        mentor, "cohort_answers", cohort, track=track.slug, question=published.question_id, version=published.number
    )

    assert "the 1 changed question of Taster has hardly moved: 30 points is within what chance would make." in html
    assert f"question={published.question_id}&amp;version={later.number}" in html
    assert {answer.fact.candidate for answer in behind.context["answers"]} == set(earlier)


def test_a_track_whose_questions_did_not_change_says_so(
    cohort: Cohort, mentor: User, track: Track, published: QuestionVersion
) -> None:
    crowd(cohort, {"generators": published}, [{"generators": 40}])
    refresh()
    AnswerFact.objects.update(track=track)

    html = _get(mentor, "cohort_compare", cohort, track=track.slug).content.decode()

    assert "No question of Taster was answered here in two versions yet" in html
