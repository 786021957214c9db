"""Lists of questions, and what a version says."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from people.access import mentor_required
from people.requests import LoggedInRequest
from questionbank import access, selectors
from questionbank.models import VersionState

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
