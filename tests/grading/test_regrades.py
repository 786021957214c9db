"""A key is mended: past answers are graded with it, first for the mentor's eyes, then for good, each of them once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from queue import Empty
from typing import Any

import pytest
from celery import current_app
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from grading.engine import Grader
from grading.grader import question_of
from grading.models import Grade, GradingJob, JobState, Regrade, RegradeItem, RegradeState, Review
from grading.selectors import regrades as selectors
from grading.services import jobs, regrades, regrading
from grading.services.jobs import claim, grade
from grading.services.reviews import review
from people.clock import database_now
from people.models import AuditEntry, User
from questionbank.models import Mark, QuestionVersion, VersionState
from questionbank.selectors import with_parts
from questionbank.services.versions import discard_draft, publish, save_draft
from tests.factories import make_content, publish_question
from tests.grading.conftest import TEXT, make_job, make_result
from tests.grading.engine.plain import PLAIN, plain_grader
from tests.grading.keys import (
    REASON,
    WORDING,
    accepting,
    applied,
    as_it_is,
    changed_point,
    grade_by_plain_parts,
    make_draft,
    previewed,
    publish_mended,
    shown,
    what_it_says,
    with_one_point_more,
    worked,
)
from tests.races import race

Rung = Callable[[], list[Any]]

OTHER_TEXT = "It builds the whole list at once."


@pytest.fixture(autouse=True)
def sure_grader(monkeypatch: pytest.MonkeyPatch) -> Grader:
    return grade_by_plain_parts(monkeypatch)


@pytest.fixture
def rung() -> Rung:
    """Empty the queue of bulk work; later calls return the ids that were rung for, and take them out."""

    def take() -> list[Any]:
        with current_app.connection_for_read() as broker, broker.SimpleQueue("bulk") as queue:
            arguments = []
            try:
                while True:
                    message = queue.get(block=False)
                    message.ack()
                    arguments.append(message.payload[0][0])
            except Empty:
                return arguments

    take()
    return take


@pytest.fixture
def answers(candidate: User, peer: User, published: QuestionVersion) -> list[GradingJob]:
    """Three graded answers to `published`; the first and the last gain by WORDING."""
    return [graded(candidate, published), graded(peer, published, OTHER_TEXT), graded(peer, published)]


def graded(candidate: User, version: QuestionVersion, text: str = TEXT) -> GradingJob:
    job = make_job(candidate, version, text=text)
    grade(job_id=job.pk)
    return as_it_is(job)


def reviewed(job: GradingJob, reviewer: User, mark: Mark = Mark.STATED) -> Review:
    marks = {point.pk: mark for point in as_it_is(job).key.key_points.all()}
    return review(job=job, reviewer=reviewer, marks=marks, reason="You do.", now=database_now())


def expected(grader: Grader, version: QuestionVersion, text: str = TEXT) -> float:
    """Return the score (0–100) that grader gives text by version's key."""
    question = question_of(with_parts(QuestionVersion.objects.filter(pk=version.pk)).get())
    return round(grader.grade(question, text).score * 100, 2)


# --- Previewing ---------------------------------------------------------------------------------------------


