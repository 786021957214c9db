"""The mentors' pages on how the grader and they agree, and on what a question's grading learns from their marks."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from grading.agreement import FEWEST
from grading.models import CalibrationPreview
from grading.selectors import agreement as selectors
from grading.selectors import calibrations
from grading.selectors.queue import Show
from grading.services import calibrations as services
from grading.views.rounds import Round
from people.access import mentor_required
from people.clock import database_now
from people.requests import LoggedInRequest
from questionbank.access import get_question

MOST_DISAGREEMENTS = 25


@mentor_required
@require_GET
def agreement(request: LoggedInRequest) -> HttpResponse:
    """Machine against mentors, of all questions: answers that one may read."""
    scores, marks, questions = selectors.overall(request.user)
    context = {"scores": scores, "marks": marks, "questions": questions, "fewest": FEWEST}
    return render(request, "grading/agreement.html", context)


@mentor_required
@require_GET
def question_agreement(request: LoggedInRequest, question_pk: UUID) -> HttpResponse:
    """Machine against mentors of one question, key point by key point; and what its grading has learnt."""
    question = get_question(request.user, question_pk)
    scores, marks, points = selectors.of_question(request.user, question)
    apart = selectors.disagreements(request.user, question)
    context = {
        "question": question,
        "title": question.versions.first(),
        "scores": scores,
        "marks": marks,
        "points": points,
        "disagreements": apart[:MOST_DISAGREEMENTS],
        "standings": calibrations.standings([question.pk])[question.pk],
        "to_mark": Round(Show.UNMARKED, question.pk, blind=False).to_list(),
        "fewest": FEWEST,
        "fewest_answers": calibrations.FEWEST_ANSWERS,
    }
    return render(request, "grading/question_agreement.html", context)


@mentor_required
@require_POST
def propose(request: LoggedInRequest, question_pk: UUID, number: int) -> HttpResponse:
    """Let a worker find out what a calibration of one version would be worth."""
    version = get_object_or_404(get_question(request.user, question_pk).versions, number=number)
    try:
        made = services.propose(version=version, actor=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("question_agreement", question_pk)
    return redirect("calibration_preview", made.pk)


@mentor_required
@require_GET
def preview(request: LoggedInRequest, preview_pk: UUID) -> HttpResponse:
    """What a calibration would be worth; its fragment while a worker finds out."""
    found = get_object_or_404(
        CalibrationPreview.objects.select_related("version__question", "calibration", "requested_by"), pk=preview_pk
    )
    context = {"preview": found, "version": found.version, "in_force": calibrations.in_force(found.version)}
    fragment = "fragment" in request.GET
    return render(request, "grading/_calibration_preview.html" if fragment else "grading/calibration.html", context)


@mentor_required
@require_POST
def put_in_force(request: LoggedInRequest, preview_pk: UUID) -> HttpResponse:
    """Let new grades learn from the previewed answers."""
    found = get_object_or_404(CalibrationPreview.objects.select_related("version"), pk=preview_pk)
    try:
        made = services.put_in_force(preview=found, actor=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("calibration_preview", preview_pk)
    messages.success(request, f"Calibration {made.number} is in force: grades from now on learn from these answers.")
    return redirect("question_agreement", found.version.question_id)


@mentor_required
@require_POST
def withdraw(request: LoggedInRequest, question_pk: UUID, number: int) -> HttpResponse:
    """Let new grades of one version come from the engine alone again."""
    version = get_object_or_404(get_question(request.user, question_pk).versions, number=number)
    try:
        services.withdraw(version=version, actor=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The calibration is withdrawn. Grades from now on come from the grader alone.")
    return redirect("question_agreement", question_pk)
