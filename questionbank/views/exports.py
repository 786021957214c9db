"""Files of questions go out: those that are named, or those that a search of the list finds."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from people.access import mentor_required
from people.requests import LoggedInRequest
from people.responses import attachment
from questionbank import selectors
from questionbank.formats.common import Unwritable
from questionbank.formats.registry import FORMATS
from questionbank.models import Question
from questionbank.search import Search


@mentor_required
@require_GET
def export(request: LoggedInRequest) -> HttpResponse:
    """The questions that the list shows for the same address, or those of ?question=…, as a file."""
    format_ = FORMATS.get(request.GET.get("format", ""))
    if format_ is None:
        raise Http404
    try:
        data = format_.write(selectors.to_export(_asked_for(request)), selectors.topics_as_dicts())
    except Unwritable as refused:
        messages.error(request, f"{format_.title} has no room for this: {refused}.")
        return redirect("imports")
    response = attachment(f"questions{format_.extensions[0]}", format_.media_type)
    response.write(data)
    return response


def _asked_for(request: LoggedInRequest) -> QuerySet[Question]:
    named = request.GET.getlist("question")
    if named:
        return Question.objects.visible_to(request.user).filter(pk__in=[pk for pk in map(_uuid, named) if pk])
    return selectors.find_questions(request.user, Search.from_query(request.GET))[0]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
