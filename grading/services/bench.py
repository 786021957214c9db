"""The bench: trials of a question's text, done by a worker since the web process never loads the model.

A run is a row. What waits is rung for again by the sweep; a run that is told of twice gives the same as one told of
once, for whoever comes second changes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from grading.engine import Grader
from grading.grader import get_grader
from grading.models import BenchPurpose, BenchRun, BenchState
from grading.selectors.bench import check_of, running_identity
from grading.services.linting import lint
from grading.trial import Result, judge, try_answer, try_exemplars
from people.bell import ring
from people.clock import database_now
from people.models import User
from questionbank.content import QuestionContent
from questionbank.models import QuestionVersion, VersionState
from questionbank.selectors import content_of, with_parts

log = logging.getLogger(__name__)

RUN_BENCH = "grading.run_bench"
RUN_BULK_BENCH = "grading.run_bulk_bench"

# How long the same trial by the same grader, asked for by the same person, is answered from the record.
REUSED_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
# Exemplars that are graded together, and for how many seconds a worker goes on before it lets others in.
AT_ONCE = 8
PIECE_SECONDS = 4.0
# The pack format's limit: a form that is not valid yet may hold more.
MOST_KEY_POINTS = 20
# What a sweep rings for, the oldest first: an import may leave thousands waiting, and their messages are out already.
RUNG_AT_ONCE = 20
# Of an import. A question's exemplars take a second or two, and candidates wait behind each of them.
CHECKED_AT_ONCE = 500


# --- Asking for a run ---------------------------------------------------------------------------------------


@transaction.atomic
def request_run(
    *, purpose: BenchPurpose, content: QuestionContent, text: str = "", actor: User | None, now: datetime
) -> BenchRun:
    """Ask for a trial of content, and of text as an answer to it; after the commit a worker is told.

    The same trial that actor has asked for within the hour is returned instead, unless the grader is another one by
    now. Exemplars that nobody asked for (actor None: after a hand-in, an import) wait in the queue of bulk work.
    Raises ValidationError where there is no key point to look for, or are too many, and for a text that is too long
    for an answer.
    """
    if not content.key_points:
        raise ValidationError("Write a key point first: there is nothing to look for yet.")
    if len(content.key_points) > MOST_KEY_POINTS:
        raise ValidationError(f"A question has at most {MOST_KEY_POINTS} key points.")
    if len(text) > settings.ANSWER_MAX_CHARACTERS:
        raise ValidationError(f"An answer has at most {settings.ANSWER_MAX_CHARACTERS:,} characters.")
    same = {"purpose": purpose, "content_hash": content.content_hash, "text": text, "requested_by": actor}
    known = _still_good(same, now)
    if known:
        return known
    run = BenchRun.objects.create(**same, content=content.to_dict(), created_at=now, rung_at=now)
    transaction.on_commit(lambda: ring(_task_of(run), run.pk))
    return run


def _still_good(same: dict[str, Any], now: datetime) -> BenchRun | None:
    done = Q(state=BenchState.DONE, grader=running_identity(), finished_at__gt=now - REUSED_FOR)
    return BenchRun.objects.filter(done | Q(state=BenchState.PENDING), **same).first()


def _task_of(run: BenchRun) -> str:
    is_bulk = run.purpose == BenchPurpose.EXEMPLARS and run.requested_by_id is None
    return RUN_BULK_BENCH if is_bulk else RUN_BENCH


def withdraw_run(*, run_id: UUID, actor: User) -> None:
    """Take back a run of actor's that still waits: what was typed since has made it needless."""
    BenchRun.objects.filter(pk=run_id, requested_by=actor, state=BenchState.PENDING).delete()


def request_check(*, version: QuestionVersion, actor: User | None = None, now: datetime) -> BenchRun:
    """Ask for a trial of version's exemplars, unless the grader that runs has tried this very content already.

    A trial that failed is tried again.
    """
    check = check_of(version)
    if check.run and (check.is_waiting or check.verdict):
        return check.run
    content = content_of(with_parts(QuestionVersion.objects.filter(pk=version.pk)).get())
    return request_run(purpose=BenchPurpose.EXEMPLARS, content=content, actor=actor, now=now)


