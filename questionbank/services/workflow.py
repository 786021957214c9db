"""The way of a version: handed in, commented on, taken back or published by another mentor, and in the end retired.

Every verb locks the question first, so that of two mentors who act on one version the second meets what the first
has made of it, and is told.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import User
from people.services.audit import audit
from questionbank.access import may_approve
from questionbank.content import QuestionContent
from questionbank.models import Question, QuestionVersion, VersionComment, VersionState
from questionbank.selectors import content_of, parts_of, with_parts
from questionbank.services.versions import DraftChanged, publish
from questionbank.signals import handed_in, publishing

OPEN_TO_COMMENTS = (VersionState.DRAFT, VersionState.IN_REVIEW)


@transaction.atomic
def submit(*, version: QuestionVersion, actor: User, expected_hash: str | None = None) -> QuestionVersion:
    """Hand a draft in for review. From then on it says what it says, until it is taken back.

    expected_hash is the content hash that actor has read. Raises DraftChanged when the draft says something else by
    now, and ValidationError when it is no draft any more or lacks what a question needs.
    """
    current = _locked(version, VersionState.DRAFT, expected_hash=expected_hash)
    missing = _missing(content_of(with_parts(QuestionVersion.objects.filter(pk=current.pk)).get()))
    if missing:
        raise ValidationError(f"It cannot be handed in yet. It still needs {' and '.join(missing)}.")
    _move(current, VersionState.IN_REVIEW)
    audit(actor=actor, action="question.submit", on=current.question, version=current.number)
    handed_in.send(sender=QuestionVersion, version=current)
    return current


def _missing(content: QuestionContent) -> list[str]:
    needed = {
        "a prompt": content.prompt.strip(),
        "a reference answer": any(text.strip() for text in content.references),
        "a key point": content.key_points,
    }
    return [words for words, there in needed.items() if not there]


@transaction.atomic
def take_back(
    *, version: QuestionVersion, actor: User, reason: str = "", expected_hash: str | None = None
) -> QuestionVersion:
    """Make a version in review a draft again. Its author may for no reason; from another mentor it asks for changes.

    Raises DraftChanged when the version says something else than expected_hash by now, and ValidationError when it is
    not in review any more, or when another mentor than the author gives no reason.
    """
    current = _locked(version, VersionState.IN_REVIEW, expected_hash=expected_hash)
    is_own, reason = current.author_id == actor.pk, reason.strip()
    if not is_own and not reason:
        raise ValidationError({"reason": "Say what should change, in words for the author."})
    _move(current, VersionState.DRAFT)
    action = "question.take_back" if is_own else "question.ask_changes"
    read = {} if is_own else {"content": current.content_hash}
    audit(actor=actor, action=action, on=current.question, version=current.number, **_why(reason), **read)
    return current


@transaction.atomic
def approve(
    *, version: QuestionVersion, actor: User, now: datetime, expected_hash: str | None = None
) -> QuestionVersion:
    """Publish a version in review for a mentor who has read it: another one than its author.

    Where there is no other mentor, the author may, and the audit entry says so. Comments have to be resolved first:
    a mentor's objection is answered, or taken away by a hand whose name stands beside it, never passed over.

    Raises DraftChanged when the version says something else than expected_hash by now; ValidationError when it is not
    in review any more, for its author, while comments are open, and where a receiver of `publishing` objects.
    """
    current = _locked(version, VersionState.IN_REVIEW, expected_hash=expected_hash)
    if not may_approve(actor, current):
        raise ValidationError("Another mentor has to approve what you have written.")
    waiting = current.comments.filter(resolved_at=None).count()
    if waiting:
        raise ValidationError(f"Open comments: {waiting}. Resolve them first, then approve.")
    publishing.send(sender=QuestionVersion, version=current)
    own: dict[str, Any] = {"own": True} if current.author_id == actor.pk else {}
    return publish(version=current, actor=actor, now=now, **own)


@transaction.atomic
def retire(*, version: QuestionVersion, actor: User, reason: str) -> QuestionVersion:
    """Take a published version out of use: no new interview asks the question until a next version is published.

    Raises ValidationError for an empty reason, and when the version is not the published one any more.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why, for the mentors who come across it later."})
    current = _locked(version, VersionState.PUBLISHED)
    _move(current, VersionState.RETIRED)
    audit(actor=actor, action="question.retire", on=current.question, version=current.number, **_why(reason.strip()))
    return current


@transaction.atomic
def comment(*, version: QuestionVersion, field: str, text: str, author: User, now: datetime) -> VersionComment:
    """Say something to a part of a version, named as selectors.parts_of does.

    Raises ValidationError for an empty text, for a part that the version does not have, and once it is published.
    """
    if not text.strip():
        raise ValidationError({"text": "Write a comment."})
    current = _locked(version, *OPEN_TO_COMMENTS)
    if field not in parts_of(with_parts(QuestionVersion.objects.filter(pk=current.pk)).get()):
        raise ValidationError("The part that you comment on is gone. Comment on the question as a whole.")
    written = VersionComment.objects.create(
        version=current, field=field, text=text.strip(), author=author, created_at=now
    )
    audit(actor=author, action="question.comment", on=current.question, version=current.number, part=field)
    return written


@transaction.atomic
def resolve_comment(*, comment: VersionComment, actor: User, now: datetime) -> None:
    """Mark a comment as done with. Raises ValidationError when another mentor was first."""
    changed = VersionComment.objects.filter(pk=comment.pk, resolved_at=None).update(resolved_by=actor, resolved_at=now)
    if changed != 1:
        raise ValidationError("This comment is resolved already.")
    version = comment.version
    audit(
        actor=actor,
        action="question.resolve_comment",
        on=version.question,
        version=version.number,
        part=comment.field,
    )


def _locked(version: QuestionVersion, *states: VersionState, expected_hash: str | None = None) -> QuestionVersion:
    """Lock the question and return version as it is now. Raises ValidationError where it is in none of states."""
    question = Question.objects.select_for_update().filter(pk=version.question_id).first()
    current = QuestionVersion.objects.select_related("question").filter(pk=version.pk).first()
    if question is None or current is None:
        raise ValidationError("Another mentor has discarded this version meanwhile.")
    if current.state not in states:
        state = current.get_state_display().lower()
        raise ValidationError(f"Nothing was done: version {current.number} is {state} by now.")
    if expected_hash is not None and current.content_hash != expected_hash:
        raise DraftChanged(f"Version {current.number} has changed meanwhile. Read it again first.")
    return current


def _move(version: QuestionVersion, state: VersionState) -> None:
    version.state = state
    version.save(update_fields=["state"])


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}
