"""The mentors' pages of the question bank: reading, searching, writing, handing in, discarding."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.clock import database_now
from people.models import User
from questionbank.models import Question, QuestionVersion, Topic
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import create_question, publish, save_draft
from questionbank.services.workflow import submit
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question
from tests.questionbank.conftest import posted


@pytest.fixture
def pages(mentor: User) -> Client:
    """A browser in which `mentor` is logged in."""
    return client_of(mentor)


@pytest.fixture
def draft(published: QuestionVersion) -> QuestionVersion:
    """The second version of `published`, still being written."""
    return save_draft(question=published.question, content=make_content(title="CANARYDRAFT"), author=None)


def address(name: str, version: QuestionVersion, *more: Any) -> str:
    return reverse(name, args=[version.question_id, *more])


def states(version: QuestionVersion) -> list[tuple[int, str, str]]:
    versions = QuestionVersion.objects.filter(question=version.question_id).order_by("number")
    return list(versions.values_list("number", "state", "title"))


def notices(response: HttpResponse) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def listed(client: Client, **query: str) -> list[str]:
    """Return the names of the questions that the list shows."""
    return [question.slug for question in client.get(reverse("questions"), query).context["page"]]


# --- Who may come in ----------------------------------------------------------------------------------------

GET_PAGES = ["questions", "new_question", "question_detail", "question_version", "edit_question"]
POST_PAGES = ["new_question", "edit_question", "hand_in_version", "discard_draft"]


def _arguments(name: str, draft: QuestionVersion) -> list[Any]:
    if name in {"questions", "new_question"}:
        return []
    return [draft.question_id, draft.number] if name.endswith("_version") else [draft.question_id]


@pytest.mark.parametrize("name", GET_PAGES)
@pytest.mark.parametrize("who", ["candidate", "outsider", "admin", "stranger"])
def test_pages_are_closed_to_people_who_are_no_mentors(
    request: pytest.FixtureRequest, draft: QuestionVersion, who: str, name: str
) -> None:
    client = client_of(request.getfixturevalue(who))

    response = client.get(reverse(name, args=_arguments(name, draft)))

    assert response.status_code == 403
    assert "CANARY" not in response.content.decode()


@pytest.mark.parametrize("name", POST_PAGES)
@pytest.mark.parametrize("who", ["candidate", "outsider", "admin", "stranger"])
def test_people_who_are_no_mentors_change_nothing(
    request: pytest.FixtureRequest, draft: QuestionVersion, who: str, name: str
) -> None:
    client = client_of(request.getfixturevalue(who))
    before = states(draft)
    data = posted(make_content(title="Broken in"), topic=draft.question.topic_id, hand_in="")

    response = client.post(reverse(name, args=_arguments(name, draft)), data)

    assert response.status_code == 403
    assert states(draft) == before
    assert Question.objects.count() == 1


@pytest.mark.parametrize("name", sorted({*GET_PAGES, *POST_PAGES}))
def test_people_who_are_not_logged_in_are_asked_to(draft: QuestionVersion, name: str) -> None:
    path = reverse(name, args=_arguments(name, draft))

    for response in (Client().get(path), Client().post(path)):
        assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={path}")


@pytest.mark.parametrize("who", ["mentor", "other_mentor", "site_admin"])
@pytest.mark.parametrize("name", GET_PAGES)
def test_pages_are_open_to_the_mentors_of_every_cohort(
    request: pytest.FixtureRequest, draft: QuestionVersion, who: str, name: str
) -> None:
    """The question bank belongs to all mentors."""
    response = client_of(request.getfixturevalue(who)).get(reverse(name, args=_arguments(name, draft)))

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["question_detail", "edit_question", "discard_draft"])
def test_a_question_that_does_not_exist_is_not_found(pages: Client, published: QuestionVersion, name: str) -> None:
    path = reverse(name, args=["00000000-0000-4000-8000-000000000000"])

    assert (pages.post if "discard" in name else pages.get)(path).status_code == 404


@pytest.mark.parametrize("name", ["hand_in_version", "discard_draft"])
def test_addresses_that_change_something_refuse_get(pages: Client, draft: QuestionVersion, name: str) -> None:
    response = pages.get(reverse(name, args=_arguments(name, draft)))

    assert response.status_code == 405
    assert states(draft) == [(1, "published", "Generators versus lists"), (2, "draft", "CANARYDRAFT")]


# --- The list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_queries_for_any_number_of_questions(
    pages: Client, mentor: User, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        topic = Topic.objects.create(slug=f"topic-{number}", title=f"Topic {number}", parent=make_topic())
        version = publish_question(f"question-{number}", topic=topic)
        save_draft(question=version.question, content=make_content(title="Next"), author=mentor)

    with django_assert_num_queries(12):
        response = pages.get(reverse("questions"))

    assert response.context["page"].paginator.count == count


def test_the_list_says_how_many_wait_for_a_colleague_where_any_does(
    pages: Client, draft: QuestionVersion, mentor: User
) -> None:
    none = pages.get(reverse("questions")).content.decode()
    submit(version=draft, actor=mentor)
    one = " ".join(pages.get(reverse("questions")).content.decode().split())

    assert ("for a colleague" in none, "?state=in_review" in none) == (False, False)
    assert f'href="{reverse("questions")}?state=in_review">1 waits for a colleague</a>' in one


def test_the_list_shows_the_newest_title_and_how_far_it_is(pages: Client, draft: QuestionVersion) -> None:
    text = pages.get(reverse("questions")).content.decode()

    assert "CANARYDRAFT" in text
    assert "Draft, version 2" in text
    assert "Published, version 1" in text


def test_the_list_is_searched_by_words_and_topic(pages: Client) -> None:
    sql = make_topic("sql")
    publish_question("joins", topic=sql, title="Inner joins", prompt="What is lost in an inner join?")
    publish_question("indexes", topic=sql, title="Indexes", prompt="When is an index not read?")
    publish_question("generators")

    assert listed(pages, q="join") == ["joins"]
    assert listed(pages, q="INDEX read") == ["indexes"]
    assert listed(pages, topic="sql") == ["indexes", "joins"]
    assert listed(pages, topic="sql", q="rather") == []
    assert listed(pages, topic="nothing") == []
    assert sorted(listed(pages)) == ["generators", "indexes", "joins"]


@pytest.mark.parametrize("words", ["100%", "_", "\\", "'; DROP TABLE questionbank_question; --"])
def test_the_search_takes_every_character_for_itself(pages: Client, published: QuestionVersion, words: str) -> None:
    assert listed(pages, q=words) == []


def test_the_list_is_cut_into_pages_that_keep_the_search(pages: Client) -> None:
    for number in range(26):
        publish_question(f"question-{number:02}")

    second = pages.get(reverse("questions"), {"topic": "python", "page": "2"})

    assert [question.slug for question in second.context["page"]] == ["question-25"]
    assert "?topic=python&amp;page=1" in second.content.decode()
    assert pages.get(reverse("questions"), {"page": "none"}).context["page"].number == 1


# --- Reading ------------------------------------------------------------------------------------------------


def test_a_question_opens_at_what_is_published(pages: Client, draft: QuestionVersion) -> None:
    response = pages.get(address("question_detail", draft))

    assert (response.context["version"].number, response.context["draft"]) == (1, draft)


def test_a_question_that_was_never_published_opens_at_its_draft(pages: Client, mentor: User) -> None:
    draft = create_question(slug="new", topic=make_topic(), content=make_content(), author=mentor)

    assert pages.get(address("question_detail", draft)).context["version"] == draft


def test_every_version_can_be_read(pages: Client, draft: QuestionVersion, mentor: User) -> None:
    publish(version=draft, actor=mentor, now=database_now())

    shown = {n: pages.get(address("question_version", draft, n)).context["version"].title for n in (1, 2)}

    assert shown == {1: "Generators versus lists", 2: "CANARYDRAFT"}


@pytest.mark.parametrize("number", [0, 3, 10**12])
def test_a_version_that_does_not_exist_is_not_found(pages: Client, draft: QuestionVersion, number: int) -> None:
    assert pages.get(address("question_version", draft, number)).status_code == 404


def test_a_version_is_shown_with_all_it_says(pages: Client, published: QuestionVersion) -> None:
    text = pages.get(address("question_detail", published)).content.decode()

    canaries = ["REFERENCE", "CLAIM", "HINT", "ACCEPTED", "MISCONCEPTION", "EXEMPLAR"]
    assert [canary for canary in canaries if f"CANARY{canary}" not in text] == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_version_takes_the_same_number_of_queries_for_any_number_of_versions(
    pages: Client, mentor: User, published: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(2, count + 1):
        draft = save_draft(question=published.question, content=make_content(title=f"No {number}"), author=mentor)
        publish(version=draft, actor=mentor, now=database_now())

    with django_assert_num_queries(22):
        response = pages.get(address("question_detail", published))

    assert [version.number for version in response.context["versions"]] == list(range(count, 0, -1))


def test_what_mentors_write_is_shown_as_text(pages: Client) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    content = make_content(title=attack, prompt=f"Why? {attack} [here](javascript:alert(1))", references=(attack,))
    draft = create_question(slug="attack", topic=make_topic(), content=content, author=None)

    for path in (address("question_detail", draft), address("edit_question", draft), reverse("questions")):
        text = pages.get(path).content.decode()
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'href="javascript:' not in text


# --- Writing ------------------------------------------------------------------------------------------------


def test_a_new_question_is_saved_as_a_draft(pages: Client, mentor: User) -> None:
    data = posted(make_content(title="What does __init__ do?"), topic=make_topic().pk)

    response = pages.post(reverse("new_question"), data)

    draft = with_parts(QuestionVersion.objects.all()).get()
    assert (response.status_code, response["Location"]) == (302, address("question_version", draft, 1))
    assert (draft.question.slug, draft.state, draft.author) == ("what-does-init-do", "draft", mentor)
    assert content_of(draft).key_points == make_content().key_points
    assert notices(response) == [("success", "The draft is saved. Hand it in when it is ready for another mentor.")]


def test_a_new_question_can_be_handed_in_at_once(pages: Client, mentor: User) -> None:
    response = pages.post(
        reverse("new_question"), posted(make_content(title="Slices"), topic=make_topic().pk, hand_in="")
    )

    version = QuestionVersion.objects.get()
    assert (version.state, version.author) == ("in_review", mentor)
    assert notices(response) == [
        ("success", "Version 1 is handed in. Another mentor reads it and publishes it."),
    ]


def test_a_new_question_with_faults_is_shown_again_with_them(pages: Client) -> None:
    response = pages.post(reverse("new_question"), posted(make_content(title="")))

    text = response.content.decode()
    assert response.status_code == 400
    assert response.context["forms"].version.errors == {"title": ["This field is required."]}
    assert response.context["about"].errors == {"topic": ["This field is required."]}
    assert "The question is not saved yet" in text
    assert "CANARYREFERENCE" in text
    assert not Question.objects.exists()


def test_a_new_question_whose_name_is_taken_says_so(pages: Client, published: QuestionVersion) -> None:
    data = posted(make_content(title="Generators"), topic=published.question.topic_id)

    response = pages.post(reverse("new_question"), data)

    assert response.status_code == 400
    assert response.context["forms"].version.errors["title"] == [
        "There is a question named “generators” already.",
        "Give it another title.",
    ]
    assert Question.objects.count() == 1


@pytest.mark.parametrize("title", ["朴素贝叶斯", "?!", "_"])
def test_a_title_without_letters_that_names_can_have_is_taken(pages: Client, title: str) -> None:
    pages.post(reverse("new_question"), posted(make_content(title=title), topic=make_topic().pk))

    assert [(q.slug, q.versions.get().title) for q in Question.objects.all()] == [("question", title)]


def test_editing_a_published_question_begins_its_next_version(pages: Client, published: QuestionVersion) -> None:
    page = pages.get(address("edit_question", published))
    data = posted(make_content(title="Second"), seen=page.context["seen"])

    response = pages.post(address("edit_question", published), data)

    assert page.context["number"] == 2
    assert response["Location"] == address("question_version", published, 2)
    assert states(published) == [(1, "published", "Generators versus lists"), (2, "draft", "Second")]


def test_editing_goes_on_with_the_draft(pages: Client, draft: QuestionVersion, mentor: User) -> None:
    page = pages.get(address("edit_question", draft))
    data = posted(make_content(title="Changed"), seen=page.context["seen"], hand_in="")

    pages.post(address("edit_question", draft), data)

    assert (page.context["number"], page.context["seen"]) == (2, draft.content_hash)
    assert states(draft) == [(1, "published", "Generators versus lists"), (2, "in_review", "Changed")]
    assert QuestionVersion.objects.get(pk=draft.pk).author == mentor


def test_editing_keeps_the_exemplars(pages: Client, published: QuestionVersion) -> None:
    pages.post(address("edit_question", published), posted(make_content(title="Second"), seen=""))

    draft = with_parts(QuestionVersion.objects.filter(state="draft")).get()
    assert content_of(draft) == make_content(title="Second")


def test_an_edit_with_faults_is_shown_again_and_changes_nothing(pages: Client, draft: QuestionVersion) -> None:
    data = posted(make_content(title="x" * 121), seen=draft.content_hash)

    response = pages.post(address("edit_question", draft), data)

    assert response.status_code == 400
    assert list(response.context["forms"].version.errors) == ["title"]
    assert response.context["seen"] == draft.content_hash
    assert states(draft)[1] == (2, "draft", "CANARYDRAFT")


def test_the_second_of_two_mentors_is_told_and_keeps_their_text(
    pages: Client, other_mentor: User, draft: QuestionVersion
) -> None:
    path = address("edit_question", draft)
    seen = pages.get(path).context["seen"]
    client_of(other_mentor).post(path, posted(make_content(title="Theirs"), seen=seen))

    refused = pages.post(path, posted(make_content(title="Mine"), seen=seen))

    clash = refused.context["clash"]
    assert refused.status_code == 409
    assert [(d.label, d.old, d.new) for d in clash.found] == [("Title", "Theirs", "Mine")]
    assert "Other Mentor has changed this draft while you were writing" in refused.content.decode()
    assert 'value="Mine"' in refused.content.decode()
    assert states(draft)[1] == (2, "draft", "Theirs")

    accepted = pages.post(path, posted(make_content(title="Mine"), seen=seen, over=clash.hash))

    assert accepted.status_code == 302
    assert states(draft)[1] == (2, "draft", "Mine")


def test_an_edit_of_a_draft_that_was_published_meanwhile_is_told_and_becomes_the_next_version(
    pages: Client, other_mentor: User, draft: QuestionVersion
) -> None:
    path = address("edit_question", draft)
    seen = pages.get(path).context["seen"]
    publish(version=draft, actor=other_mentor, now=database_now())

    refused = pages.post(path, posted(make_content(title="Mine"), seen=seen))
    accepted = pages.post(path, posted(make_content(title="Mine"), seen=seen, over=refused.context["clash"].hash))

    assert (refused.status_code, accepted.status_code) == (409, 302)
    assert states(draft) == [
        (1, "retired", "Generators versus lists"),
        (2, "published", "CANARYDRAFT"),
        (3, "draft", "Mine"),
    ]


# --- Discarding ---------------------------------------------------------------------------------------------


def test_discarding_the_draft_of_a_published_question(pages: Client, draft: QuestionVersion) -> None:
    response = pages.post(address("discard_draft", draft))

    assert response["Location"] == address("question_detail", draft)
    assert states(draft) == [(1, "published", "Generators versus lists")]
    assert notices(response) == [("success", "The draft is discarded.")]


def test_discarding_a_question_that_was_never_published(pages: Client) -> None:
    draft = create_question(slug="new", topic=make_topic(), content=make_content(), author=None)

    response = pages.post(address("discard_draft", draft))

    assert response["Location"] == reverse("questions")
    assert not Question.objects.exists()


def test_discarding_without_a_draft_is_not_found(pages: Client, published: QuestionVersion) -> None:
    assert pages.post(address("discard_draft", published)).status_code == 404
    assert states(published) == [(1, "published", "Generators versus lists")]
