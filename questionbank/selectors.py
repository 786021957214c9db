"""Reads of the question bank."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from people.models import AuditEntry, User
from questionbank.content import (
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from questionbank.formats.pack import Pack, PackQuestion
from questionbank.models import (
    EditorCopy,
    Misconception,
    Question,
    QuestionVersion,
    SearchEntry,
    Topic,
    Track,
    TrackSection,
    VersionState,
)
from questionbank.search import Search, in_order, narrowed, with_words


def questions_for(user: User, **asked: str) -> QuerySet[Question]:
    """Return the questions user may read that fit; asked: the fields of Search."""
    return find_questions(user, Search(**asked))[0]


def find_questions(user: User, search: Search) -> tuple[QuerySet[Any], bool]:
    """Return the questions user may read that fit, in order, and whether their words are only spelt alike.

    Each question has its versions prefetched, the newest first.
    """
    visible = Question.objects.visible_to(user)
    questions: QuerySet[Any] = visible.select_related("topic__parent").prefetch_related("versions")
    roots = Topic.objects.filter(slug=search.topic) if search.topic else []
    questions = narrowed(questions, search, [pk for root in roots for pk in topics_within(root)])
    is_alike = False
    if search.words:
        questions, is_alike = with_words(questions, search.words)
    return in_order(questions, search), is_alike


def count_in_review() -> int:
    """Return how many questions wait for another mentor than the one who handed them in."""
    return QuestionVersion.objects.filter(state=VersionState.IN_REVIEW).count()


def authors() -> QuerySet[User]:
    """Return who has written the newest version of any question."""
    written = SearchEntry.objects.order_by().values("newest__author").distinct()
    return User.objects.filter(pk__in=written).order_by("name", "email")


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


def parts_of(version: QuestionVersion) -> dict[str, str]:
    """Return the parts of version that one can comment on, fetched by with_parts: field → what to call it.

    Fields are named as in QuestionContent.problems and questionbank.diff; "" is the whole.
    """
    numbered = {
        "key_points": ("key point", [point.slug for point in version.key_points.all()]),
        "misconceptions": ("misconception", [wrong.slug for wrong in version.misconceptions.all()]),
        "references": ("reference answer", range(len(version.references.all()))),
        "exemplars": ("exemplar", [exemplar.slug for exemplar in version.exemplars.all()]),
    }
    return {
        "": "the question as a whole",
        "prompt": "the prompt",
        **{f"{field}.{n}": f"{name} {i}" for field, (name, names) in numbered.items() for i, n in enumerate(names, 1)},
        **({"sources": "what to read"} if version.sources.all() else {}),
    }


def history_of(question: Question) -> QuerySet[AuditEntry]:
    """Return what was done to question and its versions, the newest first, with the people who did it."""
    versions = [str(pk) for pk in question.versions.values_list("pk", flat=True)]
    return AuditEntry.objects.select_related("actor").filter(
        Q(object_type="questionbank.question", object_id=str(question.pk))
        | Q(object_type="questionbank.questionversion", object_id__in=versions)
    )


def tracks_left_short(version: QuestionVersion, *, new_topic: Topic | None = None) -> list[Track]:
    """Return the tracks that ask version's question now and could not be filled without it.

    new_topic: where the question would go, else it is taken away. The sections of a track are taken one by one: two
    that draw from one topic may be short sooner.
    """
    parents = dict(Topic.objects.values_list("pk", "parent"))
    counted = QuestionVersion.objects.filter(state=VersionState.PUBLISHED).values("question__topic", "difficulty")
    published = counted.annotate(n=Count("pk")).order_by().values_list("question__topic", "difficulty", "n")

    def asks(section: TrackSection, topic: int | None, difficulty: str) -> bool:
        while topic is not None and topic != section.topic_id:
            topic = parents[topic]
        return topic is not None and (not section.difficulties or difficulty in section.difficulties)

    short = {
        section.track
        for section in TrackSection.objects.select_related("track")
        if asks(section, version.question.topic_id, version.difficulty)
        if not asks(section, new_topic.pk if new_topic else None, version.difficulty)
        if section.count == sum(n for topic, difficulty, n in published if asks(section, topic, difficulty))
    }
    return sorted(short, key=lambda track: (track.position, track.title, track.pk))


def copy_of(author: User, question: Question | None) -> EditorCopy | None:
    """Return what author has typed for question (or for a new one) and is in no draft yet."""
    return EditorCopy.objects.filter(author=author, question=question).first()


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


def to_export(questions: QuerySet[Question]) -> list[PackQuestion]:
    """Return what each of these questions says: its published version, or else its newest; by topic and name."""
    published_first = Case(When(state=VersionState.PUBLISHED, then=0), default=1)
    chosen = QuestionVersion.objects.filter(question=OuterRef("pk")).order_by(published_first, "-number").values("pk")
    versions = QuestionVersion.objects.filter(pk__in=questions.order_by().values(chosen=Subquery(chosen[:1])))
    return [
        PackQuestion(version.question.slug, version.question.topic.slug, content_of(version))
        for version in with_parts(versions).order_by("question__topic__position", "question__slug")
    ]


def topics_as_dicts() -> list[dict[str, str]]:
    """Return all topics in the pack format's form, a parent before its children."""
    return [
        {"id": t.slug, "title": t.title, **({"parent": t.parent.slug} if t.parent else {})}
        for t in _parents_first(Topic.objects.select_related("parent").order_by("position", "pk"))
    ]


def dump_pack(*, slug: str, title: str, description: str = "") -> Pack:
    """Return the whole bank as a pack: topics, tracks, and what every published question says."""
    published = with_parts(QuestionVersion.objects.filter(state=VersionState.PUBLISHED))
    questions = [
        PackQuestion(version.question.slug, version.question.topic.slug, content_of(version))
        for version in published.order_by("question__topic__position", "question__slug")
    ]
    return Pack(slug, title, description, topics_as_dicts(), [_track_as_dict(track) for track in tracks()], questions)


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
