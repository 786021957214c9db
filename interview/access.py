"""Fetch-and-authorise helpers for interviews."""

from typing import Any

from django.shortcuts import get_object_or_404

from interview.models import Assignment, Interview, InterviewQuestion
from people.models import Cohort, Role, User


def get_interview(user: User, pk: Any) -> Interview:
    """Return user's own interview pk, else raise Http404."""
    return get_object_or_404(Interview.objects.visible_to(user).select_related("track", "assignment__cohort"), pk=pk)


def get_asked(user: User, pk: Any, position: int) -> InterviewQuestion:
    """Return the question at position (from 1) of user's own interview pk, else raise Http404."""
    asked = InterviewQuestion.objects.filter(interview__in=Interview.objects.visible_to(user))
    related = ("interview__track", "version__question__topic", "draft", "answer__job")
    return get_object_or_404(asked.select_related(*related), interview=pk, position=position)


def get_asked_to_save(user: User, pk: Any, position: int) -> InterviewQuestion:
    """Return the same for a draft, the most frequent of all requests: without what a page shows besides."""
    asked = InterviewQuestion.objects.filter(interview__in=Interview.objects.visible_to(user))
    return get_object_or_404(asked, interview=pk, position=position)


def get_asked_of_job(user: User, job: Any) -> InterviewQuestion:
    """Return the question of user's own interview whose answer is graded by job, else raise Http404."""
    asked = InterviewQuestion.objects.filter(interview__in=Interview.objects.visible_to(user))
    return get_object_or_404(asked.select_related("interview"), answer__job=job)


def get_assigned(user: User, pk: Any) -> Assignment:
    """Return the assignment pk, also a withdrawn one, of a cohort in which user is a candidate, else raise Http404."""
    mine = user.memberships.filter(role=Role.CANDIDATE).values("cohort")
    return get_object_or_404(Assignment.objects.select_related("track", "cohort"), pk=pk, cohort__in=mine)


def get_assignment(cohort: Cohort, pk: Any) -> Assignment:
    """Return the assignment pk of cohort, which people.access has given, else raise Http404."""
    return get_object_or_404(Assignment.objects.select_related("track", "cohort", "created_by"), pk=pk, cohort=cohort)
