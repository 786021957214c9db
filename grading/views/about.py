"""The pages that say how marks are made, and how questions are checked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from grading.engine import CREDIT, ENGINE_VERSION
from grading.engine.scoring import CONTRADICTION_COST
from grading.linter import meaning, wording
from grading.selectors import grades as selectors


@require_GET
def how_marks_are_made(request: HttpRequest) -> HttpResponse:
    context = {
        "engine_version": ENGINE_VERSION,
        "partly": CREDIT["partly"],
        "cost": CONTRADICTION_COST,
        "clearly_from": selectors.CLEARLY_FROM,
        "plainly_from": selectors.PLAINLY_FROM,
        "only_just_from": selectors.ONLY_JUST_FROM,
    }
    return render(request, "grading/how_marks_are_made.html", context)


@require_GET
def how_questions_are_checked(request: HttpRequest) -> HttpResponse:
    """Say why the linter warns: a section for each rule, named as the rule is."""
    context = {
        "close": meaning.CLOSE_COSINE,
        "close_stated": meaning.CLOSE_STATED,
        "repeated": meaning.REPEATED_COSINE,
        "surely_contradicted": meaning.SURELY_CONTRADICTED,
        "nearly_equal": meaning.NEARLY_EQUAL,
        "fewest_words": wording.FEWEST_WORDS,
        "most_words": wording.MOST_WORDS,
        "highest_level": wording.HIGHEST_LEVEL,
    }
    return render(request, "grading/how_questions_are_checked.html", context)
