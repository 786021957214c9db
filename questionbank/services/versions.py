"""What happens to versions: drafts, and publishing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from people.models import User
from people.services.audit import audit
from questionbank.content import QuestionContent
from questionbank.models import (
    PARTS_OF_A_VERSION,
    EditorCopy,
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
from questionbank.selectors import tracks_left_short


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
    that is no longer the draft, and ValidationError for content that contradicts itself and while a version is in
    review.
    """
    problems = content.problems()
    if problems:
        raise ValidationError([f"{field}: {message}" for field, message in problems])
    Question.objects.select_for_update().get(pk=question.pk)
    reviewed = question.versions.filter(state=VersionState.IN_REVIEW).first()
    if reviewed:
        raise ValidationError(f"Version {reviewed.number} is in review. It has to be taken back before it can change.")
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
    create_parts([(draft, content)])


@transaction.atomic
def change_topic(*, question: Question, topic: Topic, actor: User) -> None:
    """Put question under another topic, which has no topics below it; this holds for all its versions at once.

    Raises ValidationError where a track that asks the question now could not be filled any more.
    """
    if topic.children.exists():
        raise ValidationError(f"“{topic}” has topics below it. Choose one of them.")
    locked = Question.objects.select_for_update(of=["self"]).select_related("topic").get(pk=question.pk)
    if locked.topic_id == topic.pk:
        return
    published = locked.versions.select_related("question").filter(state=VersionState.PUBLISHED).first()
    short = tracks_left_short(published, new_topic=topic) if published else []
    if short:
        tracks = ", ".join(f"“{track}”" for track in short)
        raise ValidationError(
            f"The topic stays: nobody could start {tracks} without this question. Publish another one in "
            f"“{locked.topic}” first."
        )
    before, locked.topic = locked.topic, topic
    locked.save(update_fields=["topic"])
    audit(actor=actor, action="question.change_topic", on=locked, before=str(before), after=str(topic))


def create_parts(contents: Sequence[tuple[QuestionVersion, QuestionContent]]) -> None:
    """Write what drafts say, each without parts so far, in a fixed number of queries."""
    ReferenceAnswer.objects.bulk_create(
        ReferenceAnswer(version=version, position=i, text=text)
        for version, content in contents
        for i, text in enumerate(content.references)
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
        for version, content in contents
        for i, p in enumerate(content.key_points)
    )
    by_slug = {(point.version_id, point.slug): point for point in points}
    Misconception.objects.bulk_create(
        Misconception(
            version=version, position=i, slug=m.id, claim=m.claim, contradicts=by_slug[version.pk, m.contradicts]
        )
        for version, content in contents
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
        for version, content in contents
        for i, e in enumerate(content.exemplars)
    )
    Source.objects.bulk_create(
        Source(version=version, position=i, title=s.title, url=s.url)
        for version, content in contents
        for i, s in enumerate(content.sources)
    )


@transaction.atomic
def publish(
    *,
    version: QuestionVersion,
    actor: User | None,
    now: datetime,
    expected_hash: str | None = None,
    **note: Any,
) -> QuestionVersion:
    """Publish a draft or a version in review; the one published before is retired. Interviews keep what they asked.

    Packs come in this way. Mentors publish by workflow.approve, which asks for another mentor's review first.
    expected_hash is the content hash that the actor has read; note goes into the audit entry. Raises DraftChanged when
    the version says something else by now, and ValidationError when it is published, retired or discarded already.
    """
    question = Question.objects.select_for_update().filter(pk=version.question_id).first()
    if question is None:
        raise ValidationError("Another mentor has discarded this question meanwhile.")
    if expected_hash is not None and not question.versions.filter(pk=version.pk, content_hash=expected_hash).exists():
        raise DraftChanged("Another mentor has changed this draft meanwhile. Read it again before you publish it.")
    before = question.versions.filter(state=VersionState.PUBLISHED).first()
    question.versions.filter(state=VersionState.PUBLISHED).update(state=VersionState.RETIRED)
    changed = question.versions.filter(pk=version.pk, state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]).update(
        state=VersionState.PUBLISHED, published_at=now, published_by=actor
    )
    if changed != 1:
        raise ValidationError("Only a draft can be published; this one is published, retired or discarded already.")
    version.refresh_from_db()
    replaced = {"replaces": before.number} if before else {}
    audit(actor=actor, action="question.publish", on=question, version=version.number, **replaced, **note)
    return version


@transaction.atomic
def discard_draft(*, question: Question, actor: User) -> None:
    """Delete the question's draft; a question that never had another version goes with it.

    Raises ValidationError where there is no draft (any more).
    """
    Question.objects.select_for_update().filter(pk=question.pk).first()
    deleted, _ = question.versions.filter(state=VersionState.DRAFT).delete()
    if not deleted:
        raise ValidationError("There is no draft any more: another mentor has handed it in or discarded it.")
    EditorCopy.objects.filter(author=actor, question=question).delete()
    audit(actor=actor, action="question.discard_draft", on=question)
    if not question.versions.exists():
        question.delete()
