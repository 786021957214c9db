"""All about one person: nothing that Greenroom keeps is forgotten, and nothing of anybody else's is in it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from knox.models import AuthToken

from grading.models import Appeal, GradingJob, MentorQuestion
from grading.services.reviews import review
from interview.models import Answer, InterviewQuestion, PointToRecall, PracticePlan
from interview.selectors.mine import everything_of
from interview.services.interviews import finish, save_draft, start_chosen, submit_answer
from people.clock import database_now
from people.models import Cohort, Role, User
from people.services import accept_invitation, create_cohort, invite
from questionbank.models import Mark, QuestionVersion, Track
from questionbank.services.versions import publish
from questionbank.services.versions import save_draft as save_version
from tests.factories import make_content, make_interview, publish_question
from tests.grading.conftest import TEXT, grade_by_hand

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


@pytest.fixture
def lived(candidate: User, mentor: User, admin: User, cohort: Cohort, published: QuestionVersion) -> User:
    """`candidate` with something in every part: candidate here, mentor of a cohort of their own."""
    now = database_now()
    EmailAddress.objects.create(user=candidate, email=candidate.email, primary=True, verified=True)
    AuthToken.objects.create(user=candidate)
    own = create_cohort(name="My own", actor=candidate)
    _, token = invite(cohort=own, email=mentor.email, role=Role.CANDIDATE, actor=candidate, now=now)
    accept_invitation(token=token, user=mentor, now=now)
    job = _answered(candidate, published)
    _reviewed(job, mentor, "You do say it.")
    point = job.version.key_points.first()
    Appeal.objects.create(job=job, key_point=point, said="Values come on demand.", created_at=now)
    MentorQuestion.objects.create(
        job=job, text="Why?", asked_at=now, answer="Because.", answered_by=mentor, answered_at=now
    )
    PracticePlan.objects.create(candidate=candidate, interview_on=now.date())
    PointToRecall.objects.create(
        candidate=candidate, question=published.question, slug="lazy", card={}, due_at=now, mark="missing", job=job
    )
    theirs = _answered(mentor, published)
    _reviewed(theirs, candidate, "My words.")
    MentorQuestion.objects.create(
        job=theirs, text="Theirs?", asked_at=now, answer="Mine.", answered_by=candidate, answered_at=now
    )
    draft = save_version(question=published.question, content=make_content(title="Written"), author=candidate)
    publish(version=draft, actor=admin, now=now)
    return candidate


def _answered(user: User, *versions: QuestionVersion) -> GradingJob:
    interview = start_chosen(candidate=user, title="Chosen", versions=versions, now=database_now())
    for asked in interview.questions.all():
        save_draft(asked=asked, text="A draft.", revision=0, now=database_now())
        answer = submit_answer(asked=asked, text=TEXT, idempotency_key=uuid4(), now=database_now())
        job = grade_by_hand(answer.job)
    return job


def _reviewed(job: GradingJob, reviewer: User, reason: str) -> None:
    marks = {point.pk: Mark.STATED for point in job.version.key_points.all()}
    review(job=job, reviewer=reviewer, marks=marks, reason=reason, now=database_now())


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
    _answered(peer, published)
    text = json.dumps(_as_file(lived))
    (written,) = _as_file(lived)["reviews_written"]

    assert (len(_as_file(lived)["interviews"]), "Theirs?" in text, peer.email in text) == (1, False, False)
    assert (written["reason"], _as_file(lived)["replies_to_candidates"][0]["answer"]) == ("My words.", "Mine.")


def test_the_export_holds_no_secret(lived: User) -> None:
    lived.set_password("a long enough password")
    lived.save()
    text = json.dumps(_as_file(lived))
    secrets = [lived.password, AuthToken.objects.get(user=lived).digest]

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
        job = _answered(lived, *versions)
        _reviewed(job, mentor, "Again.")
        _reviewed(_answered(mentor, *versions), lived, "Again.")
    assert Answer.objects.filter(question__interview__candidate=lived).count() == 1 + (count - 1) * count

    with django_assert_num_queries(25):
        everything_of(lived)
