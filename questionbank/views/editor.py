"""Where a version is written. What is typed is kept as it is typed: services/copies.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank import access, selectors
from questionbank.content import QuestionContent
from questionbank.diff import Difference, differences
from questionbank.forms import ChangeTopicForm, NewQuestionForm, VersionForms, short_name
from questionbank.models import EditorCopy, Question, QuestionVersion, VersionState
from questionbank.services import copies
from questionbank.services import versions as services
from questionbank.templatetags.prompts import prompt
from questionbank.views.workflow import hand_in

# What a page sends beside what is typed; it is no part of a copy.
NOT_TYPED = ("csrfmiddlewaretoken", "seen", "over", "save", "hand_in")
OF_THE_WORKBENCH = ("bench-", "lint-")
LONGEST_PREVIEW = 20_000


@dataclass(frozen=True)
class Clash:
    """The draft was changed while this page was open. theirs: what stands now; found: what mine says otherwise.

    found is None while mine is not valid and cannot be compared.
    """

    theirs: QuestionVersion
    found: list[Difference] | None

    @property
    def hash(self) -> str:
        """What the page is based on once mine is to be written over theirs."""
        return _draft_hash(self.theirs)


# --- A new question -----------------------------------------------------------------------------------------


@mentor_required
@require_http_methods(["GET", "POST"])
def new_question(request: LoggedInRequest) -> HttpResponse:
    """Write a question that the bank does not have."""
    if request.method == "POST":
        return _create(request)
    copy = selectors.copy_of(request.user, None)
    about = NewQuestionForm(initial={"topic": copy.data.get("topic")} if copy else None)
    return _page(request, VersionForms(typed=copy.data if copy else None), about=about, copy=copy)


def _create(request: LoggedInRequest) -> HttpResponse:
    forms, about = VersionForms(request.POST), NewQuestionForm(request.POST)
    if all([forms.is_valid(), about.is_valid()]):
        content = forms.content()
        try:
            draft = services.create_question(
                slug=short_name(content.title, words=20, length=64) or "question",
                topic=about.cleaned_data["topic"],
                content=content,
                author=request.user,
            )
        except ValidationError as refused:
            forms.version.add_error("title", [*refused.messages, "Give it another title."])
        else:
            copies.drop(author=request.user, question=None, page=request.POST)
            return _saved(request, draft)
    return _page(request, forms, about=about, status=400)


# --- The next version of one --------------------------------------------------------------------------------


@mentor_required
@require_http_methods(["GET", "POST"])
def edit_question(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Write the next version: go on with the draft, or begin one from what is published.

    What was typed and is in no draft yet is brought back, unless the address asks for what the draft says (?theirs).
    """
    question = access.get_question(request.user, pk)
    newest = selectors.with_parts(question.versions.select_related("author")).first()
    if request.method == "POST":
        return _save(request, question, newest)
    copy = selectors.copy_of(request.user, question)
    if newest and newest.state == VersionState.IN_REVIEW:
        return render(
            request, "questionbank/edit_in_review.html", {"question": question, "version": newest, "copy": copy}
        )
    base = selectors.content_of(newest) if newest else None
    context: dict[str, Any] = {"question": question, "newest": newest}
    if copy and "theirs" not in request.GET:
        typed = VersionForms(typed=copy.data, content=base)
        clash = _clash(newest, _content(copy.data, base)) if copy.seen != _draft_hash(newest) else None
        return _page(request, typed, seen=copy.seen, copy=copy, clash=clash, **context)
    return _page(request, VersionForms(content=base), seen=_draft_hash(newest), aside=copy, **context)


def _save(request: LoggedInRequest, question: Question, newest: QuestionVersion | None) -> HttpResponse:
    """Save the draft. One that was changed meanwhile is shown beside what was typed, for a choice."""
    base = selectors.content_of(newest) if newest else None
    forms = VersionForms(request.POST, content=base)
    seen = request.POST.get("over", request.POST.get("seen", _draft_hash(newest)))
    context: dict[str, Any] = {"question": question, "newest": newest, "seen": seen}
    if not forms.is_valid():
        return _page(request, forms, status=400, **context)
    content = forms.content()
    try:
        draft = services.save_draft(question=question, content=content, author=request.user, expected_hash=seen)
    except services.DraftChanged:
        _keep(request, question, content)
        return _page(request, forms, clash=_clash(newest, content), status=409, **context)
    except ValidationError as refused:
        return _page(request, forms, error=" ".join(refused.messages), status=409, **context)
    copies.drop(author=request.user, question=question, page=request.POST)
    return _saved(request, draft)


def _saved(request: LoggedInRequest, draft: QuestionVersion) -> HttpResponse:
    """Hand it in too when that button was pressed; then show the version."""
    if "hand_in" in request.POST:
        hand_in(request, draft)
    else:
        messages.success(request, "The draft is saved. Hand it in when it is ready for another mentor.")
    return redirect("question_version", pk=draft.question_id, number=draft.number)


