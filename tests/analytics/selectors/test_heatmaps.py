"""The heat maps against figures that are added up by hand here."""

from typing import Any

import pytest

from analytics.filters import Filters, candidates_of, facts_of
from analytics.selectors.heatmaps import Cell, PointRow, TopicMap, heat, name_points, point_map, topic_map
from analytics.services.facts import refresh
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion, Topic
from tests.analytics.attempts import job_of, mark, practise
from tests.factories import MembershipFactory, UserFactory, make_topic, publish_question

Asked = dict[str, QuestionVersion]


@pytest.fixture
def asked() -> Asked:
    """A question of a topic below Python, which counts as Python, and one of SQL itself."""
    below = Topic.objects.create(slug="iteration", title="Iteration", parent=make_topic("python"))
    return {
        "generators": publish_question("generators", topic=below, title="Generators"),
        "joins": publish_question("joins", topic=make_topic("sql"), title="Joins"),
    }


def _map(cohort: Cohort, sort: str = "") -> TopicMap:
    refresh()
    return topic_map(candidates_of(cohort), facts_of(cohort, Filters()), sort=sort)


def _cells(found: TopicMap) -> dict[str, list[Cell | None]]:
    return {row.candidate.name: [*row.cells, row.overall] for row in found.rows}


def test_each_cell_is_the_mean_of_first_attempts_by_first_level_topic(
    cohort: Cohort, candidate: User, peer: User, asked: Asked
) -> None:
    more = publish_question("lists", topic=make_topic("python"))
    practise(candidate, [asked["generators"], more, asked["joins"]], {"generators": 80, "lists": 50, "joins": 31})
    practise(candidate, [asked["joins"]], {"joins": 100}, minutes=20)
    practise(peer, [asked["joins"]], {"joins": 90})

    found = _map(cohort)

    assert [topic.title for topic in found.topics] == ["Python", "Sql"]
    assert _cells(found) == {
        "Candidate": [Cell(65, 2), Cell(31, 1), Cell(pytest.approx(161 / 3), 3)],
        "Peer": [None, Cell(90, 1), Cell(90, 1)],
    }


def test_the_cohort_s_own_mean_is_that_of_its_candidates(
    cohort: Cohort, candidate: User, peer: User, asked: Asked
) -> None:
    more = publish_question("lists", topic=make_topic("python"))
    practise(candidate, [asked["generators"], more], {"generators": 80, "lists": 50})
    practise(peer, [asked["generators"]], {"generators": 15})

    found = _map(cohort)

    means = [(one.mean, one.n, one.answers) for one in (found.means[0], found.overall) if one]
    assert means == [(40, 2, 3), (40, 2, 3)]


def test_rows_are_sorted_by_name_score_or_topic_and_those_without_come_last(
    cohort: Cohort, candidate: User, peer: User, asked: Asked
) -> None:
    third = UserFactory(name="Zoe")
    MembershipFactory(cohort=cohort, user=third, role=Role.CANDIDATE)
    practise(candidate, asked.values(), {"generators": 80, "joins": 10})
    practise(peer, asked.values(), {"joins": 60})

    orders = {sort: list(_cells(_map(cohort, sort))) for sort in ("", "-name", "-overall", "overall", "-sql", "nope")}

    assert orders == {
        "": ["Candidate", "Peer", "Zoe"],
        "-name": ["Zoe", "Peer", "Candidate"],
        "-overall": ["Peer", "Candidate", "Zoe"],
        "overall": ["Candidate", "Peer", "Zoe"],
        "-sql": ["Peer", "Candidate", "Zoe"],
        "nope": ["Candidate", "Peer", "Zoe"],
    }


def test_nobody_else_is_on_the_map(
    cohort: Cohort, candidate: User, mentor: User, outsider: User, asked: Asked
) -> None:
    for number, user in enumerate((candidate, mentor, outsider), 1):
        practise(user, [asked["joins"]], {"joins": 10 * number})

    assert _cells(_map(cohort)) == {"Candidate": [Cell(10, 1), Cell(10, 1)]}


