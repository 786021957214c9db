"""Reads of the question bank: who sees which questions, and which an interview may draw."""

from typing import Any

import pytest

from people.clock import database_now
from people.models import User
from questionbank.models import Difficulty, Question, QuestionVersion, Topic
from questionbank.selectors import (
    content_of,
    published_in,
    questions_for,
    topic_tree,
    topics_within,
    tracks,
    tracks_left_short,
    with_parts,
)
from questionbank.services.versions import create_question, publish, save_draft
from tests.factories import make_content, make_topic, make_track, publish_question


@pytest.fixture
def tree() -> dict[str, Topic]:
    """Topics in three levels, and one beside them: python › frames › pandas; sql."""
    python, sql = make_topic("python"), make_topic("sql")
    frames = Topic.objects.create(slug="frames", title="Frames", parent=python)
    pandas = Topic.objects.create(slug="pandas", title="pandas", parent=frames)
    return {"python": python, "frames": frames, "pandas": pandas, "sql": sql}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("mentor", ["generators"]),
        ("other_mentor", ["generators"]),
        ("site_admin", ["generators"]),
        ("candidate", []),
        ("outsider", []),
        ("admin", []),
        ("stranger", []),
    ],
)
def test_questions_are_visible_to_mentors_alone(
    request: pytest.FixtureRequest, published: QuestionVersion, who: str, seen: list[str]
) -> None:
    user: User = request.getfixturevalue(who)

    assert [question.slug for question in Question.objects.visible_to(user)] == seen
    assert [question.slug for question in questions_for(user)] == seen


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("python", ["in-frames", "in-pandas", "in-python"]),
        ("frames", ["in-frames", "in-pandas"]),
        ("pandas", ["in-pandas"]),
        ("sql", []),
        ("", ["in-frames", "in-pandas", "in-python"]),
    ],
)
def test_questions_of_a_topic_are_those_of_everything_below_it(
    mentor: User, tree: dict[str, Topic], topic: str, found: list[str]
) -> None:
    for slug in ("python", "frames", "pandas"):
        publish_question(f"in-{slug}", topic=tree[slug])

    assert sorted(question.slug for question in questions_for(mentor, topic=topic)) == found


def test_words_are_looked_for_in_every_version(mentor: User, published: QuestionVersion) -> None:
    save_draft(question=published.question, content=make_content(title="Coroutines"), author=None)

    assert [q.slug for q in questions_for(mentor, words="coroutines")] == ["generators"]
    assert [q.slug for q in questions_for(mentor, words="versus list")] == ["generators"]
    assert [q.slug for q in questions_for(mentor, words="versus tuples")] == []


def test_topics_within_a_topic_are_all_below_it(tree: dict[str, Topic]) -> None:
    within = {slug: topics_within(topic) for slug, topic in tree.items()}

    keys = {slug: topic.pk for slug, topic in tree.items()}
    assert within == {
        "python": [keys["python"], keys["frames"], keys["pandas"]],
        "frames": [keys["frames"], keys["pandas"]],
        "pandas": [keys["pandas"]],
        "sql": [keys["sql"]],
    }


def test_the_topic_tree_has_the_first_level_on_top(tree: dict[str, Topic]) -> None:
    shown = {topic.slug: [child.slug for child in topic.children.all()] for topic in topic_tree()}

    assert shown == {"python": ["frames"], "sql": []}


def test_interviews_draw_published_versions_alone(tree: dict[str, Topic]) -> None:
    first = publish_question("twice", topic=tree["pandas"])
    second = publish(
        version=save_draft(question=first.question, content=make_content(title="Second"), author=None),
        actor=None,
        now=database_now(),
    )
    create_question(slug="unfinished", topic=tree["pandas"], content=make_content(), author=None)
    publish_question("elsewhere", topic=tree["sql"])

    assert list(published_in(tree["python"], [])) == [second]


@pytest.mark.parametrize(
    ("difficulties", "drawn"),
    [
        ([], ["easy", "hard", "medium"]),
        (["easy"], ["easy"]),
        (["easy", "hard"], ["easy", "hard"]),
    ],
)
def test_interviews_draw_the_difficulties_that_are_asked_for(difficulties: list[str], drawn: list[str]) -> None:
    for difficulty in Difficulty.values:
        publish_question(f"is-{difficulty}", difficulty=difficulty)

    versions = published_in(make_topic(), difficulties)

    assert sorted(version.difficulty for version in versions) == drawn


def test_everything_a_version_says_is_read_in_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    for slug in ("one", "two", "three"):
        publish_question(slug)

    with django_assert_num_queries(6):
        contents = [content_of(version) for version in with_parts(QuestionVersion.objects.all())]

    assert contents == [make_content()] * 3


def test_tracks_come_with_their_sections_in_two_queries_more(
    tree: dict[str, Topic], django_assert_num_queries: Any
) -> None:
    for slug, topic in tree.items():
        make_track(topic, slug=slug)

    with django_assert_num_queries(3):
        found = {track.slug: [section.topic for section in track.sections.all()] for track in tracks()}

    assert found == {slug: [topic] for slug, topic in tree.items()}


# --- What a question is needed for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "count", "difficulties", "left_short"),
    [
        ("python", 2, [], ["taster"]),  # two are asked for and two there are
        ("python", 1, [], []),  # one would remain
        ("python", 3, [], []),  # it cannot be filled as it is
        ("frames", 1, ["easy"], ["taster"]),
        ("frames", 1, ["hard"], []),  # another question is meant
        ("pandas", 1, [], ["taster"]),
        ("sql", 1, [], []),
    ],
)
def test_a_track_is_left_short_where_just_this_question_would_be_missing(
    tree: dict[str, Topic], topic: str, count: int, difficulties: list[str], left_short: list[str]
) -> None:
    version = publish_question("in-pandas", topic=tree["pandas"])
    publish_question("in-python", topic=tree["python"])
    track = make_track(tree[topic], count=count)
    track.sections.update(difficulties=difficulties)

    assert [one.slug for one in tracks_left_short(version)] == left_short


@pytest.mark.parametrize("count", [1, 3])
def test_looking_for_tracks_takes_the_same_number_of_queries_for_any_number_of_them(
    tree: dict[str, Topic], django_assert_num_queries: Any, count: int
) -> None:
    version = publish_question(topic=tree["python"])
    made = [make_track(tree["python"], slug=f"track-{number}") for number in range(count)]

    with django_assert_num_queries(4):  # the question itself among them
        assert tracks_left_short(version) == made
