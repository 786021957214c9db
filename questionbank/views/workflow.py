"""What becomes of a version: handed in, commented on, taken back, approved, retired; or discarded as a draft."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.views.decorators.http import require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank import access
from questionbank.forms import CommentForm, ReasonForm
from questionbank.models import QuestionVersion, VersionState
from questionbank.services import versions as services
from questionbank.services import workflow
from questionbank.templatetags.versions import anchor
from questionbank.views.question import version_page


def hand_in(request: LoggedInRequest, draft: QuestionVersion) -> None:
    """Hand draft in for review and say so, or why not."""
    _do(
        request,
        partial(workflow.submit, version=draft, actor=request.user, expected_hash=_seen(request)),
        f"Version {draft.number} is handed in. Another mentor reads it and publishes it.",
    )


@mentor_required
@require_POST
def hand_in_version(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    version = access.get_version(request.user, pk, number)
    hand_in(request, version)
    return _back_to(version)


@mentor_required
@require_POST
def take_back_version(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    """Make a version in review a draft again: by its author as it is, by another mentor with a reason."""
    version = access.get_version(request.user, pk, number)
    is_own = version.author_id == request.user.pk

    def act(form: Form) -> object:
        reason = form.cleaned_data["reason"]
        return workflow.take_back(version=version, actor=request.user, reason=reason, expected_hash=_seen(request))

    said = "is a draft again." if is_own else "is back with its author, with what you ask for."
    return _by_form(request, version, ReasonForm(request.POST), act, f"Version {number} {said}")


@mentor_required
@require_POST
def approve_version(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    version = access.get_version(request.user, pk, number)
    approve = partial(workflow.approve, version=version, actor=request.user, now=database_now())
    done = f"Version {number} is published. Interviews that start now ask it."
    _do(request, partial(approve, expected_hash=_seen(request)), done)
    return _back_to(version)


@mentor_required
@require_POST
def retire_version(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    version = access.get_version(request.user, pk, number)

    def act(form: Form) -> object:
        return workflow.retire(version=version, actor=request.user, reason=form.cleaned_data["reason"])

    done = f"Version {number} is retired. No new interview asks this question."
    return _by_form(request, version, ReasonForm(request.POST), act, done)


@mentor_required
@require_POST
def comment_version(request: LoggedInRequest, pk: UUID, number: int) -> HttpResponse:
    version = access.get_version(request.user, pk, number)

    def act(form: Form) -> object:
        field, text = form.cleaned_data["field"], form.cleaned_data["text"]
        return workflow.comment(version=version, field=field, text=text, author=request.user, now=database_now())

    return _by_form(request, version, CommentForm(request.POST), act, "Your comment is saved.")


@mentor_required
@require_POST
def resolve_comment(request: LoggedInRequest, pk: UUID, comment: int) -> HttpResponse:
    found = access.get_comment(request.user, pk, comment)
    resolve = partial(workflow.resolve_comment, comment=found, actor=request.user, now=database_now())
    _do(request, resolve, "The comment is resolved.")
    return _back_to(found.version, found.field)


@mentor_required
@require_POST
def discard_draft(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    question = access.get_question(request.user, pk)
    get_object_or_404(question.versions.filter(state=VersionState.DRAFT))
    _do(request, partial(services.discard_draft, question=question, actor=request.user), "The draft is discarded.")
    return redirect("question_detail", pk=pk) if question.pk else redirect("questions")


def _seen(request: LoggedInRequest) -> str | None:
    """Return the content hash that the page showed which this request comes from."""
    return request.POST.get("seen_content")


def _do(request: LoggedInRequest, act: Callable[[], object], done: str) -> None:
    """Do it and say what is done, or why it is not."""
    try:
        act()
    except services.DraftChanged as changed:
        messages.error(request, str(changed))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, done)


def _by_form(
    request: LoggedInRequest, version: QuestionVersion, form: Form, act: Callable[[Form], object], done: str
) -> HttpResponse:
    """Do what a form of the version's page asks for. A refused one comes back with what was typed."""
    if form.is_valid():
        try:
            act(form)
        except services.DraftChanged as changed:
            form.add_error(None, str(changed))
        except ValidationError as refused:
            form.add_error(None, refused)
    if form.errors:
        return version_page(request, access.get_version(request.user, version.question_id, version.number), sent=form)
    messages.success(request, done)
    return _back_to(version, form.cleaned_data.get("field"))


def _back_to(version: QuestionVersion, part: str | None = None) -> HttpResponse:
    """Return to the version's page, at what is said to a part of it."""
    page = resolve_url("question_version", pk=version.question_id, number=version.number)
    return redirect(page if part is None else f"{page}#{anchor(part)}")
