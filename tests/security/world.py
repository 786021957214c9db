"""A world with something of everything that an address can name, and the way from a route to an address in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from knox.models import AuthToken

from grading.models import (
    Appeal,
    BenchPurpose,
    BenchRun,
    CalibrationPreview,
    GradingJob,
    MentorQuestion,
    QuestionCalibration,
    Regrade,
    WorkerHeartbeat,
)
from grading.services.bench import request_run
from grading.services.reviews import appeal, ask_mentor, review
from interview.models import Assignment, Interview
from interview.services.interviews import finish, save_draft, submit_answer
from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, MemberImport, Role, User
from people.services import member_imports
from people.services.invitations import invite
from questionbank.models import Import, KeyPoint, Mark, Question, QuestionVersion, VersionComment
from questionbank.services import imports
from questionbank.services.versions import create_question
from questionbank.services.versions import save_draft as save_version
from questionbank.services.workflow import comment, submit
from tests.conftest import client_of
from tests.factories import (
    give_grade,
    make_assignment,
    make_content,
    make_interview,
    make_topic,
    make_track,
    publish_question,
)
from tests.grading.conftest import make_job
from tests.grading.keys import previewed, publish_mended

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLES = (
    "anonymous",
    "candidate",
    "peer",
    "outsider",
    "mentor",
    "other_mentor",
    "admin",
    "other_admin",
    "site_admin",
)


def routes() -> list[str]:
    """Return every route that config.urls reaches, as the table names it."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns)))


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        elif isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)


