"""What is done with the questions that are ticked in the list."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import QueryDict
from django.urls import reverse

from people.models import User
from questionbank.models import QuestionVersion
from questionbank.services import workflow
from questionbank.services.versions import create_question, discard_draft, save_draft
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question

pytestmark = pytest.mark.usefixtures("without_the_bench")


def draft_of(slug: str, author: User | None, **changes: Any) -> QuestionVersion:
    return create_question(slug=slug, topic=make_topic(), content=make_content(**changes), author=author)


def post(user: User, deed: str, *versions: QuestionVersion, **sent: Any) -> Any:
    seen = {f"seen-{version.question_id}": version.content_hash for version in versions}
    chosen = [version.question_id for version in versions]
    return client_of(user).post(reverse("bulk"), {"deed": deed, "question": chosen, **seen, **sent})


def states() -> dict[str, str]:
    return {version.question.slug: version.state for version in QuestionVersion.objects.select_related("question")}


def refusals(response: Any) -> dict[str, str]:
    return {outcome.question.slug: outcome.refused for outcome in response.context["refused"]}


def notices(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_many_drafts_are_handed_in_and_those_that_cannot_be_say_why(mentor: User) -> None:
    fine, unfinished = draft_of("fine", mentor), draft_of("unfinished", mentor, references=())
    published = publish_question("published")

    response = post(mentor, "hand-in", fine, unfinished, published)

    assert states() == {"fine": "in_review", "unfinished": "draft", "published": "published"}
    assert refusals(response) == {
        "unfinished": "It cannot be handed in yet. It still needs a reference answer.",
        "published": "There is no draft of it.",
    }
    text = response.content.decode()
    assert "1 done, 2 not." in text
    assert reverse("question_version", args=[fine.question_id, 1]) in text


def test_another_mentor_approves_many_but_not_their_own(mentor: User, other_mentor: User) -> None:
    theirs = workflow.submit(version=draft_of("theirs", mentor), actor=mentor)
    own = workflow.submit(version=draft_of("own", other_mentor), actor=other_mentor)

    response = post(other_mentor, "approve", theirs, own)

    assert states() == {"theirs": "published", "own": "in_review"}
    assert refusals(response) == {"own": "Another mentor has to approve what you have written."}


def test_what_was_changed_since_the_list_was_shown_is_left_alone(mentor: User) -> None:
    changed = draft_of("changed", mentor)
    save_draft(question=changed.question, content=make_content(title="Another"), author=mentor)

    response = post(mentor, "hand-in", changed)

    assert states() == {"changed": "draft"}
    assert refusals(response) == {"changed": "Version 1 has changed meanwhile. Read it again first."}


@pytest.mark.parametrize("deed", ["hand-in", "approve"])
def test_nothing_ticked_is_nothing_done(mentor: User, deed: str) -> None:
    response = post(mentor, deed, list="q=cache&page=2")

    assert notices(response) == ["Tick the questions first."]
    assert response["Location"] == f"{reverse('questions')}?q=cache&page=2"


@pytest.mark.parametrize("sent", [{"deed": "burn"}, {"deed": "export", "format": "docx"}, {"deed": "export"}])
def test_what_does_not_exist_is_refused(mentor: User, sent: dict[str, str]) -> None:
    response = client_of(mentor).post(reverse("bulk"), sent)

    assert response["Location"] == reverse("questions")
    assert len(notices(response)) == 1


def test_a_question_that_is_gone_meanwhile_is_said(mentor: User) -> None:
    draft = draft_of("gone", mentor)
    discard_draft(question=draft.question, actor=mentor)

    assert notices(post(mentor, "hand-in", draft)) == ["A question is gone meanwhile. Look at the list again."]


def test_ticked_questions_are_exported_and_all_that_are_found_if_none_is(mentor: User) -> None:
    draft = draft_of("one", mentor)

    ticked = post(mentor, "export", draft, format="csv", list="q=cache")
    found = post(mentor, "export", format="csv", list="q=cache&format=pack")

    where, _, query = ticked["Location"].partition("?")
    assert where == reverse("export")
    assert QueryDict(query).dict() == {"q": "cache", "question": str(draft.question_id), "format": "csv"}
    assert found["Location"] == f"{reverse('export')}?q=cache&format=csv"


def test_the_list_offers_it_with_what_is_shown(mentor: User) -> None:
    draft = draft_of("one", mentor)

    text = client_of(mentor).get(reverse("questions"), {"state": "draft"}).content.decode()

    assert f'action="{reverse("bulk")}"' in text
    assert f'name="seen-{draft.question_id}"' in text
    assert draft.content_hash in text
    assert 'name="list" value="state=draft"' in text
