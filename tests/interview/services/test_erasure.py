"""A person is erased: nothing that says who they were or what they wrote is left, and the figures stay."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.urls import reverse
from knox.models import AuthToken

from analytics.selectors.items import Attempts, first_attempts, left_empty
from grading.models import (
    Appeal,
    CalibrationAnswer,
    Grade,
    GradingJob,
    KeyPointMark,
    MentorQuestion,
    QuestionCalibration,
    Review,
)
from grading.selectors.grades import shown_grade, with_results
from interview.models import Answer, Draft, Interview, InterviewQuestion, PointToRecall, PracticePlan, Reminder
from interview.services.interviews import close_overdue, save_draft, submit_answer
from people.clock import database_now
from people.models import AuditEntry, Cohort, Erasure, Invitation, MemberImport, Membership, Role, User
from people.services import erasure
from people.services.audit import audit
from people.services.cohorts import set_role
from people.services.invitations import accept_invitation, invite
from questionbank.models import QuestionVersion, Track
from tests.conftest import client_of
from tests.factories import make_interview
from tests.interview.lives import answered, reviewed

NAME = "Wilhelmina Quist"
ADDRESS = "w.quist@example.com"
OTHER_ADDRESS = "Quist.Private@example.org"


@pytest.fixture
def due(lived: User, admin: User, cohort: Cohort) -> User:
    """`lived`, known by a name and two addresses, whose days of grace are over."""
    User.objects.filter(pk=lived.pk).update(name=NAME, email=ADDRESS, extra_time_factor=2)
    EmailAddress.objects.filter(user=lived).update(email=ADDRESS)
    EmailAddress.objects.create(user=lived, email=OTHER_ADDRESS, primary=False, verified=True)
    lived.refresh_from_db()
    now = database_now()
    lived.memberships.filter(role=Role.CANDIDATE).delete()
    _, token = invite(cohort=cohort, email=ADDRESS, role=Role.CANDIDATE, actor=admin, now=now)
    accept_invitation(token=token, user=lived, now=now)
    for found in Cohort.objects.filter(name="My own"):
        set_role(cohort=found, user=admin, role=Role.ADMIN, actor=None)
    return lived


def erase() -> None:
    erasure.erase_due(now=database_now())


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608 (our own tables)
        return [row for (row,) in cursor.fetchall()]


def _where(*words: str) -> set[str]:
    """Return the tables in which one of words stands, in any case."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    return {t for t in tables if any(word.lower() in row.lower() for row in _rows(t) for word in words)}


def _names(user: User) -> tuple[str, ...]:
    return (NAME, ADDRESS, OTHER_ADDRESS)


def _job(user: User) -> GradingJob:
    return GradingJob.objects.get(candidate=user)


def test_nothing_says_any_more_who_it_was(due: User, admin: User, cohort: Cohort) -> None:
    audit(actor=admin, action="something.long", on=cohort, people=[{"mail": OTHER_ADDRESS.upper()}, f"To {ADDRESS}."])
    found = MemberImport.objects.get()
    found.rows = [[2, [NAME, ADDRESS]], [3, ["Somebody", "else@example.com"]]]
    found.report = {"invited": [{"row": 2, "email": ADDRESS, "name": NAME}, {"row": 3, "email": "else@example.com"}]}
    found.save()
    assert {"people_user", "account_emailaddress", "people_auditentry", "people_memberimport"} <= _where(*_names(due))

    erase()

    assert _where(*_names(due)) == set()
    found.refresh_from_db()
    assert (found.rows, found.report) == (
        [[3, ["Somebody", "else@example.com"]]],
        {"invited": [{"row": 3, "email": "else@example.com"}]},
    )
    left = AuditEntry.objects.get(action="something.long").detail
    assert left == {"people": [{"mail": "(erased)"}, "To (erased)."]}


def test_addresses_that_only_look_alike_stay(due: User, admin: User, cohort: Cohort) -> None:
    alike = [f"not-{ADDRESS}", f"{ADDRESS}.au", ADDRESS.replace(".", "x", 1)]
    audit(actor=admin, action="something.else", on=cohort, people=alike)

    erase()

    assert AuditEntry.objects.get(action="something.else").detail == {"people": alike}


