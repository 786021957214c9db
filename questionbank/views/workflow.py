"""What becomes of a draft: published, or discarded."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank import access
from questionbank.models import Question, QuestionVersion, VersionState
from questionbank.services import versions as services


def publish(request: LoggedInRequest, draft: QuestionVersion) -> None:
    """Publish draft, unless another mentor was faster."""
    seen = request.POST.get("seen_content")
    try:
        services.publish(version=draft, actor=request.user, now=database_now(), expected_hash=seen)
    except services.DraftChanged as changed:
        messages.error(request, str(changed))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, f"Version {draft.number} is published. Interviews that start now ask it.")


def _draft_of(question: Question) -> QuestionVersion:
    return get_object_or_404(question.versions.filter(state=VersionState.DRAFT))


@mentor_required
@require_POST
def publish_question(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    draft = _draft_of(access.get_question(request.user, pk))
    publish(request, draft)
    return redirect("question_detail", pk=pk)


@mentor_required
@require_POST
def discard_draft(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    question = access.get_question(request.user, pk)
    _draft_of(question)
    services.discard_draft(question=question, actor=request.user)
    messages.success(request, "The draft is discarded.")
    return redirect("question_detail", pk=pk) if question.pk else redirect("questions")
