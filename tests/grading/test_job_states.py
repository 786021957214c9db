"""Exactly one grade, whatever happens: a model of the states of jobs over the real services and the real database.

Hypothesis makes up what happens to a few answers: workers claim, finish, fail, are killed after any statement or come
back long after their lease; messages get lost or arrive again; sweeps run; the guest who wrote some of the answers
makes an account; mentors review and regrade. After every step the rows are compared with what must always hold, and
at the end of each run everything is left in peace: by then each answer is graded or before a mentor.

One connection takes the steps one after the other, each as one process would. What two connections do at once is in
test_services.py and test_regrades.py.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grading.engine import Grader
from grading.engine.guards import UNSURE
from grading.grader import question_of
from grading.models import OPEN_STATES, Grade, GradingJob, JobState, Regrade
from grading.selectors.grades import with_shown_score
from grading.selectors.regrades import OPEN, WORKING
from grading.services import jobs, regrades, regrading
from grading.services.reviews import review
from people.models import User
from people.services.guests import create_guest, join_guest
from questionbank.models import Mark, QuestionVersion
from questionbank.selectors import with_parts
from tests.crashes import Killed, killed_after
from tests.factories import UserFactory
from tests.grading.conftest import TEXT
from tests.grading.keys import accepting, grade_by_plain_parts, publish_mended, what_it_says

START = datetime.fromisoformat("2031-05-06T09:00:00Z")
LIMIT = django_settings.GRADING_MAX_ATTEMPTS
MOST_OPEN = 3
# After which statement a process is killed: some numbers are more than it executes.
crashes = st.none() | st.none() | st.integers(1, 16)
# Seconds that pass before a step: none, enough for the sweeper to ring again, or enough for a lease to run out.
times = st.sampled_from([0, 16, 36])


class Clock:
    """The database's clock, given: it stands still between two readings but for a millisecond, and is moved on."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.later(0)

    def later(self, seconds: int) -> datetime:
        self.time += timedelta(seconds=seconds, milliseconds=1)
        return self.time


@dataclass
class World:
    """What all runs share: versions of one question, the latest last, a mentor, a grader, and an unreliable bell."""

    versions: list[QuestionVersion]
    mentor: User
    grader: Grader
    clock: Clock = field(default_factory=Clock)
    is_broker_there: bool = True
    is_model_broken: bool = False
    rung: list[tuple[str, UUID]] = field(default_factory=list)

    def begin(self) -> None:
        self.clock.time, self.is_broker_there, self.is_model_broken = START, True, False

    def ring(self, task: str, of: UUID) -> bool:
        """Take a message. That nobody hears it yet is nothing special: messages get lost."""
        if self.is_broker_there:
            self.rung.append((task, of))
        return self.is_broker_there

    def engine(self) -> Grader:
        if self.is_model_broken:
            raise RuntimeError("The model broke.")
        return self.grader


@dataclass(frozen=True)
class Row:
    """A job as the database has it, with its grades in the order in which they were seen to come."""

    job: Any
    grades: tuple[Grade, ...]

    @property
    def firsts(self) -> list[Grade]:
        return [grade for grade in self.grades if grade.regrade_id is None]


