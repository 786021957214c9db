"""Facts: what is shown of each answer, written anew when that changes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db.models import F

from analytics.models import AnswerFact, StaleAnswer
from analytics.services.facts import refresh, refresh_piece
from analytics.tasks import refresh_facts
from grading.models import GradingJob
from grading.selectors.grades import shown_grade, with_results, with_shown_score
from interview.models import Mode
from interview.services.guests import hand_over
from interview.services.interviews import finish, save_draft, start_chosen, submit_answer
from people.clock import database_now
from people.models import User
from people.services.guests import create_guest
from questionbank.models import Mark, QuestionVersion, Track
from tests.analytics.attempts import job_of, mark, practise, questions
from tests.factories import give_grade, make_interview


@pytest.fixture
def asked() -> dict[str, QuestionVersion]:
    return questions("closures", "decorators", "slots")


def test_a_fact_says_what_is_shown_of_an_answer(
    candidate: User, track: Track, asked: dict[str, QuestionVersion]
) -> None:
    interview = practise(candidate, asked.values(), {"closures": 80, "decorators": 35}, track=track)

    assert refresh() == 2  # an answer that was left empty in practice is none
    fact = AnswerFact.objects.get(job=job_of(candidate, asked["closures"]))
    assert fact.answered_at == interview.started_at + timedelta(minutes=4)
    assert (fact.candidate, fact.interview, fact.assignment, fact.track) == (candidate, interview, None, track)
    assert (fact.question, fact.version) == (asked["closures"].question, asked["closures"])
    assert (fact.mode, fact.attempt, fact.score, fact.is_by_mentor, fact.is_empty) == ("practice", 1, 80, False, False)
    assert fact.seconds == 240
    assert (fact.key, fact.marks) == (asked["closures"], "sss")
    assert StaleAnswer.objects.count() == 0


def test_scores_and_marks_are_those_that_the_pages_show(
    candidate: User, peer: User, mentor: User, asked: dict[str, QuestionVersion]
) -> None:
    practise(candidate, asked.values(), {"closures": 80, "decorators": 35, "slots": 0})
    practise(peer, asked.values(), {"closures": 60})
    for marked in (Mark.PARTLY, Mark.CONTRADICTED):  # the later review counts
        mark(job_of(candidate, asked["closures"]), mentor, lazy=marked, memory=Mark.STATED, once=Mark.MISSING)
    refresh()

    jobs = with_shown_score(GradingJob.objects.all())
    assert set(AnswerFact.objects.values_list("job", "score")) == {(job.pk, job.shown_score) for job in jobs}
    shown = [shown_grade(job) for job in with_results(GradingJob.objects.all())]
    assert set(AnswerFact.objects.values_list("job", "marks")) == {
        (one.job.pk, "".join(point.mark[0] for point in one.marks)) for one in shown if one
    }
    by_mentor = AnswerFact.objects.get(is_by_mentor=True)
    assert (by_mentor.job, by_mentor.marks) == (job_of(candidate, asked["closures"]), "csm")


def test_a_review_makes_the_fact_stale_and_no_fact_is_written_twice(
    candidate: User, mentor: User, asked: dict[str, QuestionVersion]
) -> None:
    practise(candidate, asked.values(), {"closures": 80})
    refresh()
    job = job_of(candidate, asked["closures"])

    mark(job, mentor, lazy=Mark.MISSING, memory=Mark.MISSING, once=Mark.MISSING)

    assert [stale.job_id for stale in StaleAnswer.objects.all()] == [job.pk]
    assert refresh() == 1
    assert [(fact.score, fact.marks) for fact in AnswerFact.objects.all()] == [(0, "mmm")]
    assert refresh() == 0


def test_an_answer_without_a_score_has_no_fact(candidate: User, asked: dict[str, QuestionVersion]) -> None:
    interview = start_chosen(candidate=candidate, title="P", versions=[asked["closures"]], now=database_now())
    question = interview.questions.get()
    submit_answer(asked=question, text="Lazily.", idempotency_key=uuid4(), now=database_now())
    job = job_of(candidate, asked["closures"])

    assert StaleAnswer.objects.count() == 0
    assert refresh(jobs=[job.pk]) == 1
    assert AnswerFact.objects.count() == 0
    give_grade(job, 50)
    refresh()
    assert AnswerFact.objects.get().score == 50


def test_an_answer_of_blanks_is_empty(candidate: User, asked: dict[str, QuestionVersion]) -> None:
    now = database_now()
    interview = start_chosen(candidate=candidate, title="P", versions=list(asked.values()), now=now)
    for text, question in zip(["", " \n\t ", " a "], interview.questions.all(), strict=True):
        give_grade(submit_answer(asked=question, text=text, idempotency_key=uuid4(), now=now).job, 0)
    refresh()

    assert set(AnswerFact.objects.values_list("job__text", "is_empty")) == {
        ("", True),
        (" \n\t ", True),
        (" a ", False),
    }


def test_attempts_are_counted_in_the_order_of_the_answers(candidate: User, asked: dict[str, QuestionVersion]) -> None:
    first = practise(candidate, [asked["closures"]], {"closures": 40})
    second = practise(candidate, [asked["closures"], asked["slots"]], {"closures": 70, "slots": 70}, minutes=5)
    refresh()

    attempts = {(fact.interview, fact.question): fact.attempt for fact in AnswerFact.objects.all()}
    closures, slots = asked["closures"].question, asked["slots"].question
    assert attempts == {(first, closures): 1, (second, closures): 2, (second, slots): 1}


def test_a_guests_answers_count_from_when_they_are_an_accounts_and_move_the_others(
    candidate: User, asked: dict[str, QuestionVersion]
) -> None:
    guest = create_guest()
    earlier = practise(guest, [asked["closures"]], {"closures": 20}, minutes=1)
    later = practise(candidate, [asked["closures"]], {"closures": 60}, minutes=9)
    refresh()
    assert [(fact.interview, fact.attempt) for fact in AnswerFact.objects.all()] == [(later, 1)]

    hand_over(guest=guest, user=candidate)
    refresh()

    attempts = AnswerFact.objects.order_by("attempt").values_list("candidate", "interview", "attempt")
    assert list(attempts) == [(candidate.pk, earlier.pk, 1), (candidate.pk, later.pk, 2)]


def test_time_on_task_is_told_by_practice_alone(
    candidate: User, track: Track, asked: dict[str, QuestionVersion]
) -> None:
    practise(candidate, asked.values(), {"closures": 40, "slots": 70}, minutes=61)
    began = database_now() - timedelta(minutes=5)
    mock = make_interview(candidate, track, mode=Mode.MOCK, now=began)
    for question in mock.questions.select_related("interview"):
        save_draft(asked=question, text="Lazily.", revision=0, now=began)
    finish(interview=mock, now=began + timedelta(minutes=4))
    for job in GradingJob.objects.filter(grade=None):
        give_grade(job, 50)
    refresh()

    # The first took longer than an hour, the third came after two; the mock's were handed in together.
    assert set(AnswerFact.objects.values_list("mode", "seconds")) == {("practice", None), ("mock", None)}
    assert AnswerFact.objects.filter(mode="mock").count() == 2


def test_the_example_counts_for_nothing(candidate: User, asked: dict[str, QuestionVersion]) -> None:
    practise(candidate, asked.values(), {"closures": 40})
    User.objects.filter(pk=candidate.pk).update(email="example@greenroom.invalid")
    refresh()

    assert AnswerFact.objects.count() == 0


def test_a_piece_takes_no_more_than_its_limit(candidate: User, asked: dict[str, QuestionVersion]) -> None:
    practise(candidate, asked.values(), {"closures": 40, "decorators": 50, "slots": 60})

    assert [refresh_piece(limit=2), refresh_piece(limit=2), refresh_piece(limit=2)] == [2, 1, 0]
    assert AnswerFact.objects.count() == 3


def test_the_worker_and_the_command_bring_them_up_to_date(
    candidate: User, asked: dict[str, QuestionVersion], capsys: pytest.CaptureFixture[str]
) -> None:
    practise(candidate, asked.values(), {"closures": 40, "decorators": 50})
    refresh_facts()
    assert AnswerFact.objects.count() == 2

    AnswerFact.objects.update(score=F("score") / 2)
    call_command("refresh_facts")
    assert capsys.readouterr().out == "Facts of 0 answers written.\n"
    call_command("refresh_facts", "--all")

    assert capsys.readouterr().out == "Facts of 2 answers written.\n"
    assert set(AnswerFact.objects.values_list("score", flat=True)) == {40, 50}
