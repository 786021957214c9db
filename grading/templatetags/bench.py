"""What the page of a question version in review says about the bench: whether it can be approved yet."""

from typing import Any

from django import template

from grading.selectors.bench import check_of
from questionbank.models import QuestionVersion

register = template.Library()


@register.inclusion_tag("grading/_approve.html", takes_context=True)
def approve(context: dict[str, Any], version: QuestionVersion) -> dict[str, Any]:
    """Show the button that approves version, which waits until its exemplars are graded."""
    return {"version": version, "check": check_of(version), "csrf_token": context.get("csrf_token")}
