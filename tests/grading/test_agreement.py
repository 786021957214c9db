"""Agreement of machine and mentors: the figures by hand or beside scikit-learn's, what is compared, and for whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from grading.agreement import (
    LEVELS,
    MarkAgreement,
    ScoreAgreement,
    agreement_of_marks,
    agreement_of_scores,
    quadratic_weighted_kappa,
)
from grading.models import GradingJob
from grading.selectors.agreement import compared_reviews, disagreements, of_question, overall
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import MembershipFactory, publish_question
from tests.grading.conftest import grade_by_hand, make_job, make_result, marked

PAGE = reverse("agreement")
MARKS = list(Mark.values)


# --- Figures ------------------------------------------------------------------------------------------------


def test_scores_of_five_answers() -> None:
    """Differences 10, -10, 20, 0, 20. Levels by 20: machine 1 2 3 4 5, mentors 0 2 2 4 4 (50 rounds to the even 2).

    Squared distances of the pairs: 1 + 0 + 1 + 0 + 1 = 3, mean .6. By chance: of the 25 pairings of the two lists the
    squared distances are 1 1 1 9 9, 4 0 0 4 4, 9 1 1 1 1, 16 4 4 0 0, 25 9 9 1 1: 115, mean 4.6. Kappa 1 - .6 / 4.6.
    """
    figures = agreement_of_scores([(20, 10), (40, 50), (60, 40), (80, 80), (100, 80)])

    assert (figures.n, figures.bias, figures.error) == (5, 8, 12)
    assert figures.qwk == pytest.approx(1 - 0.6 / 4.6)


def test_fewer_than_five_answers_or_marks_have_no_figures() -> None:
    assert agreement_of_scores([(20, 10)] * 4) == ScoreAgreement(4, None, None, None)
    assert agreement_of_marks([("stated", "stated", 4)]) == MarkAgreement(4, None, None)
    assert agreement_of_scores([]) == ScoreAgreement(0, None, None, None)


def test_scores_of_one_level_have_no_kappa() -> None:
    figures = agreement_of_scores([(100, 100)] * 5)

    assert (figures.error, figures.qwk) == (0, None)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=5, max_size=40))
def test_kappa_is_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    machine, mentors = np.array(pairs).T
    levels = [np.rint(scores / 100 * (LEVELS - 1)).astype(int) for scores in (mentors, machine)]

    kappa = quadratic_weighted_kappa(machine, mentors)

    if kappa is None:
        assert len(set(levels[0]) | set(levels[1])) == 1
    else:
        assert kappa == pytest.approx(cohen_kappa_score(*levels, labels=range(LEVELS), weights="quadratic"))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.sampled_from(MARKS), st.sampled_from(MARKS)), min_size=5, max_size=40))
def test_f1_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    figures = agreement_of_marks([(machine, mentor, 1) for machine, mentor in pairs])

    stated = [[mark == "stated" for mark in side] for side in zip(*pairs, strict=True)]
    assert figures.equal == pytest.approx(np.mean([machine == mentor for machine, mentor in pairs]))
    if any(stated[0] + stated[1]):
        assert figures.f1 == pytest.approx(f1_score(stated[1], stated[0], zero_division=0.0))
    else:
        assert figures.f1 is None


def test_counts_weigh_as_often_as_they_say() -> None:
    figures = agreement_of_marks([("stated", "stated", 6), ("stated", "missing", 2), ("missing", "partly", 2)])

    assert (figures.n, figures.equal, figures.f1) == (10, 0.6, 12 / 14)


# --- What is compared -----------------------------------------------------------------------------------------


def _review(job: GradingJob, mentor: User, mark: Mark = Mark.STATED, **moved: Any) -> None:
    marks = {point.pk: mark for point in job.key.key_points.all()}
    now = database_now() + timedelta(**moved)
    review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=now)


def test_the_latest_review_is_compared_with_the_machines_grade(graded: GradingJob, mentor: User) -> None:
    _review(graded, mentor, Mark.STATED, minutes=1)
    _review(graded, mentor, Mark.PARTLY, minutes=2)

    (compared,) = compared_reviews(mentor)

    assert (compared.machine, compared.machine_score, compared.score) == (graded.grade_id, 64.17, 50)
    assert compared.difference == pytest.approx(14.17)


def test_an_answer_that_only_a_mentor_has_graded_is_not_compared(job: GradingJob, mentor: User) -> None:
    for _ in range(3):
        claimed = claim(job_id=job.pk, now=database_now())
        assert claimed is not None
        fail(job=claimed, trouble="Broken.")
    job.refresh_from_db()
    _review(job, mentor)

    assert list(compared_reviews(mentor)) == []


def test_only_answers_that_one_may_read_are_compared(
    graded: GradingJob,
    mentor: User,
    other_mentor: User,
    outsider: User,
    other_cohort: Cohort,
    published: QuestionVersion,
) -> None:
    """Not another cohort's, and not one's own as a candidate there."""
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    _review(graded, mentor)
    for candidate in (outsider, mentor):
        _review(grade_by_hand(make_job(candidate, published)), other_mentor)

    assert [found.job for found in compared_reviews(mentor)] == [graded]
    assert {found.job.candidate for found in compared_reviews(other_mentor)} == {outsider, mentor}


def test_the_figures_of_a_question_and_of_its_key_points(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    """Six answers that the machine gives 64.17 and marks stated, partly, contradicted; mentors state all of three."""
    for number in range(6):
        job = grade_by_hand(make_job(candidate, published))
        _review(job, mentor, Mark.STATED if number < 3 else Mark.PARTLY)
    _review(grade_by_hand(make_job(candidate, publish_question("second-question"))), mentor)

    scores, marks, points = of_question(mentor, published.question)
    overall_scores, overall_marks, questions = overall(mentor)

    assert (scores.n, scores.bias, scores.error) == (6, pytest.approx(-10.83), pytest.approx((35.83 + 14.17) / 2))
    assert (marks.n, marks.equal) == (18, (3 + 3) / 18)
    assert [(point.marks.equal, point.marks.f1) for point in points] == [(0.5, 6 / 9), (0.5, 0), (0, 0)]
    assert points[0].claim.startswith("CANARYCLAIM")
    assert (overall_scores.n, overall_marks.n) == (7, 21)
    assert [(found.pk == published.question_id, found.scores.n, found.marks.n) for found in questions] == [
        (True, 6, 18),
        (False, 1, 3),
    ]
    assert questions[0].marks == marks


def test_the_farthest_apart_come_first_and_who_agrees_is_left_out(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    near, far, same = (make_job(candidate, published) for _ in range(3))
    _review(grade_by_hand(near), mentor, Mark.PARTLY)
    _review(grade_by_hand(far), mentor, Mark.MISSING)
    agreed = make_result(*[marked(slug, "stated") for slug in ("lazy", "memory", "once")], score=0.995)
    _review(grade_by_hand(same, agreed), mentor)

    assert [found.job for found in disagreements(mentor, published.question)] == [far, near]


# --- The pages ----------------------------------------------------------------------------------------------


def _of(version: QuestionVersion) -> str:
    return reverse("question_agreement", args=[version.question_id])


@pytest.mark.parametrize(
    ("who", "status"),
    [("mentor", 200), ("other_mentor", 200), ("site_admin", 200)]
    + [(who, 403) for who in ("admin", "candidate", "peer", "outsider", "stranger")],
)
def test_agreement_is_for_mentors(
    published: QuestionVersion, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    client = client_of(request.getfixturevalue(who))

    assert [client.get(page).status_code for page in (PAGE, _of(published))] == [status, status]


def test_there_is_no_page_of_a_question_that_there_is_not(mentor: User) -> None:
    assert client_of(mentor).get(reverse("question_agreement", args=[uuid4()])).status_code == 404


def test_another_cohorts_mentor_sees_none_of_it(graded: GradingJob, mentor: User, other_mentor: User) -> None:
    _review(graded, mentor)
    client = client_of(other_mentor)

    pages = [client.get(page).content.decode() for page in (PAGE, _of(graded.version))]

    assert [(str(graded.pk) in page, graded.code in page) for page in pages] == [(False, False)] * 2
    assert "Mentors have marked no answer that you may read." in pages[0]


def test_figures_of_few_answers_are_not_shown(candidate: User, mentor: User, published: QuestionVersion) -> None:
    client = client_of(mentor)
    for _ in range(4):
        _review(grade_by_hand(make_job(candidate, published)), mentor)
    few = [client.get(page).content.decode() for page in (PAGE, _of(published))]
    _review(grade_by_hand(make_job(candidate, published)), mentor)
    enough = [client.get(page).content.decode() for page in (PAGE, _of(published))]

    assert ["35.8" in page for page in few + enough] == [False, False, True, True]
    assert ["too few" in page.lower() or "Fewer than 5" in page for page in few] == [True, True]


def test_a_disagreement_leads_to_its_answer_and_names_nobody(graded: GradingJob, mentor: User) -> None:
    _review(graded, mentor, Mark.MISSING)

    page = client_of(mentor).get(_of(graded.version)).content.decode()

    assert reverse("review", args=[graded.pk]) in page
    assert f"Answer {graded.code}" in page
    assert graded.candidate.email not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_take_the_same_queries_for_many_reviews_and_questions(
    candidate: User,
    mentor: User,
    published: QuestionVersion,
    django_assert_num_queries: Any,
    count: int,
) -> None:
    client = client_of(mentor)
    for number in range(count):
        _review(grade_by_hand(make_job(candidate, published)), mentor)
        _review(grade_by_hand(make_job(candidate, publish_question(f"question-{number}"))), mentor)

    with django_assert_num_queries(10):
        overall_page = client.get(PAGE)
    with django_assert_num_queries(14):
        page = client.get(_of(published))

    assert len(overall_page.context["questions"]) == 1 + count
    assert page.content.decode().count("grader 64") == count
