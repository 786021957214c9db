"""Fetch-and-authorise helpers for questions."""

from typing import Any

from django.shortcuts import get_object_or_404

from people.models import User
from questionbank.models import Question


def get_question(user: User, pk: Any) -> Question:
    """Return the question pk if user may read and write questions, else raise Http404."""
    return get_object_or_404(Question.objects.visible_to(user).select_related("topic"), pk=pk)