class Workers(RuleBasedStateMachine):
    """What workers, messages and sweeps do to jobs, in any order, and what holds after each step."""

    answers = Bundle("answers")
    claims = Bundle("claims")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.clock, self.versions = world, world.clock, list(world.versions)
        world.begin()
        self.everything = transaction.atomic()
        self.everything.__enter__()
        self.guest, self.account = create_guest(), UserFactory()
        self.submitted: set[UUID] = set()
        self.rows: dict[UUID, Row] = {}
        self.reviewed: dict[UUID, float] = {}
        # The job, and the token, with which the step just taken may have written a first grade.
        self.writer: tuple[UUID, int] | None = None

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.leave_in_peace()
        finally:
            django_settings.GRADING_MAX_ATTEMPTS = LIMIT
            transaction.set_rollback(True)
            self.everything.__exit__(None, None, None)

    # What happens: each step is what one process does, or as much of it as it lives to do.

    @initialize(target=answers, limit=st.integers(2, 5))
    def begin(self, limit: int) -> Any:
        self.the_limit_of_attempts_is_changed(limit)
        return multiple(self.submit(0, None), self.submit(0, None))

    @precondition(lambda self: len(self.open_rows) < MOST_OPEN)
    @rule(target=answers, version=st.sampled_from([0, 0, 1]), dies_after=crashes)
    def submit(self, version: int, dies_after: int | None) -> Any:
        answer = uuid4(), self.versions[version]
        self.submit_again(answer, dies_after)
        return answer

    @rule(answer=answers, dies_after=crashes)
    def submit_again(self, answer: tuple[UUID, QuestionVersion], dies_after: int | None) -> None:
        answer_id, version = answer

        @transaction.atomic
        def submit() -> GradingJob:
            candidate = self.guest if self.is_guest else self.account
            now = self.clock.now()
            return jobs.request_grade(answer_id=answer_id, candidate=candidate, version=version, text=TEXT, now=now)

        if alive(submit, dies_after):
            self.submitted.add(answer_id)

    @rule(target=claims, answer=answers, later=times, lag=st.sampled_from([0, 0, 1, 40]), dies_after=crashes)
    def claim(self, answer: tuple[UUID, QuestionVersion], later: int, lag: int, dies_after: int | None) -> Any:
        """A worker that has read the clock up to lag seconds before."""
        row = self.row_of(answer)
        if row is None:
            return multiple()
        now = max(row.job.created_at, self.clock.later(later) - timedelta(seconds=lag))
        claimed = alive(lambda: jobs.claim(job_id=row.job.pk, now=now), dies_after)
        return claimed or multiple()

    @rule(target=claims, claim=claims, dies_after=crashes)
    def take_over(self, claim: GradingJob, dies_after: int | None) -> Any:
        """A worker that comes when the lease of this claim is over; whoever made it may live still."""
        now = self.clock.later(36)
        claimed = alive(lambda: jobs.claim(job_id=claim.pk, now=now), dies_after)
        return claimed or multiple()

    @rule(claim=claims, is_doubted=st.booleans(), dies_after=crashes)
    def finish(self, claim: GradingJob, is_doubted: bool, dies_after: int | None) -> None:  # noqa: FBT001 (Hypothesis names it)
        """The worker that made this claim writes a grade: in time, late, or once more."""
        self.writer = (claim.pk, claim.fencing_token)
        version = next(version for version in self.versions if version.pk == claim.version_id)
        result = self.world.grader.grade(question_of(version), claim.text)
        result = replace(result, doubts=(UNSURE,) if is_doubted else ())
        alive(lambda: jobs.complete(job=claim, version=version, result=result), dies_after)

    @rule(claim=claims, dies_after=crashes)
    def fail(self, claim: GradingJob, dies_after: int | None) -> None:
        alive(lambda: jobs.fail(job=claim, trouble="The model broke."), dies_after)

    @rule(answer=answers, later=times, is_broken=st.sampled_from([True, True, False]), dies_after=crashes)
    def deliver(
        self,
        answer: tuple[UUID, QuestionVersion],
        later: int,
        is_broken: bool,  # noqa: FBT001
        dies_after: int | None,
    ) -> None:
        """A message comes, the first, once more or late, and a worker does all that it does with one."""
        self.clock.later(later)
        row = self.row_of(answer)
        if row is None:
            return
        self.world.is_model_broken = is_broken
        self.writer = (row.job.pk, row.job.fencing_token + 1)
        with suppress(RuntimeError):
            alive(lambda: jobs.grade(job_id=row.job.pk), dies_after)
        self.world.is_model_broken = False

    @rule(later=times, is_broker_there=st.booleans(), dies_after=crashes)
    def sweep(self, later: int, is_broker_there: bool, dies_after: int | None) -> None:  # noqa: FBT001
        self.world.is_broker_there = is_broker_there
        now = self.clock.later(later)
        alive(lambda: jobs.sweep(now=now), dies_after)

    @rule(limit=st.integers(2, 5))
    def the_limit_of_attempts_is_changed(self, limit: int) -> None:
        django_settings.GRADING_MAX_ATTEMPTS = limit

    def leave_in_peace(self) -> None:
        """The storm is over: no message of before arrives, but sweeps ring, and workers live. All comes to an end."""
        self.world.is_broker_there = True
        for _ in range(3):  # that the first round was enough for all is nothing that anybody promises
            self.world.rung.clear()
            jobs.sweep(now=self.clock.later(60))
            regrading.sweep(now=self.clock.now())
            for task, of in self.world.rung.copy():
                alive(
                    partial(jobs.grade, job_id=of)
                    if task == jobs.GRADE_JOB
                    else partial(regrading.work, regrade_id=of)
                )
        self.rows = self.read()
        assert {row.job.state for row in self.rows.values()} <= {JobState.GRADED, JobState.NEEDS_REVIEW}
        assert not Regrade.objects.filter(state__in=WORKING).exists()
        self.what_must_hold()

    # What holds after each step.

    @invariant()
    def what_must_hold(self) -> None:
        before, self.rows = self.rows, self.read()
        written = [row.job.answer_id for row in self.rows.values()]
        assert len(written) == len(set(written))
        assert set(written) >= self.submitted
        owner = self.guest if self.is_guest else self.account
        for pk, row in self.rows.items():
            assert row.job.candidate_id == owner.pk
            self.stands(row)
            if pk in before:
                self.follows(before[pk], row)
        self.writer = None

    def stands(self, row: Row) -> None:
        """What holds of each job by itself."""
        job, grades = row.job, row.grades
        assert len(row.firsts) <= 1, "graded twice"
        assert job.attempts == job.fencing_token
        assert job.grade_id == (grades[-1].pk if grades else None), "not the latest grade"
        shown = self.reviewed.get(job.pk, grades[-1].score if grades else None)
        assert job.shown_score == shown, "another score is shown than the latest"
        if job.state in OPEN_STATES:
            assert not grades
        if job.state == JobState.GRADED:
            assert grades
        if job.state == JobState.NEEDS_REVIEW:
            assert job.trouble or grades[-1].doubts, "a mentor is not told why"
        times = [job.created_at, job.claimed_at, *(grade.created_at for grade in grades)]
        assert times[2:] == sorted(times[2:])
        begun = [time for time in (*times[:3], job.finished_at) if time]
        assert begun == sorted(begun), "time runs backwards"

    def follows(self, before: Row, after: Row) -> None:
        """What holds of each job from one step to the next."""
        was, job, new = before.job, after.job, after.grades[len(before.grades) :]
        assert after.grades[: len(before.grades)] == before.grades, "a grade was changed or lost"
        if job.attempts != was.attempts:
            assert was.attempts + 1 == job.attempts <= django_settings.GRADING_MAX_ATTEMPTS, "tried too often"
        if was.finished_at:
            assert job.finished_at == was.finished_at, "it was finished before"
            assert new or job.state == was.state
        for grade in new:
            if grade.regrade_id:
                assert job.pk not in self.reviewed, "a mentor's marks were passed over"
            else:
                assert was.state in OPEN_STATES
                assert self.writer == (job.pk, job.fencing_token), "a grade by a stale token"

    # Reads.

    @property
    def open_rows(self) -> list[Row]:
        return [row for row in self.rows.values() if row.job.state in OPEN_STATES]

    @property
    def is_guest(self) -> bool:
        return User.objects.filter(pk=self.guest.pk, is_guest=True, is_active=True).exists()

    def read(self) -> dict[UUID, Row]:
        found = with_shown_score(GradingJob.objects.filter(version__in=self.versions)).select_related("grade__version")
        grades = list(Grade.objects.filter(job__in=[job.pk for job in found]))
        return {job.pk: self._row(job, [grade for grade in grades if grade.job_id == job.pk]) for job in found}

    def _row(self, job: Any, grades: list[Grade]) -> Row:
        seen = self.rows[job.pk].grades if job.pk in self.rows else ()
        return Row(job, (*seen, *(grade for grade in grades if grade not in seen)))

    def row_of(self, answer: tuple[UUID, QuestionVersion]) -> Row | None:
        """Return the job of an answer as it stands; None where submitting was never finished."""
        return next((row for row in self.rows.values() if row.job.answer_id == answer[0]), None)