def request_checks(*, versions: Sequence[UUID], now: datetime) -> None:
    """Ask for trials of the exemplars of new drafts, of some hundreds at most: the others are tried when handed in."""
    can_be_tried = QuestionVersion.objects.exclude(exemplars=None).exclude(key_points=None)
    drafts = with_parts(can_be_tried.filter(pk__in=versions))
    runs = BenchRun.objects.bulk_create(
        BenchRun(
            purpose=BenchPurpose.EXEMPLARS,
            content=content_of(draft).to_dict(),
            content_hash=draft.content_hash,
            created_at=now,
            rung_at=now,
        )
        for draft in drafts.distinct()[:CHECKED_AT_ONCE]
    )
    for run in runs[:RUNG_AT_ONCE]:  # the sweep rings for the others
        transaction.on_commit(partial(ring, _task_of(run), run.pk))


def request_lint(*, version: QuestionVersion, actor: User | None = None, now: datetime) -> BenchRun:
    """Ask for what the linter finds in version."""
    content = content_of(with_parts(QuestionVersion.objects.filter(pk=version.pk)).get())
    text = str(version.question_id)
    return request_run(purpose=BenchPurpose.LINT, content=content, text=text, actor=actor, now=now)


def refuse_unchecked(*, version: QuestionVersion) -> None:
    """Raise ValidationError, with the reason, unless the grader that runs tells version's exemplars apart.

    Which grader runs is known from the workers' heartbeats (selectors.bench.running_identity): no model is loaded
    here. What has not been tried yet is put on the bench by the hand-in, or else by the next sweep.
    """
    check = check_of(version)
    if check.identity is None:
        raise ValidationError("No grader runs at the moment: the exemplars cannot be tried. Publish once it is back.")
    if check.has_failed and check.run:
        raise ValidationError(f"The exemplars could not be tried: {check.run.trouble} Run them again.")
    if check.verdict is None:
        so_far = f" ({len(check.exemplars)} of {check.total})" if check.is_waiting else ""
        then = "Nothing is published yet: approve once they are done."
        raise ValidationError(f"The exemplars are still being graded on the bench{so_far}. {then}")
    if not check.passed:
        raise ValidationError(" ".join(check.verdict["reasons"]))


# --- What a worker does -------------------------------------------------------------------------------------

# What a trial has found, and whether that is all of it.
Outcome = tuple[Result, bool]


def _answer(run: BenchRun, content: QuestionContent, grader: Grader) -> Outcome:
    return try_answer(grader, content, run.text), True


def _exemplars(run: BenchRun, content: QuestionContent, grader: Grader) -> Outcome:
    """Go on where the run stands, for a few seconds; another grader begins anew."""
    begun = run.result if run.result and run.grader == grader.identity else {"exemplars": []}
    rows: list[Result] = list(begun["exemplars"])
    until = monotonic() + PIECE_SECONDS
    while len(rows) < len(content.exemplars):
        rows += try_exemplars(grader, content, content.exemplars[len(rows) : len(rows) + AT_ONCE])
        if monotonic() > until:
            break
    if len(rows) < len(content.exemplars):
        return {"exemplars": rows}, False
    return {"exemplars": rows, "verdict": judge(rows).as_dict()}, True


def _lint(run: BenchRun, content: QuestionContent, grader: Grader) -> Outcome:
    return lint(run, content, grader), True


TRIALS: dict[str, Callable[[BenchRun, QuestionContent, Grader], Outcome]] = {
    BenchPurpose.ANSWER: _answer,
    BenchPurpose.EXEMPLARS: _exemplars,
    BenchPurpose.LINT: _lint,
}


def _waiting() -> QuerySet[BenchRun]:
    """Return the runs that wait. What a later version of Greenroom has asked for waits for that version's worker."""
    return BenchRun.objects.filter(state=BenchState.PENDING, purpose__in=list(TRIALS))


