"""Where a version is written."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.access import mentor_required
from people.requests import LoggedInRequest
from questionbank import access, selectors
from questionbank.forms import NewQuestionForm, VersionForms, short_name
from questionbank.models import QuestionVersion, VersionState
from questionbank.services import versions as services
from questionbank.views.workflow import publish


@mentor_required
@require_http_methods(["GET", "POST"])
def new_question(request: LoggedInRequest) -> HttpResponse:
    """Write a question that the bank does not have."""
    forms = VersionForms(request.POST or None)
    about = NewQuestionForm(request.POST or None)
    error = ""
    if request.method == "POST" and all([forms.is_valid(), about.is_valid()]):
        content = forms.content()
        try:
            draft = services.create_question(
                slug=short_name(content.title, words=20, length=64) or "question",
                topic=about.cleaned_data["topic"],
                content=content,
                author=request.user,
            )
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            return _saved(request, draft)
    context = {"forms": forms, "about": about, "error": error, "seen": ""}
    return render(request, "questionbank/edit.html", context, status=400 if request.method == "POST" else 200)


@mentor_required
@require_http_methods(["GET", "POST"])
def edit_question(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Write the next version: go on with the draft, or begin one from what is published."""
    question = access.get_question(request.user, pk)
    newest = selectors.with_parts(question.versions.all()).first()
    before = selectors.content_of(newest) if newest else None
    draft_hash = newest.content_hash if newest and newest.state == VersionState.DRAFT else ""
    forms = VersionForms(request.POST or None, content=before)
    seen = request.POST.get("seen", draft_hash)
    error = ""
    if request.method == "POST" and forms.is_valid():
        try:
            draft = services.save_draft(
                question=question, content=forms.content(), author=request.user, expected_hash=seen
            )
        except services.DraftChanged as changed:
            error = f"{changed} Your text is below. Saving again replaces their draft with yours."
            seen = draft_hash
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            return _saved(request, draft)
    context = {"question": question, "forms": forms, "error": error, "seen": seen, "number": _next_number(newest)}
    return render(request, "questionbank/edit.html", context, status=400 if request.method == "POST" else 200)


def _next_number(newest: QuestionVersion | None) -> int:
    if newest is None:
        return 1
    return newest.number if newest.state == VersionState.DRAFT else newest.number + 1


def _saved(request: LoggedInRequest, draft: QuestionVersion) -> HttpResponse:
    """Publish too when that button was pressed; then show the version."""
    if "publish" in request.POST:
        publish(request, draft)
    else:
        messages.success(request, "The draft is saved. Candidates see it when it is published.")
    return redirect("question_version", pk=draft.question_id, number=draft.number)