def test_a_preview_takes_every_graded_answer_with_the_score_shown(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    draft, now = make_draft(published), database_now()
    verdict = reviewed(answers[1], mentor)

    regrade = regrades.preview(version=draft, actor=mentor, now=now)

    assert (regrade.version, regrade.content_hash, regrade.state) == (draft, draft.content_hash, "previewing")
    assert (regrade.requested_by, regrade.created_at, regrade.rung_at) == (mentor, now, now)
    assert list(regrade.items.values_list("job", "old_score", "is_kept", "result", "new_score")) == [
        (answers[0].pk, answers[0].grade.score, False, None, None),
        (answers[1].pk, verdict.score, True, None, None),
        (answers[2].pk, answers[2].grade.score, False, None, None),
    ]


def test_a_preview_shows_what_the_new_key_gives_and_changes_no_grade(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, sure_grader: Grader
) -> None:
    draft = make_draft(published)

    regrade = previewed(draft, mentor)

    first, second, third = regrade.items.all()
    assert regrade.state == RegradeState.PREVIEWED
    assert (first.new_score, second.new_score) == (
        expected(sure_grader, draft),
        expected(sure_grader, draft, OTHER_TEXT),
    )
    assert first.new_score > first.old_score
    assert (third.new_score, second.new_score) == (first.new_score, second.old_score)
    assert [shown(job) for job in answers] == [first.old_score, second.old_score, third.old_score]
    assert Grade.objects.count() == 3


def test_a_preview_does_not_take_what_nobody_waits_for(
    candidate: User, published: QuestionVersion, mentor: User
) -> None:
    """Answers to other questions, those without a grade, the example's, and those with this key already."""
    taken = graded(candidate, published)
    graded(candidate, publish_question("another"))
    make_job(candidate, published)
    claim(job_id=make_job(candidate, published).pk, now=database_now())
    example = User.objects.create_user("example@example.com", is_active=False)
    graded(example, published)
    mended = publish_mended(published)
    graded(candidate, mended)

    regrade = regrades.preview(version=mended, actor=mentor, now=database_now())

    assert [item.job for item in regrade.items.all()] == [taken]


@pytest.mark.parametrize("answered", ["nobody", "the mentor has marked all"])
def test_there_is_no_preview_where_no_answer_could_move(
    candidate: User, published: QuestionVersion, mentor: User, answered: str
) -> None:
    if answered != "nobody":
        reviewed(graded(candidate, published), mentor)

    with pytest.raises(ValidationError, match="no past answer"):
        regrades.preview(version=make_draft(published), actor=mentor, now=database_now())

    assert not Regrade.objects.exists()


def test_a_retired_version_is_not_previewed(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    publish_mended(published)

    with pytest.raises(ValidationError, match="retired or discarded"):
        regrades.preview(version=published, actor=mentor, now=database_now())


def test_the_worker_is_told_the_regrades_id_after_the_commit(
    answers: list[GradingJob],
    published: QuestionVersion,
    mentor: User,
    rung: Rung,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())
        before = rung()

    assert (before, rung()) == ([], [str(regrade.pk)])


def test_pressing_twice_makes_one_preview(answers: list[GradingJob], published: QuestionVersion, mentor: User) -> None:
    draft = make_draft(published)

    first, second = (regrades.preview(version=draft, actor=mentor, now=database_now()) for _ in range(2))

    assert first == second == Regrade.objects.get()
    assert first.items.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_mentors_who_press_at_once_share_one_preview(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    draft = make_draft(published)
    press = partial(regrades.preview, version=draft, now=database_now())

    first, second = race(partial(press, actor=mentor), partial(press, actor=other_mentor))

    assert first == second == Regrade.objects.get()
    assert RegradeItem.objects.count() == 3


def test_another_versions_preview_has_to_be_decided_first(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    mended = publish_mended(published)
    regrades.preview(version=mended, actor=mentor, now=database_now())
    draft = make_draft(mended, accepting(what_it_says(mended), "Other words."))

    with pytest.raises(ValidationError, match="preview of version 2 is open"):
        regrades.preview(version=draft, actor=mentor, now=database_now())


def test_a_new_preview_takes_the_place_of_a_stale_one(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    stale = previewed(make_draft(published), mentor)
    changed = make_draft(published, accepting(what_it_says(published), WORDING, "And more."))

    fresh = regrades.preview(version=changed, actor=mentor, now=database_now())

    assert (as_it_is(stale).state, fresh.state) == ("cancelled", "previewing")
    assert (fresh.content_hash, fresh.items.count()) == (changed.content_hash, 3)


def test_a_draft_that_changes_while_it_is_previewed_ends_the_preview(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())
    make_draft(published, accepting(what_it_says(published), "Other words."))

    worked(regrade)

    ended = as_it_is(regrade)
    assert (ended.state, "changed while" in ended.trouble) == ("cancelled", True)
    assert not ended.items.exclude(result=None).exists()


def test_a_preview_goes_with_the_draft_that_is_discarded(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())

    discard_draft(question=published.question, actor=mentor)
    regrading.work(regrade_id=regrade.pk)

    assert not Regrade.objects.exists()


def test_a_preview_goes_on_in_pieces_and_rings_for_the_next(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())
    clock = iter(range(100))
    monkeypatch.setattr(regrading, "monotonic", lambda: next(clock))
    monkeypatch.setattr(regrading, "PIECE_SECONDS", 2)  # of this clock: one answer

    progress = []
    while as_it_is(regrade).state == "previewing":
        worked(regrade)
        progress.append((selectors.progress_of(as_it_is(regrade)).done, rung()))

    # The last piece finds nothing left to do.
    again = [str(regrade.pk)]
    assert progress == [(1, again), (2, again), (3, again), (3, [])]
    assert as_it_is(regrade).rung_at > regrade.rung_at


def test_an_answer_that_cannot_be_graded_stops_no_other(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, sure_grader: Grader
) -> None:
    draft = make_draft(published)
    regrade = regrades.preview(version=draft, actor=mentor, now=database_now())
    _let_fail_for(sure_grader, OTHER_TEXT)

    worked(regrade)
    publish(version=draft, actor=None, now=database_now())
    done = applied(regrade, mentor)

    assert [(item.new_score is None, item.is_done) for item in done.items.all()] == [
        (False, True),
        (True, True),
        (False, True),
    ]
    assert [as_it_is(job).key for job in answers] == [draft, published, draft]
    assert selectors.outlook_of(done).count == 2


def _let_fail_for(grader: Grader, text: str) -> None:
    usual = grader.grade

    def grade_or_fail(question: Any, answer: str) -> Any:
        if answer == text:
            raise RuntimeError("This text breaks the model.")
        return usual(question, answer)

    grader.grade = grade_or_fail  # type: ignore[method-assign]


def test_previewing_again_tries_what_could_not_be_graded(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, sure_grader: Grader
) -> None:
    draft, usual = make_draft(published), sure_grader.grade
    _let_fail_for(sure_grader, OTHER_TEXT)
    previewed(draft, mentor)
    sure_grader.grade = usual  # type: ignore[method-assign]

    regrade = previewed(draft, mentor)

    assert [item.new_score is None for item in regrade.items.all()] == [False] * 3


# --- Workers come and go ------------------------------------------------------------------------------------


def test_a_worker_that_dies_in_the_middle_has_lost_one_answer(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, sure_grader: Grader
) -> None:
    regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())
    usual = sure_grader.grade

    def die(question: Any, answer: str) -> Any:
        if answer == OTHER_TEXT:
            raise SystemExit  # what a killed process leaves: no item half done
        return usual(question, answer)

    sure_grader.grade = die  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        regrading.work(regrade_id=regrade.pk)
    half = [item.new_score is None for item in regrade.items.all()]
    sure_grader.grade = usual  # type: ignore[method-assign]

    assert half == [False, True, True]
    assert worked(regrade).state == "previewed"
    assert regrade.items.filter(new_score=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_regrade_grade_each_answer_once(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, sure_grader: Grader
) -> None:
    for _ in range(7):
        graded(answers[0].candidate, published)
    mended = publish_mended(published)
    regrade = regrades.preview(version=mended, actor=mentor, now=database_now())
    work = partial(regrading.work, regrade_id=regrade.pk)

    race(work, work)
    work()
    regrades.apply(regrade=regrade, actor=mentor, reason=REASON, now=database_now())
    race(work, work, work)
    work()

    assert as_it_is(regrade).state == "applied"
    assert Grade.objects.filter(regrade=regrade).count() == 10
    assert {as_it_is(job).key for job in answers} == {mended}
    assert AuditEntry.objects.filter(action="regrade.applied").count() == 1


def test_the_sweeper_rings_for_what_has_lost_its_worker(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, rung: Rung
) -> None:
    regrade = regrades.preview(version=make_draft(published), actor=mentor, now=database_now())
    soon, late = (regrade.rung_at + regrading.RING_AGAIN + timedelta(seconds=s) for s in (-1, 1))

    regrading.sweep(now=soon)
    early = rung()
    regrading.sweep(now=late)
    heard = rung()
    regrading.sweep(now=late)

    assert (early, heard, rung()) == ([], [str(regrade.pk)], [])


def test_the_sweeper_leaves_alone_what_nobody_works_at(
    answers: list[GradingJob], published: QuestionVersion, mentor: User, rung: Rung
) -> None:
    regrade = previewed(make_draft(published), mentor)
    later = database_now() + timedelta(days=1)

    regrading.sweep(now=later)
    regrades.cancel(regrade=regrade, actor=mentor, now=later)
    regrading.sweep(now=later + timedelta(days=1))

    assert rung() == []


# --- Applying -----------------------------------------------------------------------------------------------


@pytest.fixture
def mended(answers: list[GradingJob], published: QuestionVersion) -> QuestionVersion:
    return publish_mended(published)


@pytest.fixture
def seen(mended: QuestionVersion, mentor: User) -> Regrade:
    """A preview of `mended` that is waiting to be applied."""
    return previewed(mended, mentor)


def test_applying_writes_the_previewed_grades_and_keeps_the_old_ones(
    answers: list[GradingJob], mended: QuestionVersion, seen: Regrade, mentor: User, announced: list[GradingJob]
) -> None:
    with transaction.atomic():
        done = applied(seen, mentor, reason="  A wording was missing.\n")

    new = [as_it_is(job).grade for job in answers]
    assert (done.state, done.reason, done.decided_by) == ("applied", "A wording was missing.", mentor)
    assert done.finished_at is not None
    assert [(one.version, one.regrade, one.score) for one in new] == [
        (mended, done, item.new_score) for item in done.items.all()
    ]
    assert {mark.key_point.version for one in new for mark in one.marks.all()} == {mended}
    assert [list(job.grades.filter(regrade=None)) for job in answers] == [[job.grade] for job in answers]
    assert new[0].score > answers[0].grade.score


def test_everybody_above_hears_of_each_new_grade(
    answers: list[GradingJob],
    seen: Regrade,
    mentor: User,
    announced: list[GradingJob],
    django_capture_on_commit_callbacks: Any,
) -> None:
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    with django_capture_on_commit_callbacks(execute=True):
        regrading.work(regrade_id=seen.pk)

    assert announced == answers


def test_the_new_grade_has_all_that_a_first_one_has(
    candidate: User, answers: list[GradingJob], mended: QuestionVersion, seen: Regrade, mentor: User
) -> None:
    """Receipt, marks, evidence, scores with a point: the same as of an answer that is graded with this key at once."""
    applied(seen, mentor)
    fresh = graded(candidate, mended)

    def said(job: GradingJob) -> Any:
        fields = ("score", "confidence", "flags", "doubts", "receipt")
        marks = as_it_is(job).grade.marks.values(
            "key_point", "mark", "similarity", "threshold", "p_stated", "evidence_start", "evidence_end", "score_with"
        )
        return [getattr(as_it_is(job).grade, field) for field in fields], list(marks)

    assert said(answers[0]) == said(fresh)


def test_a_regrades_grade_is_verified_by_its_receipt(
    candidate: User, published: QuestionVersion, mentor: User
) -> None:
    """With the grader that verify_grade uses; the one of these tests has another calibration."""
    job = make_job(candidate, published)
    with pytest.MonkeyPatch.context() as usual:
        from grading.grader import get_grader

        for service in (jobs, regrading):
            usual.setattr(service, "get_grader", get_grader)
        grade(job_id=job.pk)
        applied(previewed(publish_mended(published), mentor), mentor)

    again = as_it_is(job).grade
    call_command("verify_grade", str(again.pk))

    assert (again.regrade is not None, again.receipt["question_version"]) == (True, str(again.version_id))


def test_applying_needs_a_reason(seen: Regrade, mentor: User) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        regrades.apply(regrade=seen, actor=mentor, reason="  ", now=database_now())

    assert as_it_is(seen).state == "previewed"


def test_a_draft_is_not_applied(answers: list[GradingJob], published: QuestionVersion, mentor: User) -> None:
    regrade = previewed(make_draft(published), mentor)

    with pytest.raises(ValidationError, match="Publish version 2 first"):
        regrades.apply(regrade=regrade, actor=mentor, reason=REASON, now=database_now())


def test_a_draft_that_was_changed_before_it_was_published_is_not_applied(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    regrade = previewed(make_draft(published), mentor)
    publish_mended(published, accepting(what_it_says(published), "Other words."))

    with pytest.raises(ValidationError, match="has changed since this preview"):
        regrades.apply(regrade=regrade, actor=mentor, reason=REASON, now=database_now())


def test_a_draft_that_is_published_as_it_was_previewed_is_applied(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    draft = make_draft(published)
    regrade = previewed(draft, mentor)
    publish(version=draft, actor=None, now=database_now())

    assert applied(regrade, mentor).state == "applied"
    assert {as_it_is(job).key for job in answers} == {draft}


def test_a_preview_that_is_not_done_is_not_applied(mended: QuestionVersion, mentor: User) -> None:
    regrade = regrades.preview(version=mended, actor=mentor, now=database_now())

    with pytest.raises(ValidationError, match="being previewed"):
        regrades.apply(regrade=regrade, actor=mentor, reason=REASON, now=database_now())


def test_answers_that_came_since_have_to_be_seen_first(
    candidate: User, published: QuestionVersion, mended: QuestionVersion, seen: Regrade, mentor: User
) -> None:
    """Whoever had begun an interview before the new version was published is still asked the old one."""
    late = graded(candidate, published)

    with pytest.raises(ValidationError, match="Preview again"):
        regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    again = previewed(mended, mentor)

    assert (again, again.state, again.items.count()) == (seen, "previewed", 4)
    assert applied(again, mentor).state == "applied"
    assert as_it_is(late).key == mended


def test_pressing_apply_twice_applies_once(seen: Regrade, mentor: User) -> None:
    done = applied(seen, mentor)
    applied(seen, mentor, reason="Pressed again.")

    assert Grade.objects.filter(regrade=seen).count() == 3
    assert as_it_is(seen).reason == done.reason == REASON
    assert AuditEntry.objects.filter(action__in=["regrade.apply", "regrade.applied"]).count() == 2


@pytest.mark.django_db(transaction=True)
def test_apply_and_cancel_at_once_end_in_one_of_the_two(
    answers: list[GradingJob], seen: Regrade, mentor: User, other_mentor: User
) -> None:
    applying, cancelling = race(
        partial(regrades.apply, regrade=seen, actor=mentor, reason=REASON, now=database_now()),
        partial(regrades.cancel, regrade=seen, actor=other_mentor, now=database_now()),
    )
    worked(seen)

    refused = [type(one).__name__ for one in (applying, cancelling) if one]
    assert refused == ["ValidationError"]
    assert (as_it_is(seen).state, Grade.objects.filter(regrade=seen).count()) in [("applied", 3), ("cancelled", 0)]


def test_a_mentors_marks_from_before_the_preview_stay(
    answers: list[GradingJob], published: QuestionVersion, mended: QuestionVersion, mentor: User
) -> None:
    reviewed(answers[0], mentor)

    done = applied(previewed(mended, mentor), mentor)

    assert (as_it_is(answers[0]).grade, as_it_is(answers[0]).key) == (answers[0].grade, published)
    assert [item.job for item in selectors.kept(done)] == [answers[0]]
    assert Grade.objects.filter(regrade=done).count() == 2


def test_a_review_that_arrives_between_preview_and_apply_stays(
    answers: list[GradingJob], seen: Regrade, mentor: User
) -> None:
    reviewed(answers[0], mentor)

    done = applied(seen, mentor)

    assert as_it_is(answers[0]).grade == answers[0].grade
    assert [(item.job, item.is_kept) for item in done.items.filter(is_kept=True)] == [(answers[0], True)]
    assert Grade.objects.filter(regrade=done).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_review_at_the_very_moment_marks_the_key_that_is_shown(
    answers: list[GradingJob], seen: Regrade, mentor: User, published: QuestionVersion, mended: QuestionVersion
) -> None:
    """Whoever is first: the mentor's marks are never of another version than the grade beside them."""
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    marks = {point.pk: Mark.STATED for point in published.key_points.all()}
    mark = partial(review, job=answers[0], reviewer=mentor, marks=marks, reason="You do.", now=database_now())

    said, _ = race(mark, partial(regrading.work, regrade_id=seen.pk))

    job = as_it_is(answers[0])
    if isinstance(said, Review):
        assert (job.key, said.version) == (published, published)
    else:
        assert (job.key, "Give each key point" in str(said)) == (mended, True)
    assert as_it_is(seen).state == "applied"


def test_another_engine_than_the_previews_grades_again(
    answers: list[GradingJob], seen: Regrade, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = plain_grader(replace(PLAIN, stated_from=0.99, review_below=0.0))
    monkeypatch.setattr(regrading, "get_grader", lambda: newer)

    done = applied(seen, mentor)

    first = as_it_is(answers[0]).grade
    assert first.receipt["calibration"] == newer.identity["calibration"] != answers[0].grade.receipt["calibration"]
    assert done.items.first().new_score == first.score


def test_the_same_engine_reads_no_answer_twice(
    answers: list[GradingJob], seen: Regrade, mentor: User, sure_grader: Grader
) -> None:
    _let_fail_for(sure_grader, TEXT)

    done = applied(seen, mentor)

    assert done.items.filter(new_score=None).count() == 0
    assert Grade.objects.filter(regrade=done).count() == 3


def test_an_interrupted_regrade_is_taken_up_where_it_was_left(
    answers: list[GradingJob], seen: Regrade, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    usual, written = regrading.grade_again, []

    def die_at_the_second(**given: Any) -> Grade:
        made = usual(**given)
        written.append(made)
        if len(written) == 2:
            raise SystemExit
        return made

    monkeypatch.setattr(regrading, "grade_again", die_at_the_second)
    with pytest.raises(SystemExit):
        regrading.work(regrade_id=seen.pk)
    monkeypatch.setattr(regrading, "grade_again", usual)
    half = Grade.objects.filter(regrade=seen).count()

    assert (half, as_it_is(seen).state) == (1, "applying")
    assert worked(seen).state == "applied"
    assert Grade.objects.filter(regrade=seen).count() == 3


def test_what_the_grader_doubts_waits_for_a_mentor_and_what_it_does_not_waits_no_more(
    candidate: User, published: QuestionVersion, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(candidate, published)
    doubtful = plain_grader(replace(PLAIN, review_below=1.0))
    monkeypatch.setattr(jobs, "get_grader", lambda: doubtful)
    grade(job_id=job.pk)
    before = as_it_is(job).state

    sure = applied(previewed(publish_mended(published), mentor), mentor)
    after = as_it_is(job).state
    monkeypatch.setattr(regrading, "get_grader", lambda: doubtful)
    applied(previewed(publish_mended(published, accepting(what_it_says(published), "More.")), mentor), mentor)

    assert (before, after, as_it_is(job).state) == (JobState.NEEDS_REVIEW, JobState.GRADED, JobState.NEEDS_REVIEW)
    assert sure.state == "applied"


def test_a_new_key_point_and_one_that_is_gone_are_marked_as_the_key_says(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    content = with_one_point_more(what_it_says(published))
    content = replace(
        content,
        key_points=tuple(point for point in content.key_points if point.id != "once"),
    )

    applied(previewed(publish_mended(published, content), mentor), mentor)

    assert [mark.key_point.slug for mark in as_it_is(answers[0]).grade.marks.all()] == ["lazy", "memory", "new"]


def test_a_second_regrade_starts_from_the_first(
    answers: list[GradingJob], published: QuestionVersion, seen: Regrade, mended: QuestionVersion, mentor: User
) -> None:
    applied(seen, mentor)
    between = shown(answers[0])
    lighter = publish_mended(published, changed_point(what_it_says(mended), weight=1))

    second = applied(previewed(lighter, mentor), mentor)

    assert second.items.get(job=answers[0]).old_score == between
    assert answers[0].grades.count() == 3
    assert as_it_is(answers[0]).key == lighter


def test_a_version_whose_key_counts_already_has_nothing_to_change(
    seen: Regrade, mended: QuestionVersion, mentor: User
) -> None:
    applied(seen, mentor)

    with pytest.raises(ValidationError, match="no past answer"):
        regrades.preview(version=mended, actor=mentor, now=database_now())


def test_nothing_else_is_begun_while_a_regrade_is_applied(
    published: QuestionVersion, mended: QuestionVersion, seen: Regrade, mentor: User
) -> None:
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    draft = make_draft(mended, accepting(what_it_says(mended), "More."))

    with pytest.raises(ValidationError, match="being graded again with version 2"):
        regrades.preview(version=draft, actor=mentor, now=database_now())


def test_a_version_published_meanwhile_does_not_stop_what_is_being_applied(
    answers: list[GradingJob], published: QuestionVersion, mended: QuestionVersion, seen: Regrade, mentor: User
) -> None:
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())
    publish_mended(published, accepting(what_it_says(published), "More."))

    assert as_it_is(mended).state == VersionState.RETIRED
    assert worked(seen).state == "applied"
    assert {as_it_is(job).key for job in answers} == {mended}


# --- Cancelling, and the record -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["previewing", "previewed"])
def test_a_preview_is_cancelled_and_no_grade_has_moved(
    answers: list[GradingJob], mended: QuestionVersion, mentor: User, state: str
) -> None:
    regrade = regrades.preview(version=mended, actor=mentor, now=database_now())
    if state == "previewed":
        worked(regrade)

    for _ in range(2):
        regrades.cancel(regrade=regrade, actor=mentor, now=database_now())
    worked(regrade)

    assert (as_it_is(regrade).state, as_it_is(regrade).decided_by) == ("cancelled", mentor)
    assert [as_it_is(job).grade for job in answers] == [job.grade for job in answers]
    assert AuditEntry.objects.filter(action="regrade.cancel").count() == 1


def test_it_is_too_late_to_cancel_what_is_being_applied(seen: Regrade, mentor: User) -> None:
    regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())

    with pytest.raises(ValidationError, match="too late"):
        regrades.cancel(regrade=seen, actor=mentor, now=database_now())

    assert worked(seen).state == "applied"


def test_a_cancelled_preview_is_not_applied(seen: Regrade, mentor: User) -> None:
    regrades.cancel(regrade=seen, actor=mentor, now=database_now())

    with pytest.raises(ValidationError, match="this regrade is cancelled"):
        regrades.apply(regrade=seen, actor=mentor, reason=REASON, now=database_now())


def test_the_audit_log_has_each_step_with_its_counts(
    answers: list[GradingJob], mended: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    reviewed(answers[1], mentor)
    regrade = previewed(mended, mentor)
    applied(regrade, other_mentor)

    entries = AuditEntry.objects.filter(action__startswith="regrade.").order_by("pk")
    question = str(mended.question_id)
    assert [(one.actor, one.action, one.object_id, one.detail) for one in entries] == [
        (mentor, "regrade.preview", str(regrade.pk), {"question": question, "version": 2, "answers": 3}),
        (
            other_mentor,
            "regrade.apply",
            str(regrade.pk),
            {"question": question, "version": 2, "reason": REASON, "answers": 2, "kept": 1},
        ),
        (other_mentor, "regrade.applied", str(regrade.pk), {"question": question, "regraded": 2, "kept": 1}),
    ]


def test_what_is_kept_of_a_preview_gives_the_engines_result_back() -> None:
    said = replace(make_result(), flags=("instructions",), doubts=("unsure",))
    kept = json.loads(json.dumps({**regrading.asdict(said), "scores_with": {}}))

    assert regrading._result_from(kept) == said  # noqa: SLF001 (what it is for is this very equality)


# --- What it comes to ---------------------------------------------------------------------------------------


def _with_scores(mentor: User, published: QuestionVersion, pairs: list[tuple[float, float | None]]) -> Regrade:
    """Return a preview of answers with these scores before and after."""
    regrade = Regrade.objects.create(
        question=published.question,
        version=published,
        content_hash=published.content_hash,
        requested_by=mentor,
        created_at=database_now(),
        rung_at=database_now(),
    )
    for old, new in pairs:
        job = make_job(mentor, published)
        RegradeItem.objects.create(regrade=regrade, job=job, old_score=old, new_score=new)
    return regrade


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([], "There is no answer whose score could move."),
        ([(50, 50)], "The one answer keeps its score."),
        ([(50, 50.4), (3, 3)], "All 2 answers keep theirs."),
        ([(50, 60)], "The one answer rises by 10."),
        ([(50, 60), (50, 40), (50, 50)], "Of 3 answers 1 stays, 1 rises by 10 and 1 falls by 10."),
        (
            [(50, 60), (50, 58), (90, 84), (90, 84), (9, 9), (8, 8)],
            "Of 6 answers 2 stay, 2 rise (by 9 on average) and 2 fall (by 6 on average).",
        ),
    ],
)
def test_the_outlook_says_in_words_what_happens(
    mentor: User, published: QuestionVersion, pairs: list[tuple[float, float | None]], words: str
) -> None:
    assert selectors.outlook_of(_with_scores(mentor, published, pairs)).in_words == words


def test_the_matrix_counts_by_the_scores_that_pages_show(mentor: User, published: QuestionVersion) -> None:
    """79.5 is shown as 80 and counts as 80; what could not be graded counts nowhere."""
    pairs = [(19.4, 19.5), (79.5, 80), (79.4, 100), (60, 59), (0, 0), (50, None)]

    rows = selectors.outlook_of(_with_scores(mentor, published, pairs)).rows

    assert [(band, [cell.count for cell in cells]) for band, cells in rows] == [
        ("0–19", [1, 1, 0, 0, 0]),
        ("20–39", [0, 0, 0, 0, 0]),
        ("40–59", [0, 0, 0, 0, 0]),
        ("60–79", [0, 0, 1, 0, 1]),
        ("80–100", [0, 0, 0, 0, 1]),
    ]
    assert [cell.sign for cell in rows[1][1]] == [-1, 0, 1, 1, 1]


def test_movers_come_by_how_far_they_move(mentor: User, published: QuestionVersion) -> None:
    regrade = _with_scores(mentor, published, [(50, 55), (50, 50.3), (90, 70), (10, 17), (50, None)])

    assert [(item.old_score, item.change) for item in selectors.movers(regrade)] == [(90, -20), (10, 7), (50, 5)]


def test_the_changes_told_are_those_that_the_engine_reads(published: QuestionVersion) -> None:
    content = changed_point(accepting(what_it_says(published), WORDING), weight=2)
    draft = make_draft(published, replace(content, title="Another title", minutes=9))

    found = {change.field: (change.old, change.new) for change in selectors.changes_of(draft)}

    assert found == {
        "key_points.lazy.weight": ("3", "2"),
        "key_points.lazy.accepted": ("", WORDING),
    }


def test_a_first_version_has_changed_nothing() -> None:
    version = publish_question("brand-new")

    assert selectors.changes_of(version) == []


def test_a_draft_saved_by_somebody_else_is_previewed_as_it_is_now(
    answers: list[GradingJob], published: QuestionVersion, mentor: User
) -> None:
    old = make_draft(published)
    save_draft(question=published.question, content=make_content(title="Saved meanwhile"), author=mentor)

    regrade = regrades.preview(version=old, actor=mentor, now=database_now())

    assert regrade.content_hash == as_it_is(old).content_hash != old.content_hash