def run(*, run_id: UUID) -> None:
    """Do a run that waits, or the next piece of it, and ring for the piece after that.

    What goes wrong is written into the run, and raised again for the log. A run that its worker does not survive is
    rung for by the sweep, and given up after as many attempts as a grading job has.
    """
    waiting = _waiting().filter(pk=run_id)
    taken = waiting.filter(attempts__lt=settings.GRADING_MAX_ATTEMPTS)
    if taken.update(attempts=F("attempts") + 1, rung_at=database_now()) != 1:
        return
    trial = BenchRun.objects.filter(pk=run_id).first()
    if trial is None:  # withdrawn this very moment
        return
    grader = get_grader()
    try:
        result, is_all = TRIALS[trial.purpose](trial, QuestionContent.from_dict(trial.content), grader)
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}."
        waiting.update(
            state=BenchState.FAILED, trouble=trouble[:1000], grader=grader.identity, finished_at=database_now()
        )
        raise
    found = {"result": result, "grader": grader.identity, "attempts": 0}
    if is_all:
        waiting.update(**found, state=BenchState.DONE, finished_at=database_now())
    elif waiting.update(**found, rung_at=database_now()) == 1:
        ring(_task_of(trial), run_id)


def record(*, content: QuestionContent, result: Result, grader: dict[str, str], now: datetime) -> None:
    """Keep what came of trying all exemplars of content by hand (check_bench), unless a run has found it already."""
    found = {
        "purpose": BenchPurpose.EXEMPLARS,
        "content_hash": content.content_hash,
        "state": BenchState.DONE,
        "grader": grader,
    }
    when = {"created_at": now, "rung_at": now, "finished_at": now}
    if not BenchRun.objects.filter(**found).exists():
        BenchRun.objects.create(**found, **when, content=content.to_dict(), result=result)


# --- By the clock -------------------------------------------------------------------------------------------


def sweep(*, now: datetime) -> None:
    """Ring again for runs that wait too long, give up those no worker survives, and try what waits for its review."""
    unheard = _waiting().filter(rung_at__lte=now - timedelta(seconds=settings.GRADING_RING_AGAIN_SECONDS))
    unheard.filter(attempts__gte=settings.GRADING_MAX_ATTEMPTS).update(
        state=BenchState.FAILED,
        trouble="The worker stopped before it could finish, each time.",
        grader=running_identity(),
        finished_at=now,
    )
    for waiting in unheard.order_by("created_at")[:RUNG_AT_ONCE]:
        if not ring(_task_of(waiting), waiting.pk):
            break  # the broker is away for the others too
        BenchRun.objects.filter(pk=waiting.pk).update(rung_at=now)
    _try_what_is_in_review(now)


def _try_what_is_in_review(now: datetime) -> None:
    """Put those versions on the bench whose exemplars the grader that runs has not tried: it may be a new one."""
    tried = BenchRun.objects.filter(
        Q(state=BenchState.PENDING) | Q(grader=running_identity()),
        content_hash=OuterRef("content_hash"),
        purpose=BenchPurpose.EXEMPLARS,
    )
    for version in QuestionVersion.objects.filter(~Exists(tried), state=VersionState.IN_REVIEW):
        request_check(version=version, now=now)


def forget_runs(*, now: datetime) -> int:
    """Delete what was tried more than a day ago; return how many runs.

    Of what a version says the latest result of each grader stays: publishing asks for it, and check_bench compares.
    """
    newer = BenchRun.objects.filter(
        purpose=BenchPurpose.EXEMPLARS,
        state=BenchState.DONE,
        content_hash=OuterRef("content_hash"),
        grader=OuterRef("grader"),
        created_at__gt=OuterRef("created_at"),
    )
    is_said = Exists(QuestionVersion.objects.filter(content_hash=OuterRef("content_hash")))
    kept = BenchRun.objects.filter(is_said, ~Exists(newer), purpose=BenchPurpose.EXEMPLARS, state=BenchState.DONE)
    old = BenchRun.objects.filter(created_at__lt=now - KEPT_FOR).exclude(pk__in=kept.values("pk"))
    return old.delete()[0]