@dataclass(frozen=True)
class World:
    """People by role, and what the candidate has: a running interview, a finished one with a grade, a token.

    asked: an open question of the candidate's to the mentors, about another answer than job's. question has a
    published version 1 and a draft, version 2, with a comment; in_review is the only version of another one. Both are
    the mentor's. regrade: a preview that waits to be applied; accepted: an accepted appeal of the candidate's.
    preview: of a calibration of question's version 1, which has another one in force. members: a table of people to
    invite to the cohort; invited: another one, applied, whose mail could not be sent.
    """

    people: dict[str, User | None]
    clients: dict[str, Client]
    cohort: Cohort
    question: Question
    in_review: QuestionVersion
    comment: VersionComment
    running: Interview
    finished: Interview
    job: GradingJob
    asked: MentorQuestion
    token: AuthToken
    session: UserSession
    invitation: str
    regrade: Regrade
    accepted: Appeal
    preview: CalibrationPreview
    import_: Import
    assignment: Assignment
    members: MemberImport
    invited: MemberImport
    _addresses: dict[str, str] = field(default_factory=dict)

    def address_of(self, route: str) -> str:
        """Return the route with something of this world in each of its parts; the same each time."""
        if route not in self._addresses:
            self._addresses[route] = self._address_of(route)
        return self._addresses[route]

    def _address_of(self, route: str) -> str:
        parts = {**self._parts(), "pk": self._pk(route), "object_id": self._object_id(route)}
        if route.endswith(("<int:number>/hand-in/", "<int:number>/comments/", "<int:number>/regrade/")):
            parts["number"] = 2
        if route.endswith("send-again/"):
            parts["import_pk"] = self.invited.pk
        return "/" + re.sub(r"<\w+:(\w+)>", lambda part: str(parts[part[1]]), self._plain(route))

    def _parts(self) -> dict[str, Any]:
        return {
            "slug": "taster",
            "position": 1,
            "number": 1,
            "comment": self.comment.pk,
            "digest": self.token.digest,
            "job": self.job.pk,
            "user_pk": self.people["peer"].pk,
            "question_pk": self.question.pk,
            "preview_pk": self.preview.pk,
            "token": self.invitation,
            "format_name": "csv",
            "appeal": self.accepted.pk,
            "assignment_pk": self.assignment.pk,
            "invitation_pk": Invitation.objects.get(email=self.people["outsider"].email).pk,
            "import_pk": self.members.pk,
            "content_type_id": ContentType.objects.get_for_model(Cohort).pk,
        }

    def _plain(self, route: str) -> str:
        """Put examples for what regular expressions stand for."""
        examples = {
            r"^confirm-email/(?P<key>[-:\w]+)/$": f"confirm-email/{self._confirmation()}/",
            r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-some-key/",
            r"^(?P<app_label>people|auth|account|knox)/$": "people/",
            r"(?P<url>.*)$": "no/such/page",
        }
        for expression, example in examples.items():
            route = route.replace(expression, example)
        return route

    def _confirmation(self) -> str:
        return EmailConfirmationHMAC(EmailAddress.objects.get(user=self.people["candidate"])).key

    def _pk(self, route: str) -> Any:
        """Return what <uuid:pk> stands for. Results are asked of the finished interview: it has more to leak."""
        route = route.removeprefix("api/v1/")
        if route.startswith(("bench/", "checks/")):
            return self._on_the_bench(route)
        special = {
            "questions/import/": self.import_.pk,
            "answers/<uuid:pk>/reply/": self.asked.job_id,
            "answers/<uuid:pk>/appeals/": self.accepted.job_id,
            "regrades/": self.regrade.pk,
            "assignments/": self.assignment.pk,
            "people/": self.people["candidate"].pk,
            "profile/sessions/": self.session.pk,
            "account/2fa/": 1,
        }
        for beginning, pk in special.items():
            if route.startswith(beginning):
                return pk
        if route.endswith(("<int:number>/approve/", "<int:number>/take-back/")):
            return self.in_review.question_id
        if route == "interviews/<uuid:pk>/" or route.endswith(("results/", "result/", "feedback/", "again/")):
            owner = {"interviews": self.finished, "cohorts": self.cohort}
        else:
            owner = {"interviews": self.running, "cohorts": self.cohort}
        return {**owner, "questions": self.question, "answers": self.job}.get(route.split("/")[0], self.cohort).pk

    def _on_the_bench(self, route: str) -> Any:
        """Return a version's pk, the mentor's import's, or the mentor's own run's."""
        if "imports/" in route:
            return self.import_.pk
        if "versions/" in route:
            return self.question.versions.first().pk
        purpose = BenchPurpose.LINT if route.startswith("checks/") else BenchPurpose.ANSWER
        return BenchRun.objects.get(requested_by=self.people["mentor"], purpose=purpose).pk

    def _object_id(self, route: str) -> Any:
        """Return what the staff site's <path:object_id> stands for."""
        candidate = self.people["candidate"]
        objects = {
            "user": candidate,
            "auditentry": AuditEntry.objects.first(),
            "group": Group.objects.first(),
            "emailaddress": EmailAddress.objects.get(user=candidate),
            "authtoken": self.token,
        }
        return objects.get(
            route.split("/")[2] if route.startswith("staff/") and route.count("/") > 3 else "", self.cohort
        ).pk

    def bodies(self) -> dict[str, dict[str, Any]]:
        """Return what a right request to each route carries, where it carries anything."""
        answer = "interviews/<uuid:pk>/questions/<int:position>/"
        marks = {f"mark_{point.pk}": "stated" for point in self.job.version.key_points.all()}
        return {
            "profile/": {"name": "Changed", "time_zone": "UTC"},
            "cohorts/": {"name": "Changed"},
            "cohorts/<uuid:pk>/invitations/": {"email": "new@example.com", "role": "mentor"},
            "cohorts/<uuid:pk>/settings/": {"name": "Changed"},
            "cohorts/<uuid:pk>/duplicate/": {"name": "Changed"},
            "cohorts/<uuid:pk>/members/<uuid:user_pk>/": {"role": "mentor", "extra_time_factor": "1.5"},
            "cohorts/<uuid:pk>/import/<uuid:import_pk>/columns/": {"email": "0", "name": "1"},
            "audit/export/": {"format": "csv"},
            "cohorts/<uuid:pk>/dashboard/export/": {"table": "topics", "format": "csv"},
            "questions/new/": {**VERSION, "topic": self.question.topic_id},
            "questions/<uuid:pk>/edit/": VERSION,
            "questions/new/autosave/": VERSION,
            "questions/<uuid:pk>/autosave/": {**VERSION, "seen": self._draft().content_hash},
            "questions/import/<uuid:pk>/check/": {"column_0": "prompt", "column_1": "title"},
            "questions/bulk/": {"deed": "hand-in", "question": self.question.pk},
            "questions/preview/": {"prompt": "What has changed?"},
            "questions/<uuid:pk>/versions/<int:number>/comments/": {"field": "prompt", "text": "Changed."},
            "questions/<uuid:pk>/versions/<int:number>/take-back/": {"reason": "Changed."},
            "questions/<uuid:pk>/versions/<int:number>/retire/": {"reason": "Changed."},
            "checks/": VERSION,
            "bench/": {**VERSION, "bench-purpose": "answer", "bench-text": "It has changed."},
            "answers/<uuid:pk>/": {**marks, "reason": "Changed."},
            "answers/<uuid:pk>/reply/": {"question": self.asked.pk, "answer": "Changed."},
            "answers/<uuid:pk>/appeal/": {"key_point": self._missed().pk, "sentence": 0, "reason": "Changed."},
            "answers/<uuid:pk>/ask/": {"text": "Changed."},
            "answers/<uuid:pk>/appeals/<int:appeal>/phrasing/": {"phrasing": "Changed."},
            "regrades/<uuid:pk>/apply/": {"reason": "Changed."},
            "practise/<slug:slug>/": {"mode": "practice"},
            "cohorts/<uuid:pk>/assignments/new/": self._terms(self.assignment.track_id),
            "cohorts/<uuid:pk>/assignments/<uuid:assignment_pk>/change/": self._terms(self.assignment.track_id),
            "api/v1/cohorts/<uuid:pk>/assignments/": self._terms("taster"),
            "plan/": {"minutes_a_day": "20"},
            "plan/topic/": {"topic": "python"},
            answer: {"text": "Changed.", "action": "save", "revision": 1},
            "api/v1/interviews/": {"track": "taster", "mode": "practice"},
            f"{answer}flag/": {"action": "flag"},
            f"api/v1/{answer}flag/": {"flagged": True},
            f"api/v1/{answer}draft/": {"text": "Changed.", "revision": 1},
            f"api/v1/{answer}answer/": {"text": "Changed."},
        }

    def _terms(self, track: Any) -> dict[str, Any]:
        """What can be assigned beside the assignment, and what that one can be changed to."""
        later = f"{database_now() + timedelta(days=30):%Y-%m-%dT%H:%M}"
        return {"track": track, "mode": "mock", "due_at": later, "closes_at": later, "note": "Changed."}

    def _draft(self) -> QuestionVersion:
        return self.question.versions.get(state="draft")

    def _missed(self) -> KeyPoint:
        return self.job.version.key_points.get(slug="once")

    def ask(
        self, role: str, method: str, route: str, *, csrf: bool = False, beside: dict[str, Any] | None = None
    ) -> Any:
        """Send a right request as role, from a browser that remembers nothing but its login.

        beside: fields that its body has no need of.
        """
        client = Client(raise_request_exception=False, enforce_csrf_checks=csrf)
        client.cookies = self.clients[role].cookies.copy()
        sends_json = route.startswith("api/") and method != "GET"
        body: dict[str, Any] = {}
        if sends_json or method == "POST":
            body = {"data": {**(beside or {}), **self.bodies().get(route, {})}}
        if sends_json:
            body |= {"content_type": "application/json", "headers": {"Idempotency-Key": str(uuid4())}}
        return getattr(client, method.lower())(self.address_of(route), **body)


