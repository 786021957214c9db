"""A world with something of everything that an address can name, and the way from a route to an address in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from knox.models import AuthToken

from grading.models import GradingJob, MentorQuestion, WorkerHeartbeat
from grading.services.reviews import ask_mentor
from interview.models import Interview
from interview.services.interviews import finish, save_draft, submit_answer
from people.clock import database_now
from people.models import AuditEntry, Cohort, Role, User
from people.services import invite
from questionbank.models import KeyPoint, Question
from questionbank.services.versions import save_draft as save_version
from tests.conftest import client_of
from tests.factories import give_grade, make_content, make_interview, make_track, publish_question

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

    asked: an open question of the candidate's to the mentors, about another answer than job's.
    """

    people: dict[str, User | None]
    clients: dict[str, Client]
    cohort: Cohort
    question: Question
    running: Interview
    finished: Interview
    job: GradingJob
    asked: MentorQuestion
    token: AuthToken
    invitation: str

    def address_of(self, route: str) -> str:
        """Return the route with something of this world in each of its parts."""
        parts = {**self._parts(), "pk": self._pk(route), "object_id": self._object_id(route)}
        return "/" + re.sub(r"<\w+:(\w+)>", lambda part: str(parts[part[1]]), self._plain(route))

    def _parts(self) -> dict[str, Any]:
        return {
            "slug": "taster",
            "position": 1,
            "number": 1,
            "digest": self.token.digest,
            "job": self.job.pk,
            "user_pk": self.people["peer"].pk,
            "token": self.invitation,
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
        if route == "answers/<uuid:pk>/reply/":
            return self.asked.job_id
        if route == "interviews/<uuid:pk>/" or route.endswith(("results/", "result/", "feedback/", "again/")):
            owner = {"interviews": self.finished, "cohorts": self.cohort}
        else:
            owner = {"interviews": self.running, "cohorts": self.cohort}
        return {**owner, "questions": self.question, "answers": self.job}.get(route.split("/")[0], self.cohort).pk

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
            "questions/new/": {**VERSION, "topic": self.question.topic_id},
            "questions/<uuid:pk>/edit/": VERSION,
            "answers/<uuid:pk>/": {**marks, "reason": "Changed."},
            "answers/<uuid:pk>/reply/": {"question": self.asked.pk, "answer": "Changed."},
            "answers/<uuid:pk>/appeal/": {"key_point": self._missed().pk, "sentence": 0, "reason": "Changed."},
            "answers/<uuid:pk>/ask/": {"text": "Changed."},
            "practise/<slug:slug>/": {"mode": "practice"},
            "plan/": {"minutes_a_day": "20"},
            "plan/topic/": {"topic": "python"},
            answer: {"text": "Changed.", "action": "save", "revision": 1},
            "api/v1/interviews/": {"track": "taster", "mode": "practice"},
            f"{answer}flag/": {"action": "flag"},
            f"api/v1/{answer}flag/": {"flagged": True},
            f"api/v1/{answer}draft/": {"text": "Changed.", "revision": 1},
            f"api/v1/{answer}answer/": {"text": "Changed."},
        }

    def _missed(self) -> KeyPoint:
        return self.job.version.key_points.get(slug="once")

    def ask(self, role: str, method: str, route: str, *, csrf: bool = False) -> Any:
        """Send a right request as role, from a browser that remembers nothing but its login."""
        client = Client(raise_request_exception=False, enforce_csrf_checks=csrf)
        client.cookies = self.clients[role].cookies.copy()
        body: dict[str, Any] = {}
        if route.startswith("api/") and method != "GET":
            headers = {"Idempotency-Key": str(uuid4())}
            body = {"data": self.bodies().get(route, {}), "content_type": "application/json", "headers": headers}
        elif method == "POST":
            body = {"data": self.bodies().get(route, {})}
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
    "sources-TOTAL_FORMS": "0",
    "sources-INITIAL_FORMS": "0",
}


def make_world(people: dict[str, User | None], cohort: Cohort) -> World:
    """Fill a world around people, who are named by role, and their cohort."""
    candidate, admin, outsider = people["candidate"], people["admin"], people["outsider"]
    version = publish_question()
    publish_question("second-question")
    track = make_track(version.question.topic, count=2)
    save_version(question=version.question, content=make_content(title="A draft"), author=people["mentor"])
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
    WorkerHeartbeat.objects.create(name="here", engine_version="1", encoder="stub", seen_at=database_now())
    Group.objects.create(name="A group")
    return World(
        people=people,
        clients={role: client_of(user) for role, user in people.items()},
        cohort=cohort,
        question=version.question,
        running=running,
        finished=finished,
        job=answer.job,
        asked=ask_mentor(job=other_answer.job, text="Why not all of it?", now=database_now()),
        token=AuthToken.objects.create(user=candidate)[0],
        invitation=token,
    )
