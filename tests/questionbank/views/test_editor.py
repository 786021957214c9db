"""The editor's page: what it brings back, keeps and asks. What saving and refusing say is in test_views.py."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.models import User
from questionbank.models import EditorCopy, Question, QuestionVersion
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import save_draft
from questionbank.services.workflow import submit
from tests.conftest import client_of
from tests.factories import make_content, make_topic, make_track
from tests.questionbank.conftest import posted


@pytest.fixture
def pages(mentor: User) -> Client:
    return client_of(mentor)


@pytest.fixture
def draft(published: QuestionVersion) -> QuestionVersion:
    """The second version of `published`, still being written."""
    return save_draft(question=published.question, content=make_content(title="The draft"), author=None)


def at(name: str, version: QuestionVersion) -> str:
    return reverse(name, args=[version.question_id])


def based_on(response: HttpResponse) -> dict[str, str]:
    """Return what the page is based on, as its form sends it."""
    found = re.findall(r'name="(seen|page|took)"\s+value="([^"]*)"', response.content.decode())
    return dict(found)


def autosave(client: Client, version: QuestionVersion | None, page: HttpResponse, **changes: Any) -> dict[str, str]:
    """Send the form as the script of page does; return the answer with its status."""
    address = at("autosave_question", version) if version else reverse("autosave_new_question")
    response = client.post(address, {**posted(make_content(title="Typed"), **based_on(page)), **changes})
    return {"status": response.status_code, **json.loads(response.content)}


def titles(version: QuestionVersion) -> list[tuple[str, str]]:
    found = QuestionVersion.objects.filter(question=version.question_id).order_by("number")
    return list(found.values_list("state", "title"))


# --- While it is typed --------------------------------------------------------------------------------------


def test_what_is_typed_goes_into_the_draft(pages: Client, draft: QuestionVersion, mentor: User) -> None:
    answer = autosave(pages, draft, pages.get(at("edit_question", draft)))

    assert (answer["status"], answer["kept"]) == (200, "draft")
    assert answer["seen"] == make_content(title="Typed").content_hash
    assert titles(draft) == [("published", "Generators versus lists"), ("draft", "Typed")]
    assert QuestionVersion.objects.get(pk=draft.pk).author == mentor


def test_what_is_not_complete_is_brought_back_as_it_was_typed(pages: Client, draft: QuestionVersion) -> None:
    answer = autosave(pages, draft, pages.get(at("edit_question", draft)), title="", minutes="fi")

    page = pages.get(at("edit_question", draft))

    assert (answer["status"], answer["kept"]) == (200, "copy")
    assert "Brought back what you typed at" in page.content.decode()
    forms = page.context["forms"]
    assert (forms.version["title"].value(), forms.version["minutes"].value()) == ("", "fi")
    assert based_on(page)["seen"] == draft.content_hash
    assert page.context["faults"] == []
    assert titles(draft)[1] == ("draft", "The draft")


def test_a_page_that_brought_a_copy_back_saves_it(pages: Client, draft: QuestionVersion) -> None:
    autosave(pages, draft, pages.get(at("edit_question", draft)), title="")
    page = pages.get(at("edit_question", draft))

    response = pages.post(at("edit_question", draft), {**posted(make_content(title="Whole")), **based_on(page)})

    assert response.status_code == 302
    assert titles(draft)[1] == ("draft", "Whole")
    assert not EditorCopy.objects.exists()


def test_a_new_question_is_brought_back_with_its_topic(pages: Client) -> None:
    topic = make_topic()
    autosave(pages, None, pages.get(reverse("new_question")), topic=topic.pk)

    page = pages.get(reverse("new_question"))

    assert 'value="Typed"' in page.content.decode()
    assert f'<option value="{topic.pk}" selected>' in page.content.decode()
    assert not Question.objects.exists()


def test_saving_a_new_question_forgets_its_copy(pages: Client) -> None:
    autosave(pages, None, pages.get(reverse("new_question")))
    page = pages.get(reverse("new_question"))

    pages.post(reverse("new_question"), {**posted(make_content(), topic=make_topic().pk), **based_on(page)})

    assert Question.objects.count() == 1
    assert not EditorCopy.objects.exists()


def test_a_copy_can_be_dropped(pages: Client, draft: QuestionVersion) -> None:
    autosave(pages, draft, pages.get(at("edit_question", draft)), title="")

    response = pages.post(at("drop_copy", draft))

    assert response["Location"] == at("edit_question", draft)
    assert pages.get(response["Location"]).context["forms"].version["title"].value() == "The draft"


def test_what_belongs_to_the_bench_or_to_the_page_is_no_part_of_a_copy(pages: Client) -> None:
    autosave(pages, None, pages.get(reverse("new_question")), **{"bench-text": "An answer.", "over": "x"})

    kept = EditorCopy.objects.get().data
    assert {
        name for name in kept if name.startswith("bench-") or name in ("over", "seen", "csrfmiddlewaretoken")
    } == set()


def test_nobody_is_shown_the_copy_of_another_mentor(pages: Client, other_mentor: User, draft: QuestionVersion) -> None:
    autosave(pages, draft, pages.get(at("edit_question", draft)), title="", prompt="CANARYTYPED")

    text = client_of(other_mentor).get(at("edit_question", draft)).content.decode()

    assert "CANARYTYPED" not in text
    assert "Brought back" not in text


@pytest.mark.parametrize("sent", [{}, {"key_points-TOTAL_FORMS": "-1"}, {"page": "x" * 5000}])
def test_nonsense_is_kept_without_harm(pages: Client, draft: QuestionVersion, sent: dict[str, str]) -> None:
    response = pages.post(at("autosave_question", draft), sent)

    assert (response.status_code, response.json()["kept"]) == (200, "copy")
    assert pages.get(at("edit_question", draft)).status_code == 200


# --- Two mentors --------------------------------------------------------------------------------------------


def test_a_draft_that_has_changed_is_not_written_over_as_one_types(
    pages: Client, other_mentor: User, draft: QuestionVersion
) -> None:
    page = pages.get(at("edit_question", draft))
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor)

    answer = autosave(pages, draft, page)

    assert (answer["status"], answer["kept"]) == (409, "changed")
    assert titles(draft)[1] == ("draft", "Theirs")
    opened = pages.get(at("edit_question", draft))
    assert "Other Mentor has changed this draft" in opened.content.decode()
    assert [(d.old, d.new) for d in opened.context["clash"].found] == [("Theirs", "Typed")]


def test_whoever_takes_theirs_has_their_own_aside_until_it_is_dropped(
    pages: Client, other_mentor: User, draft: QuestionVersion
) -> None:
    page = pages.get(at("edit_question", draft))
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor)
    pages.post(at("edit_question", draft), {**posted(make_content(title="Mine")), **based_on(page)})

    theirs = pages.get(at("edit_question", draft) + "?theirs")
    assert theirs.context["forms"].version["title"].value() == "Theirs"
    assert "is kept aside" in theirs.content.decode()
    pages.post(at("edit_question", draft), {**posted(make_content(title="Theirs, mended")), **based_on(theirs)})

    assert titles(draft)[1] == ("draft", "Theirs, mended")
    again = pages.get(at("edit_question", draft))
    assert again.context["forms"].version["title"].value() == "Mine"
    pages.post(at("drop_copy", draft))
    assert pages.get(at("edit_question", draft)).context["forms"].version["title"].value() == "Theirs, mended"


def test_keeping_mine_writes_over_the_draft_that_was_shown_and_no_later_one(
    pages: Client, other_mentor: User, draft: QuestionVersion
) -> None:
    mine = {**posted(make_content(title="Mine")), **based_on(pages.get(at("edit_question", draft)))}
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor)
    clash = pages.post(at("edit_question", draft), mine).context["clash"]
    save_draft(question=draft.question, content=make_content(title="Theirs again"), author=other_mentor)

    too_late = pages.post(at("edit_question", draft), {**mine, "over": clash.hash})
    in_time = pages.post(at("edit_question", draft), {**mine, "over": too_late.context["clash"].hash})

    assert (too_late.status_code, in_time.status_code) == (409, 302)
    assert titles(draft)[1] == ("draft", "Mine")
    assert not EditorCopy.objects.exists()


# --- The topic ----------------------------------------------------------------------------------------------


def change_topic(client: Client, version: QuestionVersion, page: HttpResponse, **changes: Any) -> Any:
    """Press the button beside the form, which sends the form along."""
    sent = {**posted(make_content(title="Typed")), **based_on(page), "topic": make_topic("sql").pk, **changes}
    return client.post(at("change_topic", version), sent, follow=True)


def test_the_topic_is_changed_beside_the_form_and_what_is_typed_is_kept(pages: Client, draft: QuestionVersion) -> None:
    page = pages.get(at("edit_question", draft))

    back = change_topic(pages, draft, page)

    assert "The question is under Sql now, with all its versions." in back.content.decode()
    assert Question.objects.get(pk=draft.question_id).topic == make_topic("sql")
    assert titles(draft)[1] == ("draft", "Typed")
    assert "moved the question from Python to Sql" in pages.get(at("question_detail", draft)).content.decode()


def test_what_is_typed_and_cannot_be_kept_stays_on_the_page(pages: Client, draft: QuestionVersion) -> None:
    page, other = pages.get(at("edit_question", draft)), pages.get(at("edit_question", draft))
    autosave(pages, draft, other, title="")

    back = change_topic(pages, draft, page, minutes="many")

    assert back.redirect_chain == []
    assert 'value="many"' in back.content.decode()


@pytest.mark.parametrize("topic", ["", "0", "x"])
def test_a_topic_that_is_none_changes_nothing(pages: Client, draft: QuestionVersion, topic: str) -> None:
    back = change_topic(pages, draft, pages.get(at("edit_question", draft)), topic=topic)

    assert "The topic stays as it was" in back.content.decode()
    assert Question.objects.get(pk=draft.question_id).topic == make_topic()


def test_a_topic_that_a_track_needs_the_question_in_stays(pages: Client, draft: QuestionVersion) -> None:
    make_track(make_topic())

    back = change_topic(pages, draft, pages.get(at("edit_question", draft)))

    assert "nobody could start “Taster” without this question" in back.content.decode()
    assert titles(draft)[1] == ("draft", "Typed")


# --- In review ----------------------------------------------------------------------------------------------


def test_a_version_in_review_is_not_edited(pages: Client, draft: QuestionVersion, mentor: User) -> None:
    page = pages.get(at("edit_question", draft))
    submit(version=draft, actor=mentor)

    closed = pages.get(at("edit_question", draft))
    refused = pages.post(at("edit_question", draft), {**posted(make_content(title="Late")), **based_on(page)})
    answer = autosave(pages, draft, page)

    assert "Version 2 is in review" in closed.content.decode()
    assert 'id="version-form"' not in closed.content.decode()
    assert refused.status_code == 409
    assert 'value="Late"' in refused.content.decode()
    assert (answer["status"], answer["kept"]) == (409, "in_review")
    assert titles(draft)[1] == ("in_review", "The draft")


def test_handing_in_saves_first(pages: Client, draft: QuestionVersion) -> None:
    page = pages.get(at("edit_question", draft))

    pages.post(at("edit_question", draft), {**posted(make_content(title="Ready")), **based_on(page), "hand_in": ""})

    assert titles(draft)[1] == ("in_review", "Ready")


# --- The page itself ----------------------------------------------------------------------------------------


def test_the_preview_is_what_candidates_would_see(pages: Client) -> None:
    attack = "Why `x`? <script>alert(1)</script><img src=x onerror=alert(1)> **now**"

    response = pages.post(reverse("preview_prompt"), {"prompt": attack})

    assert response.content.decode() == "<p>Why <code>x</code>?  <strong>now</strong></p>"


def test_every_error_links_to_its_field(pages: Client, draft: QuestionVersion) -> None:
    wrong = {"title": "", "key_points-1-claim": "", "exemplars-0-score": "101", "key_points-0-ORDER": "2"}
    text = pages.post(at("edit_question", draft), posted(make_content(), **wrong)).content.decode()

    anchors = re.findall(r'<li>\s*<a href="#([^"]+)"', text)
    assert anchors == ["id_title", "id_key_points-1-claim", "id_exemplars-0-score"]
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in text] == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_editor_takes_the_same_number_of_queries_for_any_number_of_exemplars(
    pages: Client, draft: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    (strong,) = make_content().exemplars
    exemplars = tuple(type(strong)(f"e{n}", "strong", f"Text {n}", 90, strong.marks) for n in range(count))
    save_draft(question=draft.question, content=make_content(exemplars=exemplars), author=None)

    with django_assert_num_queries(14):
        page = pages.get(at("edit_question", draft))

    assert len(page.context["forms"].exemplars.forms) == count


def test_the_editor_keeps_what_it_does_not_show(pages: Client, draft: QuestionVersion) -> None:
    page = pages.get(at("edit_question", draft))

    pages.post(at("edit_question", draft), {**posted(make_content(title="The draft")), **based_on(page)})

    assert content_of(with_parts(QuestionVersion.objects.filter(pk=draft.pk)).get()) == make_content(title="The draft")
