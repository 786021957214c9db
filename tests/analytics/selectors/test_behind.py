"""Which answers stand behind a cell, and what is told of them."""

from typing import Any

import pytest

from analytics.filters import Filters, facts_of
from analytics.models import AnswerFact
from analytics.selectors.behind import Behind, answers_behind, marks_behind, read, with_answers
from analytics.services.facts import refresh
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion
from tests.analytics.attempts import crowd, job_of, mark, practise
from tests.factories import MembershipFactory, publish_question


@pytest.fixture
def asked() -> QuestionVersion:
    return publish_question("generators", title="Generators")


def _behind(user: User, cohort: Cohort, **cell: Any) -> list[AnswerFact]:
    refresh()
    return list(answers_behind(user, facts_of(cohort, Filters()), **cell))


def _read(user: User, cohort: Cohort, point: str = "", **cell: Any) -> list[Behind]:
    refresh()
    found = answers_behind(user, facts_of(cohort, Filters()), point=point, **cell)
    return read(with_answers(found, point), point)


def test_a_cell_leads_to_its_answers_the_newest_first(
    cohort: Cohort, mentor: User, candidate: User, peer: User, asked: QuestionVersion
) -> None:
    other = publish_question("joins")
    practise(candidate, [asked, other], {"generators": 40, "joins": 60})
    practise(peer, [asked], {"generators": 80})

    of_candidate = _behind(mentor, cohort, candidate=candidate.pk)
    to_question = _behind(mentor, cohort, question=asked.question_id)

    assert [fact.question_id for fact in of_candidate] == [other.question_id, asked.question_id]
    assert {fact.candidate_id for fact in to_question} == {candidate.pk, peer.pk}
    assert _behind(mentor, cohort, question=asked.question_id, version=2) == []


def test_nobody_reads_the_answers_of_a_cohort_they_do_not_lead(
    cohort: Cohort, candidate: User, peer: User, other_mentor: User, asked: QuestionVersion
) -> None:
    practise(candidate, [asked], {"generators": 40})

    assert [_behind(user, cohort) for user in (other_mentor, peer)] == [[], []]


def test_a_mark_comes_with_the_sentence_it_rests_on(
    cohort: Cohort, mentor: User, candidate: User, asked: QuestionVersion
) -> None:
    practise(candidate, [asked], {"generators": 40})

    (whole,) = _read(mentor, cohort)
    (answer,) = _read(mentor, cohort, point="lazy")

    assert (whole.stated, whole.points, whole.mark, whole.sentence) == (3, 3, "", "")
    assert (answer.mark, answer.sentence, answer.grader_mark) == ("stated", "Lazily.", "")


def test_where_a_mentor_has_marked_both_marks_are_told(
    cohort: Cohort, mentor: User, candidate: User, asked: QuestionVersion
) -> None:
    practise(candidate, [asked], {"generators": 40})
    mark(job_of(candidate, asked), mentor, lazy=Mark.MISSING, memory=Mark.STATED, once=Mark.STATED)

    (answer,) = _read(mentor, cohort, point="lazy")
    (agreed,) = _read(mentor, cohort, point="memory")

    assert (answer.mark, answer.sentence, answer.grader_mark, answer.stated) == ("missing", "Lazily.", "stated", 2)
    assert agreed.grader_mark == ""


def test_the_answers_of_a_key_point_are_counted_and_narrowed_by_their_mark(
    cohort: Cohort, mentor: User, asked: QuestionVersion
) -> None:
    people = crowd(cohort, {"generators": asked}, [{"generators": 50}] * 3)
    for user, lazy in zip(people, [Mark.MISSING, Mark.MISSING, Mark.PARTLY], strict=True):
        mark(job_of(user, asked), mentor, lazy=lazy, memory=Mark.STATED, once=Mark.STATED)

    missing = _behind(mentor, cohort, question=asked.question_id, point="lazy", mark="missing")
    counts = marks_behind(answers_behind(mentor, facts_of(cohort), question=asked.question_id, point="lazy"))

    assert {fact.candidate_id for fact in missing} == {people[0].pk, people[1].pk}
    assert counts == {"stated": 0, "partly": 1, "missing": 2, "contradicted": 0}


@pytest.mark.parametrize("count", [1, 3])
def test_reading_takes_the_same_queries_whatever_the_number(
    cohort: Cohort, mentor: User, asked: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    crowd(cohort, {"generators": asked}, [{"generators": 50}] * count)
    refresh()

    with django_assert_num_queries(5):
        found = with_answers(answers_behind(mentor, facts_of(cohort), point="lazy"), "lazy")
        read_answers = read(found, "lazy")

    assert [answer.sentence for answer in read_answers] == ["Lazily."] * count


def test_a_mentor_who_is_a_candidate_elsewhere_reads_on(
    cohort: Cohort, other_cohort: Cohort, mentor: User, candidate: User, asked: QuestionVersion
) -> None:
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    practise(mentor, [asked], {"generators": 10})
    practise(candidate, [asked], {"generators": 40})

    assert [fact.candidate_id for fact in _behind(mentor, cohort)] == [candidate.pk]
