"""A life in Greenroom: somebody of whom there is something in every table about people."""

from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from knox.models import AuthToken

from grading.models import Appeal, GradingJob, MentorQuestion
from grading.services.reviews import review
from interview.models import Assignment, Mode, PointToRecall, PracticePlan, Reminder, ReminderKind
from interview.services.interviews import save_draft, start_chosen, submit_answer
from people.clock import database_now
from people.models import Cohort, Erasure, MemberImport, Role, User
from people.services.cohorts import create_cohort
from people.services.invitations import accept_invitation, invite
from questionbank.models import Mark, QuestionVersion
from questionbank.services.versions import publish
from questionbank.services.versions import save_draft as save_version
from tests.factories import make_content, make_topic, make_track
from tests.grading.conftest import TEXT, grade_by_hand

SECRET = "a seed of codes"
SESSION_KEY = "a key of a session"
ROWS = [[2, ["another.person@example.com"]]]


def live(candidate: User, mentor: User, admin: User, published: QuestionVersion) -> User:
    """Return candidate with something in every part: candidate here, mentor of a cohort of their own."""
    now = database_now()
    EmailAddress.objects.create(user=candidate, email=candidate.email, primary=True, verified=True)
    AuthToken.objects.create(user=candidate)
    Authenticator.objects.create(user=candidate, type=Authenticator.Type.TOTP, data={"secret": SECRET})
    UserSession.objects.create(user=candidate, ip="192.0.2.7", user_agent="A browser", session_key=SESSION_KEY)
    Erasure.objects.create(user=candidate, asked_by=candidate, asked_at=now, due_at=now)
    own = create_cohort(name="My own", actor=candidate)
    _, token = invite(cohort=own, email=mentor.email, role=Role.CANDIDATE, actor=candidate, now=now)
    accept_invitation(token=token, user=mentor, now=now)
    job = answered(candidate, published)
    reviewed(job, mentor, "You do say it.")
    point = job.version.key_points.first()
    Appeal.objects.create(job=job, key_point=point, said="Values come on demand.", created_at=now)
    MentorQuestion.objects.create(
        job=job, text="Why?", asked_at=now, answer="Because.", answered_by=mentor, answered_at=now
    )
    PracticePlan.objects.create(candidate=candidate, interview_on=now.date())
    PointToRecall.objects.create(
        candidate=candidate, question=published.question, slug="lazy", card={}, due_at=now, mark="missing", job=job
    )
    assignment = _assigned(own, candidate, now)
    Reminder.objects.create(assignment=assignment, candidate=candidate, kind=ReminderKind.OPENED, created_at=now)
    MemberImport.objects.create(
        cohort=own, uploaded_by=candidate, filename="people.csv", header=["email"], rows=ROWS, created_at=now
    )
    theirs = answered(mentor, published)
    reviewed(theirs, candidate, "My words.")
    MentorQuestion.objects.create(
        job=theirs, text="Theirs?", asked_at=now, answer="Mine.", answered_by=candidate, answered_at=now
    )
    draft = save_version(question=published.question, content=make_content(title="Written"), author=candidate)
    publish(version=draft, actor=admin, now=now)
    return candidate


def _assigned(cohort: Cohort, actor: User, now: datetime) -> Assignment:
    return Assignment.objects.create(
        cohort=cohort,
        track=make_track(make_topic("assigned"), slug="assigned"),
        mode=Mode.MOCK,
        opens_at=now,
        due_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=1),
        created_by=actor,
        created_at=now,
    )


def answered(user: User, *versions: QuestionVersion) -> GradingJob:
    """Let user answer these questions in practice, and have them graded; return the last one's job."""
    interview = start_chosen(candidate=user, title="Chosen", versions=versions, now=database_now())
    for asked in interview.questions.all():
        save_draft(asked=asked, text="A draft.", revision=0, now=database_now())
        answer = submit_answer(asked=asked, text=TEXT, idempotency_key=uuid4(), now=database_now())
        job = grade_by_hand(answer.job)
    return job


def reviewed(job: GradingJob, reviewer: User, reason: str) -> None:
    """Let reviewer say that the answer states everything."""
    marks = {point.pk: Mark.STATED for point in job.version.key_points.all()}
    review(job=job, reviewer=reviewer, marks=marks, reason=reason, now=database_now())