class WorkersAndPeople(Workers):
    """The same while a guest makes an account, and mentors review and regrade."""

    answers = Workers.answers

    @initialize(target=answers)
    def an_answer_was_graded_before(self) -> Any:
        answer = self.submit(0, None)
        self.rows = self.read()
        self.deliver(answer, 0, False, None)  # noqa: FBT003 (as Hypothesis would)
        return answer

    @precondition(lambda self: self.is_guest)
    @rule(dies_after=crashes)
    def the_guest_makes_an_account(self, dies_after: int | None) -> None:
        alive(lambda: join_guest(guest=self.guest, user=self.account), dies_after)

    @rule(answer=answers, mark=st.sampled_from(Mark), dies_after=crashes)
    def review(self, answer: tuple[UUID, QuestionVersion], mark: Mark, dies_after: int | None) -> None:
        row = self.row_of(answer)
        if row is None:
            return
        marks = {point.pk: mark for point in row.job.key.key_points.all()}
        mentor, now = self.world.mentor, self.clock.now()
        with suppress(ValidationError):
            alive(lambda: review(job=row.job, reviewer=mentor, marks=marks, reason="So it is.", now=now), dies_after)
        if written := row.job.reviews.filter(created_at=now).first():
            assert row.job.state not in OPEN_STATES
            self.reviewed[row.job.pk] = written.score

    @rule(dies_after=crashes)
    def preview_a_regrade(self, dies_after: int | None) -> None:
        """Of all answers, by the latest version; a worker begins with it at once."""
        version, mentor, now = self.versions[-1], self.world.mentor, self.clock.now()
        with suppress(ValidationError):
            regrade = regrades.preview(version=version, actor=mentor, now=now)
            alive(partial(regrading.work, regrade_id=regrade.pk), dies_after)

    @rule(is_applied=st.sampled_from([True, True, False]), dies_after=crashes)
    def decide_about_the_regrade(self, is_applied: bool, dies_after: int | None) -> None:  # noqa: FBT001
        """A mentor applies or cancels the preview, and a worker does what is left."""
        regrade = Regrade.objects.filter(state__in=OPEN).first()
        if regrade is None:
            return
        mentor, now = self.world.mentor, self.clock.now()
        with suppress(ValidationError):
            if is_applied:
                self.preview_a_regrade(None)  # answers that came since have to be seen first
                regrades.apply(regrade=regrade, actor=mentor, reason="The key was mended.", now=now)
            else:
                alive(lambda: regrades.cancel(regrade=regrade, actor=mentor, now=now), dies_after)
        alive(partial(regrading.work, regrade_id=regrade.pk), dies_after)


