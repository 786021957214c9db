"""The page that says how marks are made."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from grading.engine import CREDIT, ENGINE_VERSION
from grading.engine.scoring import CONTRADICTION_COST
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
