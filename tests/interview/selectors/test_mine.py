"""All about one person: nothing that Greenroom keeps is forgotten, and nothing of anybody else's is in it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from knox.models import AuthToken

from interview.models import (
    Answer,
    InterviewQuestion,
)
from interview.selectors.mine import everything_of
from interview.services.interviews import finish, save_draft
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion, Track
from tests.factories import make_interview, publish_question
from tests.grading.conftest import TEXT
from tests.interview.lives import ROWS, SECRET, SESSION_KEY, answered, reviewed

# Where each table about a person is found in the export.
EXPORTED = {
    "people.user": "profile",
    "account.emailaddress": "email_addresses",
    "people.cohort": "cohorts",
    "people.membership": "cohorts",
    "people.invitation": "invitations",
    "knox.authtoken": "api_tokens",
    "interview.interview": "interviews",
    "interview.interviewquestion": "interviews",
    "interview.draft": "interviews",
    "interview.answer": "interviews",
    "grading.gradingjob": "interviews",
    "grading.grade": "interviews",
    "grading.keypointmark": "interviews",
    "grading.review": "interviews",
    "grading.reviewmark": "interviews",
    "grading.appeal": "interviews",
    "grading.mentorquestion": "interviews",
    "mfa.authenticator": "second_steps",
    "usersessions.usersession": "sessions",
    "people.erasure": "erasure",
    "people.memberimport": "tables_of_people_uploaded",
    "interview.assignment": "assignments_made",
    "interview.reminder": "reminders",
    "interview.practiceplan": "practice_plan",
    "interview.pointtorecall": "points_to_recall",
    "questionbank.questionversion": "question_versions",
    "people.auditentry": "audit_entries",
}
# Why the others are left out.
LEFT_OUT = {
    "people.user_groups": "Django's own rights; Greenroom's are the roles in cohorts.",
    "people.user_user_permissions": "The same.",
    "account.emailconfirmation": "Not used: the links in emails are signed, not stored.",
    "admin.logentry": "The staff site's own record of what site admins did; it names other people.",
    "questionbank.referenceanswer": "What a question says belongs to the bank, not to who wrote it.",
    "questionbank.keypoint": "The same.",
    "questionbank.misconception": "The same.",
    "questionbank.exemplar": "The same.",
    "questionbank.source": "The same.",
    "questionbank.versioncomment": "The same.",
    "questionbank.editorcopy": "A draft of the bank's that is not saved yet; the same.",
    "questionbank.import": "A file on its way into the bank; the same.",
    "questionbank.import_versions": "The same.",
    "questionbank.searchentry": "What the bank says, once more, for searching.",
    "grading.promptvector": "The same, for searching.",
    "grading.benchrun": "A trial of the bank's text; the same.",
    "grading.questioncalibration": "Learnt from answers that are exported where they were given.",
    "grading.calibrationanswer": "The same.",
    "grading.calibrationpreview": "The same.",
    "grading.regrade": "What became of a grade is exported with its answer.",
    "grading.regradeitem": "The same.",
    "analytics.answerfact": "Worked out from the answers and grades that are exported, for the dashboards.",
    "analytics.staleanswer": "That the facts of an answer are to be worked out anew.",
}


def _about_people() -> set[str]:
    """Return every table with a relation to a person, or to another of these."""
    found: set[type[Model]] = {User}
    models = apps.get_models(include_auto_created=True)
    while more := {model for model in models if _relations(model) & found} - found:
        found |= more
    return {model._meta.label_lower for model in found}  # noqa: SLF001 (Django's documented model API)


def _relations(model: type[Model]) -> set[Any]:
    fields = [*model._meta.fields, *model._meta.many_to_many]  # noqa: SLF001
    return {field.related_model for field in fields if field.is_relation}


def _as_file(user: User) -> Any:
    """Return the export as it is read from the file."""
    return json.loads(json.dumps(everything_of(user), cls=DjangoJSONEncoder))


def test_every_table_about_people_is_exported_or_left_out_for_a_reason() -> None:
    assert _about_people() == EXPORTED.keys() | LEFT_OUT.keys()


def test_the_export_has_every_part(lived: User) -> None:
    export = _as_file(lived)

    assert set(EXPORTED.values()) <= set(export)
    assert [part for part, held in export.items() if not held] == []


def test_an_interview_is_exported_with_all_that_was_written_and_said_of_it(lived: User, mentor: User) -> None:
    InterviewQuestion.objects.filter(interview__candidate=lived).update(late_text="Too late.", flagged=True)

    (interview,) = _as_file(lived)["interviews"]
    (asked,) = interview["questions"]
    grading = asked["grading"]

    assert (interview["title"], interview["mode"], interview["track"]) == ("Chosen", "practice", None)
    assert (asked["title"], asked["version"]) == ("Generators versus lists", 1)
    assert asked["prompt"] == "When would you write a generator rather than a list?"
    assert (asked["draft"]["text"], asked["answer"]["text"]) == ("A draft.", TEXT)
    assert (asked["late_text"], asked["flagged"]) == ("Too late.", True)
    assert (grading["grade"]["score"], grading["grade"]["receipt"]["engine"]) == (64.17, "by-hand")
    assert [(mark["mark"], mark["evidence"]) for mark in grading["grade"]["marks"]] == [
        ("stated", "Values come on demand, CANARYANSWER."),
        ("partly", "Memory stays small."),
        ("contradicted", "You can run through it twice."),
    ]
    assert [(one["reviewer"], one["reason"], one["score"]) for one in grading["reviews"]] == [
        ("Mentor", "You do say it.", 100)
    ]
    assert [mark["mark"] for mark in grading["reviews"][0]["marks"]] == ["stated"] * 3
    assert [(one["said"], one["state"]) for one in grading["appeals"]] == [("Values come on demand.", "open")]
    assert [(one["text"], one["answer"], one["answered_by"]) for one in grading["questions_to_mentors"]] == [
        ("Why?", "Because.", "Mentor")
    ]


def test_a_question_that_is_not_submitted_has_a_draft_and_no_grading(candidate: User, track: Track) -> None:
    interview = make_interview(candidate, track)
    save_draft(asked=interview.questions.get(position=1), text="A draft.", revision=0, now=database_now())

    (exported,) = _as_file(candidate)["interviews"]

    written = [(asked["draft"], asked["answer"], asked["grading"]) for asked in exported["questions"]]
    assert [(draft and draft["text"], answer, grading) for draft, answer, grading in written] == [
        ("A draft.", None, None),
        (None, None, None),
    ]


def test_an_answer_that_waits_has_no_grade(candidate: User, mock: Any) -> None:
    finish(interview=mock, now=database_now() + timedelta(seconds=1))

    (interview,) = _as_file(candidate)["interviews"]

    assert [(asked["grading"]["state"], asked["grading"]["grade"]) for asked in interview["questions"]] == [
        ("pending", None)
    ] * 2


def test_the_export_tells_of_graded_answers_what_their_results_tell(lived: User) -> None:
    text = json.dumps(_as_file(lived))

    parts = ("REFERENCE", "HINT", "ACCEPTED", "MISCONCEPTION", "EXEMPLAR")
    assert "CANARYCLAIM" in text
    assert [part for part in parts if f"CANARY{part}" in text] == []


def test_nobody_elses_words_are_in_it(lived: User, peer: User, published: QuestionVersion) -> None:
    answered(peer, published)
    text = json.dumps(_as_file(lived))
    (written,) = _as_file(lived)["reviews_written"]

    assert (len(_as_file(lived)["interviews"]), "Theirs?" in text, peer.email in text, ROWS[0][1][0] in text) == (
        1,
        False,
        False,
        False,
    )
    assert (written["reason"], _as_file(lived)["replies_to_candidates"][0]["answer"]) == ("My words.", "Mine.")


def test_the_export_holds_no_secret(lived: User) -> None:
    lived.set_password("a long enough password")
    lived.save()
    text = json.dumps(_as_file(lived))
    secrets = [lived.password, AuthToken.objects.get(user=lived).digest, SECRET, SESSION_KEY]

    assert [secret for secret in secrets if secret in text] == []


def test_somebody_new_has_an_export_too(stranger: User) -> None:
    export = _as_file(stranger)

    assert [part for part, held in export.items() if held] == ["profile"]
    assert export["profile"]["email"] == stranger.email


@pytest.mark.parametrize("count", [1, 3])
def test_the_export_takes_the_same_queries_whatever_it_holds(
    lived: User, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    versions = [publish_question(f"question-{number}") for number in range(count)]
    for _ in range(count - 1):
        job = answered(lived, *versions)
        reviewed(job, mentor, "Again.")
        reviewed(answered(mentor, *versions), lived, "Again.")
    assert Answer.objects.filter(question__interview__candidate=lived).count() == 1 + (count - 1) * count

    with django_assert_num_queries(31):
        everything_of(lived)
