"""Objects of another cohort, named where a right request names one's own: refused, and nothing is written.

First the fields in which a request can name a row at all, found in the code; then the requests themselves, with what
belongs to somebody else in the address, in the body and in the query.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from grading.models import Appeal, MentorQuestion
from grading.services.reviews import appeal, ask_mentor, review
from interview.models import Answer, Assignment, Interview
from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import Cohort, Invitation, MemberImport, Role, User
from people.services import member_imports
from people.services.invitations import invite
from questionbank.models import Mark, VersionComment
from tests.factories import give_grade, make_assignment, make_interview
from tests.grading.conftest import make_job
from tests.security.test_access_matrix import writes
from tests.security.world import World

ROOT = Path(settings.BASE_DIR)
APPS = ("people", "questionbank", "grading", "interview", "analytics")

# --- the fields that name rows --------------------------------------------------------------------------------

NAMES_ROWS = {
    "ModelChoiceField",
    "ModelMultipleChoiceField",
    "PrimaryKeyRelatedField",
    "SlugRelatedField",
    "HyperlinkedRelatedField",
    "TopicField",
    "TopicChoice",
    "AssignmentChoice",
}
NOBODYS = "tracks and topics are everybody's to read"
FIELDS = {
    "analytics/forms.py FilterForm AssignmentChoice(cohort.assignments)": "of the cohort that access has given",
    "analytics/forms.py FilterForm ModelChoiceField(Track.objects)": NOBODYS,
    "analytics/forms.py FilterForm TopicChoice(_topics)": NOBODYS,
    "analytics/forms.py AuditForm ModelChoiceField(Cohort.objects.none)": "set to the cohorts that one administers",
    "grading/forms.py ReplyForm ModelChoiceField(asked)": "the questions about the answer that access has given",
    "interview/forms.py AssignmentForm ModelChoiceField(Track.objects)": NOBODYS,
    "interview/forms.py PlanForm ModelChoiceField(Track.objects)": NOBODYS,
    "interview/serializers.py AssignmentSerializer SlugRelatedField(Track.objects)": NOBODYS,
    "interview/serializers.py StartSerializer SlugRelatedField(Track.objects)": NOBODYS,
    "questionbank/forms/bulk.py BulkForm ModelMultipleChoiceField(Question.objects.none)": "set to what one may see",
    "questionbank/forms/imports.py UploadForm ModelChoiceField(Topic.objects)": NOBODYS,
    "questionbank/forms/version.py NewQuestionForm TopicField(Topic.objects)": NOBODYS,
}


def test_every_field_that_names_a_row_takes_rows_of_ones_own_or_of_nobody() -> None:
    assert sorted(set(_fields())) == sorted(FIELDS)


def _fields() -> Iterator[str]:
    """Yield "module class field(what it chooses from)" for each field of a form or serializer that names rows."""
    for label in APPS:
        for path in sorted((ROOT / label).rglob("*.py")):
            if {"forms", "serializers"} & set(path.relative_to(ROOT).with_suffix("").parts):
                for owner in ast.walk(ast.parse(path.read_text())):
                    if isinstance(owner, ast.ClassDef):
                        name = path.relative_to(ROOT).as_posix()
                        yield from (f"{name} {owner.name} {field}" for field in _choices_in(owner))


def _choices_in(owner: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(owner):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        rows = node.args[0] if node.args else named.get("queryset")
        if name in NAMES_ROWS and rows is not None:
            yield f"{name}({_beginning(rows)})"


def _beginning(rows: ast.expr) -> str:
    """Return how the expression of the rows begins: Model.objects, or also .none where it is set later."""
    text = ast.unparse(rows)
    for ending in (".none", ".objects", ".assignments"):
        if ending in text:
            return text[: text.index(ending) + len(ending)]
    return text.split("(")[0]


# --- the requests ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Theirs:
    """What the other cohort has of everything that a request to one's own can name."""

    cohort: Cohort
    assignment: Assignment
    invitation: Invitation
    members: MemberImport
    interview: Interview
    answer: Answer
    asked: MentorQuestion
    appeal: Appeal
    comment: VersionComment


