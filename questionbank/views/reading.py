"""The list of questions."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from people.access import mentor_required
from people.requests import LoggedInRequest
from questionbank import selectors
from questionbank.formats.registry import FORMATS
from questionbank.models import Difficulty, Kind, VersionState
from questionbank.search import Search, Sort

QUESTIONS_PAGE = 25


@mentor_required
@require_GET
def questions(request: LoggedInRequest) -> HttpResponse:
    """List and search the bank."""
    search = Search.from_query(request.GET)
    found, is_alike = selectors.find_questions(request.user, search)
    context = {
        "page": Paginator(found, QUESTIONS_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "is_alike": is_alike,
        "in_review": selectors.count_in_review(),
        "topics": selectors.topic_tree(),
        "authors": selectors.authors(),
        "states": VersionState.choices,
        "kinds": Kind.choices,
        "difficulties": Difficulty.choices,
        "sorts": [choice for choice in Sort.choices if choice[0] or search.words],
        "formats": FORMATS.values(),
    }
    return render(request, "questionbank/questions.html", context)
