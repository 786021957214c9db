"""The answers behind a cell of a cohort's dashboard."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from analytics.access import get_answered_question, get_candidate, get_compared, get_marked_point
from analytics.filters import Attempts, Filters, narrow
from analytics.selectors.behind import answers_behind, marks_behind, read, with_answers
from analytics.selectors.comparisons import facts_of_any
from analytics.views.frame import frame
from people.access import leader_required
from people.requests import LoggedInRequest
from questionbank.models import Mark, Topic

ANSWERS_PAGE = 25


class CellForm(forms.Form):
    """Reads from the address which cell is meant, beside the filter. under: its topic of the first level."""

    candidate = forms.UUIDField(required=False)
    under = forms.SlugField(required=False)
    question = forms.UUIDField(required=False)
    version = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    point = forms.SlugField(required=False)
    mark = forms.ChoiceField(required=False, choices=Mark.choices)


@dataclass(frozen=True)
class Tab:
    """The answers with one mark of the key point, or with any."""

    label: str
    count: int
    address: str
    is_current: bool


@leader_required
@require_GET
def answers(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The answers that a cell is made of, as far as one may read them, which in one's own cohorts is all of them."""
    here = frame(request, pk, "cohort_answers")
    cohorts = get_compared(request.user, here.cohort, request.GET.getlist("with"))
    form = CellForm(request.GET)
    if not form.is_valid():
        raise Http404("There is no such cell.")
    asked = form.cleaned_data
    everything = facts_of_any(cohorts)
    candidate = get_candidate(cohorts, asked["candidate"]) if asked["candidate"] else None
    question = get_answered_question(everything, asked["question"]) if asked["question"] else None
    point = get_marked_point(everything, question, asked["point"]) if question and asked["point"] else None
    topic = get_object_or_404(Topic, slug=asked["under"]) if asked["under"] else None
    cell: dict[str, Any] = {
        "candidate": candidate and candidate.pk,
        "question": question and question.pk,
        "version": asked["version"],
        "point": point.slug if point else "",
    }
    facts = narrow(everything, here.filters)
    if topic:
        facts = narrow(facts, Filters(topic=topic, attempts=Attempts.ALL))
    found = answers_behind(request.user, facts, **cell)
    shown = answers_behind(request.user, facts, **cell, mark=asked["mark"]) if point else found
    page = Paginator(with_answers(shown, cell["point"]), ANSWERS_PAGE).get_page(request.GET.get("page"))
    context = {
        **here.context,
        "cohorts": cohorts,
        "candidate": candidate,
        "question": question,
        "version": asked["version"],
        "topic": topic,
        "point": point,
        "page": page,
        "answers": read(page.object_list, cell["point"]),
        "mark_tabs": _tabs(request, marks_behind(found), asked["mark"]) if point else [],
    }
    return render(request, "analytics/answers.html", context)


def _tabs(request: HttpRequest, counts: dict[str, int], current: str) -> list[Tab]:
    kept = [(name, value) for name, given in request.GET.lists() if name not in ("mark", "page") for value in given]
    any_mark = Tab("All", sum(counts.values()), f"?{urlencode(kept)}", not current)
    of_marks = [
        Tab(str(mark.label), counts[mark], f"?{urlencode([*kept, ('mark', mark.value)])}", current == mark)
        for mark in (Mark.MISSING, Mark.CONTRADICTED, Mark.PARTLY, Mark.STATED)
    ]
    return [any_mark, *of_marks]