def test_every_text_of_theirs_goes_and_what_was_said_of_it(due: User) -> None:
    InterviewQuestion.objects.filter(interview__candidate=due).update(late_text="Too late.")
    words = ("Values come on demand", "CANARYANSWER", "A draft.", "Too late.", "You do say it.", "Why?", "Because.")
    theirs = {"interview_answer", "interview_draft", "interview_interviewquestion", "grading_gradingjob"}
    theirs |= {"grading_review", "grading_appeal", "grading_mentorquestion"}
    assert theirs <= _where(*words)

    erase()

    job = _job(due)
    assert (job.text, Answer.objects.get(question__interview__candidate=due).text) == ("", "")
    assert list(InterviewQuestion.objects.filter(interview__candidate=due).values_list("late_text", flat=True)) == [""]
    assert not Draft.objects.filter(question__interview__candidate=due).exists()
    assert [one.reason for one in job.reviews.all()] == ["(erased)"]
    assert [(one.said, one.reason) for one in Appeal.objects.filter(job=job)] == []
    assert not MentorQuestion.objects.filter(job=job).exists()
    override = AuditEntry.objects.get(action="grade.override", object_id=str(job.pk))
    assert override.detail["reason"] == "(erased)"
    for model in (PracticePlan, PointToRecall, Reminder):
        assert not model.objects.filter(candidate=due).exists()


def test_scores_marks_and_times_stay(due: User) -> None:
    def figures() -> list[Any]:
        grades = Grade.objects.filter(job__candidate=due).order_by("pk")
        marks = KeyPointMark.objects.filter(grade__in=grades).order_by("pk")
        reviews = Review.objects.filter(job__candidate=due)
        answers = Answer.objects.filter(question__interview__candidate=due)
        return [
            list(grades.values_list("score", "confidence", "receipt", "created_at")),
            list(marks.values_list("mark", "similarity", "evidence_start", "evidence_end")),
            list(reviews.values_list("score", "created_at")),
            list(answers.values_list("submitted_at")),
            list(Interview.objects.filter(candidate=due).values_list("started_at", "finished_at")),
        ]

    Interview.objects.filter(candidate=due).update(finished_at=database_now())
    before = figures()

    erase()

    assert figures() == before
    assert all(before)


def test_the_statistics_of_questions_stay_as_they_were(due: User, peer: User, published: QuestionVersion) -> None:
    Membership.objects.filter(user=due).exclude(role=Role.CANDIDATE).delete()
    answered(peer, published)
    Interview.objects.update(finished_at=database_now())
    before = ({(one.job, one.score) for one in first_attempts()}, left_empty())
    assert len(before[0]) == 2

    erase()

    assert ({(one.job, one.score) for one in first_attempts()}, left_empty()) == before
    assert len(Attempts.all().attempts) == 2


def test_the_account_is_nobodys_and_opens_nothing(due: User) -> None:
    client = client_of(User.objects.get(pk=due.pk))
    assert client.get(reverse("profile")).status_code == 200

    erase()

    due.refresh_from_db()
    assert (due.name, due.email, due.is_active, due.has_usable_password()) == (
        "Erased account",
        f"{due.pk}@erased.invalid",
        False,
        False,
    )
    assert (due.extra_time_factor, due.untimed, due.last_login) == (1, False, None)
    assert client.get(reverse("profile")).status_code == 302
    for model in (EmailAddress, Authenticator, UserSession, AuthToken, Membership):
        assert not model.objects.filter(user=due).exists()
    assert not Invitation.objects.filter(accepted_by=due).exists()


def test_the_record_of_the_erasure_names_nobody_but_an_id(due: User) -> None:
    erase()

    entry = AuditEntry.objects.get(action="person.erase")
    assert (entry.actor, entry.object_id, entry.detail) == (None, str(due.pk), {})
    assert Erasure.objects.get(user=due).done_at is not None


def test_what_others_wrote_and_got_stays(due: User, mentor: User) -> None:
    theirs = GradingJob.objects.get(candidate=mentor)

    erase()

    theirs.refresh_from_db()
    assert theirs.text.startswith("Values come on demand")
    assert [(one.reason, one.reviewer.display_name) for one in theirs.reviews.all()] == [
        ("My words.", "Erased account")
    ]
    assert theirs.mentor_questions.get().answer == "Mine."


