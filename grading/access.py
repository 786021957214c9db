"""Fetch-and-authorise helpers for graded answers."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from grading.models import GradingJob, Regrade
from grading.selectors.grades import ShownGrade, mentors_of, shown_grade, with_results
from people.models import User
from questionbank.models import Question


def get_job(user: User, pk: Any) -> GradingJob:
    """Return the job pk with its results if user may read it, else raise Http404."""
    return get_object_or_404(with_results(GradingJob.objects.visible_to(user)), pk=pk)


def may_review(user: User, job: GradingJob) -> bool:
    """Say whether user may set marks: a mentor of a cohort of the candidate's, never the candidate."""
    if user.pk == job.candidate_id:
        return False
    if user.is_superuser:
        return True
    return mentors_of(job.candidate_id).filter(user=user).exists()


def get_job_to_read(user: User, pk: Any) -> GradingJob:
    """Return somebody else's job that user may read as mentor or admin, else raise Http404."""
    job = get_job(user, pk)
    if job.candidate_id == user.pk:
        raise Http404("Your own answers are on your results page.")
    return job


def get_own_job(user: User, pk: Any) -> GradingJob:
    """Return the job of user's own answer pk with its results, else raise Http404."""
    return get_object_or_404(with_results(GradingJob.objects.filter(candidate=user)), pk=pk)


def get_own_grade(user: User, pk: Any) -> ShownGrade:
    """Return what is shown of the job pk of user's own answer, else raise Http404; also while there are no marks."""
    shown = shown_grade(get_own_job(user, pk))
    if shown is None:
        raise Http404("This answer has no marks yet.")
    return shown


def get_regrade(user: User, pk: Any) -> Regrade:
    """Return the regrade pk of a question that user may read and write, else raise Http404."""
    regrades = Regrade.objects.select_related("version", "question", "requested_by", "decided_by")
    return get_object_or_404(regrades.filter(question__in=Question.objects.visible_to(user)), pk=pk)
