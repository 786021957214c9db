"""Versions of questions: drafts, publishing, discarding, and mentors who do these at the same moment."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from people.clock import database_now
from people.models import AuditEntry, User
from questionbank.content import KeyPointContent, MisconceptionContent, QuestionContent
from questionbank.models import (
    PARTS_OF_A_VERSION,
    Question,
    QuestionVersion,
    Topic,
    VersionState,
)
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import (
    DraftChanged,
    change_topic,
    create_question,
    discard_draft,
    publish,
    save_draft,
)
from tests.factories import make_content, make_topic, make_track, publish_question
from tests.races import outcomes, race


def make_draft(slug: str = "generators", author: User | None = None) -> QuestionVersion:
    return create_question(slug=slug, topic=make_topic(), content=make_content(), author=author)


def stored_content(version: QuestionVersion) -> QuestionContent:
    return content_of(with_parts(QuestionVersion.objects.all()).get(pk=version.pk))


def states(question: Question) -> list[tuple[int, str]]:
    return list(question.versions.order_by("number").values_list("number", "state"))


def actions(question: Question) -> list[tuple[str, User | None, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(object_type="questionbank.question", object_id=str(question.pk))
    return [(entry.action, entry.actor, entry.detail) for entry in entries.order_by("pk")]


# --- Drafts -------------------------------------------------------------------------------------------------


def test_create_question_makes_a_first_draft_that_says_the_content(mentor: User) -> None:
    draft = make_draft(author=mentor)

    assert (draft.number, draft.state, draft.author, draft.published_at) == (1, VersionState.DRAFT, mentor, None)
    assert stored_content(draft) == make_content()
    assert draft.content_hash == make_content().content_hash


def test_create_question_refuses_a_name_that_is_taken(mentor: User) -> None:
    make_draft()

    with pytest.raises(ValidationError, match="named “generators” already"):
        make_draft(author=mentor)

    assert Question.objects.count() == 1


def test_create_question_makes_nothing_of_a_content_that_contradicts_itself(mentor: User) -> None:
    content = make_content(misconceptions=(MisconceptionContent("eager", "Built at once.", "nothing"),))

    with pytest.raises(ValidationError, match="there is no key point “nothing”"):
        create_question(slug="generators", topic=make_topic(), content=content, author=mentor)

    assert not Question.objects.exists()


def test_save_draft_replaces_what_the_draft_said(mentor: User) -> None:
    draft = make_draft()
    other = make_content(
        title="Shorter",
        references=("One.", "Two."),
        key_points=(KeyPointContent("once", "It runs once.", 3),),
        misconceptions=(),
        exemplars=(),
        sources=(),
    )

    again = save_draft(question=draft.question, content=other, author=mentor)

    assert (again.pk, again.number, again.author) == (draft.pk, 1, mentor)
    assert stored_content(again) == other
    assert again.content_hash == other.content_hash


def test_save_draft_begins_the_next_version_of_a_published_question(published: QuestionVersion, mentor: User) -> None:
    draft = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)

    assert states(published.question) == [(1, "published"), (2, "draft")]
    assert stored_content(draft).title == "Second"
    assert stored_content(published) == make_content()


def test_save_draft_refuses_a_draft_that_another_mentor_has_changed(mentor: User, other_mentor: User) -> None:
    draft = make_draft(author=mentor)
    seen = draft.content_hash
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor, expected_hash=seen)

    with pytest.raises(DraftChanged, match="Another mentor has changed this draft"):
        save_draft(question=draft.question, content=make_content(title="Mine"), author=mentor, expected_hash=seen)

    assert stored_content(draft).title == "Theirs"


def test_save_draft_refuses_to_begin_a_draft_where_another_mentor_has_begun_one(
    published: QuestionVersion, mentor: User
) -> None:
    theirs = save_draft(question=published.question, content=make_content(title="Theirs"), author=None)

    with pytest.raises(DraftChanged):
        save_draft(question=published.question, content=make_content(title="M"), author=mentor, expected_hash="")

    assert stored_content(theirs).title == "Theirs"


def test_save_draft_refuses_a_draft_that_has_been_published_meanwhile(mentor: User) -> None:
    draft = make_draft()
    publish(version=draft, actor=mentor, now=database_now())

    with pytest.raises(DraftChanged):
        save_draft(
            question=draft.question,
            content=make_content(title="Mine"),
            author=mentor,
            expected_hash=draft.content_hash,
        )

    assert states(draft.question) == [(1, "published")]


def test_save_draft_leaves_the_draft_alone_when_the_content_contradicts_itself(mentor: User) -> None:
    draft = make_draft()
    twice = make_content(key_points=(KeyPointContent("lazy", "One.", 1), KeyPointContent("lazy", "Two.", 1)))

    with pytest.raises(ValidationError, match="key_points: the id “lazy” stands twice"):
        save_draft(question=draft.question, content=twice, author=mentor)

    assert stored_content(draft) == make_content()


def test_a_content_keeps_its_order_of_parts(mentor: User) -> None:
    content = make_content()
    turned = replace(content, key_points=content.key_points[::-1], references=("Second.", "First."))

    draft = save_draft(question=make_draft().question, content=turned, author=mentor)

    assert stored_content(draft) == turned


# --- Publishing ---------------------------------------------------------------------------------------------


def test_publish_opens_a_draft_to_interviews(mentor: User) -> None:
    draft = make_draft()
    now = database_now()

    version = publish(version=draft, actor=mentor, now=now)

    assert (version.state, version.published_at, version.published_by) == (VersionState.PUBLISHED, now, mentor)
    assert actions(draft.question) == [("question.publish", mentor, {"version": 1})]


def test_publish_retires_the_version_before_and_keeps_what_it_says(published: QuestionVersion, mentor: User) -> None:
    draft = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)

    publish(version=draft, actor=mentor, now=database_now())

    assert states(published.question) == [(1, "retired"), (2, "published")]
    assert stored_content(published) == make_content()


@pytest.mark.parametrize("state", ["published", "retired"])
def test_publish_refuses_what_is_no_draft_and_leaves_the_published_version_open(
    published: QuestionVersion, mentor: User, state: str
) -> None:
    newer = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)
    publish(version=newer, actor=mentor, now=database_now())

    with pytest.raises(ValidationError, match="Only a draft can be published"):
        publish(version={"published": newer, "retired": published}[state], actor=mentor, now=database_now())

    assert states(published.question) == [(1, "retired"), (2, "published")]
    assert [action for action, _, _ in actions(published.question)] == ["question.publish"] * 2


# --- Discarding ---------------------------------------------------------------------------------------------


def test_discard_draft_keeps_what_is_published(published: QuestionVersion, mentor: User) -> None:
    save_draft(question=published.question, content=make_content(title="Second"), author=mentor)

    discard_draft(question=published.question, actor=mentor)

    assert states(published.question) == [(1, "published")]
    assert actions(published.question)[-1] == ("question.discard_draft", mentor, {})


def test_discard_draft_takes_a_question_along_that_was_never_published(mentor: User) -> None:
    draft = make_draft()

    discard_draft(question=draft.question, actor=mentor)

    assert not Question.objects.exists()
    assert [part for part in PARTS_OF_A_VERSION if part.objects.exists()] == []


def test_discard_draft_without_a_draft_changes_nothing_and_says_so(published: QuestionVersion, mentor: User) -> None:
    before = actions(published.question)

    with pytest.raises(ValidationError, match="There is no draft any more"):
        discard_draft(question=published.question, actor=mentor)

    assert states(published.question) == [(1, "published")]
    assert actions(published.question) == before


def test_a_number_is_not_given_to_another_content_while_it_stands(published: QuestionVersion, mentor: User) -> None:
    for title in ("Second", "Third"):
        draft = save_draft(question=published.question, content=make_content(title=title), author=mentor)
        publish(version=draft, actor=mentor, now=database_now())

    assert states(published.question) == [(1, "retired"), (2, "retired"), (3, "published")]


# --- The topic ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_published", [True, False])
def test_a_question_goes_under_another_topic_with_all_its_versions(mentor: User, is_published: bool) -> None:  # noqa: FBT001
    question = (publish_question() if is_published else make_draft()).question
    said = stored_content(question.versions.get())

    change_topic(question=question, topic=make_topic("sql"), actor=mentor)

    question.refresh_from_db()
    assert (question.topic, stored_content(question.versions.get())) == (make_topic("sql"), said)
    moved = ("question.change_topic", mentor, {"before": "Python", "after": "Sql"})
    assert actions(question)[-1] == moved


def test_the_same_topic_again_is_nothing_to_write_down(mentor: User) -> None:
    question = make_draft().question

    change_topic(question=question, topic=question.topic, actor=mentor)

    assert actions(question) == []


def test_a_topic_that_has_others_below_it_takes_no_question(mentor: User) -> None:
    question = make_draft().question
    Topic.objects.create(slug="joins", title="Joins", parent=make_topic("sql"))

    with pytest.raises(ValidationError, match="“Sql” has topics below it"):
        change_topic(question=question, topic=make_topic("sql"), actor=mentor)


def test_a_question_stays_where_a_track_could_not_be_filled_without_it(mentor: User) -> None:
    python = make_topic()
    within, outside = Topic.objects.create(slug="core", title="Core", parent=python), make_topic("sql")
    question = publish_question(topic=python).question
    make_track(python)

    with pytest.raises(ValidationError, match="nobody could start “Taster” without this question"):
        change_topic(question=question, topic=outside, actor=mentor)
    change_topic(question=question, topic=within, actor=mentor)
    publish_question("another", topic=python)
    change_topic(question=question, topic=outside, actor=mentor)

    question.refresh_from_db()
    assert question.topic == outside


# --- Two mentors at the same moment -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_mentors_who_create_one_name_the_second_is_told() -> None:
    topic = make_topic()
    create = partial(create_question, slug="generators", topic=topic, content=make_content(), author=None)

    results = race(create, create)

    assert outcomes(results) == ["QuestionVersion", "ValidationError"]
    assert states(Question.objects.get()) == [(1, "draft")]


@pytest.mark.django_db(transaction=True)
def test_of_two_mentors_who_begin_a_draft_the_second_is_told() -> None:
    question = publish_question().question
    begin = partial(save_draft, question=question, author=None, expected_hash="")

    results = race(
        partial(begin, content=make_content(title="One")), partial(begin, content=make_content(title="Other"))
    )

    assert outcomes(results) == ["DraftChanged", "QuestionVersion"]
    (winner,) = [result for result in results if isinstance(result, QuestionVersion)]
    assert states(question) == [(1, "published"), (2, "draft")]
    assert stored_content(winner).title == winner.title


@pytest.mark.django_db(transaction=True)
def test_of_two_mentors_who_save_one_draft_the_second_is_told() -> None:
    draft = make_draft()
    save = partial(save_draft, question=draft.question, author=None, expected_hash=draft.content_hash)

    results = race(
        partial(save, content=make_content(title="One")), partial(save, content=make_content(title="Other"))
    )

    assert outcomes(results) == ["DraftChanged", "QuestionVersion"]
    (winner,) = [result for result in results if isinstance(result, QuestionVersion)]
    assert stored_content(draft) == make_content(title=winner.title)


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_two_mentors_publish_is_published_once() -> None:
    question = publish_question().question
    draft = save_draft(question=question, content=make_content(title="Second"), author=None)
    publish_it = partial(publish, version=draft, actor=None, now=database_now())

    results = race(publish_it, publish_it)

    assert outcomes(results) == ["QuestionVersion", "ValidationError"]
    assert states(question) == [(1, "retired"), (2, "published")]
    assert [action for action, _, _ in actions(question)] == ["question.publish"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_either_published_or_discarded(django_user_model: type[User]) -> None:
    mentor = django_user_model.objects.create_user("mentor@example.com")
    question = publish_question().question
    draft = save_draft(question=question, content=make_content(title="Second"), author=None)

    results = race(
        partial(publish, version=draft, actor=mentor, now=database_now()),
        partial(discard_draft, question=question, actor=mentor),
    )

    outcome = {
        "QuestionVersion": [(1, "retired"), (2, "published")],
        "ValidationError": [(1, "published")],
    }
    assert states(question) == outcome[type(results[0]).__name__]
