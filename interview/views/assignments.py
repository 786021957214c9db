"""What is assigned to a cohort: mentors read, admins assign, change and withdraw."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interview.access import get_assignment
from interview.forms import AssignmentForm
from interview.models import Assignment
from interview.selectors.assignments import CandidateStanding, Stage, standings_of
from interview.services import assignments as services
from people.access import admin_required, get_administered_cohort, get_led_cohort, leader_required
from people.clock import database_now
from people.models import Cohort
from people.requests import LoggedInRequest
from people.views.cohorts import frame

STANDINGS_PAGE = 100


@leader_required
@require_GET
def assignments(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """List what is assigned, with how many are done."""
    cohort = get_led_cohort(request.user, pk)
    now = database_now()
    found = standings_of(cohort, now)
    context = {
        **_frame(request, cohort),
        "now": now,
        "current": [one for one in found if one.stage != Stage.CLOSED],
        "closed": [one for one in reversed(found) if one.stage == Stage.CLOSED],
    }
    return render(request, "interview/assignments.html", context)


@leader_required
@require_GET
def assignment(request: LoggedInRequest, pk: UUID, assignment_pk: UUID) -> HttpResponse:
    """Say who stands where with one assignment."""
    cohort = get_led_cohort(request.user, pk)
    found = get_assignment(cohort, assignment_pk)
    now = database_now()
    standings = standings_of(cohort, now, Assignment.objects.filter(pk=found.pk))
    context = {
        **_frame(request, cohort),
        "now": now,
        "assignment": found,
        "standing": standings[0] if standings else None,  # None: it is withdrawn
        "page": _page(request, standings[0].standings if standings else []),
    }
    return render(request, "interview/assignment.html", context)


def _frame(request: LoggedInRequest, cohort: Cohort) -> dict[str, Any]:
    context = frame(request, cohort, "assignments")
    return {**context, "may_assign": context["may_change"] and cohort.archived_at is None}


def _page(request: LoggedInRequest, standings: list[CandidateStanding]) -> Page[CandidateStanding]:
    return Paginator(standings, STANDINGS_PAGE).get_page(request.GET.get("page"))


@admin_required
@require_http_methods(["GET", "POST"])
def new_assignment(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    cohort = get_administered_cohort(request.user, pk)
    now = database_now()
    form = AssignmentForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.assign(cohort=cohort, terms=form.terms(), actor=request.user, now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"“{made.track}” is assigned to {cohort}.")
            return redirect("assignment", pk=cohort.pk, assignment_pk=made.pk)
    return _form_page(request, form, cohort=cohort)


@admin_required
@require_http_methods(["GET", "POST"])
def change_assignment(request: LoggedInRequest, pk: UUID, assignment_pk: UUID) -> HttpResponse:
    cohort = get_administered_cohort(request.user, pk)
    found = get_assignment(cohort, assignment_pk)
    now = database_now()
    form = AssignmentForm(request.POST or None, now=now, assignment=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(assignment=found, terms=form.terms(), actor=request.user, now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "The assignment is changed.")
            return redirect("assignment", pk=cohort.pk, assignment_pk=found.pk)
    return _form_page(request, form, cohort=cohort, assignment=found)


def _form_page(request: LoggedInRequest, form: AssignmentForm, **context: Any) -> HttpResponse:
    return render(
        request, "interview/assignment_form.html", {"form": form, **context}, status=400 if form.errors else 200
    )


@admin_required
@require_POST
def withdraw_assignment(request: LoggedInRequest, pk: UUID, assignment_pk: UUID) -> HttpResponse:
    cohort = get_administered_cohort(request.user, pk)
    found = get_assignment(cohort, assignment_pk)
    services.withdraw(assignment=found, actor=request.user, now=database_now())
    messages.success(request, f"“{found.track}” is withdrawn. Attempts that were begun stay with their candidates.")
    return redirect("assignments", pk=cohort.pk)