def test_a_cohort_without_answers_has_a_map_without_topics(cohort: Cohort, candidate: User, asked: Asked) -> None:
    found = _map(cohort)

    assert (found.topics, found.means, found.overall, _cells(found)) == ([], [], None, {"Candidate": [None]})


def test_heat_has_five_steps() -> None:
    assert [heat(value) for value in (0, 19.9, 20, 40, 60, 79.9, 80, 100)] == [1, 1, 2, 3, 4, 4, 5, 5]


def _points(cohort: Cohort) -> list[PointRow]:
    refresh()
    return point_map(facts_of(cohort, Filters()))


def test_key_points_say_what_candidates_leave_out_the_most_first(cohort: Cohort, mentor: User, asked: Asked) -> None:
    given = [Mark.MISSING, Mark.MISSING, Mark.MISSING, Mark.MISSING, Mark.PARTLY, Mark.CONTRADICTED]
    for lazy in given:
        user = UserFactory()
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        practise(user, [asked["generators"]], {"generators": 50})
        answer = job_of(user, asked["generators"])
        mark(answer, mentor, lazy=lazy, memory=Mark.STATED, once=Mark.MISSING)

    rows = _points(cohort)
    name_points(rows)

    assert [(row.slug, row.n, row.left_out, row.is_often) for row in rows] == [
        ("once", 6, 6, True),
        ("lazy", 6, 4, False),
        ("memory", 6, 0, False),
    ]
    assert [(name, count, round(percent), step) for name, count, percent, step in rows[1].cells] == [
        ("missing", 4, 67, 4),
        ("contradicted", 1, 17, 1),
        ("partly", 1, 17, 1),
        ("stated", 0, 0, 1),
    ]
    assert (rows[0].claim, rows[0].title, rows[0].topic) == (
        "Generators can be consumed a single time.",
        "Generators",
        "Iteration",
    )


def test_key_points_that_few_were_asked_stand_at_the_end(cohort: Cohort, candidate: User, asked: Asked) -> None:
    crowd = UserFactory.create_batch(5)
    for user in crowd:
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        practise(user, [asked["generators"]], {"generators": 50})
    practise(candidate, [asked["joins"]], {"joins": 50})
    mark(job_of(candidate, asked["joins"]), crowd[0], lazy=Mark.MISSING, memory=Mark.MISSING, once=Mark.MISSING)

    rows = _points(cohort)

    assert [(row.n, row.left_out, row.is_small, row.is_often) for row in rows] == [
        *[(5, 0, False, False)] * 3,
        *[(1, 1, True, False)] * 3,
    ]


def test_a_key_point_counts_in_the_first_attempt_alone(cohort: Cohort, candidate: User, asked: Asked) -> None:
    practise(candidate, [asked["joins"]], {"joins": 50})
    practise(candidate, [asked["joins"]], {"joins": 60}, minutes=20)

    assert {row.n for row in _points(cohort)} == {1}


@pytest.mark.parametrize("count", [1, 3])
def test_the_maps_take_the_same_queries_whatever_their_size(
    cohort: Cohort, count: int, django_assert_num_queries: Any
) -> None:
    versions = [publish_question(f"q-{n}", topic=make_topic(f"topic-{n}")) for n in range(count)]
    for _ in range(count):
        user = UserFactory()
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        practise(user, versions, {version.question.slug: 50 for version in versions})
    refresh()

    with django_assert_num_queries(3):
        found = topic_map(candidates_of(cohort), facts_of(cohort, Filters()), sort="-overall")
    with django_assert_num_queries(3):
        rows = point_map(facts_of(cohort, Filters()))
        name_points(rows)

    assert [row.cells for row in found.rows] == [[Cell(50, 1)] * count] * count
    assert len(rows) == 3 * count
