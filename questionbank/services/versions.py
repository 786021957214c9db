"""What happens to versions: drafts, and publishing them."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from people.models import User
from people.services import audit
from questionbank.content import QuestionContent
from questionbank.models import (
    PARTS_OF_A_VERSION,
    Exemplar,
    KeyPoint,
    Misconception,
    Question,
    QuestionVersion,
    ReferenceAnswer,
    Source,
    Topic,
    VersionState,
)


class DraftChanged(Exception):
    """Another mentor saved this question's draft meanwhile; the message says so to the second one."""


@transaction.atomic
def create_question(*, slug: str, topic: Topic, content: QuestionContent, author: User | None) -> QuestionVersion:
    """Create a question with its first draft. Raises ValidationError when the slug is taken."""
    question, created = Question.objects.get_or_create(slug=slug, defaults={"topic": topic})
    if not created:
        raise ValidationError({"slug": f"There is a question named “{slug}” already."})
    return save_draft(question=question, content=content, author=author)


@transaction.atomic
def save_draft(
    *, question: Question, content: QuestionContent, author: User | None, expected_hash: str | None = None
) -> QuestionVersion:
    """Write content as the question's draft: a new version, or over the draft there is.

    expected_hash is the content hash of the draft the author saw ("" when there was none). Raises DraftChanged when
    that is no longer the draft, and ValidationError for content that contradicts itself.
    """
    problems = content.problems()
    if problems:
        raise ValidationError([f"{field}: {message}" for field, message in problems])
    Question.objects.select_for_update().get(pk=question.pk)
    draft = question.versions.filter(state=VersionState.DRAFT).first()
    if expected_hash is not None and expected_hash != (draft.content_hash if draft else ""):
        raise DraftChanged("Another mentor has changed this draft meanwhile.")
    if draft is None:
        latest = question.versions.aggregate(latest=Max("number"))["latest"] or 0
        draft = QuestionVersion(question=question, number=latest + 1)
    _write_content(draft, content, author)
    return draft


def _write_content(draft: QuestionVersion, content: QuestionContent, author: User | None) -> None:
    """Make draft say content, its parts replaced as a whole."""
    draft.title = content.title
    draft.prompt = content.prompt
    draft.kind = content.kind
    draft.difficulty = content.difficulty
    draft.minutes = content.minutes
    draft.content_hash = content.content_hash
    draft.author = author
    draft.save()
    for part in PARTS_OF_A_VERSION:
        part.objects.filter(version=draft).delete()
    _create_parts(draft, content)


def _create_parts(version: QuestionVersion, content: QuestionContent) -> None:
    ReferenceAnswer.objects.bulk_create(
        ReferenceAnswer(version=version, position=i, text=text) for i, text in enumerate(content.references)
    )
    points = KeyPoint.objects.bulk_create(
        KeyPoint(
            version=version,
            position=i,
            slug=p.id,
            claim=p.claim,
            weight=p.weight,
            hint=p.hint,
            accepted=list(p.accepted),
        )
        for i, p in enumerate(content.key_points)
    )
    by_slug = {point.slug: point for point in points}
    Misconception.objects.bulk_create(
        Misconception(version=version, position=i, slug=m.id, claim=m.claim, contradicts=by_slug[m.contradicts])
        for i, m in enumerate(content.misconceptions)
    )
    Exemplar.objects.bulk_create(
        Exemplar(
            version=version,
            position=i,
            slug=e.id,
            kind=e.kind,
            text=e.text,
            score=e.score,
            marks=dict(e.marks),
            twin_of=e.twin_of,
        )
        for i, e in enumerate(content.exemplars)
    )
    Source.objects.bulk_create(
        Source(version=version, position=i, title=s.title, url=s.url) for i, s in enumerate(content.sources)
    )


@transaction.atomic
def publish(
    *, version: QuestionVersion, actor: User | None, now: datetime, expected_hash: str | None = None
) -> QuestionVersion:
    """Publish a draft; the version published before is retired. Interviews keep the version they asked.

    expected_hash is the content hash that the actor has read. Raises DraftChanged when the draft says something else
    by now, and ValidationError when the version is no draft (any more).
    """
    question = Question.objects.select_for_update().filter(pk=version.question_id).first()
    if question is None:
        raise ValidationError("Another mentor has discarded this question meanwhile.")
    if expected_hash is not None and not question.versions.filter(pk=version.pk, content_hash=expected_hash).exists():
        raise DraftChanged("Another mentor has changed this draft meanwhile. Read it again before you publish it.")
    question.versions.filter(state=VersionState.PUBLISHED).update(state=VersionState.RETIRED)
    changed = question.versions.filter(pk=version.pk, state=VersionState.DRAFT).update(
        state=VersionState.PUBLISHED, published_at=now, published_by=actor
    )
    if changed != 1:
        raise ValidationError("Only a draft can be published; this one is published, retired or discarded already.")
    version.refresh_from_db()
    audit(actor=actor, action="question.publish", on=question, version=version.number)
    return version


@transaction.atomic
def discard_draft(*, question: Question, actor: User) -> None:
    """Delete the question's draft, if there is one; a question that never had another version goes with it."""
    Question.objects.select_for_update().filter(pk=question.pk).first()
    deleted, _ = question.versions.filter(state=VersionState.DRAFT).delete()
    if not deleted:
        return
    audit(actor=actor, action="question.discard_draft", on=question)
    if not question.versions.exists():
        question.delete()
