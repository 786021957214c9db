"""What a second try gained, lost and kept, and against which earlier answer it is held."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from grading.models import GradingJob
from grading.services.jobs import claim, fail
from grading.services.reviews import review
from interview.models import Answer, Interview, InterviewQuestion
from interview.selectors.results import questions_of, result_of, result_of_question
from interview.selectors.tries import SinceLastTry
from interview.services.interviews import start_chosen, submit_answer
from people.clock import database_now
from people.models import User
from questionbank.content import KeyPointContent
from questionbank.models import Mark, QuestionVersion
from questionbank.services.versions import publish, save_draft
from tests.factories import give_grade, make_content, publish_question
from tests.grading.conftest import grade_by_hand, make_result, marked


def _ask(candidate: User, *versions: QuestionVersion, now: datetime | None = None) -> Interview:
    return start_chosen(candidate=candidate, title="Chosen", versions=versions, now=now or database_now())


def _try(candidate: User, version: QuestionVersion, *, now: datetime | None = None, **marks: str) -> InterviewQuestion:
    """Answer the question; with marks, as slug="mark", it is graded so."""
    asked = _ask(candidate, version, now=now).questions.get()
    answer = submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=now or database_now())
    if marks:
        result = make_result(*(marked(slug, mark) for slug, mark in marks.items()), score=0.62)
        grade_by_hand(answer.job, result)
    return asked


def _since(asked: InterviewQuestion) -> SinceLastTry | None:
    found = questions_of(asked.interview).get(pk=asked.pk)
    return result_of_question(found).since


def _named(since: SinceLastTry | None) -> dict[str, list[str]]:
    assert since is not None
    return {words: [mark.key_point.slug for mark in marks] for words, marks in since.groups}


def _override(asked: InterviewQuestion, mentor: User, mark: Mark) -> None:
    job = GradingJob.objects.get(pk=asked.answer.job_id)
    marks = {point.pk: mark for point in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now())


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("missing", "stated", "gained"),
        ("contradicted", "stated", "gained"),
        ("partly", "stated", "gained"),
        ("stated", "missing", "lost"),
        ("stated", "partly", "lost"),
        ("stated", "contradicted", "lost"),
        ("missing", "partly", "came nearer to"),
        ("contradicted", "missing", "came nearer to"),
        ("partly", "missing", "fell back on"),
        ("missing", "contradicted", "fell back on"),
        ("stated", "stated", "kept"),
    ],
)
def test_a_key_point_is_told_by_what_became_of_it(
    candidate: User, published: QuestionVersion, before: str, after: str, words: str
) -> None:
    _try(candidate, published, lazy=before, memory="missing", once="missing")
    second = _try(candidate, published, lazy=after, memory="missing", once="missing")

    assert _named(_since(second)) == {words: ["lazy"]}


def test_what_changed_is_told_in_one_sentence(candidate: User, published: QuestionVersion) -> None:
    _try(candidate, published, lazy="missing", memory="missing", once="stated")
    second = _try(candidate, published, lazy="stated", memory="stated", once="partly")
    third = _try(candidate, published, lazy="stated", memory="partly", once="missing")
    fourth = _try(candidate, published, lazy="missing", memory="missing", once="missing")
    fifth = _try(candidate, published, lazy="missing", memory="missing", once="missing")

    said = [since.in_words for asked in (second, third, fourth, fifth) if (since := _since(asked))]

    assert said == [
        "gained 2 key points, lost 1",
        "lost 1 key point, fell back on 1, kept 1",
        "lost 1 key point, fell back on 1",
        "no key point has changed",
    ]


def test_the_first_answer_to_a_question_has_nothing_before_it(candidate: User, published: QuestionVersion) -> None:
    first = _try(candidate, published, lazy="missing", memory="missing", once="missing")
    _try(candidate, published, lazy="stated", memory="missing", once="missing")

    assert _since(first) is None


def test_an_answer_is_held_against_the_latest_before_it(candidate: User, published: QuestionVersion) -> None:
    now = database_now()
    _try(candidate, published, now=now - timedelta(days=2), lazy="stated", memory="stated", once="stated")
    _try(candidate, published, now=now - timedelta(days=1), lazy="missing", memory="stated", once="missing")
    latest = _try(candidate, published, now=now, lazy="stated", memory="stated", once="missing")

    since = _since(latest)

    assert since is not None
    assert (since.score, since.answered_at) == (62, now - timedelta(days=1))
    assert _named(since) == {"gained": ["lazy"], "kept": ["memory"]}


def test_an_answer_that_has_no_result_is_passed_over(candidate: User, published: QuestionVersion) -> None:
    _try(candidate, published, lazy="missing", memory="missing", once="missing")
    job = _try(candidate, published).answer.job
    while claimed := claim(job_id=job.pk, now=database_now()):
        fail(job=claimed, trouble="The model broke.")
    _try(candidate, published)  # still waits
    latest = _try(candidate, published, lazy="stated", memory="missing", once="missing")

    assert _named(_since(latest)) == {"gained": ["lazy"]}


def test_an_answer_that_waits_for_its_grade_is_held_against_nothing(
    candidate: User, published: QuestionVersion
) -> None:
    _try(candidate, published, lazy="missing", memory="missing", once="missing")

    assert _since(_try(candidate, published)) is None


def test_a_mentors_marks_count_on_both_sides(candidate: User, mentor: User, published: QuestionVersion) -> None:
    first = _try(candidate, published)
    while claimed := claim(job_id=first.answer.job_id, now=database_now()):
        fail(job=claimed, trouble="The model broke.")
    _override(first, mentor, Mark.PARTLY)
    second = _try(candidate, published, lazy="missing", memory="missing", once="missing")
    _override(second, mentor, Mark.STATED)

    since = _since(second)

    assert since is not None
    assert (since.score, _named(since)) == (50, {"gained": ["lazy", "memory", "once"]})


def test_other_peoples_answers_and_other_questions_count_for_nothing(
    candidate: User, peer: User, published: QuestionVersion
) -> None:
    _try(peer, published, lazy="missing", memory="missing", once="missing")
    _try(candidate, publish_question("another"), lazy="missing", memory="missing", once="missing")

    assert _since(_try(candidate, published, lazy="stated", memory="stated", once="stated")) is None


def test_of_another_version_the_key_points_that_both_have_are_compared(
    candidate: User, published: QuestionVersion
) -> None:
    first = _try(candidate, published, lazy="missing", memory="stated", once="stated")
    points = (KeyPointContent("lazy", "Values come on demand.", 3), KeyPointContent("new", "Something new.", 1))
    changed = make_content(key_points=points, misconceptions=(), exemplars=())
    draft = save_draft(question=published.question, content=changed, author=None)
    newer = publish(version=draft, actor=None, now=database_now())
    second = _try(candidate, newer, lazy="stated", new="stated")
    third = _try(candidate, newer, lazy="stated", new="stated")

    across, within = _since(second), _since(third)

    assert _since(first) is None
    assert (_named(across), _named(within)) == ({"gained": ["lazy"]}, {"kept": ["lazy", "new"]})
    assert across is not None
    assert within is not None
    assert (across.question_changed, within.question_changed) == (True, False)


def test_a_whole_interview_says_the_same_as_its_questions(candidate: User, published: QuestionVersion) -> None:
    other = publish_question("other")
    for version in (published, other):
        _try(candidate, version, lazy="missing", memory="missing", once="missing")
    interview = _ask(candidate, published, other, publish_question("never met"))
    for asked in interview.questions.all():
        answer = submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())
        give_grade(answer.job, 90)

    whole = result_of(interview)

    assert [result_of_question(asked) for asked in questions_of(interview)] == whole.questions
    said = [result.since and result.since.in_words for result in whole.questions]
    assert said == ["gained 3 key points", "gained 3 key points", None]


@pytest.mark.parametrize("count", [1, 3])
def test_a_result_with_earlier_tries_takes_the_same_queries_whatever_its_length(
    candidate: User, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    versions = [publish_question(f"question-{number}") for number in range(count)]
    for version in versions * 2:
        asked = _try(candidate, version, lazy="missing", memory="partly", once="stated")
        _override(asked, mentor, Mark.PARTLY)
    interview = _ask(candidate, *versions)
    for asked in interview.questions.all():
        answer = submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())
        grade_by_hand(answer.job)
    assert Answer.objects.count() == 3 * count

    with django_assert_num_queries(28):
        found = [(result.since.in_words, _named(result.since)) for result in result_of(interview).questions]

    assert [words for words, _ in found] == ["gained 1 key point, fell back on 1"] * count
