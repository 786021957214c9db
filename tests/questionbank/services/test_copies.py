"""What becomes of what mentors type: in the draft, beside it, or nowhere without a word."""

import threading
from typing import Any

import pytest
from django.db import connection

from people.clock import database_now
from people.models import User
from questionbank.content import QuestionContent
from questionbank.models import EditorCopy, Question, QuestionVersion
from questionbank.selectors import content_of, copy_of, with_parts
from questionbank.services.copies import Kept, drop, keep
from questionbank.services.versions import create_question, discard_draft, save_draft
from questionbank.services.workflow import submit
from tests.factories import make_content, make_topic

MINE = make_content(title="Mine")


@pytest.fixture
def draft(mentor: User) -> QuestionVersion:
    return create_question(slug="generators", topic=make_topic(), content=make_content(), author=mentor)


def typed(
    author: User,
    question: Question | None,
    *,
    title: str = "Mine",
    page: str = "one",
    took: str = "",
    content: QuestionContent | None = None,
    seen: str = "",
) -> Kept:
    data = {"title": title, "page": page, "took": took}
    return keep(author=author, question=question, data=data, content=content, seen=seen, now=database_now())


def kept_titles() -> list[str]:
    return [copy.data["title"] for copy in EditorCopy.objects.all()]


def draft_of(question: Question) -> Any:
    return content_of(with_parts(question.versions.filter(state="draft")).get())


# --- Into the draft -----------------------------------------------------------------------------------------


def test_what_is_valid_goes_into_the_draft(mentor: User, draft: QuestionVersion) -> None:
    kept = typed(mentor, draft.question, content=MINE, seen=draft.content_hash)

    assert (kept.where, kept.seen) == ("draft", MINE.content_hash)
    assert draft_of(draft.question) == MINE
    assert kept_titles() == []


def test_the_next_save_builds_on_the_one_before(mentor: User, draft: QuestionVersion) -> None:
    first = typed(mentor, draft.question, content=MINE, seen=draft.content_hash)
    second = typed(mentor, draft.question, content=make_content(title="Mine, and more"), seen=first.seen)

    assert second.where == "draft"
    assert draft_of(draft.question).title == "Mine, and more"


def test_a_published_question_gets_a_draft_once_something_is_changed(mentor: User, published: QuestionVersion) -> None:
    same = typed(mentor, published.question, content=make_content())
    assert (same.where, same.seen, published.question.versions.count()) == ("draft", "", 1)

    other = typed(mentor, published.question, content=MINE)
    assert (other.where, other.seen, published.question.versions.count()) == ("draft", MINE.content_hash, 2)


def test_the_same_save_twice_is_no_conflict(mentor: User, draft: QuestionVersion) -> None:
    """Its first reply was lost on the way."""
    first, second = (typed(mentor, draft.question, content=MINE, seen=draft.content_hash) for _ in range(2))

    assert (first.where, second.where, second.seen) == ("draft", "draft", MINE.content_hash)


def test_once_it_is_in_the_draft_the_copy_is_gone(mentor: User, draft: QuestionVersion) -> None:
    typed(mentor, draft.question, title="", seen=draft.content_hash)
    assert kept_titles() == [""]

    typed(mentor, draft.question, content=MINE, seen=draft.content_hash)

    assert kept_titles() == []


# --- Beside the draft ---------------------------------------------------------------------------------------


def test_what_is_not_valid_is_kept_beside_the_draft(mentor: User, draft: QuestionVersion) -> None:
    kept = typed(mentor, draft.question, title="Half a ti", seen=draft.content_hash)

    copy = copy_of(mentor, draft.question)
    assert copy is not None
    assert (kept.where, kept.seen, copy.seen) == ("copy", draft.content_hash, draft.content_hash)
    assert (copy.data["title"], copy.updated_at) == ("Half a ti", kept.at)
    assert draft_of(draft.question) == make_content()


def test_a_new_question_is_kept_as_a_copy_until_it_is_saved(mentor: User) -> None:
    assert typed(mentor, None, content=MINE).where == "copy"
    assert typed(mentor, None, title="Mine, and more", content=MINE).where == "copy"

    assert kept_titles() == ["Mine, and more"]
    assert not Question.objects.exists()


