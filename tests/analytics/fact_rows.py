"""Makes facts with known figures, without interviews that were really held: quick, and dated at will."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from analytics.models import AnswerFact
from grading.models import GradingJob
from interview.models import Interview, Mode
from people.models import Cohort, Role, User
from questionbank.models import QuestionVersion
from tests.factories import MembershipFactory, UserFactory


def join(cohort: Cohort, name: str, *, since: datetime | None = None) -> User:
    """Make a candidate of cohort by this name."""
    user = UserFactory(name=name, email=f"{name.lower()}@example.com")
    membership = MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
    if since:
        membership.created_at = since
        membership.save()
    return user


def facts(candidate: User, version: QuestionVersion, scores: Sequence[float], at: datetime, **own: Any) -> None:
    """Make candidate's graded answers to version with these scores, given at one instant in one practice interview.

    own: other fields of AnswerFact. Unless it says otherwise they count as first attempts, and nobody timed them.
    """
    interview = Interview.objects.create(
        candidate=candidate,
        track=own.get("track"),
        title="Practice",
        mode=own.get("mode", Mode.PRACTICE),
        started_at=at,
        minutes=10,
        untimed=own.get("mode") == Mode.MOCK,
    )
    for score in scores:
        job = GradingJob.objects.create(
            answer_id=uuid4(), candidate=candidate, version=version, text="Lazily.", created_at=at, rung_at=at
        )
        fields = {
            "candidate": candidate,
            "interview": interview,
            "mode": interview.mode,
            "question": version.question,
            "version": version,
            "attempt": 1,
            "answered_at": at,
            "score": score,
            "is_by_mentor": False,
            "is_empty": False,
            "key": version,
            "marks": "s" * version.key_points.count(),
        }
        AnswerFact.objects.create(job=job, **{**fields, **own})
