"""The mentors' pages of the question bank."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank import access, selectors, services
from questionbank.forms import NewQuestionForm, VersionForms, short_name
from questionbank.models import Question, QuestionVersion, VersionState

QUESTIONS_PAGE = 25


@mentor_required
@require_GET
def questions(request: LoggedInRequest) -> HttpResponse:
    """List and search the bank."""
    words, topic = request.GET.get("q", "").strip()[:200], request.GET.get("topic", "")
    found = selectors.questions_for(request.user, words=words, topic=topic)
    context = {
        "page": Paginator(found, QUESTIONS_PAGE).get_page(request.GET.get("page")),
        "words": words,
        "topic": topic,
        "topics": selectors.topic_tree(),
    }
    return render(request, "questionbank/questions.html", context)


@mentor_required
@require_GET
def question_detail(request: LoggedInRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """Read one version: the one asked for, else the published one, else the newest."""
    question = access.get_question(request.user, pk)
    versions = list(question.versions.select_related("author"))
    published = [version.number for version in versions if version.state == VersionState.PUBLISHED]
    wanted = (published or [versions[0].number])[0] if number is None else number
    version = get_object_or_404(selectors.with_parts(question.versions.all()), number=wanted)
    draft = next((v for v in versions if v.state == VersionState.DRAFT), None)
    context = {"question": question, "version": version, "versions": versions, "draft": draft}
    return render(request, "questionbank/question.html", context)


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
        _publish(request, draft)
    else:
        messages.success(request, "The draft is saved. Candidates see it when it is published.")
    return redirect("question_version", pk=draft.question_id, number=draft.number)


def _publish(request: LoggedInRequest, draft: QuestionVersion) -> None:
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
    _publish(request, draft)
    return redirect("question_detail", pk=pk)


@mentor_required
@require_POST
def discard_draft(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    question = access.get_question(request.user, pk)
    _draft_of(question)
    services.discard_draft(question=question, actor=request.user)
    messages.success(request, "The draft is discarded.")
    return redirect("question_detail", pk=pk) if question.pk else redirect("questions")