def test_a_draft_that_another_mentor_has_changed_is_left_alone(
    mentor: User, other_mentor: User, draft: QuestionVersion
) -> None:
    theirs = make_content(title="Theirs")
    save_draft(question=draft.question, content=theirs, author=other_mentor, expected_hash=draft.content_hash)

    kept = typed(mentor, draft.question, content=MINE, seen=draft.content_hash)

    assert (kept.where, kept.seen) == ("changed", draft.content_hash)
    assert (draft_of(draft.question), kept_titles()) == (theirs, ["Mine"])


def test_a_version_in_review_is_left_alone(mentor: User, draft: QuestionVersion) -> None:
    submit(version=draft, actor=mentor)

    kept = typed(mentor, draft.question, content=MINE, seen=draft.content_hash)

    assert (kept.where, kept_titles()) == ("in_review", ["Mine"])
    assert [v.state for v in draft.question.versions.all()] == ["in_review"]


def test_content_that_contradicts_itself_stays_a_copy(mentor: User, draft: QuestionVersion) -> None:
    (point, *_) = MINE.key_points
    doubled = make_content(key_points=(point, point), misconceptions=(), exemplars=())

    assert typed(mentor, draft.question, content=doubled, seen=draft.content_hash).where == "copy"


# --- Whose copy ---------------------------------------------------------------------------------------------


def test_two_pages_of_one_mentor_do_not_write_over_each_other(mentor: User) -> None:
    typed(mentor, None, title="First", page="one")

    assert typed(mentor, None, title="Second", page="two").where == "elsewhere"
    assert kept_titles() == ["First"]


def test_a_page_that_has_brought_a_copy_back_goes_on_with_it(mentor: User) -> None:
    typed(mentor, None, title="First", page="one")

    assert typed(mentor, None, title="First, and more", page="two", took="one").where == "copy"
    assert typed(mentor, None, title="Late", page="one").where == "elsewhere"
    assert typed(mentor, None, title="Still more", page="two", took="one").where == "copy"
    assert kept_titles() == ["Still more"]


def test_a_copy_that_was_put_aside_stays_when_the_draft_is_written(mentor: User, draft: QuestionVersion) -> None:
    typed(mentor, draft.question, title="Aside", page="one", seen="an older one")

    kept = typed(mentor, draft.question, content=MINE, page="two", seen=draft.content_hash)

    assert (kept.where, kept_titles()) == ("draft", ["Aside"])


def test_copies_are_everybodys_own(mentor: User, other_mentor: User, draft: QuestionVersion) -> None:
    for author in (mentor, other_mentor):
        for question in (None, draft.question):
            assert typed(author, question, title=author.name, seen=draft.content_hash).where == "copy"

    drop(author=mentor, question=None)

    assert sorted(kept_titles()) == ["Mentor", "Other Mentor", "Other Mentor"]
    assert copy_of(mentor, draft.question) is not None


def test_a_page_drops_its_own_copy_and_no_other(mentor: User) -> None:
    typed(mentor, None, page="one")

    drop(author=mentor, question=None, page={"page": "two", "took": ""})
    assert kept_titles() == ["Mine"]

    drop(author=mentor, question=None, page={"page": "two", "took": "one"})
    assert kept_titles() == []


def test_discarding_the_draft_drops_the_copy(mentor: User, draft: QuestionVersion) -> None:
    typed(mentor, draft.question, seen=draft.content_hash)

    discard_draft(question=draft.question, actor=mentor)

    assert kept_titles() == []


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_save_at_once_leave_one_copy_and_one_told(mentor: User) -> None:
    both = threading.Barrier(2)
    found: list[str] = []

    def save(page: str) -> None:
        both.wait()
        found.append(typed(mentor, None, title=page, page=page).where)
        connection.close()

    threads = [threading.Thread(target=save, args=(page,)) for page in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == ["copy", "elsewhere"]
    assert len(kept_titles()) == 1
