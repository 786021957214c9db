"""Versions of a question whose key is mended, and what a worker makes of a regrade with a grader of stub parts."""

from dataclasses import replace
from typing import Any, TypeVar

import pytest
from django.db import models

from grading.engine import Grader
from grading.models import GradingJob, Regrade
from grading.services import jobs, regrades, regrading
from people.clock import database_now
from people.models import User
from questionbank.content import KeyPointContent, QuestionContent
from questionbank.models import QuestionVersion
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import publish, save_draft
from tests.grading.engine.plain import PLAIN, plain_grader

# A sentence of tests.grading.conftest.TEXT that the first key does not know.
WORDING = "Values come on demand."
AnyRow = TypeVar("AnyRow", bound=models.Model)

REASON = "Another wording of a key point counts now."


def grade_by_plain_parts(monkeypatch: pytest.MonkeyPatch, **calibration: Any) -> Grader:
    """Let answers be graded by stub parts at first and again, without a doubt unless calibration says so."""
    grader = plain_grader(replace(PLAIN, **{"review_below": 0.0, **calibration}))
    for service in (jobs, regrading):
        monkeypatch.setattr(service, "get_grader", lambda: grader)
    return grader


def what_it_says(version: QuestionVersion) -> QuestionContent:
    return content_of(with_parts(QuestionVersion.objects.filter(pk=version.pk)).get())


def changed_point(content: QuestionContent, slug: str = "lazy", **changes: Any) -> QuestionContent:
    """Return content with changes to one key point."""
    points = (replace(point, **changes) if point.id == slug else point for point in content.key_points)
    return replace(content, key_points=tuple(points))


def accepting(content: QuestionContent, *wordings: str) -> QuestionContent:
    """Return content in which these wordings of its heaviest point are accepted."""
    return changed_point(content, accepted=wordings)


def with_one_point_more(content: QuestionContent) -> QuestionContent:
    point = KeyPointContent("new", "A generator keeps its place between two values.", 3)
    return replace(content, key_points=(*content.key_points, point), exemplars=())


def make_draft(version: QuestionVersion, content: QuestionContent | None = None) -> QuestionVersion:
    """Save a draft of version's question: by default one that accepts WORDING."""
    content = content or accepting(what_it_says(version), WORDING)
    return save_draft(question=version.question, content=content, author=None)


def publish_mended(version: QuestionVersion, content: QuestionContent | None = None) -> QuestionVersion:
    return publish(version=make_draft(version, content), actor=None, now=database_now())


def previewed(version: QuestionVersion, actor: User) -> Regrade:
    """Preview version, and let a worker do it."""
    return worked(regrades.preview(version=version, actor=actor, now=database_now()))


def applied(regrade: Regrade, actor: User, reason: str = REASON) -> Regrade:
    """Apply a preview, and let a worker do it."""
    regrades.apply(regrade=regrade, actor=actor, reason=reason, now=database_now())
    return worked(regrade)


def worked(regrade: Regrade) -> Regrade:
    """Run a worker's piece of it; return the regrade as it is then."""
    regrading.work(regrade_id=regrade.pk)
    return Regrade.objects.get(pk=regrade.pk)


def as_it_is(row: AnyRow) -> AnyRow:
    """Return row as the database has it."""
    return type(row)._default_manager.get(pk=row.pk)  # noqa: SLF001 (Django's documented model API)


def shown(job: GradingJob) -> float:
    """Return the score of the job's latest grade."""
    grade = as_it_is(job).grade
    assert grade is not None
    return grade.score
