"""What a question's grading learns from mentors: previewed by a worker, put in force, told, withdrawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from grading.engine import GradedAnswer, Grader, Question
from grading.grader import get_grader, question_of
from grading.models import CalibrationAnswer, CalibrationPreview, GradingJob, QuestionCalibration
from grading.selectors.calibrations import in_force, marked_answers, standings
from grading.selectors.grades import shown_grade, with_results
from grading.services import calibrations as services
from grading.services.calibrations import GIVE_UP_AFTER, propose, put_in_force, sweep, withdraw, work_out
from grading.services.jobs import grade
from grading.services.reviews import review
from people.clock import database_now
from people.models import AuditEntry, User
from questionbank.models import Mark, QuestionVersion
from questionbank.selectors import with_parts
from tests.conftest import client_of
from tests.factories import publish_question
from tests.grading.conftest import grade_by_hand, make_job
from tests.races import race

LAZY = "Generators produce values on demand, which keeps number {} of them small."


def _marked(
    candidate: User, version: QuestionVersion, mentor: User, mark: Mark = Mark.PARTLY, n: int = 0
) -> GradingJob:
    """Return an answer that a mentor has marked; the stub encoder takes those of other numbers for near ones."""
    job = grade_by_hand(make_job(candidate, version, text=LAZY.format(n)))
    _review(job, mentor, mark)
    return job


def _review(job: GradingJob, mentor: User, mark: Mark) -> None:
    marks = {point.pk: mark for point in job.key.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Because.", now=database_now())


@pytest.fixture
def marked(candidate: User, published: QuestionVersion, mentor: User) -> list[GradingJob]:
    """Five answers alike of which a mentor thinks much better than the grader."""
    return [_marked(candidate, published, mentor, Mark.STATED, n) for n in range(5)]


def _propose(version: QuestionVersion, mentor: User) -> CalibrationPreview:
    return propose(version=version, actor=mentor, now=database_now())


def _worked_out(version: QuestionVersion, mentor: User) -> CalibrationPreview:
    made = _propose(version, mentor)
    work_out(preview_id=made.pk)
    return CalibrationPreview.objects.get(pk=made.pk)


def _in_force(version: QuestionVersion, mentor: User) -> QuestionCalibration:
    return put_in_force(preview=_worked_out(version, mentor), actor=mentor, now=database_now())


def _read(version: QuestionVersion) -> QuestionVersion:
    return with_parts(QuestionVersion.objects.filter(pk=version.pk)).get()


# --- What is learnt from ------------------------------------------------------------------------------------


def test_an_answer_counts_once_with_its_latest_review(
    candidate: User, published: QuestionVersion, mentor: User, site_admin: User
) -> None:
    job = _marked(candidate, published, mentor, Mark.MISSING)
    _review(job, site_admin, Mark.STATED)

    assert [(found.job, found.score) for found in marked_answers([published])] == [(job, 100)]


def test_guests_and_empty_answers_and_other_versions_teach_nothing(
    candidate: User, published: QuestionVersion, mentor: User, site_admin: User
) -> None:
    guest = User.objects.create_user("guest@guest.invalid", is_guest=True)
    _marked(guest, published, site_admin)
    _review(grade_by_hand_empty(candidate, published), mentor, Mark.MISSING)
    _marked(candidate, publish_question("second-question"), mentor)

    assert list(marked_answers([published])) == []


def grade_by_hand_empty(candidate: User, version: QuestionVersion) -> GradingJob:
    job = make_job(candidate, version, text="")
    grade(job_id=job.pk)
    return GradingJob.objects.get(pk=job.pk)


# --- The preview --------------------------------------------------------------------------------------------


def test_a_preview_is_for_a_worker_and_rings(
    marked: list[GradingJob],
    published: QuestionVersion,
    mentor: User,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(services, "ring", lambda *what: rung.append(what))

    with django_capture_on_commit_callbacks(execute=True):
        made = _propose(published, mentor)

    assert rung == [("grading.run_calibration_preview", made.pk)]
    assert (made.is_open, made.helps, len(made.reviews)) == (True, False, 5)


def test_four_answers_are_too_few(candidate: User, published: QuestionVersion, mentor: User) -> None:
    for n in range(4):
        _marked(candidate, published, mentor, n=n)

    with pytest.raises(ValidationError, match=r"marked 4 answers .* From 5 on"):
        _propose(published, mentor)

    assert not CalibrationPreview.objects.exists()


def test_of_very_many_answers_those_marked_last_are_learnt_from(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ANSWERS", 5)
    sixth = _marked(marked[0].candidate, published, mentor)

    made = _propose(published, mentor)

    assert made.reviews == [str(job.reviews.get().pk) for job in (sixth, *marked[:0:-1])]


def test_the_preview_says_how_far_grades_are_from_mentors_with_what_the_others_teach(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    preview = _worked_out(published, mentor)

    plain = [grade.score for grade in get_grader().grade_many([(_learning(published), job.text) for job in marked])]
    learnt = [get_grader().grade(_learning(published, without=job), job.text).score for job in marked]
    assert preview.finished_at is not None
    assert preview.error_before == pytest.approx(100 - 100 * sum(plain) / 5, abs=0.01)
    assert preview.error_after == pytest.approx(100 - 100 * sum(learnt) / 5, abs=0.01)
    assert (preview.helps, preview.nearer, preview.trouble) == (True, 5, "")


def _learning(version: QuestionVersion, without: GradingJob | None = None) -> Question:
    """Return version as a grader sees it that knows all marked answers but one, or none of them."""
    others = GradingJob.objects.exclude(pk=without.pk) if without else GradingJob.objects.none()
    graded = tuple(GradedAnswer(other.text, 1.0) for other in others)
    return replace(question_of(_read(version)), graded=graded)


def test_a_preview_worked_out_twice_stays_as_it_was(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    first = _worked_out(published, mentor)
    work_out(preview_id=first.pk)

    assert CalibrationPreview.objects.values().get() == CalibrationPreview.objects.filter(pk=first.pk).values().get()
    assert CalibrationPreview.objects.get().finished_at == first.finished_at


def test_a_preview_that_there_is_not_is_nothing_to_do() -> None:
    assert work_out(preview_id=uuid4()) is None


def test_an_error_is_told_in_words_and_raised(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise OSError("The model is damaged.")

    monkeypatch.setattr(Grader, "leave_one_out", broken)
    made = _propose(published, mentor)

    with pytest.raises(OSError, match="damaged"):
        work_out(preview_id=made.pk)

    made.refresh_from_db()
    assert (made.is_open, made.trouble[:32]) == (False, "The grader could not work this o")
    with pytest.raises(ValidationError):
        put_in_force(preview=made, actor=mentor, now=database_now())


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The ids that the sweeper rings for."""
    heard: list[Any] = []
    monkeypatch.setattr(services, "ring", lambda _task, of: not heard.append(of))
    return heard


