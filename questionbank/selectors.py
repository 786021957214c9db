"""Reads of the question bank."""

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from people.models import User
from questionbank.content import (
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from questionbank.formats.pack import Pack, PackQuestion
from questionbank.models import (
    Misconception,
    Question,
    QuestionVersion,
    Topic,
    Track,
    VersionState,
)


def questions_for(user: User, *, words: str = "", topic: str = "") -> QuerySet[Question]:
    """Return the questions user may read, narrowed to a topic slug (and below) and to words of title or prompt.

    Each question has its versions prefetched, the newest first.
    """
    questions = Question.objects.visible_to(user).select_related("topic__parent").prefetch_related("versions__author")
    if topic:
        roots = Topic.objects.filter(slug=topic)
        questions = questions.filter(topic__in=[pk for root in roots for pk in topics_within(root)])
    for word in words.split():
        found = QuestionVersion.objects.filter(Q(title__icontains=word) | Q(prompt__icontains=word))
        questions = questions.filter(Q(slug__icontains=word) | Q(pk__in=found.values("question")))
    return questions


def with_parts(versions: QuerySet[QuestionVersion]) -> QuerySet[QuestionVersion]:
    """Fetch everything a version says, in a fixed number of queries."""
    misconceptions = Misconception.objects.select_related("contradicts")
    return versions.select_related("question__topic").prefetch_related(
        "references", "key_points", Prefetch("misconceptions", misconceptions), "exemplars", "sources"
    )


def content_of(version: QuestionVersion) -> QuestionContent:
    """Return what version says, from rows fetched by with_parts."""
    return QuestionContent(
        title=version.title,
        prompt=version.prompt,
        kind=version.kind,
        difficulty=version.difficulty,
        minutes=version.minutes,
        references=tuple(reference.text for reference in version.references.all()),
        key_points=tuple(
            KeyPointContent(p.slug, p.claim, p.weight, p.hint, tuple(p.accepted)) for p in version.key_points.all()
        ),
        misconceptions=tuple(
            MisconceptionContent(m.slug, m.claim, m.contradicts.slug) for m in version.misconceptions.all()
        ),
        exemplars=tuple(
            ExemplarContent(e.slug, e.kind, e.text, e.score, tuple(sorted(e.marks.items())), e.twin_of)
            for e in version.exemplars.all()
        ),
        sources=tuple(SourceContent(s.title, s.url) for s in version.sources.all()),
    )


def topic_tree() -> QuerySet[Topic]:
    """Return the topics of the first level with their children."""
    return Topic.objects.filter(parent=None).prefetch_related("children")


def topics_within(topic: Topic) -> list[int]:
    """Return the ids of topic and everything below it."""
    ids = [topic.pk]
    level = [topic.pk]
    while level:
        level = list(Topic.objects.filter(parent__in=level).values_list("pk", flat=True))
        ids += level
    return ids


def published_in(topic: Topic, difficulties: list[str]) -> QuerySet[QuestionVersion]:
    """Return the published versions of topic and below; of the difficulties named, or of any when none is."""
    versions = QuestionVersion.objects.filter(state=VersionState.PUBLISHED, question__topic__in=topics_within(topic))
    return versions.filter(difficulty__in=difficulties) if difficulties else versions


def tracks() -> QuerySet[Track]:
    """Return all tracks with their sections and topics."""
    return Track.objects.prefetch_related("sections__topic")


def dump_pack(*, slug: str, title: str, description: str = "") -> Pack:
    """Return the whole bank as a pack: topics, tracks, and what every published question says."""
    topics = [
        {"id": t.slug, "title": t.title, **({"parent": t.parent.slug} if t.parent else {})}
        for t in _parents_first(Topic.objects.select_related("parent").order_by("position", "pk"))
    ]
    published = with_parts(QuestionVersion.objects.filter(state=VersionState.PUBLISHED))
    questions = [
        PackQuestion(version.question.slug, version.question.topic.slug, content_of(version))
        for version in published.order_by("question__topic__position", "question__slug")
    ]
    return Pack(slug, title, description, topics, [_track_as_dict(track) for track in tracks()], questions)


def _parents_first(topics: Iterable[Topic]) -> Iterable[Topic]:
    """Keep the order of topics, but put no topic before its parent: a later pack may have moved that one back."""
    by_pk = {topic.pk: topic for topic in topics}
    placed: dict[int, Topic] = {}

    def place(topic: Topic) -> None:
        if topic.parent_id:
            place(by_pk[topic.parent_id])
        placed.setdefault(topic.pk, topic)

    for topic in by_pk.values():
        place(topic)
    return placed.values()


def _track_as_dict(track: Track) -> dict[str, object]:
    return {
        "id": track.slug,
        "title": track.title,
        "description": track.description,
        "sections": [
            {
                "title": section.title,
                "topic": section.topic.slug,
                "count": section.count,
                "minutes": section.minutes,
                **({"difficulties": section.difficulties} if section.difficulties else {}),
            }
            for section in track.sections.all()
        ],
    }
