"""The pages of what first attempts say about questions."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.item_statistics import FEWEST, LEAST_OTHERS, PASS_MARK, WEAK_FROM
from analytics.selectors import items
from people.access import mentor_required
from people.requests import LoggedInRequest
from questionbank.access import get_version
from questionbank.selectors import topic_tree

STATISTICS_PAGE = 50
LIMITS = {"fewest": FEWEST, "least_others": LEAST_OTHERS, "pass_mark": PASS_MARK, "weak_from": WEAK_FROM}

# What the table of questions can be sorted by: in the address, and the figure it means.
COLUMNS = {
    "title": lambda row: row.title.lower(),
    "n": lambda row: row.figures.n,
    "facility": lambda row: row.figures.facility,
    "passed": lambda row: row.figures.pass_share,
    "discrimination": lambda row: row.figures.discrimination and row.figures.discrimination.value,
    "empty": lambda row: row.figures.omission,
    "time": lambda row: row.figures.time and row.figures.time.median,
}


@mentor_required
@require_GET
def item_statistics(request: LoggedInRequest) -> HttpResponse:
    """The figures of all questions that anybody has answered, and of the tracks."""
    topic, track = request.GET.get("topic", ""), request.GET.get("track", "")
    flagged = request.GET.get("flag") == "1"
    found = items.overview(topic=topic, track=track, flagged=flagged)
    sort = request.GET.get("sort", "")
    rows = _sorted(found.questions, sort)
    context = {
        **LIMITS,
        "page": Paginator(rows, STATISTICS_PAGE).get_page(request.GET.get("page")),
        "tracks": found.tracks,
        "topics": topic_tree(),
        "topic": topic,
        "track": track,
        "flagged": flagged,
        "is_narrowed": bool(topic or track or flagged),
        "sort": sort,
    }
    return render(request, "analytics/item_statistics.html", context)


def _sorted(rows: list[items.QuestionFigures], sort: str) -> list[items.QuestionFigures]:
    """Sort by a column of COLUMNS, with - before it from the top down, and what has no figure at the end.

    Otherwise what is flagged comes first, then what most have answered.
    """
    value: Any = COLUMNS.get(sort.removeprefix("-"))
    if value is None:
        return sorted(rows, key=lambda row: (not row.figures.flag, -row.figures.n, row.title))
    in_turn = sorted(rows, key=lambda row: row.title)
    known = [row for row in in_turn if value(row) is not None]
    unknown = [row for row in in_turn if value(row) is None]
    return sorted(known, key=value, reverse=sort.startswith("-")) + unknown


@mentor_required
@require_GET
def question_statistics(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """One question's figures, with the key points of its published version, or else of its newest."""
    version = get_version(request.user, pk, None)
    context = {
        **LIMITS,
        "version": version,
        "question": version.question,
        "statistics": items.of_question(request.user, version),
    }
    return render(request, "analytics/question_statistics.html", context)