@pytest.mark.parametrize(("seconds", "times"), [(34, 0), (36, 1)])
def test_what_nobody_worked_out_is_rung_for_again(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, rung: list[Any], seconds: int, times: int
) -> None:
    made = _propose(published, mentor)
    later = made.created_at + timedelta(seconds=seconds)

    sweep(now=later)
    sweep(now=later)

    assert rung == [made.pk] * times


def test_what_no_worker_survives_is_given_up(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, rung: list[Any]
) -> None:
    made = _propose(published, mentor)

    sweep(now=made.created_at + GIVE_UP_AFTER)

    made.refresh_from_db()
    assert (made.is_open, made.trouble != "", rung) == (False, True, [])


# --- In force -----------------------------------------------------------------------------------------------


def test_in_force_new_grades_learn_and_their_receipt_says_so(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User
) -> None:
    before = grade(job_id=make_job(candidate, published, text=LAZY.format(9)).pk)
    made = _in_force(published, mentor)
    after = grade(job_id=make_job(candidate, published, text=LAZY.format(9)).pk)

    assert before
    assert after
    assert after.score > before.score
    assert (after.receipt["question_calibration"], after.receipt["graded_answers"]) == (1, 5)
    assert "question_calibration" not in before.receipt
    marks = [list(one.marks.values_list("key_point", "mark", "p_stated")) for one in (before, after)]
    assert marks[0] == marks[1]
    assert (made.number, made.created_by, [answer.score for answer in made.answers.all()]) == (1, mentor, [100] * 5)


def test_grades_of_other_versions_and_those_that_are_there_stay(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User
) -> None:
    other = publish_question("second-question")
    scores = list(GradingJob.objects.values_list("pk", "grade__score"))
    _in_force(published, mentor)

    assert (question_of(_read(other)).graded, in_force(other)) == ((), None)
    assert list(GradingJob.objects.values_list("pk", "grade__score")) == scores


