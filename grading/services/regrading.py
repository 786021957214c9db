"""What a worker does with a regrade: grade the items of a preview, then write their grades, for a few seconds a piece.

Each item is one transaction that holds its row's lock. A worker that dies gives the lock back and has lost one item;
two workers with the same regrade never hold the same item; whoever comes later finds it done.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction

from grading.counterfactual import scores_with_points
from grading.engine import Evidence, Grader, GradeResult, KeyPointResult, Question
from grading.grader import get_grader, question_of
from grading.models import GradingJob, Regrade, RegradeItem, RegradeState
from grading.selectors.regrades import WORKING
from grading.services.jobs import grade_again
from grading.services.regrades import RUN_REGRADE
from people.bell import ring
from people.clock import database_now
from people.services.audit import audit
from questionbank.models import QuestionVersion
from questionbank.selectors import content_of, with_parts

log = logging.getLogger(__name__)

# A piece ends after so many seconds and rings for the next one: answers and the bench wait no longer than that.
PIECE_SECONDS = 4
# A regrade that was rung for so long ago has lost its worker.
RING_AGAIN = timedelta(seconds=30)

Result = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """What answers are graded with: the version, as the engine sees it, and the receipt that its grades carry."""

    version: QuestionVersion
    grader: Grader
    question: Question
    receipt: dict[str, Any]

    def grade(self, text: str) -> Result:
        """Return the grade of text as JSON, or what went wrong under "trouble"."""
        try:
            result = self.grader.grade(self.question, text)
            scores_with = scores_with_points(self.grader, self.question, text, result)
        except Exception as error:  # one answer that cannot be graded must not stop the others
            log.exception("an answer could not be graded again")
            return {"trouble": f"{type(error).__name__}: {error}"[:1000]}
        return {**asdict(result), "scores_with": scores_with}


def work(*, regrade_id: UUID) -> None:
    """Do a piece of what the regrade's state asks for, and ring for the next one. Done or cancelled: nothing.

    A preview of a draft that has changed meanwhile is cancelled. Any error is raised; the sweeper rings again.
    """
    regrade = Regrade.objects.filter(pk=regrade_id, state__in=WORKING).first()
    if regrade is None:
        return
    key = _key_of(regrade)
    if key is None:
        Regrade.objects.filter(pk=regrade_id, state=RegradeState.PREVIEWING).update(
            state=RegradeState.CANCELLED,
            finished_at=database_now(),
            trouble="The draft changed while it was being previewed. Preview it again.",
        )
        return
    do_one = _preview_one if regrade.state == RegradeState.PREVIEWING else _apply_one
    if _is_work_left(lambda: do_one(regrade, key)):
        # Rung first and noted after: a crash in between means one ring too many, never one too few.
        if ring(RUN_REGRADE, regrade_id):
            Regrade.objects.filter(pk=regrade_id).update(rung_at=database_now())
    else:
        _finish(regrade)


def _key_of(regrade: Regrade) -> Key | None:
    """Return what to grade with; None where the version does not say any more what it said at the preview."""
    version = with_parts(QuestionVersion.objects.filter(pk=regrade.version_id)).first()
    # Of the rows as they were read: another mentor may have saved the draft between two of these queries.
    if version is None or content_of(version).content_hash != regrade.content_hash:
        return None
    grader, question = get_grader(), question_of(version)
    # No text is read for an empty answer, and its receipt is that of every other.
    return Key(version, grader, question, grader.grade(question, "").receipt)


def _is_work_left(do_one: Callable[[], bool]) -> bool:
    """Do one after the other until the piece's time is over (True) or there is none to be had (False)."""
    until = monotonic() + PIECE_SECONDS
    while monotonic() < until:
        if not do_one():
            return False
    return True


@transaction.atomic
def _preview_one(regrade: Regrade, key: Key) -> bool:
    item = _next(regrade, result__isnull=True)
    if item is None:
        return False
    item.result = key.grade(item.job.text)
    item.new_score = _score_of(item.result)
    item.save(update_fields=["result", "new_score"])
    return True


@transaction.atomic
def _apply_one(regrade: Regrade, key: Key) -> bool:
    item = _next(regrade, is_done=False)
    if item is None:
        return False
    # Reviewing locks the job too: a mentor's marks either stand here already, or find the new grade.
    job = GradingJob.objects.select_for_update(of=("self",)).select_related("grade").get(pk=item.job_id)
    item.is_kept = job.reviews.exists()
    if not item.is_kept and job.key != key.version:
        _write(item, job, regrade, key)
    item.is_done = True
    item.save(update_fields=["is_kept", "is_done", "result", "new_score"])
    return True


def _next(regrade: Regrade, **left: Any) -> RegradeItem | None:
    """Lock and return an item that no other worker holds."""
    items = regrade.items.select_for_update(skip_locked=True, of=("self",)).select_related("job")
    return items.filter(**left).first()


def _write(item: RegradeItem, job: GradingJob, regrade: Regrade, key: Key) -> None:
    """Write the previewed grade; by another engine than the preview's, or one that has learnt since, grade again."""
    if not item.result or item.result.get("receipt") != key.receipt:
        item.result = key.grade(job.text)
        item.new_score = _score_of(item.result)
    if item.new_score is None:
        return  # it keeps its grade, and the regrade's page says so
    result, scores_with = _result_from(item.result), item.result["scores_with"]
    grade_again(job=job, regrade=regrade, version=key.version, result=result, scores_with=scores_with)


def _score_of(result: Result) -> float | None:
    return None if "trouble" in result else round(result["score"] * 100, 2)


def _result_from(raw: Result) -> GradeResult:
    """Return what the engine said, from its JSON."""
    points = tuple(
        KeyPointResult(**{**point, "evidence": Evidence(**point["evidence"]) if point["evidence"] else None})
        for point in raw["key_points"]
    )
    return GradeResult(
        score=raw["score"],
        confidence=raw["confidence"],
        key_points=points,
        flags=tuple(raw["flags"]),
        doubts=tuple(raw["doubts"]),
        receipt=raw["receipt"],
    )


@transaction.atomic
def _finish(regrade: Regrade) -> None:
    """Go on to the next state, unless another worker still holds an item: then that one does."""
    now, same = database_now(), Regrade.objects.filter(pk=regrade.pk, state=regrade.state)
    if regrade.state == RegradeState.PREVIEWING:
        if not regrade.items.filter(result__isnull=True).exists():
            same.update(state=RegradeState.PREVIEWED)
    elif not regrade.items.filter(is_done=False).exists() and same.update(state=RegradeState.APPLIED, finished_at=now):
        audit(
            actor=regrade.decided_by,
            action="regrade.applied",
            on=regrade,
            question=str(regrade.question_id),
            regraded=regrade.grades.count(),
            kept=regrade.items.filter(is_kept=True).count(),
        )


def sweep(*, now: datetime) -> None:
    """Ring again for regrades whose worker went away."""
    for regrade in Regrade.objects.filter(state__in=WORKING, rung_at__lte=now - RING_AGAIN):
        if not ring(RUN_REGRADE, regrade.pk):
            return  # the broker is away for the others too
        Regrade.objects.filter(pk=regrade.pk).update(rung_at=now)