@mentor_required
@require_POST
def change_topic(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Put the question under another topic at once. What the editor holds is kept, and comes back with it."""
    question = access.get_question(request.user, pk)
    form = ChangeTopicForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The topic stays as it was: choose one from the list.")
    else:
        try:
            services.change_topic(question=question, topic=form.cleaned_data["topic"], actor=request.user)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(
                request, f"The question is under {form.cleaned_data['topic']} now, with all its versions."
            )
    return _back_to_editor(request, access.get_question(request.user, pk))


def _back_to_editor(request: LoggedInRequest, question: Question) -> HttpResponse:
    """Lead back to the editor. Where what it sent could not be kept, that is on the page itself."""
    if "page" not in request.POST:
        return redirect("edit_question", pk=question.pk)
    newest = selectors.with_parts(question.versions.select_related("author")).first()
    base = selectors.content_of(newest) if newest else None
    kept = _keep(request, question, _content(request.POST, base))
    if kept.where != "elsewhere":
        return redirect("edit_question", pk=question.pk)
    typed = VersionForms(typed=request.POST, content=base)
    return _page(request, typed, question=question, newest=newest, seen=request.POST.get("seen", ""))


# --- What is kept while it is typed -------------------------------------------------------------------------


@mentor_required
@require_POST
def autosave(request: LoggedInRequest, pk: UUID | None = None) -> HttpResponse:
    """Keep what the page holds, valid or not, and answer where it is: see services.copies.Kept."""
    question = access.get_question(request.user, pk) if pk else None
    newest = selectors.with_parts(question.versions.all()).first() if question else None
    kept = _keep(request, question, _content(request.POST, selectors.content_of(newest) if newest else None))
    answer = {"kept": kept.where, "seen": kept.seen, "saved_at": kept.at.isoformat()}
    return JsonResponse(answer, status=200 if kept.where in ("draft", "copy") else 409)


@mentor_required
@require_POST
def drop_copy(request: LoggedInRequest, pk: UUID | None = None) -> HttpResponse:
    """Forget what was typed and is in no draft."""
    question = access.get_question(request.user, pk) if pk else None
    copies.drop(author=request.user, question=question)
    messages.success(request, "What you had typed is dropped.")
    return redirect("edit_question", pk=pk) if pk else redirect("new_question")


@mentor_required
@require_POST
def preview(request: LoggedInRequest) -> HttpResponse:
    """Return the prompt that was sent as candidates see it, as HTML."""
    return HttpResponse(prompt(request.POST.get("prompt", "")[:LONGEST_PREVIEW]))


def _keep(request: LoggedInRequest, question: Question | None, content: QuestionContent | None) -> copies.Kept:
    return copies.keep(
        author=request.user,
        question=question,
        data={
            name: str(value)
            for name, value in request.POST.items()
            if name not in NOT_TYPED and not name.startswith(OF_THE_WORKBENCH)
        },
        content=content,
        seen=request.POST.get("seen", ""),
        now=database_now(),
    )


def _content(data: Mapping[str, Any], base: QuestionContent | None) -> QuestionContent | None:
    """Return what a form that was sent says, None where it is not valid."""
    forms = VersionForms(data, content=base)
    return forms.content() if forms.is_valid() else None


# --- The page -----------------------------------------------------------------------------------------------


def _page(
    request: LoggedInRequest,
    forms: VersionForms,
    *,
    about: NewQuestionForm | None = None,
    question: Question | None = None,
    newest: QuestionVersion | None = None,
    copy: EditorCopy | None = None,
    aside: EditorCopy | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Show the editor. copy: what was brought back into it; aside: what was not. The page gets a name for its copies.

    context: seen (the hash of the draft it is based on), clash, error.
    """
    context = {
        "forms": forms,
        "about": about,
        "question": question,
        "topic": ChangeTopicForm(question=question) if question else None,
        "copy": copy,
        "aside": aside,
        "faults": forms.faults(about),
        "number": _next_number(newest),
        "page": request.POST.get("page") or uuid4().hex,
        "took": copy.data.get("page", "") if copy else request.POST.get("took", ""),
        **context,
    }
    return render(request, "questionbank/edit.html", context, status=status)


def _clash(newest: QuestionVersion | None, mine: QuestionContent | None) -> Clash | None:
    if newest is None:
        return None
    return Clash(newest, differences(selectors.content_of(newest), mine) if mine else None)


def _draft_hash(newest: QuestionVersion | None) -> str:
    """Return the content hash of the question's draft, "" where it has none."""
    return newest.content_hash if newest and newest.state == VersionState.DRAFT else ""


def _next_number(newest: QuestionVersion | None) -> int:
    if newest is None:
        return 1
    return newest.number if newest.state == VersionState.DRAFT else newest.number + 1