VERSION = {
    "title": "Changed",
    "prompt": "What has changed?",
    "kind": "concept",
    "difficulty": "easy",
    "minutes": "5",
    "references-TOTAL_FORMS": "1",
    "references-INITIAL_FORMS": "0",
    "references-0-text": "All of it.",
    "key_points-TOTAL_FORMS": "1",
    "key_points-INITIAL_FORMS": "0",
    "key_points-0-claim": "All of it has changed.",
    "key_points-0-weight": "1",
    "exemplars-TOTAL_FORMS": "0",
    "exemplars-INITIAL_FORMS": "0",
    "sources-TOTAL_FORMS": "0",
    "sources-INITIAL_FORMS": "0",
}


def make_world(people: dict[str, User | None], cohort: Cohort) -> World:
    """Fill a world around people, who are named by role, and their cohort."""
    candidate, admin, outsider = people["candidate"], people["admin"], people["outsider"]
    version = publish_question()
    publish_question("second-question")
    track = make_track(version.question.topic, count=2)
    mentor = people["mentor"]
    draft = save_version(question=version.question, content=make_content(title="A draft"), author=mentor)
    reviewed = create_question(slug="reviewed", topic=make_topic("new"), content=make_content(), author=mentor)
    running, finished = (make_interview(candidate, track) for _ in range(2))
    save_draft(asked=running.questions.get(position=1), text="The running draft.", revision=0, now=database_now())
    answer, other_answer = (
        submit_answer(asked=asked, text="Lazily.", idempotency_key=uuid4(), now=database_now())
        for asked in finished.questions.all()
    )
    give_grade(answer.job, 80, missing=("once",))
    give_grade(other_answer.job, 80)
    finish(interview=finished, now=database_now())
    answer.job.refresh_from_db()
    _, token = invite(cohort=cohort, email=outsider.email, role=Role.CANDIDATE, actor=admin, now=database_now())
    for user in filter(None, people.values()):
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=user != candidate)
    WorkerHeartbeat.objects.create(name="here", engine_version="1", encoder="stub", seen_at=_through_all_tests())
    Group.objects.create(name="A group")
    request_run(
        purpose=BenchPurpose.ANSWER,
        content=make_content(),
        text="Lazily.",
        actor=people["mentor"],
        now=database_now(),
    )
    request_run(purpose=BenchPurpose.LINT, content=make_content(), actor=people["mentor"], now=database_now())
    QuestionCalibration.objects.create(version=version, number=1, created_by=mentor, created_at=database_now())
    preview = CalibrationPreview.objects.create(
        version=version,
        requested_by=mentor,
        reviews=[],
        created_at=database_now(),
        rung_at=database_now(),
        finished_at=database_now(),
        error_before=9,
        error_after=4,
        nearer=5,
    )
    return World(
        people=people,
        clients={role: client_of(user) for role, user in people.items()},
        cohort=cohort,
        question=version.question,
        in_review=submit(version=reviewed, actor=mentor),
        comment=comment(version=draft, field="prompt", text="Too vague.", author=mentor, now=database_now()),
        running=running,
        finished=finished,
        job=answer.job,
        asked=ask_mentor(job=other_answer.job, text="Why not all of it?", now=database_now()),
        token=AuthToken.objects.create(user=candidate)[0],
        session=_session(candidate),
        invitation=token,
        preview=preview,
        import_=_import(mentor),
        members=_members(cohort, admin, "mail,who\nfrom.a.table@example.com,Changed\n"),
        invited=_invited(cohort, admin),
        regrade=_regrade(candidate, mentor),
        accepted=_accepted_appeal(candidate, people["peer"], mentor),
        assignment=make_assignment(cohort, track, created_by=admin),
    )


