"""What the page of a question version says about its grading: whether mentors have taught it, and how it agrees."""

from typing import Any

from django import template

from grading.models import QuestionCalibration
from questionbank.models import QuestionVersion

register = template.Library()


@register.inclusion_tag("grading/_grading_of.html")
def grading_of(version: QuestionVersion) -> dict[str, Any]:
    """Say on how many answers version is calibrated, and lead to the agreement of grader and mentors."""
    used = QuestionCalibration.objects.filter(version=version, withdrawn_at=None).first()
    return {"version": version, "learnt": used.answers.count() if used else 0}