def test_an_erasure_can_be_done_again_and_in_pieces(
    due: User, published: QuestionVersion, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        reviewed(answered(due, published), mentor, "Again.")
    monkeypatch.setattr(erasure, "AT_MOST", 1)

    erase()
    done = Erasure.objects.get(user=due).done_at
    erase()

    assert not GradingJob.objects.filter(candidate=due).exclude(text="").exists()
    assert not Review.objects.filter(job__candidate=due).exclude(reason="(erased)").exists()
    assert Erasure.objects.get(user=due).done_at == done
    assert AuditEntry.objects.filter(action="person.erase").count() == 1


def test_an_erasure_that_was_cut_off_goes_on(
    due: User, published: QuestionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        answered(due, published)
    monkeypatch.setattr(erasure, "AT_MOST", 1)
    monkeypatch.setattr(erasure, "LONGEST", 0)

    erase()

    due.refresh_from_db()
    assert (due.is_active, due.name) == (False, NAME)
    assert GradingJob.objects.filter(candidate=due, text="").count() == 1
    while Erasure.objects.get(user=due).done_at is None:
        erase()
    assert GradingJob.objects.filter(candidate=due, text="").count() == 4
    assert _where(*_names(due)) == set()


def test_a_running_mock_ends_and_nothing_empty_is_graded(due: User, track: Track) -> None:
    running = make_interview(due, track)
    first, second = running.questions.all()
    save_draft(asked=first, text="Half a thought.", revision=0, now=database_now())
    waiting = submit_answer(asked=second, text="It waits.", idempotency_key=uuid4(), now=database_now()).job

    erase()
    close_overdue(now=database_now() + timedelta(days=9))

    running.refresh_from_db()
    assert running.finished_at is not None
    assert not GradingJob.objects.filter(pk=waiting.pk).exists()
    assert not Answer.objects.filter(question__interview=running).exists()
    assert _where("Half a thought", "It waits") == set()


def test_a_calibration_that_learnt_from_them_is_withdrawn(due: User, published: QuestionVersion, mentor: User) -> None:
    calibration = QuestionCalibration.objects.create(
        version=published, number=1, created_by=mentor, created_at=database_now()
    )
    CalibrationAnswer.objects.create(calibration=calibration, job=_job(due), text=_job(due).text, score=80)

    erase()

    calibration.refresh_from_db()
    assert calibration.withdrawn_at is not None
    assert [one.text for one in calibration.answers.all()] == [""]


def test_verify_grade_says_that_the_text_was_erased(due: User) -> None:
    grade = Grade.objects.get(job__candidate=due)

    erase()

    with pytest.raises(CommandError, match="was erased"):
        call_command("verify_grade", str(grade.pk))


def test_pages_show_an_erased_answer_without_its_evidence(due: User, site_admin: User) -> None:
    job = _job(due)

    erase()

    shown = shown_grade(with_results(GradingJob.objects.filter(pk=job.pk)).get())
    assert shown is not None
    assert {segment.text for segment in shown.segments} <= {""}
    page = client_of(site_admin).get(reverse("review", args=[job.pk]))
    assert page.status_code == 200
    assert NAME not in page.content.decode()


@pytest.mark.parametrize("state", ["not due", "undone"])
def test_nothing_goes_before_it_is_due_or_once_it_is_undone(due: User, state: str) -> None:
    if state == "undone":
        Erasure.objects.filter(user=due).delete()
    else:
        Erasure.objects.filter(user=due).update(due_at=database_now() + timedelta(minutes=1))

    erase()

    due.refresh_from_db()
    assert (due.name, due.is_active, _job(due).text[:6]) == (NAME, True, "Values")


def test_one_person_who_cannot_be_erased_keeps_no_other(
    due: User, peer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = database_now()
    Erasure.objects.filter(user=due).update(asked_at=now - timedelta(1), due_at=now - timedelta(1))
    Erasure.objects.create(user=peer, asked_by=peer, asked_at=now, due_at=now)
    forget = erasure._forget  # noqa: SLF001 (broken for one person alone)

    def broken_for_due(user: User) -> None:
        if user == due:
            raise RuntimeError("It cannot be done.")
        forget(user)

    monkeypatch.setattr(erasure, "_forget", broken_for_due)

    erase()

    assert Erasure.objects.get(user=due).done_at is None
    assert Erasure.objects.get(user=peer).done_at is not None
    assert _job(due).text != ""


# --- The triggers let nothing else happen -------------------------------------------------------------------

ABUSES = {
    "another text": "UPDATE interview_answer SET text = 'Better.' WHERE id = %(answer)s",
    "a job's other text": "UPDATE grading_gradingjob SET text = 'Better.' WHERE id = %(job)s",
    "a job's answer": "UPDATE grading_gradingjob SET text = '', answer_id = id WHERE id = %(job)s",
    "a job's candidate": "UPDATE grading_gradingjob SET text = '', candidate_id = %(mentor)s WHERE id = %(job)s",
    "a time": "UPDATE interview_answer SET text = '', submitted_at = now() WHERE id = %(answer)s",
    "a reason": "UPDATE grading_review SET reason = 'Mine.' WHERE job_id = %(job)s",
    "a score": "UPDATE grading_review SET reason = '(erased)', score = 100 - score WHERE job_id = %(job)s",
    "a grade": "UPDATE grading_grade SET score = 99 WHERE job_id = %(job)s",
    "no review": "DELETE FROM grading_review WHERE job_id = %(job)s",
    "somebody else's answer": "UPDATE interview_answer SET text = '' WHERE job_id = %(other_job)s",
    "somebody else's job": "UPDATE grading_gradingjob SET text = '' WHERE id = %(other_job)s",
    "somebody else's review": "UPDATE grading_review SET reason = '(erased)' WHERE job_id = %(other_job)s",
    "an act": "UPDATE people_auditentry SET action = 'nothing'",
    "an actor": "UPDATE people_auditentry SET actor_id = NULL",
    "a detail": "UPDATE people_auditentry SET detail = '{}'",
    "no entry": "DELETE FROM people_auditentry",
}


def _given(due: User, mentor: User) -> dict[str, Any]:
    job, other = _job(due), GradingJob.objects.get(candidate=mentor)
    return {"job": job.pk, "answer": job.answer_id, "other_job": other.pk, "mentor": mentor.pk}


def _refused(statement: str, given: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement, given)
        except Error as error:
            return "append-only" in str(error) or "cannot be changed" in str(error)
    return False


def _set_erasing(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('greenroom.erasing', %s, true)", [value])


def test_within_an_erasure_nothing_else_may_change(due: User, mentor: User) -> None:
    given = _given(due, mentor)
    _set_erasing(str(due.pk))

    assert [abuse for abuse, statement in ABUSES.items() if not _refused(statement, given)] == []


ERASING = {
    "an answer": "UPDATE interview_answer SET text = '' WHERE id = %(answer)s",
    "a job": "UPDATE grading_gradingjob SET text = '' WHERE id = %(job)s",
    "a review": "UPDATE grading_review SET reason = '(erased)' WHERE job_id = %(job)s",
    "an entry": "UPDATE people_auditentry SET detail = without_addresses(detail, %(due)s)",
}


@pytest.mark.parametrize("without", ["the setting", "its being due", "an erasure", "an end", "the same person"])
def test_without_an_erasure_that_is_due_no_text_may_go(due: User, mentor: User, without: str) -> None:
    asked, now = Erasure.objects.filter(user=due), database_now()
    if without == "its being due":
        asked.update(due_at=now + timedelta(minutes=1))
    if without == "an erasure":
        asked.delete()
    if without == "an end":
        asked.update(done_at=now)
    given = {**_given(due, mentor), "due": due.pk}
    _set_erasing({"the setting": "", "the same person": str(mentor.pk)}.get(without, str(due.pk)))

    assert [change for change, statement in ERASING.items() if not _refused(statement, given)] == []


def test_the_setting_ends_with_the_erasure(due: User, cohort: Cohort) -> None:
    erase()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('greenroom.erasing', true)")
        assert cursor.fetchone() == ("",)
