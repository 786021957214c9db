"""What the page of a question version says about past answers: that another key would change them."""

from typing import Any

from django import template

from grading.models import RegradeState
from grading.selectors.regrades import answers_with_another_key, open_regrade
from questionbank.models import QuestionVersion, VersionState

register = template.Library()


@register.inclusion_tag("grading/_regrade_offer.html", takes_context=True)
def regrade_offer(context: dict[str, Any], version: QuestionVersion) -> dict[str, Any]:
    """Offer to find out what version would change; lead to what is open of it already."""
    running = open_regrade(version.question_id)
    count = 0 if running or version.state == VersionState.RETIRED else answers_with_another_key(version).count()
    return {
        "version": version,
        "running": running,
        "is_previewed": running is not None and running.state == RegradeState.PREVIEWED,
        "count": count,
        "csrf_token": context.get("csrf_token"),
    }
