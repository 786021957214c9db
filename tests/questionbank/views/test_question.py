"""What became of a question, and what two of its versions say differently."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.clock import database_now
from people.models import AuditEntry, User
from people.services.audit import audit
from questionbank.content import SourceContent
from questionbank.models import QuestionVersion
from questionbank.services import workflow
from questionbank.services.versions import create_question, publish, save_draft
from questionbank.views.question import HISTORY_PAGE, HISTORY_SHORT
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question


@pytest.fixture
def pages(mentor: User) -> Client:
    """A browser in which `mentor` is logged in."""
    return client_of(mentor)


@pytest.fixture
def second(published: QuestionVersion, mentor: User) -> QuestionVersion:
    """The second version of `published`, a draft with another prompt, other sources and one exemplar less."""
    content = make_content(
        prompt="When would you write a generator rather than a tuple?",
        exemplars=(),
        sources=(SourceContent("A newer tutorial"),),
    )
    return save_draft(question=published.question, content=content, author=mentor)


def compare(client: Client, version: QuestionVersion, **query: Any) -> Any:
    return client.get(reverse("compare_versions", args=[version.question_id]), query)


# --- Differences --------------------------------------------------------------------------------------------


def test_two_versions_are_compared_part_by_part(pages: Client, second: QuestionVersion) -> None:
    response = compare(pages, second, **{"from": 1, "to": 2})

    found = [(difference.label, difference.kind) for difference in response.context["differences"]]
    assert found == [
        ("Prompt", "changed"),
        ("Exemplar 1 (before)", "removed"),
        ("Source 1: title", "changed"),
        ("Source 1: address", "removed"),
    ]


def test_changed_words_are_marked_for_eye_and_ear(pages: Client, second: QuestionVersion) -> None:
    text = compare(pages, second).content.decode()

    hidden = '<span class="visually-hidden"> {} </span>'
    assert f"<del>{hidden.format('removed:')}list?{hidden.format('until here.')}</del>" in text
    assert f"<ins>{hidden.format('added:')}tuple?{hidden.format('until here.')}</ins>" in text


def test_without_a_choice_a_version_is_compared_with_the_one_before(
    pages: Client, second: QuestionVersion, mentor: User
) -> None:
    publish(version=second, actor=mentor, now=database_now())
    third = save_draft(question=second.question, content=make_content(), author=mentor)

    def chosen(**query: Any) -> tuple[int, int]:
        context = compare(pages, third, **query).context
        return context["old"].number, context["new"].number

    assert chosen() == (2, 3)
    assert chosen(to=2) == (1, 2)
    assert chosen(to=1) == (1, 1)
    assert chosen(**{"from": 1}) == (1, 3)
    assert chosen(**{"from": 3, "to": 1}) == (3, 1)


def test_versions_that_say_the_same_are_told_to(pages: Client, second: QuestionVersion, mentor: User) -> None:
    publish(version=second, actor=mentor, now=database_now())
    save_draft(question=second.question, content=make_content(), author=mentor)

    text = compare(pages, second, **{"from": 1, "to": 3}).content.decode()

    assert "Nothing differs: versions 1 and 3 say the same." in text


def test_one_version_has_nothing_to_be_compared_with(pages: Client, published: QuestionVersion) -> None:
    assert "There is only one version yet." in compare(pages, published).content.decode()


@pytest.mark.parametrize("query", [{"from": 7}, {"to": 0}, {"from": "one"}, {"to": "1' OR 1"}, {"to": "²"}])
def test_versions_that_do_not_exist_are_not_found(pages: Client, second: QuestionVersion, query: Any) -> None:
    assert compare(pages, second, **query).status_code == 404


def test_what_versions_say_is_compared_as_text(pages: Client, published: QuestionVersion, mentor: User) -> None:
    attack = "<script>alert(1)</script> {} {0} %s"
    save_draft(question=published.question, content=make_content(prompt=attack, title=attack), author=mentor)

    text = compare(pages, published).content.decode()

    assert "<script>alert" not in text
    assert "{} {0} %s" in text


@pytest.mark.parametrize("count", [1, 3])
def test_comparing_takes_the_same_number_of_queries_for_any_number_of_versions(
    pages: Client, mentor: User, published: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(2, count + 1):
        draft = save_draft(question=published.question, content=make_content(title=f"No {number}"), author=mentor)
        publish(version=draft, actor=mentor, now=database_now())

    with django_assert_num_queries(13):
        response = compare(pages, published)

    assert len(response.context["versions"]) == count


# --- History ------------------------------------------------------------------------------------------------


def test_the_history_says_who_did_what_and_why(
    pages: Client, mentor: User, other_mentor: User, without_the_bench: None
) -> None:
    draft = create_question(slug="written", topic=make_topic(), content=make_content(), author=mentor)
    workflow.submit(version=draft, actor=mentor)
    workflow.take_back(version=draft, actor=other_mentor, reason="Name the cost.")
    workflow.comment(version=draft, field="", text="Well.", author=other_mentor, now=database_now())
    workflow.resolve_comment(comment=draft.comments.get(), actor=mentor, now=database_now())
    workflow.submit(version=draft, actor=mentor)
    workflow.approve(version=draft, actor=other_mentor, now=database_now())
    audit(actor=None, action="regrade.apply", on=draft)

    text = " ".join(pages.get(reverse("question_history", args=[draft.question_id])).content.decode().split())

    deeds = [
        "<strong>Greenroom</strong> apply",
        "<strong>Other Mentor</strong> published version 1",
        "<strong>Mentor</strong> handed version 1 in for review",
        "<strong>Mentor</strong> resolved a comment on version 1",
        "<strong>Other Mentor</strong> commented on version 1",
        "<strong>Other Mentor</strong> asked for changes to version 1",
        "Name the cost.",
        "<strong>Mentor</strong> handed version 1 in for review",
    ]
    places = []
    for deed in deeds:
        places.append(text.index(deed, places[-1] + 1 if places else 0))
    assert places == sorted(places)


def test_another_questions_history_is_not_in_it(pages: Client, published: QuestionVersion, mentor: User) -> None:
    other = publish_question("another")
    workflow.retire(version=other, actor=mentor, reason="SECRETREASON")

    assert "SECRETREASON" not in pages.get(reverse("question_history", args=[published.question_id])).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_takes_the_same_number_of_queries_for_any_number_of_deeds(
    pages: Client, published: QuestionVersion, request: Any, django_assert_num_queries: Any, count: int
) -> None:
    for who in ("mentor", "other_mentor", "site_admin")[:count]:
        audit(actor=request.getfixturevalue(who), action="question.retire", on=published.question, version=1)

    with django_assert_num_queries(10):
        response = pages.get(reverse("question_history", args=[published.question_id]))

    assert response.context["page"].paginator.count == count + 1


def test_a_long_history_is_cut(pages: Client, published: QuestionVersion, mentor: User) -> None:
    for _ in range(HISTORY_PAGE):
        audit(actor=mentor, action="question.submit", on=published.question, version=1)

    question = pages.get(reverse("question_detail", args=[published.question_id]))
    history = reverse("question_history", args=[published.question_id])

    assert AuditEntry.objects.count() == HISTORY_PAGE + 1
    assert len(question.context["history"]) == HISTORY_SHORT
    assert history in question.content.decode()
    assert len(pages.get(history).context["page"]) == HISTORY_PAGE
    assert len(pages.get(history, {"page": 2}).context["page"]) == 1


@pytest.mark.parametrize("name", ["compare_versions", "question_history"])
@pytest.mark.parametrize("who", ["candidate", "outsider", "admin", "stranger"])
def test_people_who_are_no_mentors_read_neither(
    request: pytest.FixtureRequest, second: QuestionVersion, name: str, who: str
) -> None:
    response = client_of(request.getfixturevalue(who)).get(reverse(name, args=[second.question_id]))

    assert response.status_code == 403
    assert "generator" not in response.content.decode()
