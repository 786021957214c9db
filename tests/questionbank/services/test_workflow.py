"""The way of a version: handed in, commented on, taken back, approved, retired; and mentors who meet on it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from interview.models import Interview
from people.clock import database_now
from people.models import AuditEntry, Role, User
from questionbank.models import PARTS_OF_A_VERSION, Question, QuestionVersion, VersionComment, VersionState
from questionbank.selectors import content_of, with_parts
from questionbank.services import workflow
from questionbank.services.versions import DraftChanged, create_question, discard_draft, publish, save_draft
from questionbank.signals import handed_in, publishing
from tests.factories import (
    MembershipFactory,
    UserFactory,
    make_content,
    make_interview,
    make_topic,
    make_track,
    publish_question,
)
from tests.races import outcomes, race

pytestmark = pytest.mark.usefixtures("without_the_bench")


@pytest.fixture
def draft(mentor: User) -> QuestionVersion:
    """The first version of a question, written by `mentor`."""
    return create_question(slug="written", topic=make_topic(), content=make_content(), author=mentor)


@pytest.fixture
def in_review(draft: QuestionVersion, mentor: User) -> QuestionVersion:
    return workflow.submit(version=draft, actor=mentor)


def states(version: QuestionVersion) -> list[tuple[int, str]]:
    versions = QuestionVersion.objects.filter(question=version.question_id)
    return list(versions.order_by("number").values_list("number", "state"))


def deeds(version: QuestionVersion) -> list[tuple[str, User | None, dict[str, Any]]]:
    """Return what the audit log says of the question: who did what, with which detail."""
    entries = AuditEntry.objects.filter(object_type="questionbank.question", object_id=str(version.question_id))
    return [(entry.action.removeprefix("question."), entry.actor, entry.detail) for entry in entries.order_by("pk")]


def say(version: QuestionVersion, author: User, field: str = "prompt", text: str = "Too vague.") -> VersionComment:
    return workflow.comment(version=version, field=field, text=text, author=author, now=database_now())


def approve(version: QuestionVersion, actor: User, **more: Any) -> QuestionVersion:
    return workflow.approve(version=version, actor=actor, now=database_now(), **more)


# --- Handing in ---------------------------------------------------------------------------------------------


def test_submit_puts_a_draft_into_review_and_writes_it_down(draft: QuestionVersion, mentor: User) -> None:
    version = workflow.submit(version=draft, actor=mentor, expected_hash=draft.content_hash)

    assert version.state == VersionState.IN_REVIEW
    assert states(draft) == [(1, "in_review")]
    assert deeds(draft) == [("submit", mentor, {"version": 1})]


def test_submit_tells_those_who_listen_once_the_state_has_changed(draft: QuestionVersion, mentor: User) -> None:
    heard: list[tuple[QuestionVersion, list[tuple[int, str]]]] = []

    def listen(version: QuestionVersion, **_: Any) -> None:
        heard.append((version, states(version)))

    handed_in.connect(listen)
    try:
        workflow.submit(version=draft, actor=mentor)
    finally:
        handed_in.disconnect(listen)

    assert heard == [(draft, [(1, "in_review")])]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"prompt": "  "}, "a prompt"),
        ({"references": (" ",)}, "a reference answer"),
        ({"references": ()}, "a reference answer"),
        ({"key_points": (), "misconceptions": (), "exemplars": ()}, "a key point"),
        (
            {"prompt": "", "references": (), "key_points": (), "misconceptions": (), "exemplars": ()},
            "a prompt and a reference answer and a key point",
        ),
    ],
)
def test_submit_refuses_what_is_not_complete_and_says_what_is_missing(
    mentor: User, changes: dict[str, Any], missing: str
) -> None:
    content = make_content(**changes)
    draft = create_question(slug="half", topic=make_topic(), content=content, author=mentor)

    with pytest.raises(ValidationError, match=f"It still needs {missing}."):
        workflow.submit(version=draft, actor=mentor)

    assert (states(draft), deeds(draft)) == ([(1, "draft")], [])


def test_submit_refuses_a_draft_that_another_mentor_has_changed(
    draft: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    seen = draft.content_hash
    save_draft(question=draft.question, content=make_content(title="Theirs"), author=other_mentor)

    with pytest.raises(DraftChanged, match="Version 1 has changed meanwhile"):
        workflow.submit(version=draft, actor=mentor, expected_hash=seen)

    assert states(draft) == [(1, "draft")]


def test_submit_refuses_what_is_handed_in_published_or_discarded(
    draft: QuestionVersion, mentor: User, published: QuestionVersion
) -> None:
    gone = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)
    discard_draft(question=gone.question, actor=mentor)

    with pytest.raises(ValidationError, match="version 1 is published by now"):
        workflow.submit(version=published, actor=mentor)
    with pytest.raises(ValidationError, match="has discarded this version"):
        workflow.submit(version=gone, actor=mentor)


# --- In review nothing changes ------------------------------------------------------------------------------


def test_what_is_in_review_keeps_what_it_says(in_review: QuestionVersion, other_mentor: User) -> None:
    with pytest.raises(ValidationError, match="Version 1 is in review"):
        save_draft(question=in_review.question, content=make_content(title="Changed"), author=other_mentor)
    with pytest.raises(ValidationError, match="There is no draft any more"):
        discard_draft(question=in_review.question, actor=other_mentor)

    assert content_of(with_parts(QuestionVersion.objects.all()).get(pk=in_review.pk)) == make_content()


@pytest.mark.parametrize("field", ["title", "prompt", "content_hash"])
@pytest.mark.parametrize("state", ["in_review", "published", "retired"])
def test_the_database_refuses_changes_to_a_version_that_is_no_draft(
    in_review: QuestionVersion, other_mentor: User, state: str, field: str
) -> None:
    if state != "in_review":
        approve(in_review, other_mentor)
    if state == "retired":
        workflow.retire(version=in_review, actor=other_mentor, reason="Out of date.")

    with pytest.raises(DatabaseError, match=f"is {state} and cannot be changed"), transaction.atomic():
        QuestionVersion.objects.filter(pk=in_review.pk).update(**{field: "changed"})


@pytest.mark.parametrize("part", PARTS_OF_A_VERSION, ids=lambda part: part.__name__)
def test_the_database_refuses_changes_to_the_parts_of_a_version_in_review(
    in_review: QuestionVersion, part: Any
) -> None:
    assert part.objects.filter(version=in_review).exists()

    with pytest.raises(DatabaseError, match="of a in_review version: DELETE refused"), transaction.atomic():
        part.objects.filter(version=in_review).delete()


# --- Taking back --------------------------------------------------------------------------------------------


def test_the_author_takes_a_version_back_for_no_reason(in_review: QuestionVersion, mentor: User) -> None:
    workflow.take_back(version=in_review, actor=mentor)

    assert states(in_review) == [(1, "draft")]
    assert deeds(in_review)[-1] == ("take_back", mentor, {"version": 1})


def test_another_mentor_asks_for_changes_and_says_which(in_review: QuestionVersion, other_mentor: User) -> None:
    workflow.take_back(version=in_review, actor=other_mentor, reason=" Name the cost. ")

    assert states(in_review) == [(1, "draft")]
    read = in_review.content_hash
    said = {"version": 1, "reason": "Name the cost.", "content": read}
    assert deeds(in_review)[-1] == ("ask_changes", other_mentor, said)


def test_another_mentor_cannot_give_it_back_without_a_reason(in_review: QuestionVersion, other_mentor: User) -> None:
    with pytest.raises(ValidationError, match="Say what should change"):
        workflow.take_back(version=in_review, actor=other_mentor, reason="  ")

    assert states(in_review) == [(1, "in_review")]


def test_changes_are_not_asked_of_a_version_that_was_handed_in_anew(
    in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    seen = in_review.content_hash
    workflow.take_back(version=in_review, actor=mentor)
    save_draft(question=in_review.question, content=make_content(title="Mended"), author=mentor)
    workflow.submit(version=in_review, actor=mentor)

    with pytest.raises(DraftChanged):
        workflow.take_back(version=in_review, actor=other_mentor, reason="Mend it.", expected_hash=seen)
    with pytest.raises(DraftChanged):
        approve(in_review, other_mentor, expected_hash=seen)

    assert states(in_review) == [(1, "in_review")]


def test_a_draft_or_a_published_version_cannot_be_taken_back(
    draft: QuestionVersion, published: QuestionVersion, mentor: User
) -> None:
    for version in (draft, published):
        with pytest.raises(ValidationError, match="Nothing was done"):
            workflow.take_back(version=version, actor=mentor, reason="Wrong.")


# --- Approving ----------------------------------------------------------------------------------------------


def test_approve_publishes_what_another_mentor_has_written(in_review: QuestionVersion, other_mentor: User) -> None:
    now = database_now()

    version = workflow.approve(version=in_review, actor=other_mentor, now=now, expected_hash=in_review.content_hash)

    assert (version.state, version.published_by, version.published_at) == ("published", other_mentor, now)
    assert deeds(in_review)[-1] == ("publish", other_mentor, {"version": 1})


def test_approve_retires_the_version_before_and_says_so(
    published: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    second = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)
    workflow.submit(version=second, actor=mentor)

    approve(second, other_mentor)

    assert states(second) == [(1, "retired"), (2, "published")]
    assert deeds(second)[-1] == ("publish", other_mentor, {"version": 2, "replaces": 1})


def test_approve_refuses_the_author_while_another_mentor_could(
    in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    with pytest.raises(ValidationError, match="Another mentor has to approve"):
        approve(in_review, mentor)

    assert states(in_review) == [(1, "in_review")]


def _inactive(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


ALONE: dict[str, Callable[[], Any]] = {
    "nobody else": lambda: None,
    "a candidate": lambda: MembershipFactory(role=Role.CANDIDATE),
    "an admin of a cohort": lambda: MembershipFactory(role=Role.ADMIN),
    "a mentor who cannot log in": lambda: _inactive(MembershipFactory(role=Role.MENTOR).user),
}
NOT_ALONE: dict[str, Callable[[], Any]] = {
    "a mentor of another cohort": lambda: MembershipFactory(role=Role.MENTOR),
    "a site admin": lambda: UserFactory(is_superuser=True),
}


@pytest.mark.parametrize("others", ALONE)
def test_the_only_mentor_approves_their_own_and_the_log_says_so(
    in_review: QuestionVersion, mentor: User, others: str
) -> None:
    ALONE[others]()

    version = approve(in_review, mentor)

    assert version.state == "published"
    assert deeds(in_review)[-1] == ("publish", mentor, {"version": 1, "own": True})


@pytest.mark.parametrize("others", NOT_ALONE)
def test_a_mentor_is_not_the_only_one_beside(in_review: QuestionVersion, mentor: User, others: str) -> None:
    NOT_ALONE[others]()

    with pytest.raises(ValidationError, match="Another mentor has to approve"):
        approve(in_review, mentor)


def test_approve_asks_for_every_comment_to_be_resolved(
    in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    comments = [say(in_review, other_mentor), say(in_review, other_mentor, "key_points.lazy")]

    for waiting, comment in zip((2, 1), comments, strict=True):
        with pytest.raises(ValidationError, match=f"Open comments: {waiting}."):
            approve(in_review, other_mentor)
        workflow.resolve_comment(comment=comment, actor=mentor, now=database_now())

    assert approve(in_review, other_mentor).state == "published"


def test_approve_refuses_a_draft_that_was_never_handed_in(draft: QuestionVersion, other_mentor: User) -> None:
    with pytest.raises(ValidationError, match="version 1 is draft by now"):
        approve(draft, other_mentor)

    assert states(draft) == [(1, "draft")]


def test_approve_does_nothing_where_a_listener_objects(in_review: QuestionVersion, other_mentor: User) -> None:
    def object_to(version: QuestionVersion, **_: Any) -> None:
        raise ValidationError(f"The exemplars of version {version.number} do not separate.")

    publishing.connect(object_to)
    try:
        with pytest.raises(ValidationError, match="exemplars of version 1 do not separate"):
            approve(in_review, other_mentor)
    finally:
        publishing.disconnect(object_to)

    assert states(in_review) == [(1, "in_review")]
    assert [deed for deed, _, _ in deeds(in_review)] == ["submit"]


def test_an_interview_keeps_the_version_it_asked_through_the_whole_workflow(
    candidate: User, mentor: User, other_mentor: User, published: QuestionVersion
) -> None:
    track = make_track(published.question.topic)
    before = make_interview(candidate, track)

    second = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)
    workflow.submit(version=second, actor=mentor)
    workflow.take_back(version=second, actor=other_mentor, reason="Shorter.")
    second = save_draft(question=published.question, content=make_content(title="Mended"), author=mentor)
    workflow.submit(version=second, actor=mentor)
    during = make_interview(candidate, track)
    approve(second, other_mentor)
    after = make_interview(candidate, track)
    workflow.retire(version=second, actor=other_mentor, reason="Out of date.")

    def asked(interview: Interview) -> list[str]:
        return [one.version.title for one in interview.questions.select_related("version")]

    assert [asked(one) for one in (before, during, after)] == [
        ["Generators versus lists"],
        ["Generators versus lists"],
        ["Mended"],
    ]
    assert content_of(with_parts(QuestionVersion.objects.all()).get(pk=published.pk)) == make_content()


# --- Retiring -----------------------------------------------------------------------------------------------


def test_retire_takes_a_question_out_of_use_and_says_why(published: QuestionVersion, mentor: User) -> None:
    version = workflow.retire(version=published, actor=mentor, reason=" Nobody is asked this any more. ")

    assert version.state == VersionState.RETIRED
    assert deeds(published)[-1] == ("retire", mentor, {"version": 1, "reason": "Nobody is asked this any more."})


def test_retire_asks_for_a_reason_and_for_what_is_published(
    published: QuestionVersion, draft: QuestionVersion, mentor: User
) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        workflow.retire(version=published, actor=mentor, reason=" ")
    workflow.retire(version=published, actor=mentor, reason="Once.")
    with pytest.raises(ValidationError, match="version 1 is retired by now"):
        workflow.retire(version=published, actor=mentor, reason="Twice.")

    assert [deed for deed, _, _ in deeds(published)].count("retire") == 1


def test_a_retired_question_gets_a_next_version(published: QuestionVersion, mentor: User, other_mentor: User) -> None:
    workflow.retire(version=published, actor=mentor, reason="Out of date.")
    second = save_draft(question=published.question, content=make_content(title="Second"), author=mentor)
    workflow.submit(version=second, actor=mentor)

    approve(second, other_mentor)

    assert states(published) == [(1, "retired"), (2, "published")]


# --- Comments -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    ["", "prompt", "references.0", "key_points.lazy", "misconceptions.eager", "exemplars.strong", "sources"],
)
def test_every_part_can_be_commented_on(in_review: QuestionVersion, other_mentor: User, field: str) -> None:
    now = database_now()

    comment = workflow.comment(version=in_review, field=field, text=" Why? ", author=other_mentor, now=now)

    assert (comment.field, comment.text, comment.author, comment.created_at) == (field, "Why?", other_mentor, now)
    assert deeds(in_review)[-1] == ("comment", other_mentor, {"version": 1, "part": field})


@pytest.mark.parametrize("field", ["key_points", "key_points.gone", "references.1", "nonsense", "prompt.x"])
def test_what_is_no_part_cannot_be_commented_on(in_review: QuestionVersion, other_mentor: User, field: str) -> None:
    with pytest.raises(ValidationError, match="The part that you comment on is gone"):
        say(in_review, other_mentor, field)

    assert not VersionComment.objects.exists()


def test_a_comment_says_something(in_review: QuestionVersion, other_mentor: User) -> None:
    with pytest.raises(ValidationError, match="Write a comment"):
        say(in_review, other_mentor, text=" \n ")


def test_what_is_published_cannot_be_commented_on(published: QuestionVersion, mentor: User) -> None:
    with pytest.raises(ValidationError, match="version 1 is published by now"):
        say(published, mentor)


def test_a_comment_stays_while_the_version_is_mended(
    in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    comment = say(in_review, other_mentor, "key_points.lazy")
    workflow.take_back(version=in_review, actor=mentor)

    save_draft(question=in_review.question, content=make_content(title="Mended"), author=mentor)

    assert list(in_review.comments.all()) == [comment]


def test_a_comment_is_resolved_once_with_a_name(in_review: QuestionVersion, mentor: User, other_mentor: User) -> None:
    comment, now = say(in_review, other_mentor), database_now()

    workflow.resolve_comment(comment=comment, actor=mentor, now=now)
    with pytest.raises(ValidationError, match="resolved already"):
        workflow.resolve_comment(comment=comment, actor=other_mentor, now=database_now())

    comment.refresh_from_db()
    assert (comment.resolved_by, comment.resolved_at) == (mentor, now)
    assert [deed for deed in deeds(in_review) if deed[0] == "resolve_comment"] == [
        ("resolve_comment", mentor, {"version": 1, "part": "prompt"})
    ]


# --- Two mentors at the same moment -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_handed_in_twice_is_handed_in_once(draft: QuestionVersion, mentor: User) -> None:
    submit = partial(workflow.submit, version=draft, actor=mentor)

    results = race(submit, submit)

    assert outcomes(results) == ["QuestionVersion", "ValidationError"]
    assert states(draft) == [(1, "in_review")]
    assert [deed for deed, _, _ in deeds(draft)] == ["submit"]


@pytest.mark.django_db(transaction=True)
def test_of_two_mentors_who_approve_one_does(in_review: QuestionVersion, other_mentor: User, site_admin: User) -> None:
    results = race(partial(approve, in_review, other_mentor), partial(approve, in_review, site_admin))

    assert outcomes(results) == ["QuestionVersion", "ValidationError"]
    (winner,) = [result for result in results if isinstance(result, QuestionVersion)]
    assert [(deed, who) for deed, who, _ in deeds(in_review)[1:]] == [("publish", winner.published_by)]


@pytest.mark.django_db(transaction=True)
def test_a_version_is_either_approved_or_taken_back(
    in_review: QuestionVersion, mentor: User, other_mentor: User
) -> None:
    results = race(
        partial(approve, in_review, other_mentor), partial(workflow.take_back, version=in_review, actor=mentor)
    )

    assert outcomes(results) == ["QuestionVersion", "ValidationError"]
    is_approved = isinstance(results[0], QuestionVersion)
    assert states(in_review) == [(1, "published" if is_approved else "draft")]
    assert [deed for deed, _, _ in deeds(in_review)] == ["submit", "publish" if is_approved else "take_back"]


@pytest.mark.django_db(transaction=True)
def test_retiring_while_the_next_version_is_approved_leaves_that_one_published(
    mentor: User, other_mentor: User
) -> None:
    first = publish_question()
    second = save_draft(question=first.question, content=make_content(title="Second"), author=mentor)
    workflow.submit(version=second, actor=mentor)

    results = race(
        partial(approve, second, other_mentor),
        partial(workflow.retire, version=first, actor=mentor, reason="Out of date."),
    )

    assert isinstance(results[0], QuestionVersion)
    assert states(first) == [(1, "retired"), (2, "published")]
    retired_by_hand = isinstance(results[1], QuestionVersion)
    assert retired_by_hand == ("retire" in [deed for deed, _, _ in deeds(first)])


@pytest.mark.django_db(transaction=True)
def test_a_comment_is_either_in_time_or_refused(
    in_review: QuestionVersion, other_mentor: User, site_admin: User
) -> None:
    """Nothing is published over an objection that came first."""
    results = race(partial(approve, in_review, other_mentor), partial(say, in_review, site_admin))

    assert outcomes(results) in (["QuestionVersion", "ValidationError"], ["ValidationError", "VersionComment"])
    is_approved = isinstance(results[0], QuestionVersion)
    assert states(in_review) == [(1, "published" if is_approved else "in_review")]
    assert VersionComment.objects.exists() != is_approved


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_either_handed_in_or_discarded(draft: QuestionVersion, mentor: User) -> None:
    results = race(
        partial(workflow.submit, version=draft, actor=mentor),
        partial(discard_draft, question=Question.objects.get(), actor=mentor),
    )

    is_handed_in = isinstance(results[0], QuestionVersion)
    assert [isinstance(result, ValidationError) for result in results] == [not is_handed_in, is_handed_in]
    assert states(draft) == ([(1, "in_review")] if is_handed_in else [])


def test_publish_stays_the_verb_beneath_which_takes_both(draft: QuestionVersion, in_review: QuestionVersion) -> None:
    """load_pack and tests publish a draft; approve publishes what is in review."""
    assert publish(version=in_review, actor=None, now=database_now()).state == "published"
