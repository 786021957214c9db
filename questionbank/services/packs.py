"""Whole packs."""

from dataclasses import dataclass

from django.db import transaction

from people.clock import database_now
from people.models import User
from questionbank.formats.pack import Pack, PackQuestion
from questionbank.models import (
    Question,
    Topic,
    Track,
    TrackSection,
    VersionState,
)
from questionbank.services.versions import publish, save_draft


@dataclass(frozen=True)
class PackReport:
    """What load_pack did: how many questions are new, have a new version, or stood already.

    waiting names those that were left alone because a mentor is writing a draft of them.
    """

    created: int
    updated: int
    unchanged: int
    waiting: tuple[str, ...] = ()


@transaction.atomic
def load_pack(*, pack: Pack, actor: User | None) -> PackReport:
    """Bring topics, tracks and questions of a checked pack in: all of it or, on any error, nothing.

    Idempotent: a content that the question has said in any version is left alone, so that loading a pack again does
    not undo what mentors have published since. A question whose draft a mentor is writing waits for the next time.
    """
    topics = _load_topics(pack)
    _load_tracks(pack, topics)
    outcomes: dict[str, list[str]] = {"created": [], "updated": [], "unchanged": [], "waiting": []}
    for item in pack.questions:
        outcomes[_load_question(item, topics[item.topic], actor)].append(item.slug)
    return PackReport(
        created=len(outcomes["created"]),
        updated=len(outcomes["updated"]),
        unchanged=len(outcomes["unchanged"]),
        waiting=tuple(outcomes["waiting"]),
    )


def _load_topics(pack: Pack) -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    for position, raw in enumerate(pack.topics):
        parent = topics[raw["parent"]] if raw.get("parent") else None
        fields = {"title": raw["title"], "parent": parent, "position": position}
        topics[raw["id"]], _ = Topic.objects.update_or_create(slug=raw["id"], defaults=fields)
    return topics


def _load_tracks(pack: Pack, topics: dict[str, Topic]) -> None:
    for position, raw in enumerate(pack.tracks):
        minutes = sum(section["minutes"] for section in raw["sections"])
        fields = {
            "title": raw["title"],
            "description": raw["description"].strip(),
            "minutes": minutes,
            "position": position,
        }
        track, _ = Track.objects.update_or_create(slug=raw["id"], defaults=fields)
        track.sections.all().delete()
        TrackSection.objects.bulk_create(
            TrackSection(
                track=track,
                position=i,
                title=section["title"],
                topic=topics[section["topic"]],
                count=section["count"],
                minutes=section["minutes"],
                difficulties=section.get("difficulties", []),
            )
            for i, section in enumerate(raw["sections"])
        )


def _load_question(item: PackQuestion, topic: Topic, actor: User | None) -> str:
    """Load one question; return the field of PackReport that it belongs to."""
    question, created = Question.objects.get_or_create(slug=item.slug, defaults={"topic": topic})
    if question.topic_id != topic.pk:
        question.topic = topic
        question.save(update_fields=["topic"])
    if question.versions.filter(content_hash=item.content.content_hash).exists():
        return "unchanged"
    if question.versions.filter(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]).exists():
        return "waiting"
    draft = save_draft(question=question, content=item.content, author=actor)
    publish(version=draft, actor=actor, now=database_now())
    return "created" if created else "updated"
