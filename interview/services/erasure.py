"""What goes of a person's interviews when they are erased: what they wrote, planned and recalled.

Interviews, scores, marks and times stay, of nobody known any more, for the statistics of questions.
"""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from grading.models import GradingJob, MentorQuestion
from grading.services.erasure import erase as erase_graded
from interview.models import Answer, Draft, Interview, InterviewQuestion, PointToRecall, PracticePlan, Reminder
from people.clock import database_now
from people.models import User
from questionbank.models import EditorCopy


def erase(*, person: User, at_most: int) -> bool:
    """Take up to at_most of each kind away; return whether there is more.

    Within the transaction in which person is being erased (people.services.erasure).
    """
    now = database_now()
    _end_interviews(person, now)
    _forget_plans(person)
    asked = InterviewQuestion.objects.filter(interview__candidate=person)
    more = [
        _forget_unscored(person, at_most),
        _delete_some(Draft.objects.filter(question__in=asked), at_most),
        _empty_some(asked, "late_text", at_most),
        _empty_some(Answer.objects.filter(question__in=asked), "text", at_most),
        erase_graded(person=person, at_most=at_most, now=now),
    ]
    return any(more)


def _end_interviews(person: User, now: datetime) -> None:
    """End what is running: nothing more is handed in, so nothing empty is graded."""
    running = Interview.objects.filter(candidate=person, finished_at=None)
    running.update(finished_at=Greatest("started_at", now))


def _forget_plans(person: User) -> None:
    PracticePlan.objects.filter(candidate=person).delete()
    PointToRecall.objects.filter(candidate=person).delete()
    Reminder.objects.filter(candidate=person).delete()
    EditorCopy.objects.filter(author=person).delete()


def _forget_unscored(person: User, at_most: int) -> bool:
    """Delete answers that wait for a grade: without their text none would be right."""
    jobs = GradingJob.objects.filter(candidate=person, grade=None, reviews=None)
    some = list(jobs.values_list("pk", flat=True)[:at_most])
    MentorQuestion.objects.filter(job__in=some).delete()
    Answer.objects.filter(job__in=some).delete()
    GradingJob.objects.filter(pk__in=some).delete()
    return len(some) == at_most


def _delete_some(rows: QuerySet[Draft], at_most: int) -> bool:
    some = list(rows.values_list("pk", flat=True)[:at_most])
    Draft.objects.filter(pk__in=some).delete()
    return len(some) == at_most


def _empty_some(rows: QuerySet[Any], field: str, at_most: int) -> bool:
    some = list(rows.exclude(**{field: ""}).values_list("pk", flat=True)[:at_most])
    rows.filter(pk__in=some).update(**{field: ""})
    return len(some) == at_most