def test_a_newer_calibration_takes_the_place_of_the_older_one(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User, site_admin: User
) -> None:
    first = _in_force(published, mentor)
    _marked(candidate, published, mentor, Mark.STATED, 6)
    second = _in_force(published, site_admin)

    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawn_at) == (site_admin, second.created_at)
    assert (second.number, second.answers.count(), in_force(published)) == (2, 6, second)
    acts = AuditEntry.objects.filter(action__startswith="calibration").order_by("id")
    assert [(act.action, act.actor, act.detail["number"]) for act in acts] == [
        ("calibration.put_in_force", mentor, 1),
        ("calibration.withdraw", site_admin, 1),
        ("calibration.put_in_force", site_admin, 2),
    ]
    assert acts[2].detail["answers"] == 6


def test_withdrawn_grades_come_from_the_engine_alone_again(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, site_admin: User
) -> None:
    _in_force(published, mentor)

    withdraw(version=published, actor=site_admin, now=database_now())

    assert (in_force(published), question_of(_read(published)).graded) == (None, ())
    with pytest.raises(ValidationError, match="No calibration of this version"):
        withdraw(version=published, actor=mentor, now=database_now())


def test_what_promises_nothing_is_not_put_in_force(candidate: User, published: QuestionVersion, mentor: User) -> None:
    """Mentors who contradict each other about answers that are alike."""
    for n in range(6):
        _marked(candidate, published, mentor, Mark.STATED if n % 2 else Mark.CONTRADICTED, n)
    preview = _worked_out(published, mentor)

    with pytest.raises(ValidationError, match="not bring grades nearer"):
        put_in_force(preview=preview, actor=mentor, now=database_now())

    assert not preview.helps
    assert not QuestionCalibration.objects.exists()


