"""One member of a cohort, seen by those who lead it; and leaving."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from people import access
from people.forms import MemberForm
from people.models import Cohort, Membership, Role
from people.requests import LoggedInRequest
from people.services import cohorts as services
from people.views.cohorts import frame


@access.leader_required
@require_http_methods(["GET", "POST"])
def member(request: LoggedInRequest, pk: UUID, user_pk: UUID) -> HttpResponse:
    """A member's role and time limits: read by mentors, changed by admins."""
    cohort = access.get_led_cohort(request.user, pk)
    found = get_object_or_404(cohort.memberships.select_related("user"), user=user_pk)
    context = frame(request, cohort, "members")
    form = MemberForm(request.POST or None, initial=_as_it_is(found))
    if request.method == "POST":
        if not context["may_change"]:
            raise PermissionDenied("Only an admin of the cohort changes its members.")
        if form.is_valid() and _save(request, cohort, found, form):
            messages.success(request, f"{found.user} is changed.")
            return redirect("cohort", pk=pk) if found.user != request.user else redirect("home")
    context |= {"member": found, "form": form}
    return render(request, "people/member.html", context, status=400 if form.errors else 200)


def _as_it_is(found: Membership) -> dict[str, object]:
    return {
        "role": found.role,
        "extra_time_factor": found.user.extra_time_factor,
        "untimed": found.user.untimed,
    }


def _save(request: LoggedInRequest, cohort: Cohort, found: Membership, form: MemberForm) -> bool:
    """Save what is changed, all or nothing; say at the form why it is refused."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            services.lock_current(cohort)
            services.give_time(
                user=found.user,
                factor=data["extra_time_factor"],
                untimed=data["untimed"],
                actor=request.user,
                cohort=cohort,
            )
            if data["role"] != found.role:
                services.set_role(cohort=cohort, user=found.user, role=Role(data["role"]), actor=request.user)
    except ValidationError as refused:
        form.add_error("role", refused)
        return False
    return True


@access.admin_required
@require_POST
def remove_member(request: LoggedInRequest, pk: UUID, user_pk: UUID) -> HttpResponse:
    cohort = access.get_administered_cohort(request.user, pk)
    member = get_object_or_404(cohort.members, pk=user_pk)
    try:
        services.remove_member(cohort=cohort, user=member, actor=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"{member} is no longer a member.")
        if member == request.user:
            return redirect("home")
    return redirect("cohort", pk=cohort.pk)


@access.account_required
@require_POST
def leave(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Leave a cohort of one's own accord, archived or not."""
    cohort = get_object_or_404(request.user.cohorts, pk=pk)
    try:
        services.remove_member(cohort=cohort, user=request.user, actor=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"You have left {cohort}. Its mentors cannot read your answers any more.")
    return redirect("profile")