def _session(user: User) -> UserSession:
    """A session of user's in another browser, listed as logging in lists it."""
    elsewhere = client_of(user).session.session_key
    return UserSession.objects.create(user=user, session_key=elsewhere, ip="192.0.2.7", user_agent="Elsewhere")


def _through_all_tests() -> datetime:
    """Return when a worker was last seen that is not to fall silent, however slowly the tests run."""
    return database_now() + timedelta(hours=1)


def _import(mentor: User) -> Import:
    """An import of mentor's, checked, of one question."""
    table = b"prompt,title\nWhat came in a file?,From a file\n"
    taken = imports.upload(
        name="bank.csv", format_name="csv", data=table, topic=make_topic(), actor=mentor, now=database_now()
    )
    imports.check(import_=taken, mapping=taken.mapping, now=database_now())
    imports.run(import_id=taken.pk)
    return Import.objects.get(pk=taken.pk)


def _members(cohort: Cohort, admin: User, table: str) -> MemberImport:
    return member_imports.upload(
        cohort=cohort, filename="people.csv", data=table.encode(), actor=admin, now=database_now()
    )


def _invited(cohort: Cohort, admin: User) -> MemberImport:
    """Return a table that is applied; the mail to the one person in it was given up."""
    taken = _members(cohort, admin, "email\nfailed@example.com\n")
    member_imports.apply(member_import=taken, actor=admin, now=database_now())
    taken.invitations.update(mail_due_at=None, mail_error="The mail server refuses this address.")
    return taken


def _regrade(candidate: User, mentor: User) -> Regrade:
    """Return the preview of a published version that would change the grade of an answer of candidate's."""
    version = publish_question("regraded", topic=make_topic("regraded"))
    give_grade(make_job(candidate, version), 50)
    return previewed(publish_mended(version), mentor)


def _accepted_appeal(candidate: User, peer: User, mentor: User) -> Appeal:
    """Return an appeal of candidate's that mentor has accepted; peer has answered the question too."""
    version = publish_question("appealed", topic=make_topic("appealed"))
    point = version.key_points.get(slug="once")
    job, theirs = make_job(candidate, version), make_job(peer, version)
    for one in (job, theirs):
        give_grade(one, 50, missing=("once",))
    made = appeal(job=job, key_point_id=point.pk, said="Memory stays small.", reason="", now=database_now())
    marks = {one.pk: Mark.STATED for one in version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Yes.", now=database_now())
    made.refresh_from_db()
    return made
