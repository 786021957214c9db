"""The cohort table against figures that are added up by hand here."""

from typing import Any
from uuid import uuid4

import pytest

from analytics.selectors.cohorts import Cell, CohortTable, cohort_table
from grading.models import GradingJob
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion, Topic
from tests.factories import (
    MembershipFactory,
    UserFactory,
    give_grade,
    make_interview,
    make_topic,
    make_track,
    publish_question,
)


@pytest.fixture
def python() -> QuestionVersion:
    """A question of a topic below Python: it counts in Python's column."""
    below = Topic.objects.create(slug="iteration", title="Iteration", parent=make_topic("python"))
    return publish_question("generators", topic=below)


@pytest.fixture
def sql() -> QuestionVersion:
    """A question of a topic of the first level."""
    return publish_question("joins", topic=make_topic("sql"))


def _submit(user: User, version: QuestionVersion) -> GradingJob:
    track = make_track(version.question.topic, slug=f"track-{uuid4()}")
    asked = make_interview(user, track).questions.get()
    return submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now()).job


def _graded(user: User, version: QuestionVersion, score: float) -> GradingJob:
    job = _submit(user, version)
    give_grade(job, score)
    job.refresh_from_db()
    return job


def _override(job: GradingJob, mentor: User, *marks: Mark) -> None:
    points = job.version.key_points.order_by("position")
    given = dict(zip([point.pk for point in points], marks, strict=True))
    review(job=job, reviewer=mentor, marks=given, reason="Because.", now=database_now())


def _failed(user: User, version: QuestionVersion) -> GradingJob:
    job = _submit(user, version)
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")
    job.refresh_from_db()
    return job


def _cells(table: CohortTable) -> dict[str, list[Cell | None]]:
    return {row.candidate.name: [*row.cells, row.overall] for row in table.rows}


def test_the_table_says_what_adding_up_by_hand_says(
    cohort: Cohort, candidate: User, peer: User, mentor: User, python: QuestionVersion, sql: QuestionVersion
) -> None:
    _graded(candidate, python, 80)
    overridden = _graded(candidate, python, 10)
    _override(overridden, mentor, Mark.STATED, Mark.MISSING, Mark.STATED)  # weights 3, 2, 1: (3 + 1) of 6
    _graded(candidate, sql, 31)
    _graded(peer, sql, 90)
    _graded(peer, sql, 60)

    table = cohort_table(cohort)

    of_python = (80 + 66.67) / 2
    overall = (80 + 66.67 + 31) / 3
    assert [topic.title for topic in table.topics] == ["Python", "Sql"]
    assert [[_rounded(cell) for cell in row] for row in _cells(table).values()] == [
        [(round(of_python, 6), 2), (31, 1), (round(overall, 6), 3)],
        [None, (75, 2), (75, 2)],
    ]
    assert list(_cells(table)) == ["Candidate", "Peer"]


def _rounded(cell: Cell | None) -> tuple[float, int] | None:
    return (round(cell.mean, 6), cell.count) if cell else None


def test_of_two_overrides_the_later_counts(
    cohort: Cohort, candidate: User, mentor: User, sql: QuestionVersion
) -> None:
    job = _graded(candidate, sql, 10)
    _override(job, mentor, *[Mark.STATED] * 3)
    _override(job, mentor, *[Mark.PARTLY] * 3)

    assert _cells(cohort_table(cohort)) == {"Candidate": [Cell(50, 1), Cell(50, 1)]}


def test_answers_without_a_score_do_not_count(
    cohort: Cohort, candidate: User, mentor: User, sql: QuestionVersion
) -> None:
    _graded(candidate, sql, 40)
    _submit(candidate, sql)
    _failed(candidate, sql)

    assert _cells(cohort_table(cohort)) == {"Candidate": [Cell(40, 1), Cell(40, 1)]}


def test_an_answer_that_only_a_mentor_has_marked_counts(
    cohort: Cohort, candidate: User, mentor: User, sql: QuestionVersion
) -> None:
    _override(_failed(candidate, sql), mentor, *[Mark.STATED] * 3)

    assert _cells(cohort_table(cohort)) == {"Candidate": [Cell(100, 1), Cell(100, 1)]}


def test_a_score_of_nought_is_a_score(cohort: Cohort, candidate: User, sql: QuestionVersion) -> None:
    _graded(candidate, sql, 0)

    assert _cells(cohort_table(cohort)) == {"Candidate": [Cell(0, 1), Cell(0, 1)]}


def test_a_candidate_without_answers_has_an_empty_row(
    cohort: Cohort, candidate: User, python: QuestionVersion, sql: QuestionVersion
) -> None:
    assert _cells(cohort_table(cohort)) == {"Candidate": [None, None, None]}


def test_only_the_cohorts_candidates_have_rows(
    cohort: Cohort,
    candidate: User,
    mentor: User,
    admin: User,
    outsider: User,
    other_mentor: User,
    stranger: User,
    sql: QuestionVersion,
) -> None:
    for number, user in enumerate((candidate, mentor, admin, outsider, other_mentor, stranger)):
        _graded(user, sql, 10 * number)

    assert _cells(cohort_table(cohort)) == {"Candidate": [Cell(0, 1), Cell(0, 1)]}


def test_a_cohort_without_candidates_has_an_empty_table(cohort: Cohort, admin: User, sql: QuestionVersion) -> None:
    assert cohort_table(cohort) == CohortTable([sql.question.topic], [])


@pytest.mark.parametrize("count", [1, 3])
def test_the_table_takes_three_queries_whatever_its_size(
    cohort: Cohort, count: int, django_assert_num_queries: Any
) -> None:
    versions = [publish_question(f"q-{n}", topic=make_topic(f"topic-{n}")) for n in range(count)]
    for _ in range(count):
        user = UserFactory()
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        for version in versions:
            _graded(user, version, 50)

    with django_assert_num_queries(3):
        table = cohort_table(cohort)

    assert [row.cells for row in table.rows] == [[Cell(50, 1)] * count] * count