def alive(act: Callable[[], Any], dies_after: int | None = None) -> Any:
    """Do act as a process of its own, then what it leaves for after its commit; None when it is killed meanwhile."""
    earlier = len(connection.run_on_commit)
    try:
        with killed_after(dies_after):
            done = act()
            for _, follow_up, _ in connection.run_on_commit[earlier:]:
                follow_up()
            return done
    except Killed:
        return None


@pytest.fixture
def world(published: QuestionVersion, mentor: User, monkeypatch: pytest.MonkeyPatch, without_the_bench: None) -> World:
    content = accepting(what_it_says(published), "Values come on demand.")
    ids = [published.pk, publish_mended(published, content).pk]
    by_id = with_parts(QuestionVersion.objects.all()).in_bulk(ids)
    world = World([by_id[pk] for pk in ids], mentor, grade_by_plain_parts(monkeypatch))
    monkeypatch.setattr(jobs, "get_grader", world.engine)
    for service in (jobs, regrading):
        monkeypatch.setattr(service, "database_now", world.clock.now)
    for service in (jobs, regrades, regrading):
        monkeypatch.setattr(service, "ring", world.ring)
    return world


def run(machine: type[Workers], world: World, *, examples: int, steps: int, **how: Any) -> None:
    bounds = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
        **how,
    )
    run_state_machine_as_test(lambda: machine(world), settings=bounds)


# The same runs each time; what falls is not made small, as that can take minutes. The slow test does.
QUICK = {"steps": 25, "derandomize": True, "phases": [Phase.generate], "report_multiple_bugs": False}


def test_whatever_workers_do_each_answer_is_graded_once_or_before_a_mentor(world: World) -> None:
    run(Workers, world, examples=30, **QUICK)


def test_whatever_people_do_meanwhile_the_latest_word_is_shown(world: World) -> None:
    run(WorkersAndPeople, world, examples=8, **QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("machine", [Workers, WorkersAndPeople])
def test_whatever_happens_in_other_runs_each_time(world: World, machine: type[Workers]) -> None:
    run(machine, world, examples=400, steps=50, print_blob=True)
