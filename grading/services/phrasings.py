"""How an accepted appeal becomes an accepted phrasing: what one candidate said then counts for all."""

from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from grading.models import Appeal, AppealState, Regrade
from grading.services.regrades import preview
from people.models import User
from people.services.audit import audit
from questionbank.content import KeyPointContent, QuestionContent
from questionbank.models import Question, QuestionVersion, VersionState
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import DraftChanged, save_draft


@transaction.atomic
def accept_phrasing(*, appeal: Appeal, phrasing: str, actor: User, now: datetime) -> Regrade:
    """Add phrasing to the appealed key point in the question's draft, and preview what that would change.

    There being no draft, one is made of the newest version. Sent twice, it is added once.
    Raises ValidationError for an appeal that is not accepted, an empty phrasing, a key point that the question has no
    more, while a version is in review, and where no preview can be made: then nothing is added.
    """
    words = " ".join(phrasing.split())
    if appeal.state != AppealState.ACCEPTED:
        raise ValidationError("Only the sentence of an appeal that was accepted can become an accepted phrasing.")
    if not words:
        raise ValidationError({"phrasing": "Write down the wording that should count."})
    question = Question.objects.select_for_update().get(pk=appeal.job.version.question_id)
    newest = with_parts(question.versions.all())[0]
    content, draft = content_of(newest), newest
    if words not in _point(content, appeal).accepted:
        draft = _save(question, newest, _with_phrasing(content, appeal, words), actor)
        audit(
            actor=actor,
            action="appeal.accept_phrasing",
            on=appeal,
            question=str(question.pk),
            version=draft.number,
            key_point=appeal.key_point.slug,
            phrasing=words,
        )
    return preview(version=draft, actor=actor, now=now, appeal=appeal)


def _point(content: QuestionContent, appeal: Appeal) -> KeyPointContent:
    for point in content.key_points:
        if point.id == appeal.key_point.slug:
            return point
    raise ValidationError("The question does not have this key point any more.")


def _with_phrasing(content: QuestionContent, appeal: Appeal, words: str) -> QuestionContent:
    meant = _point(content, appeal)
    better = replace(meant, accepted=(*meant.accepted, words))
    return replace(content, key_points=tuple(better if point is meant else point for point in content.key_points))


def _save(question: Question, newest: QuestionVersion, content: QuestionContent, actor: User) -> QuestionVersion:
    seen = newest.content_hash if newest.state == VersionState.DRAFT else ""
    try:
        return save_draft(question=question, content=content, author=actor, expected_hash=seen)
    except DraftChanged as changed:
        raise ValidationError(f"{changed} Look at it first.") from changed