@pytest.fixture
def theirs(world: World, other_cohort: Cohort) -> Theirs:
    now = database_now()
    outsider, mentor, admin = (world.people[role] for role in ("outsider", "other_mentor", "other_admin"))
    interview = make_interview(outsider, world.running.track)
    first = interview.questions.get(position=1)
    answer = submit_answer(asked=first, text="Lazily. It runs once.", idempotency_key=uuid4(), now=now)
    give_grade(answer.job, 50, missing=("once",))
    answer.job.refresh_from_db()
    return Theirs(
        cohort=other_cohort,
        assignment=make_assignment(other_cohort, world.running.track, created_by=admin),
        invitation=invite(cohort=other_cohort, email="x@example.com", role=Role.CANDIDATE, actor=admin, now=now)[0],
        members=member_imports.upload(
            cohort=other_cohort, filename="people.csv", data=b"email\ny@example.com\n", actor=admin, now=now
        ),
        interview=interview,
        answer=answer,
        asked=ask_mentor(job=answer.job, text="Why?", now=now),
        appeal=_accepted(outsider, mentor, answer),
        comment=VersionComment.objects.create(
            version=world.in_review, field="prompt", text="Mine.", author=mentor, created_at=now
        ),
    )


def _accepted(candidate: User, mentor: User, answer: Answer) -> Appeal:
    """Return an appeal to another answer to the same question, which mentor has accepted."""
    job = make_job(candidate, answer.job.version, text="It runs once.")
    give_grade(job, 50, missing=("once",))
    point = job.version.key_points.get(slug="once")
    made = appeal(job=job, key_point_id=point.pk, said="It runs once.", reason="", now=database_now())
    marks = {one.pk: Mark.STATED for one in job.version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Yes.", now=database_now())
    made.refresh_from_db()
    return made


def _in_the_address(world: World, theirs: Theirs) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return requests by who sends them to what; each names what is theirs below what is one's own."""
    own, terms = world.cohort.pk, world.bodies()["cohorts/<uuid:pk>/assignments/new/"]
    outsider = world.people["outsider"].pk
    member = {"role": "mentor", "extra_time_factor": "1.5"}
    return {
        "change an assignment": ("admin", reverse("change_assignment", args=[own, theirs.assignment.pk]), terms),
        "withdraw an assignment": ("admin", reverse("withdraw_assignment", args=[own, theirs.assignment.pk]), {}),
        "start an assignment": ("candidate", reverse("assigned", args=[theirs.assignment.pk]), {}),
        "start it by the API": ("candidate", reverse("api_start_assigned", args=[theirs.assignment.pk]), {}),
        "change a member": ("admin", reverse("member", args=[own, outsider]), member),
        "remove a member": ("admin", reverse("remove_member", args=[own, outsider]), {}),
        "renew an invitation": ("admin", reverse("renew_invitation", args=[own, theirs.invitation.pk]), {}),
        "revoke an invitation": ("admin", reverse("revoke_invitation", args=[own, theirs.invitation.pk]), {}),
        "choose columns": ("admin", reverse("choose_columns", args=[own, theirs.members.pk]), {"email": "0"}),
        "apply a table": ("admin", reverse("apply_members", args=[own, theirs.members.pk]), {}),
        "discard a table": ("admin", reverse("discard_members", args=[own, theirs.members.pk]), {}),
        "send a table's mails again": ("admin", reverse("send_again", args=[own, theirs.members.pk]), {}),
        "accept an appeal's words": (
            "mentor",
            reverse("accept_phrasing", args=[world.job.pk, theirs.appeal.pk]),
            {"phrasing": "Mine."},
        ),
        "resolve a comment": (
            "mentor",
            reverse("resolve_comment", args=[world.question.pk, theirs.comment.pk]),
            {},
        ),
        "write to an interview": ("candidate", reverse("question", args=[theirs.interview.pk, 2]), {"text": "Mine."}),
        "appeal a mark": ("candidate", reverse("appeal", args=[theirs.answer.job_id]), {"key_point": 1}),
        "mark an answer": ("mentor", reverse("review", args=[theirs.answer.job_id]), {"reason": "Mine."}),
        "reply to an answer": ("mentor", reverse("reply", args=[theirs.answer.job_id]), {"answer": "Mine."}),
    }


def test_what_is_theirs_is_not_found_below_what_is_ones_own(world: World, theirs: Theirs) -> None:
    requests = _in_the_address(world, theirs)

    outcomes = {what: _outcome(world.clients[role], address, data) for what, (role, address, data) in requests.items()}

    assert {what: outcome for what, outcome in outcomes.items() if outcome != (404, False)} == {}


def test_reading_through_ones_own_cohort_finds_nothing_of_theirs(world: World, theirs: Theirs) -> None:
    own, client = world.cohort.pk, world.clients["admin"]
    addresses = [
        reverse("assignment", args=[own, theirs.assignment.pk]),
        reverse("member_import", args=[own, theirs.members.pk]),
        reverse("member", args=[own, world.people["outsider"].pk]),
        reverse("cohort_compare", args=[own], query={"with": str(theirs.cohort.pk)}),
        reverse("cohort_answers", args=[own], query={"candidate": str(world.people["outsider"].pk)}),
        reverse("api_compare", args=[own], query={"with": str(theirs.cohort.pk)}),
        reverse("review", args=[theirs.answer.job_id]),
    ]

    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


def _outcome(client: Client, address: str, data: dict[str, Any], **extra: Any) -> tuple[int, bool]:
    """Return the status of a POST and whether it has written anything."""
    before = writes()
    return client.post(address, data, **extra).status_code, writes() > before


def test_no_body_names_what_is_theirs(world: World, theirs: Theirs) -> None:
    foreign = world.in_review.key_points.all()  # of another question than the answer's
    marks = {f"mark_{point.pk}": "stated" for point in foreign}
    answer = [world.job.pk]
    requests = {
        "reply": ("mentor", [world.asked.job_id], {"question": theirs.asked.pk, "answer": "Mine."}),
        "review": ("mentor", answer, {**marks, "reason": "Mine."}),
        "appeal": ("candidate", answer, {"key_point": foreign[0].pk, "sentence": 0, "reason": "Mine."}),
        "track": ("candidate", ["taster"], {"mode": "practice", "key": str(theirs.interview.pk)}),
    }

    outcomes = {
        name: _outcome(world.clients[role], reverse(name, args=args), data)
        for name, (role, args, data) in requests.items()
    }

    assert outcomes == dict.fromkeys(requests, (400, False))


def test_no_query_narrows_to_what_is_theirs(world: World, theirs: Theirs) -> None:
    client = world.clients["admin"]
    narrowed = client.get(reverse("api_overview", args=[world.cohort.pk]), {"assignment": str(theirs.assignment.pk)})
    log = client.get(reverse("audit"), {"cohort": str(theirs.cohort.pk)}).content.decode()

    assert (narrowed.status_code, set(narrowed.json())) == (400, {"assignment"})
    assert "Other Admin" not in log
    assert theirs.cohort.name not in log


def test_a_submission_with_the_key_of_theirs_gives_nothing_of_it_away(world: World, theirs: Theirs) -> None:
    address = reverse("api_answer", args=[world.running.pk, 2])
    key: UUID = theirs.answer.idempotency_key
    client = world.clients["candidate"]
    before = writes()

    answer = client.post(
        address, {"text": "Mine."}, content_type="application/json", headers={"Idempotency-Key": str(key)}
    )

    assert (answer.status_code, writes() > before) == (422, False)
    assert "runs once" not in answer.content.decode()
