"""Packs on their way into the database and out again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from people.clock import database_now
from people.models import AuditEntry, User
from questionbank.formats.pack import Pack, PackQuestion, read_pack, write_pack
from questionbank.models import Question, QuestionVersion, Topic, Track, TrackSection
from questionbank.selectors import content_of, dump_pack, with_parts
from questionbank.services.packs import PackReport, load_pack
from questionbank.services.versions import publish, save_draft
from questionbank.services.workflow import submit
from tests.factories import make_content
from tests.questionbank.conftest import raw_pack
from tests.races import race

Write = Callable[..., Path]


def make_pack(*questions: PackQuestion, **changes: Any) -> Pack:
    """Return a right pack with these questions; changes are to the other fields of raw_pack()."""
    raw = raw_pack(**changes)
    return Pack("small", "A small pack", "For tests.", raw["topics"], raw["tracks"], list(questions))


def asked(slug: str = "generators", topic: str = "core", **changes: Any) -> PackQuestion:
    return PackQuestion(slug, topic, make_content(**changes))


def load(*questions: PackQuestion, **changes: Any) -> PackReport:
    return load_pack(pack=make_pack(*questions, **changes), actor=None)


def published_titles() -> dict[str, str]:
    """Return what each question asks in interviews that start now."""
    return dict(QuestionVersion.objects.filter(state="published").values_list("question__slug", "title"))


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return everything that a pack writes, but the sections' own ids."""
    return {
        "topics": list(Topic.objects.order_by("pk").values()),
        "tracks": list(Track.objects.order_by("pk").values()),
        "sections": list(TrackSection.objects.order_by("track", "position").values("track", "topic", "count")),
        "questions": list(Question.objects.order_by("slug").values()),
        "versions": list(QuestionVersion.objects.order_by("question", "number").values()),
        "audit": list(AuditEntry.objects.order_by("pk").values()),
    }


# --- Loading ------------------------------------------------------------------------------------------------


def test_load_pack_publishes_the_first_version_of_new_questions(mentor: User) -> None:
    report = load_pack(pack=make_pack(asked()), actor=mentor)

    version = with_parts(QuestionVersion.objects.all()).get()
    assert report == PackReport(created=1, updated=0, unchanged=0)
    assert (version.number, version.state, version.author, version.published_by) == (1, "published", mentor, mentor)
    assert (version.question.slug, version.question.topic.slug) == ("generators", "core")
    assert content_of(version) == make_content()


def test_load_pack_brings_the_tree_of_topics() -> None:
    load()

    assert list(Topic.objects.values_list("slug", "title", "parent__slug", "position")) == [
        ("python", "Python", None, 0),
        ("core", "Core", "python", 1),
    ]


def test_load_pack_brings_tracks_as_long_as_their_sections() -> None:
    section = {"title": "Start", "topic": "core", "count": 2, "minutes": 9}
    track = {"id": "long", "title": "Long", "description": " All of it.\n", "sections": [section, section]}

    load(tracks=[track])

    loaded = Track.objects.get()
    assert (loaded.slug, loaded.title, loaded.description, loaded.minutes) == ("long", "Long", "All of it.", 18)
    assert list(loaded.sections.values_list("position", "title", "topic__slug", "count", "minutes")) == [
        (0, "Start", "core", 2, 9),
        (1, "Start", "core", 2, 9),
    ]


def test_loading_a_pack_again_changes_nothing() -> None:
    load(asked(), asked("other"))
    before = rows()

    report = load(asked(), asked("other"))

    assert report == PackReport(created=0, updated=0, unchanged=2)
    assert rows() == before


def test_a_changed_question_of_a_pack_becomes_its_next_version() -> None:
    load(asked(), asked("other"))

    report = load(asked(title="Better"), asked("other"))

    assert report == PackReport(created=0, updated=1, unchanged=1)
    assert list(QuestionVersion.objects.filter(question__slug="generators").values_list("number", "state")) == [
        (2, "published"),
        (1, "retired"),
    ]
    assert published_titles()["generators"] == "Better"


def test_a_mentors_later_version_stands_when_the_pack_is_loaded_again(mentor: User) -> None:
    load(asked())
    draft = save_draft(question=Question.objects.get(), content=make_content(title="The mentor’s"), author=mentor)
    publish(version=draft, actor=mentor, now=database_now())

    report = load(asked())

    assert report == PackReport(created=0, updated=0, unchanged=1)
    assert published_titles() == {"generators": "The mentor’s"}


def test_a_question_that_moves_to_another_topic_keeps_its_versions() -> None:
    load(asked())

    load(asked(topic="python"))

    question = Question.objects.get()
    assert (question.topic.slug, question.versions.count()) == ("python", 1)


