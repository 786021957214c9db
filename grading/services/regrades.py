"""What mentors do with a regrade: preview it, apply it, cancel it. grading.services.regrading does the work.

A regrade's state and its items say what is left to do; each verb locks the question or the regrade first, so that of
two mentors who press at once the second meets what the first has made of it.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from grading.models import Appeal, Regrade, RegradeItem, RegradeState
from grading.selectors.grades import with_shown_score
from grading.selectors.regrades import answers_with_another_key, is_reviewed, newcomers, open_regrade
from people.bell import ring
from people.models import User
from people.services.audit import audit
from questionbank.models import Question, QuestionVersion, VersionState

RUN_REGRADE = "grading.run_regrade"

IN_USE = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.PUBLISHED)
APPLIED_STATES = (RegradeState.APPLYING, RegradeState.APPLIED)


@transaction.atomic
def preview(*, version: QuestionVersion, actor: User, now: datetime, appeal: Appeal | None = None) -> Regrade:
    """Let a worker grade all past answers to version's question with what version says now; nothing is shown of it.

    appeal: the accepted appeal that it comes of. Where this very content is previewed already, that preview goes on
    and takes in what was answered since; a preview of what a draft said before gives way.
    Raises ValidationError for a version that is retired or gone, where no answer could move, and while another
    version's preview is open or being applied.
    """
    Question.objects.select_for_update().get(pk=version.question_id)
    current = QuestionVersion.objects.filter(pk=version.pk, state__in=IN_USE).first()
    if current is None:
        raise ValidationError("This version is retired or discarded by now: no answer is graded with it again.")
    regrade = _to_go_on_with(current, actor, now) or Regrade.objects.create(
        question_id=current.question_id,
        version=current,
        content_hash=current.content_hash,
        requested_by=actor,
        created_at=now,
        rung_at=now,
    )
    _take_in_answers(regrade)
    if not regrade.items.filter(is_kept=False).exists():
        raise ValidationError("There is no past answer whose score this could change.")
    regrade.state, regrade.rung_at, regrade.appeal = RegradeState.PREVIEWING, now, appeal or regrade.appeal
    regrade.save(update_fields=["state", "rung_at", "appeal"])
    audit(
        actor=actor,
        action="regrade.preview",
        on=regrade,
        question=str(current.question_id),
        version=current.number,
        answers=regrade.items.count(),
    )
    _ring(regrade)
    return regrade


def _to_go_on_with(version: QuestionVersion, actor: User, now: datetime) -> Regrade | None:
    """Return the open preview of version's very content; one of what nobody can publish any more is cancelled."""
    found = open_regrade(version.question_id)
    if found is None:
        return None
    regrade = Regrade.objects.select_for_update().get(pk=found.pk)
    if regrade.state == RegradeState.APPLYING:
        raise ValidationError(
            f"Past answers are being graded again with version {found.version.number}. Wait until that is done."
        )
    if regrade.version_id == version.pk and regrade.content_hash == version.content_hash:
        return regrade
    if regrade.version_id != version.pk and found.version.state in IN_USE:
        raise ValidationError(f"A preview of version {found.version.number} is open. Apply or cancel it first.")
    _cancel(regrade, actor, now)
    return None


def _take_in_answers(regrade: Regrade) -> None:
    """Add the answers that the regrade does not have yet, and let those that could not be graded be tried again."""
    regrade.items.filter(result__has_key="trouble").update(result=None)
    new = answers_with_another_key(regrade.version).exclude(pk__in=regrade.items.values("job"))
    found = with_shown_score(new).annotate(is_kept=is_reviewed("pk")).order_by("created_at")
    RegradeItem.objects.bulk_create(
        (
            RegradeItem(regrade=regrade, job_id=pk, old_score=score, is_kept=is_kept)
            for pk, score, is_kept in found.values_list("pk", "shown_score", "is_kept")
        ),
        batch_size=1000,
    )


@transaction.atomic
def apply(*, regrade: Regrade, actor: User, reason: str, now: datetime) -> None:
    """Let a worker write the previewed grades; reason is what candidates read beside their score from then on.

    Pressed twice it does nothing more. Raises ValidationError for an empty reason, unless the version is published
    and says what it said at the preview, and where answers were graded since.
    """
    locked = Regrade.objects.select_for_update(of=("self",)).select_related("version").get(pk=regrade.pk)
    if locked.state in APPLIED_STATES:
        return
    if locked.state != RegradeState.PREVIEWED:
        state = locked.get_state_display().lower()
        raise ValidationError(f"Nothing was changed: this regrade is {state}.")
    _refuse_unless_it_is_what_was_seen(locked)
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in words for the candidates."})
    locked.items.filter(is_kept=True).update(is_done=True)
    locked.state, locked.reason, locked.decided_by, locked.rung_at = (
        RegradeState.APPLYING,
        reason.strip(),
        actor,
        now,
    )
    locked.save(update_fields=["state", "reason", "decided_by", "rung_at"])
    audit(
        actor=actor,
        action="regrade.apply",
        on=locked,
        question=str(locked.question_id),
        version=locked.version.number,
        reason=locked.reason,
        answers=locked.items.filter(is_kept=False).count(),
        kept=locked.items.filter(is_kept=True).count(),
    )
    _ring(locked)


def _refuse_unless_it_is_what_was_seen(regrade: Regrade) -> None:
    version = regrade.version
    if version.content_hash != regrade.content_hash:
        raise ValidationError(f"Version {version.number} has changed since this preview. Preview it again first.")
    if version.state != VersionState.PUBLISHED:
        raise ValidationError(f"Publish version {version.number} first. Then its key can count for past answers too.")
    if newcomers(regrade).exists():
        raise ValidationError("Some answers were graded after this preview. Preview again, so that you see them too.")


@transaction.atomic
def cancel(*, regrade: Regrade, actor: User, now: datetime) -> None:
    """Leave all grades as they are. Raises ValidationError once it is being applied; twice is once."""
    locked = Regrade.objects.select_for_update(of=("self",)).get(pk=regrade.pk)
    if locked.state == RegradeState.CANCELLED:
        return
    if locked.state in APPLIED_STATES:
        state = locked.get_state_display().lower()
        raise ValidationError(f"It is too late to cancel: this regrade is {state}.")
    _cancel(locked, actor, now)


def _cancel(regrade: Regrade, actor: User, now: datetime) -> None:
    regrade.state, regrade.decided_by, regrade.finished_at = RegradeState.CANCELLED, actor, now
    regrade.save(update_fields=["state", "decided_by", "finished_at"])
    audit(actor=actor, action="regrade.cancel", on=regrade, question=str(regrade.question_id))


def _ring(regrade: Regrade) -> None:
    transaction.on_commit(lambda: ring(RUN_REGRADE, regrade.pk))
