"""The page of a version on its way to publication: what mentors can do there, and what they are told."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.clock import database_now
from people.models import Role, User
from questionbank.models import QuestionVersion, VersionComment
from questionbank.services import workflow
from questionbank.services.versions import create_question, publish, save_draft
from tests.conftest import client_of
from tests.factories import MembershipFactory, make_content, make_topic, make_track

pytestmark = pytest.mark.usefixtures("without_the_bench")


@pytest.fixture
def draft(mentor: User) -> QuestionVersion:
    """The first version of a question, written by `mentor`."""
    return create_question(slug="written", topic=make_topic(), content=make_content(), author=mentor)


@pytest.fixture
def in_review(draft: QuestionVersion, mentor: User) -> QuestionVersion:
    return workflow.submit(version=draft, actor=mentor)


@pytest.fixture
def author(mentor: User) -> Client:
    """The browser of `mentor`, who wrote the version."""
    return client_of(mentor)


@pytest.fixture
def reviewer(other_mentor: User) -> Client:
    """The browser of `other_mentor`, who reads it."""
    return client_of(other_mentor)


def address(name: str, version: QuestionVersion) -> str:
    return reverse(name, args=[version.question_id, version.number])


def page(client: Client, version: QuestionVersion) -> str:
    return client.get(address("question_version", version)).content.decode()


def state(version: QuestionVersion) -> str:
    return QuestionVersion.objects.get(pk=version.pk).state


def notices(response: HttpResponse) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def say(version: QuestionVersion, author: User, field: str = "prompt", text: str = "Too vague.") -> VersionComment:
    return workflow.comment(version=version, field=field, text=text, author=author, now=database_now())


# --- From hand to hand --------------------------------------------------------------------------------------


def test_handing_in_from_the_page(author: Client, draft: QuestionVersion) -> None:
    response = author.post(address("hand_in_version", draft), {"seen_content": draft.content_hash})

    assert response["Location"] == address("question_version", draft)
    assert state(draft) == "in_review"
    assert notices(response) == [("success", "Version 1 is handed in. Another mentor reads it and publishes it.")]


def test_handing_in_what_another_mentor_has_changed_is_refused(
    author: Client, draft: QuestionVersion, other_mentor: User
) -> None:
    seen = draft.content_hash
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor)

    response = author.post(address("hand_in_version", draft), {"seen_content": seen})

    assert state(draft) == "draft"
    assert notices(response) == [("error", "Version 1 has changed meanwhile. Read it again first.")]


def test_handing_in_twice_does_it_once_and_says_so(author: Client, draft: QuestionVersion) -> None:
    _, second = (author.post(address("hand_in_version", draft)) for _ in range(2))

    assert notices(second)[1:] == [("error", "Nothing was done: version 1 is in review by now.")]
    assert state(draft) == "in_review"


def test_the_author_sees_that_it_waits_and_can_take_it_back(
    author: Client, in_review: QuestionVersion, other_mentor: User
) -> None:
    text = page(author, in_review)

    assert "Your version waits for another mentor" in text
    assert "Approve and publish" not in text
    response = author.post(address("take_back_version", in_review))
    assert (state(in_review), notices(response)) == ("draft", [("success", "Version 1 is a draft again.")])


def test_what_is_in_review_is_not_offered_for_writing(reviewer: Client, in_review: QuestionVersion) -> None:
    assert reverse("edit_question", args=[in_review.question_id]) not in page(reviewer, in_review)


def test_another_mentor_approves_and_it_is_published(
    reviewer: Client, in_review: QuestionVersion, other_mentor: User
) -> None:
    assert "Approve and publish" in page(reviewer, in_review)

    response = reviewer.post(address("approve_version", in_review), {"seen_content": in_review.content_hash})

    assert (state(in_review), notices(response)) == (
        "published",
        [("success", "Version 1 is published. Interviews that start now ask it.")],
    )
    assert QuestionVersion.objects.get(pk=in_review.pk).published_by == other_mentor


def test_approving_what_was_changed_meanwhile_is_refused(
    reviewer: Client, in_review: QuestionVersion, mentor: User
) -> None:
    seen = in_review.content_hash
    workflow.take_back(version=in_review, actor=mentor)
    save_draft(question=in_review.question, content=make_content(title="Mended"), author=mentor)
    workflow.submit(version=in_review, actor=mentor)

    response = reviewer.post(address("approve_version", in_review), {"seen_content": seen})

    assert state(in_review) == "in_review"
    assert notices(response) == [("error", "Version 1 has changed meanwhile. Read it again first.")]


def test_the_only_mentor_is_told_that_they_may_approve_their_own(author: Client, in_review: QuestionVersion) -> None:
    assert "there is no other mentor here to read it" in page(author, in_review)

    author.post(address("approve_version", in_review))

    assert state(in_review) == "published"
    assert "published version 1, their own: there was no other mentor" in page(author, in_review)


def test_an_author_with_colleagues_cannot_approve(
    author: Client, in_review: QuestionVersion, other_mentor: User
) -> None:
    response = author.post(address("approve_version", in_review))

    assert state(in_review) == "in_review"
    assert notices(response) == [("error", "Another mentor has to approve what you have written.")]


def test_asking_for_changes_tells_the_author_what(
    author: Client, reviewer: Client, in_review: QuestionVersion
) -> None:
    response = reviewer.post(address("take_back_version", in_review), {"reason": "Name the <b>cost</b>."})

    assert notices(response) == [("success", "Version 1 is back with its author, with what you ask for.")]
    text = page(author, in_review)
    assert "Other Mentor asked for changes on" in text
    assert "Name the &lt;b&gt;cost&lt;/b&gt;." in text
    assert "Go on with the draft" in text


def test_after_changes_are_asked_for_writing_comes_first_until_the_draft_has_changed(
    author: Client, in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    workflow.take_back(version=in_review, actor=other_mentor, reason="Name the cost.")
    go_on = (
        f'<a class="button" href="{reverse("edit_question", args=[in_review.question_id])}">Go on with the draft</a>'
    )
    hand_in = '<button class="button{}" type="submit">Hand in for review</button>'

    asked = " ".join(page(author, in_review).split())
    save_draft(question=in_review.question, content=make_content(title="Mended"), author=mentor)
    mended = " ".join(page(author, in_review).split())

    assert (go_on in asked, hand_in.format(" button--quiet") in asked) == (True, True)
    assert (go_on in mended, hand_in.format("") in mended, "Go on with the draft" in mended) == (False, True, True)


def test_what_was_asked_for_is_not_repeated_once_it_is_handed_in_again(
    author: Client, in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    workflow.take_back(version=in_review, actor=other_mentor, reason="Name the cost.")
    workflow.submit(version=in_review, actor=mentor)

    assert author.get(address("question_version", in_review)).context["asked_for"] is None


def test_asking_for_changes_without_saying_which_is_shown_again(reviewer: Client, in_review: QuestionVersion) -> None:
    response = reviewer.post(address("take_back_version", in_review), {"reason": "  "})

    text = response.content.decode()
    assert (response.status_code, state(in_review)) == (400, "in_review")
    assert "Say what should change, in words for the author." in text
    assert 'aria-describedby="reason-error"' in text


def test_a_reason_that_comes_too_late_is_not_lost(reviewer: Client, in_review: QuestionVersion, mentor: User) -> None:
    workflow.take_back(version=in_review, actor=mentor)

    response = reviewer.post(address("take_back_version", in_review), {"reason": "A long and careful reason."})

    text = response.content.decode()
    assert response.status_code == 400
    assert "Nothing was done: version 1 is draft by now." in text
    assert "A long and careful reason." in text


def test_a_listener_that_objects_is_quoted(
    reviewer: Client, in_review: QuestionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.exceptions import ValidationError

    from questionbank.signals import publishing

    def object_to(**_: Any) -> None:
        raise ValidationError("Strong and half answers score alike.")

    publishing.connect(object_to, weak=False)

    response = reviewer.post(address("approve_version", in_review))

    assert state(in_review) == "in_review"
    assert notices(response) == [("error", "Strong and half answers score alike.")]


# --- Retiring -----------------------------------------------------------------------------------------------


def test_retiring_asks_why_and_says_which_tracks_fall_short(reviewer: Client, published: QuestionVersion) -> None:
    make_track(published.question.topic)
    assert "Nobody could start this track until another question is published:" in page(reviewer, published)

    refused = reviewer.post(address("retire_version", published), {"reason": ""})
    response = reviewer.post(address("retire_version", published), {"reason": "Out of date."})

    assert refused.status_code == 400
    assert "Say why, for the mentors who come across it later." in refused.content.decode()
    assert state(published) == "retired"
    assert notices(response) == [("success", "Version 1 is retired. No new interview asks this question.")]
    assert page(reviewer, published).count("Out of date.") == 2  # beside its state, and in the history


def test_a_retired_question_opens_at_its_newest_version(
    reviewer: Client, published: QuestionVersion, mentor: User
) -> None:
    workflow.retire(version=published, actor=mentor, reason="Out of date.")

    response = reviewer.get(reverse("question_detail", args=[published.question_id]))

    assert response.context["version"] == published
    assert "Write the next version" in response.content.decode()


# --- Comments -----------------------------------------------------------------------------------------------


def test_a_comment_stands_beside_its_part_until_it_is_resolved(
    author: Client, reviewer: Client, in_review: QuestionVersion
) -> None:
    written = reviewer.post(
        address("comment_version", in_review), {"field": "key_points.lazy", "text": "Lazy <i>how</i>?"}
    )
    comment = VersionComment.objects.get()

    assert written["Location"] == f"{address('question_version', in_review)}#on-key_points.lazy"
    text = page(author, in_review)
    place = text.index('id="on-key_points.lazy"')
    assert place < text.index("Lazy &lt;i&gt;how&lt;/i&gt;?") < text.index('id="on-key_points.memory"')
    assert "1 comment is open. Resolve it first, then approve." in page(reviewer, in_review)
    assert "Approve and publish" not in page(reviewer, in_review)

    resolved = author.post(reverse("resolve_comment", args=[in_review.question_id, comment.pk]))

    assert resolved["Location"] == f"{address('question_version', in_review)}#on-key_points.lazy"
    assert "Resolved by Mentor on" in page(reviewer, in_review)
    assert "Approve and publish" in page(reviewer, in_review)


@pytest.mark.parametrize(("text", "message"), [(" ", "Write a comment."), ("x" * 4001, "at most 4000 characters")])
def test_a_comment_that_cannot_be_taken_is_shown_again_in_its_place(
    reviewer: Client, in_review: QuestionVersion, text: str, message: str
) -> None:
    response = reviewer.post(address("comment_version", in_review), {"field": "prompt", "text": text})

    shown = response.content.decode()
    assert response.status_code == 400
    assert shown.count('aria-invalid="true"') == 1
    assert shown.index('id="on-prompt-error"') > shown.index('id="on-prompt"')
    assert message in shown
    assert text.strip() in shown
    assert not VersionComment.objects.exists()


def test_a_comment_on_a_part_that_has_gone_meanwhile_is_not_lost(reviewer: Client, in_review: QuestionVersion) -> None:
    response = reviewer.post(
        address("comment_version", in_review), {"field": "key_points.gone", "text": "What I thought of it."}
    )

    assert response.status_code == 400
    assert "The part that you comment on is gone." in response.content.decode()
    assert "What I thought of it." in response.content.decode()


def test_a_comment_on_a_part_that_the_author_took_away_is_still_shown(
    author: Client, in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    say(in_review, other_mentor, "key_points.once", "Is this so?")
    workflow.take_back(version=in_review, actor=mentor)
    shorter = make_content(key_points=make_content().key_points[:2], exemplars=())
    save_draft(question=in_review.question, content=shorter, author=mentor)

    text = page(author, in_review)

    assert text.index('id="on-gone"') < text.index("Is this so?")


def test_a_comment_of_another_question_is_not_found(
    author: Client, in_review: QuestionVersion, published: QuestionVersion, other_mentor: User
) -> None:
    comment = say(in_review, other_mentor)

    for args in ([published.question_id, comment.pk], [in_review.question_id, 10**30]):
        assert author.post(reverse("resolve_comment", args=args)).status_code == 404

    comment.refresh_from_db()
    assert comment.resolved_at is None


def test_a_published_version_keeps_its_resolved_comments_and_takes_no_more(
    reviewer: Client, in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    comment = say(in_review, other_mentor, "references.0", "Say it shorter.")
    workflow.resolve_comment(comment=comment, actor=mentor, now=database_now())
    workflow.approve(version=in_review, actor=other_mentor, now=database_now())

    text = page(reviewer, in_review)

    assert "Say it shorter." in text
    assert "Save the comment" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_a_version_takes_the_same_number_of_queries_for_any_number_of_comments(
    reviewer: Client, in_review: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        somebody = MembershipFactory(role=Role.MENTOR).user
        comment = say(in_review, somebody, text=f"Comment {number}.")
        resolved = say(in_review, somebody, "key_points.lazy")
        workflow.resolve_comment(comment=resolved, actor=comment.author, now=database_now())

    with django_assert_num_queries(20):
        response = reviewer.get(address("question_version", in_review))

    assert response.context["waiting"] == count


# --- Who may do it ------------------------------------------------------------------------------------------

DEEDS = ["hand_in_version", "take_back_version", "approve_version", "retire_version", "comment_version"]


@pytest.mark.parametrize("who", ["candidate", "outsider", "admin", "stranger"])
@pytest.mark.parametrize("name", DEEDS)
def test_people_who_are_no_mentors_do_nothing_and_read_nothing(
    request: pytest.FixtureRequest, in_review: QuestionVersion, name: str, who: str
) -> None:
    client = client_of(request.getfixturevalue(who))

    response = client.post(address(name, in_review), {"reason": "Mine.", "text": "Mine.", "field": ""})

    assert response.status_code == 403
    assert "CANARY" not in response.content.decode()
    assert (state(in_review), VersionComment.objects.count()) == ("in_review", 0)


@pytest.mark.parametrize("name", DEEDS)
def test_a_version_that_does_not_exist_is_not_found(author: Client, draft: QuestionVersion, name: str) -> None:
    for number in (0, 2, 10**12):
        assert author.post(reverse(name, args=[draft.question_id, number])).status_code == 404
    assert author.get(address(name, draft)).status_code == 405


# --- How far it is ------------------------------------------------------------------------------------------


def steps(client: Client, version: QuestionVersion) -> list[tuple[str, str, str]]:
    """Return the steps of a version's page: state, whether it is reached, by whom."""
    shown = client.get(address("question_version", version)).context["steps"]
    return [(step.label, step.when, step.by.display_name if step.by else step.why) for step in shown]


def test_the_page_says_how_far_a_version_is_and_through_whose_hands(
    author: Client, in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    assert steps(author, in_review) == [
        ("Draft", "past", "Mentor"),
        ("In review", "now", "Mentor"),
        ("Published", "ahead", ""),
        ("Retired", "ahead", ""),
    ]

    workflow.approve(version=in_review, actor=other_mentor, now=database_now())
    second = save_draft(question=in_review.question, content=make_content(title="Second"), author=other_mentor)
    publish(version=second, actor=mentor, now=database_now())

    assert steps(author, in_review)[2:] == [("Published", "past", "Other Mentor"), ("Retired", "now", "Mentor")]
    assert "Version 2 took its place." in page(author, in_review)
    assert steps(author, second)[1] == ("In review", "past", "Published without a review.")
