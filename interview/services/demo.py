"""Interviews of made-up candidates, to see Greenroom with as much in it as a year brings."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from grading.engine import GradeResult, KeyPointResult
from grading.engine.guards import EMPTY
from grading.models import GradingJob
from grading.services.jobs import claim, complete
from interview.models import Answer, Interview, InterviewQuestion, Mode
from interview.services.interviews import finish, save_draft, start_interview, submit_answer
from people.models import Cohort, Membership, Role, User
from people.services import set_role
from questionbank.models import Exemplar, QuestionVersion, Track, VersionState
from questionbank.selectors import with_parts

COHORT = "Demo"
# .invalid is reserved: no mail reaches it, and nobody can log in with it.
DOMAIN = "@demo.greenroom.invalid"
NO_REAL_PEOPLE = ("@demo.test", ".invalid")

# How the candidates differ, in points of the score: between them, and one's own answers from each other.
MEAN, BETWEEN, WITHIN = 58, 18, 16
LEFT_EMPTY = 0.05
MOCKS = 0.3
DAYS = 180
CHANCES = {"stated": (1.0, 0.0, 0.0), "partly": (0.5, 0.5, 0.0), "missing": (0.0, 1.0, 0.0)}
CONTRADICTED = (0.0, 0.0, 1.0)


def has_real_candidates() -> bool:
    """Say whether anybody has an interview who is not made up."""
    theirs = Interview.objects.all()
    for ending in NO_REAL_PEOPLE:
        theirs = theirs.exclude(candidate__email__endswith=ending)
    return theirs.exists()


@transaction.atomic
def make_people(*, count: int) -> list[User]:
    """Return the first count candidates of the demo cohort, made where they are not there yet.

    They cannot log in. Whoever is a mentor of another cohort of demo accounts becomes one of this cohort too.
    """
    cohort, _ = Cohort.objects.get_or_create(name=COHORT)
    mentors = User.objects.filter(email__endswith="@demo.test", memberships__role=Role.MENTOR).distinct()
    for mentor in mentors.exclude(memberships__cohort=cohort):
        set_role(cohort=cohort, user=mentor, role=Role.MENTOR, actor=None)
    return [_person(cohort, number) for number in range(1, count + 1)]


def _person(cohort: Cohort, number: int) -> User:
    email = f"candidate-{number:05}{DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, name=f"Demo candidate {number}", mail_when_graded=False)
        Membership.objects.create(cohort=cohort, user=user, role=Role.CANDIDATE)
    return user


class Maker:
    """Makes interviews. Answers are exemplars of the questions asked, the better the abler the candidate is."""

    def __init__(self, *, seed: int, by_worker: bool) -> None:
        """by_worker: leave the grading to the worker; else each answer gets its exemplar's marks and score."""
        published = with_parts(QuestionVersion.objects.filter(state=VersionState.PUBLISHED))
        self._versions = {version.pk: version for version in published}
        self._by_worker = by_worker
        self._seed = seed

    @transaction.atomic
    def make(self, *, candidate: User, tracks: Sequence[Track], number: int, now: datetime) -> Interview:
        """Make candidate's interview number, of the half year before now, and finish it. Raises NotEnoughQuestions.

        The same seed, candidate and number give the same kind of answers; which questions are drawn is chance.
        """
        chance = random.Random(f"{self._seed} {candidate.email} {number}")  # noqa: S311 (no secret)
        ability = random.Random(f"{self._seed} {candidate.email}").gauss(MEAN, BETWEEN)  # noqa: S311 (no secret)
        mode = Mode.MOCK if chance.random() < MOCKS else Mode.PRACTICE
        began = now - timedelta(days=1 + chance.random() * DAYS)
        interview = start_interview(candidate=candidate, track=chance.choice(tracks), mode=mode, now=began)
        at = began
        for asked in interview.questions.select_related("interview"):
            version = self._versions[asked.version_id]
            at += timedelta(minutes=min(version.minutes * chance.lognormvariate(-0.2, 0.4), 59))
            exemplar = self._exemplar(version, chance, chance.gauss(ability, WITHIN))
            if exemplar and chance.random() >= LEFT_EMPTY:
                self._answer(asked, exemplar, at, is_mock=mode == Mode.MOCK)
        finished = finish(interview=interview, now=at)
        if not self._by_worker:
            self._grade(interview)
        return finished

    def _exemplar(self, version: QuestionVersion, chance: random.Random, score: float) -> Exemplar | None:
        """Return one of the exemplars whose score is nearest to score."""
        nearest = sorted(version.exemplars.all(), key=lambda exemplar: abs(exemplar.score - score))[:3]
        return chance.choice(nearest) if nearest else None

    def _answer(self, asked: InterviewQuestion, exemplar: Exemplar, at: datetime, *, is_mock: bool) -> None:
        if is_mock:  # written before the clock could be over
            save_draft(asked=asked, text=exemplar.text, revision=0, now=asked.interview.started_at)
        else:
            submit_answer(asked=asked, text=exemplar.text, idempotency_key=uuid4(), now=at)

    def _grade(self, interview: Interview) -> None:
        """Write what the exemplars say, before the worker hears of the jobs."""
        for answer in Answer.objects.filter(question__interview=interview).select_related("job"):
            version = self._versions[answer.job.version_id]
            job = claim(job_id=answer.job_id, now=answer.submitted_at)
            if job:
                complete(job=job, version=version, result=self._result(version, job))

    def _result(self, version: QuestionVersion, job: GradingJob) -> GradeResult:
        """Return the marks of the exemplar that job's text is; all missing for an empty one."""
        exemplar = next((e for e in version.exemplars.all() if e.text == job.text), None)
        given = exemplar.marks if exemplar else {}
        marks = tuple(_marked(point.slug, given.get(point.slug, "missing")) for point in version.key_points.all())
        receipt = {"demo": True, "exemplar": exemplar.slug if exemplar else ""}
        score, flags = (exemplar.score / 100, ()) if exemplar else (0.0, (EMPTY,))
        return GradeResult(score, 1.0, marks, flags=flags, receipt=receipt)


def _marked(slug: str, mark: Any) -> KeyPointResult:
    """Return a mark without evidence: nothing was measured."""
    stated, missing, contradicted = CHANCES.get(mark, CONTRADICTED)
    return KeyPointResult(slug, mark, stated, 0.0, 0.0, stated, missing, contradicted, None)
