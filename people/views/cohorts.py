"""Cohorts: the list, who is in one, and what becomes of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people import access, selectors
from people.clock import database_now
from people.forms import CohortForm, DuplicateForm
from people.models import Cohort, Role
from people.requests import LoggedInRequest
from people.services import cohorts as services

PAGE = 50


@access.leader_required
@require_http_methods(["GET", "POST"])
def cohorts(request: LoggedInRequest) -> HttpResponse:
    """List the cohorts the person leads, with ?archived those that are over; a site or cohort admin may add one."""
    form = CohortForm(request.POST or None)
    may_create = access.holds_role(request.user, Role.ADMIN)
    if request.method == "POST":
        if not may_create:
            raise PermissionDenied("Only somebody who is admin of a cohort can create another.")
        if form.is_valid():
            cohort = services.create_cohort(name=form.cleaned_data["name"], actor=request.user)
            return redirect("cohort", pk=cohort.pk)
    led = list(selectors.with_member_counts(Cohort.objects.visible_to(request.user)))
    archived = [cohort for cohort in led if cohort.archived_at]
    context = {
        "cohorts": [cohort for cohort in led if not cohort.archived_at],
        "archived": archived if "archived" in request.GET else [],
        "archived_count": len(archived),
        "form": form,
        "may_create": may_create,
    }
    return render(request, "people/cohorts.html", context, status=400 if form.errors else 200)


def frame(request: LoggedInRequest, cohort: Cohort, tab: str) -> dict[str, Any]:
    """Return what the frame of a cohort's pages shows (people/_cohort.html)."""
    may_change = Cohort.objects.administered_by(request.user).filter(pk=cohort.pk).exists()
    return {"cohort": cohort, "tab": tab, "may_change": may_change}


@access.leader_required
@require_GET
def cohort(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The members of a cohort, those that the address asks for."""
    found = access.get_led_cohort(request.user, pk)
    words = request.GET.get("q", "").strip()[:120]
    role, order = request.GET.get("role", ""), request.GET.get("sort", "role")
    members = selectors.members_of(found, words=words, role=role, order=order)
    context = {
        **frame(request, found, "members"),
        "members": Paginator(members, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "role": role,
        "order": order,
        "roles": Role.choices,
        "orders": selectors.MEMBER_ORDERS,
    }
    return render(request, "people/cohort.html", context)


@access.admin_required
@require_http_methods(["GET", "POST"])
def settings(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """A cohort's name, and its end."""
    found = access.get_administered_cohort(request.user, pk)
    form = CohortForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            services.rename_cohort(cohort=found, name=form.cleaned_data["name"], actor=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "The name is saved.")
            return redirect("cohort_settings", pk=pk)
    context = {**frame(request, found, "settings"), "form": form}
    return render(request, "people/cohort_settings.html", context, status=400 if form.errors else 200)


@access.admin_required
@require_POST
def archive(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    found = access.get_administered_cohort(request.user, pk)
    services.archive_cohort(cohort=found, actor=request.user, now=database_now())
    messages.success(request, f"{found} is archived. Nobody joins it any more; all that was done there can be read.")
    return redirect("cohort_settings", pk=pk)


@access.admin_required
@require_POST
def restore(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    found = access.get_administered_cohort(request.user, pk)
    services.restore_cohort(cohort=found, actor=request.user)
    messages.success(request, f"{found} is open again.")
    return redirect("cohort_settings", pk=pk)


@access.admin_required
@require_http_methods(["GET", "POST"])
def duplicate(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Ask how the copy is to be called, and make it."""
    found = access.get_administered_cohort(request.user, pk)
    form = DuplicateForm(
        request.POST or None, initial={"name": f"{found.name}, again"[:120], "with_assignments": True}
    )
    if request.method == "POST" and form.is_valid():
        copy = services.duplicate_cohort(
            cohort=found,
            name=form.cleaned_data["name"],
            assignments_later_by=form.later_by(),
            actor=request.user,
            now=database_now(),
        )
        messages.success(request, f"{copy} has the mentors and admins of {found}. Invite its candidates now.")
        return redirect("cohort", pk=copy.pk)
    context = {**frame(request, found, "settings"), "form": form}
    return render(request, "people/duplicate_cohort.html", context, status=400 if form.errors else 200)