def test_a_preview_that_nobody_has_worked_out_is_not_put_in_force(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    with pytest.raises(ValidationError):
        put_in_force(preview=_propose(published, mentor), actor=mentor, now=database_now())


def test_marks_that_have_changed_since_the_preview_are_looked_at_again(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    preview = _worked_out(published, mentor)
    _review(marked[2], mentor, Mark.MISSING)

    with pytest.raises(ValidationError, match="changed marks since"):
        put_in_force(preview=preview, actor=mentor, now=database_now())


def test_put_in_force_twice_is_once(marked: list[GradingJob], published: QuestionVersion, mentor: User) -> None:
    preview = _worked_out(published, mentor)

    made = {put_in_force(preview=preview, actor=mentor, now=database_now()) for _ in range(2)}

    assert made == set(QuestionCalibration.objects.all())
    assert len(made) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_put_calibrations_in_force_at_once_one_is_in_force_after_the_other(
    marked: list[GradingJob], published: QuestionVersion, mentor: User, site_admin: User
) -> None:
    previews = [_worked_out(published, user) for user in (mentor, site_admin)]

    def use(preview: CalibrationPreview, user: User) -> Callable[[], QuestionCalibration]:
        return lambda: put_in_force(preview=preview, actor=user, now=database_now())

    race(use(previews[0], mentor), use(previews[1], site_admin))

    calibrations = QuestionCalibration.objects.order_by("number")
    assert [(found.number, found.withdrawn_at is None) for found in calibrations] == [(1, False), (2, True)]


def test_what_a_calibration_has_learnt_from_never_changes(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    _in_force(published, mentor)

    with pytest.raises(DatabaseError), transaction.atomic():
        CalibrationAnswer.objects.update(score=0)


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_grade_is_verified_with_the_calibration_of_its_receipt(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User, *, is_withdrawn: bool
) -> None:
    plain = grade(job_id=make_job(candidate, published, text=LAZY.format(8)).pk)
    _in_force(published, mentor)
    learnt = grade(job_id=make_job(candidate, published, text=LAZY.format(9)).pk)
    if is_withdrawn:
        withdraw(version=published, actor=mentor, now=database_now())

    for written in (plain, learnt):
        assert written
        out = StringIO()
        call_command("verify_grade", str(written.pk), stdout=out)
        assert out.getvalue().startswith("Verified: ")


# --- Where a question stands --------------------------------------------------------------------------------


def test_standings_tell_what_was_marked_since(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User
) -> None:
    (before,) = standings([published.question_id])[published.question_id]
    made = _in_force(published, mentor)
    _marked(candidate, published, mentor, n=6)
    _review(marked[0], mentor, Mark.MISSING)
    (after,) = standings([published.question_id])[published.question_id]

    assert (before.marked, before.in_force, before.since, before.is_worth_another) == (5, None, 5, True)
    assert (after.marked, after.in_force, after.learnt, after.since, after.is_worth_another) == (6, made, 5, 2, False)


def test_a_question_without_marked_answers_stands_nowhere(graded: GradingJob) -> None:
    assert standings([graded.version.question_id]) == {}


# --- The pages ----------------------------------------------------------------------------------------------


def _page(version: QuestionVersion) -> str:
    return reverse("question_agreement", args=[version.question_id])


def test_a_mentor_previews_a_calibration_puts_it_in_force_and_withdraws_it(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    client = client_of(mentor)
    version = [published.question_id, published.number]

    asked = client.post(reverse("propose_calibration", args=version))
    waiting = client.get(asked.headers["Location"]).content.decode()
    preview = CalibrationPreview.objects.get()
    work_out(preview_id=preview.pk)
    fragment = client.get(asked.headers["Location"], {"fragment": ""}).content.decode()
    used = client.post(reverse("put_calibration_in_force", args=[preview.pk]), follow=True).content.decode()
    withdrawn = client.post(reverse("withdraw_calibration", args=version), follow=True).content.decode()

    assert ("hx-trigger" in waiting, "hx-trigger" in fragment, "<html" in fragment) == (True, False, False)
    assert "The mean error on these 5 answers falls from" in fragment
    assert ("Calibrated on 5 answers" in used, "calibration 1, by Mentor" in used) == (True, True)
    assert "Only the score moves." in used
    assert ("Not calibrated." in withdrawn, "withdrawn by Mentor" in withdrawn) == (True, True)


def test_too_few_answers_are_refused_in_words(published: QuestionVersion, mentor: User) -> None:
    address = reverse("propose_calibration", args=[published.question_id, published.number])

    response = client_of(mentor).post(address, follow=True)

    assert response.status_code == 200
    assert "Mentors have marked 0 answers to this version." in response.content.decode()


def test_refusals_lead_back_with_the_reason(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    preview = _worked_out(published, mentor)
    _review(marked[2], mentor, Mark.MISSING)
    client = client_of(mentor)

    changed = client.post(reverse("put_calibration_in_force", args=[preview.pk]), follow=True)
    withdrawn = client.post(
        reverse("withdraw_calibration", args=[published.question_id, published.number]), follow=True
    )

    assert "A mentor has changed marks since this preview." in changed.content.decode()
    assert "No calibration of this version is in force any more." in withdrawn.content.decode()


def test_a_calibrated_score_says_so_to_candidate_and_mentor(
    marked: list[GradingJob], candidate: User, published: QuestionVersion, mentor: User
) -> None:
    _in_force(published, mentor)
    job = make_job(candidate, published, text=LAZY.format(9))
    grade(job_id=job.pk)

    page = client_of(mentor).get(reverse("review", args=[job.pk])).content.decode()

    shown = shown_grade(with_results(GradingJob.objects.filter(pk=job.pk)).get())
    result = render_to_string("grading/_graded_answer.html", {"shown": shown, "prefix": "a", "user": candidate})
    assert "The score is calibrated on 5 answers that mentors have marked." in result
    assert "calibrated on 5 answers" in page
    assert "Calibration of the question" in page


def test_the_questions_page_says_on_how_many_answers_it_is_calibrated(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    client = client_of(mentor)
    address = reverse("question_detail", args=[published.question_id])
    before = client.get(address).content.decode()
    _in_force(published, mentor)
    after = client.get(address).content.decode()

    assert ["alibrated on 5 answers" in page for page in (before, after)] == [False, True]
    assert [_page(published) in page for page in (before, after)] == [True, True]


def test_the_overview_says_what_is_calibrated_and_what_could_be(
    marked: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    client = client_of(mentor)
    before = client.get(reverse("agreement")).content.decode()
    _in_force(published, mentor)
    after = client.get(reverse("agreement")).content.decode()

    assert ["5 marked answers can teach version 1." in page for page in (before, after)] == [True, False]
    assert ["Version 1 is calibrated on 5 answers." in page for page in (before, after)] == [False, True]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_many_calibrations(
    marked: list[GradingJob],
    published: QuestionVersion,
    mentor: User,
    django_assert_num_queries: Any,
    count: int,
) -> None:
    for _ in range(count):
        _in_force(published, mentor)
    client = client_of(mentor)

    with django_assert_num_queries(14):
        page = client.get(_page(published)).content.decode()

    assert page.count("withdrawn by") == count - 1
