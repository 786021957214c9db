"""All that Greenroom holds about one person, to take away.

tests/interview/selectors/test_mine.py walks every table about people and fails for one that is not here.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Prefetch, Q, QuerySet
from knox.models import AuthToken

from grading.models import Appeal, Grade, GradingJob, KeyPointMark, MentorQuestion, Review
from interview.models import Assignment, Interview, InterviewQuestion, PointToRecall, PracticePlan, Reminder
from people.models import AuditEntry, Erasure, Invitation, MemberImport, Membership, User
from questionbank.models import QuestionVersion

Row = dict[str, Any]


def everything_of(user: User) -> Row:
    """Return all about user as values that JSON has, dates and the like aside; in a fixed number of queries."""
    return {
        "profile": _profile(user),
        "email_addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "cohorts": _cohorts(user),
        "invitations": _invitations(user),
        "api_tokens": _rows(AuthToken.objects.filter(user=user), "token_key", "created", "expiry"),
        "second_steps": _rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
        "sessions": _rows(UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"),
        "erasure": _rows(Erasure.objects.filter(user=user), "asked_at", "due_at"),
        "interviews": [_interview(interview) for interview in _interviews(user)],
        "practice_plan": _practice_plan(user),
        "points_to_recall": _points_to_recall(user),
        "reminders": _reminders(user),
        "assignments_made": _assignments_made(user),
        "tables_of_people_uploaded": _tables_uploaded(user),
        "reviews_written": [_written_review(review) for review in _reviews_by(user)],
        "replies_to_candidates": _replies(user),
        "question_versions": _question_versions(user),
        "audit_entries": _audit_entries(user),
    }


def _profile(user: User) -> Row:
    fields = [field.name for field in User._meta.concrete_fields]  # noqa: SLF001 (Django's documented model API)
    return {name: getattr(user, name) for name in fields if name != "password"}


def _cohorts(user: User) -> list[Row]:
    memberships = Membership.objects.filter(user=user).select_related("cohort").order_by("created_at")
    return [{"name": one.cohort.name, "role": one.role, "since": one.created_at} for one in memberships]


def _invitations(user: User) -> list[Row]:
    """Those that user sent or accepted."""
    invitations = Invitation.objects.filter(Q(invited_by=user) | Q(accepted_by=user)).select_related("cohort")
    fields = ("email", "role", "name", "extra_time_factor", "untimed", "created_at", "accepted_at")
    return [{"cohort": one.cohort.name, **_values(one, *fields)} for one in invitations]


def _interviews(user: User) -> QuerySet[Interview]:
    questions = InterviewQuestion.objects.select_related("version__question", "draft", "answer__job")
    job = "questions__answer__job"
    return (
        Interview.objects.filter(candidate=user)
        .select_related("track", "assignment__cohort")
        .prefetch_related(
            Prefetch("questions", questions),
            Prefetch(f"{job}__grades", Grade.objects.select_related("version", "regrade").order_by("-created_at")),
            f"{job}__grades__marks__key_point",
            f"{job}__reviews__reviewer",
            f"{job}__reviews__marks__key_point",
            f"{job}__appeals__key_point",
            f"{job}__mentor_questions__answered_by",
        )
    )


def _interview(interview: Interview) -> Row:
    times = ("started_at", "deadline_at", "finished_at", "announced_at")
    limits = ("minutes", "extra_time_factor", "untimed")
    return {
        **_values(interview, "id", "title", "mode", *times, *limits),
        "track": interview.track.slug if interview.track else None,
        "assigned_by_cohort": interview.assignment.cohort.name if interview.assignment else None,
        "questions": [_question(asked) for asked in interview.questions.all()],
    }


def _question(asked: InterviewQuestion) -> Row:
    version = asked.version
    return {
        **_values(asked, "position", "section", "flagged", "late_text"),
        "question": version.question.slug,
        **_values(version, "title", "prompt"),
        "version": version.number,
        "draft": _values(asked.draft, "text", "revision", "saved_at") if hasattr(asked, "draft") else None,
        "answer": _values(asked.answer, "id", "text", "submitted_at") if asked.is_submitted else None,
        "grading": _grading(asked.answer.job) if asked.is_submitted else None,
    }


def _grading(job: GradingJob) -> Row:
    grade, earlier = _grades(job)
    return {
        **_values(job, "id", "state", "engine_version", "created_at", "finished_at", "trouble"),
        "grade": _grade(grade, job.text) if grade else None,
        "earlier_grades": [_grade(one, job.text) for one in earlier],
        "reviews": [_review(review) for review in job.reviews.all()],
        "appeals": [_appeal(appeal) for appeal in job.appeals.all()],
        "questions_to_mentors": [_asked_of_mentors(question) for question in job.mentor_questions.all()],
    }


def _grades(job: GradingJob) -> tuple[Grade | None, list[Grade]]:
    """Return the grade that counts, and those that it has taken the place of, the latest first."""
    grades = list(job.grades.all())
    return next((one for one in grades if one.pk == job.grade_id), None), [
        one for one in grades if one.pk != job.grade_id
    ]


def _grade(grade: Grade, text: str) -> Row:
    return {
        "key_of_version": grade.version.number,
        "graded_again_because": grade.regrade.reason if grade.regrade else None,
        **_values(grade, "id", "score", "confidence", "flags", "doubts", "receipt", "created_at"),
        "marks": [_mark(mark, text) for mark in grade.marks.all()],
    }


def _mark(mark: KeyPointMark, text: str) -> Row:
    figures = ("score_with", "similarity", "threshold", "p_stated", "p_missing", "p_contradicted")
    evidence = text[mark.evidence_start : mark.evidence_end] if mark.evidence_end else ""
    return {"key_point": mark.key_point.claim, **_values(mark, "mark", *figures), "evidence": evidence}


def _review(review: Review) -> Row:
    return {
        "reviewer": review.reviewer.display_name,
        **_values(review, "reason", "score", "created_at"),
        "marks": [{"key_point": mark.key_point.claim, "mark": mark.mark} for mark in review.marks.all()],
    }


def _appeal(appeal: Appeal) -> Row:
    return {
        "key_point": appeal.key_point.claim,
        **_values(appeal, "said", "reason", "created_at", "state", "decided_at"),
    }


def _asked_of_mentors(question: MentorQuestion) -> Row:
    by = question.answered_by
    return {
        **_values(question, "text", "asked_at", "answer", "answered_at"),
        "answered_by": by.display_name if by else None,
    }


def _practice_plan(user: User) -> Row | None:
    plan = PracticePlan.objects.filter(candidate=user).select_related("track").first()
    if plan is None:
        return None
    return {"track": plan.track.slug if plan.track else None, **_values(plan, "interview_on", "minutes_a_day")}


def _points_to_recall(user: User) -> list[Row]:
    points = PointToRecall.objects.filter(candidate=user).select_related("question")
    return [{"question": one.question.slug, **_values(one, "slug", "mark", "due_at", "card")} for one in points]


def _reminders(user: User) -> list[Row]:
    reminders = Reminder.objects.filter(candidate=user).select_related("assignment__cohort", "assignment__track")
    fields = ("kind", "created_at", "sent_at")
    return [{**_assigned(one.assignment), **_values(one, *fields)} for one in reminders.order_by("created_at")]


def _assignments_made(user: User) -> list[Row]:
    made = Assignment.objects.filter(created_by=user).select_related("cohort", "track").order_by("created_at")
    fields = ("mode", "note", "opens_at", "due_at", "closes_at", "attempts", "reminds", "created_at", "withdrawn_at")
    return [{**_assigned(one), **_values(one, *fields)} for one in made]


def _assigned(assignment: Assignment) -> Row:
    return {"cohort": assignment.cohort.name, "track": assignment.track.slug}


def _tables_uploaded(user: User) -> list[Row]:
    """That user uploaded them; the people in them are others."""
    tables = MemberImport.objects.filter(uploaded_by=user).select_related("cohort").order_by("created_at")
    fields = ("filename", "created_at", "applied_at")
    return [{"cohort": one.cohort.name, **_values(one, *fields)} for one in tables]


def _reviews_by(user: User) -> QuerySet[Review]:
    return Review.objects.filter(reviewer=user).select_related("reviewer").prefetch_related("marks__key_point")


def _written_review(review: Review) -> Row:
    """A review as its writer has it: whose answer it was is not theirs to take away."""
    return {**_review(review), "answer": review.job_id}


def _replies(user: User) -> list[Row]:
    """What user, as a mentor, replied; the candidate's question is the candidate's."""
    return _rows(MentorQuestion.objects.filter(answered_by=user), "answer", "answered_at")


def _question_versions(user: User) -> list[Row]:
    """What user wrote or published of the question bank: which versions, not what they say."""
    versions = QuestionVersion.objects.filter(Q(author=user) | Q(published_by=user)).select_related("question")
    fields = ("title", "number", "state", "created_at", "published_at")
    return [{"question": one.question.slug, **_values(one, *fields)} for one in versions.order_by("created_at")]


def _audit_entries(user: User) -> list[Row]:
    return _rows(AuditEntry.objects.filter(actor=user), "at", "action", "object_type", "object_id", "detail")


def _rows(found: QuerySet[Any], *names: str) -> list[Row]:
    return [_values(row, *names) for row in found]


def _values(row: Any, *names: str) -> Row:
    return {name: getattr(row, name) for name in names}