def test_topics_and_tracks_of_a_changed_pack_follow_it() -> None:
    load()
    topics = [{"id": "core", "title": "The core"}, {"id": "python", "title": "Python"}]
    section = {"title": "All", "topic": "core", "count": 3, "minutes": 30, "difficulties": ["hard"]}
    track = {"id": "taster", "title": "Renamed", "description": "New.", "sections": [section]}

    load(topics=topics, tracks=[track])

    assert list(Topic.objects.values_list("slug", "title", "parent__slug")) == [
        ("core", "The core", None),
        ("python", "Python", None),
    ]
    assert list(Track.objects.values_list("title", "minutes")) == [("Renamed", 30)]
    assert list(TrackSection.objects.values_list("topic__slug", "count", "difficulties")) == [("core", 3, ["hard"])]


def test_load_pack_does_not_touch_what_the_pack_does_not_name() -> None:
    load(asked())

    load(asked("other", topic="sql"), topics=[{"id": "sql", "title": "SQL"}], tracks=[])

    assert published_titles() == {"generators": "Generators versus lists", "other": "Generators versus lists"}
    assert set(Topic.objects.values_list("slug", flat=True)) == {"python", "core", "sql"}
    assert list(Track.objects.values_list("slug", flat=True)) == ["taster"]


@pytest.mark.parametrize("state", ["draft", "in_review"])
def test_a_question_whose_draft_a_mentor_writes_is_left_alone_and_named(mentor: User, state: str) -> None:
    load(asked())
    draft = save_draft(question=Question.objects.get(), content=make_content(title="Unfinished"), author=mentor)
    if state == "in_review":
        submit(version=draft, actor=mentor)

    report = load(asked("new"), asked(title="From the pack"))

    assert report == PackReport(created=1, updated=0, unchanged=0, waiting=("generators",))
    assert published_titles() == {"generators": "Generators versus lists", "new": "Generators versus lists"}
    draft.refresh_from_db()
    assert (draft.title, draft.state) == ("Unfinished", state)


def test_an_error_half_way_leaves_nothing_behind() -> None:
    """The second question's content contradicts itself, which no checked pack does."""
    broken = asked("broken", misconceptions=(), key_points=make_content().key_points * 2)

    with pytest.raises(ValidationError, match="the id “lazy” stands twice"):
        load(asked(), broken)

    assert rows() == {"topics": [], "tracks": [], "sections": [], "questions": [], "versions": [], "audit": []}


@pytest.mark.django_db(transaction=True)
def test_a_pack_that_is_loaded_twice_at_once_is_there_once() -> None:
    load(asked(), asked("other"))
    pack = make_pack(asked(title="Better"), asked("other"), asked("new"))

    results = race(partial(load_pack, pack=pack, actor=None), partial(load_pack, pack=pack, actor=None))

    assert sorted(results, key=lambda report: report.unchanged) == [PackReport(1, 1, 1), PackReport(0, 0, 3)]
    assert list(
        QuestionVersion.objects.order_by("question__slug", "number").values_list("question__slug", "number", "state")
    ) == [
        ("generators", 1, "retired"),
        ("generators", 2, "published"),
        ("new", 1, "published"),
        ("other", 1, "published"),
    ]


# --- Dumping ------------------------------------------------------------------------------------------------


def test_a_dump_says_what_the_loaded_pack_said(write: Write) -> None:
    pack = read_pack(write(raw_pack()))
    load_pack(pack=pack, actor=None)

    assert dump_pack(slug="small", title="A small pack", description="For tests.") == pack


@pytest.mark.parametrize("name", ["dump.yaml", "dump.json"])
def test_loading_a_dump_changes_nothing(tmp_path: Path, name: str) -> None:
    load(asked(), asked("other", title="Naïve 朴素 😀", references=("Line one\n\n    indented\ttab", "x")))
    before = rows()

    write_pack(dump_pack(slug="all", title="All"), tmp_path / name)
    report = load_pack(pack=read_pack(tmp_path / name), actor=None)

    assert report == PackReport(created=0, updated=0, unchanged=2)
    assert rows() == before


def test_a_dump_holds_what_is_published_and_no_drafts(mentor: User) -> None:
    load(asked(), asked("other"))
    save_draft(question=Question.objects.get(slug="other"), content=make_content(title="Draft"), author=mentor)

    assert dump_pack(slug="all", title="All").questions == [asked(), asked("other")]


def test_a_dump_of_two_packs_can_be_read(tmp_path: Path) -> None:
    """The second pack moves “python” behind its own topics; its child must still stand after it."""
    load(asked())
    later = [{"id": "sql", "title": "SQL"}, {"id": "joins", "title": "Joins", "parent": "sql"}]
    load(topics=[*later, {"id": "python", "title": "Python"}], tracks=[])

    write_pack(dump_pack(slug="all", title="All"), tmp_path / "dump.yaml")

    parents = {topic["id"]: topic.get("parent") for topic in read_pack(tmp_path / "dump.yaml").topics}
    assert parents == {"sql": None, "joins": "sql", "python": None, "core": "python"}


def test_a_dump_takes_the_same_number_of_queries_for_any_number_of_questions(
    django_assert_num_queries: Any,
) -> None:
    load(asked())
    with django_assert_num_queries(10):
        dump_pack(slug="all", title="All")

    load(asked(), asked("second"), asked("third"))
    with django_assert_num_queries(10):
        dump_pack(slug="all", title="All")
