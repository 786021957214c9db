"""Profile, cohorts and invitations."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from knox.models import AuthToken

from people import access, selectors, services
from people.clock import database_now
from people.forms import CohortForm, InvitationForm, ProfileForm
from people.models import Cohort, Role
from people.requests import LoggedInRequest


@access.account_required
@require_http_methods(["GET", "POST"])
def profile(request: LoggedInRequest) -> HttpResponse:
    # A copy: checking a form changes its instance, and the page shows who the person is, not what they typed.
    form = ProfileForm(request.POST or None, instance=copy(request.user))
    if request.method == "POST" and form.is_valid():
        form.save(commit=False).save(update_fields=ProfileForm.Meta.fields)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    context = {
        "form": form,
        "tokens": AuthToken.objects.filter(user=request.user).order_by("created"),
        "time_limits": selectors.time_limits_in_words(request.user),
        "memberships": request.user.memberships.select_related("cohort").order_by("cohort__name"),
    }
    return render(request, "people/profile.html", context, status=400 if form.errors else 200)


@access.account_required
@require_POST
def create_token(request: LoggedInRequest) -> HttpResponse:
    """Make an API token and show it this once."""
    _, token = AuthToken.objects.create(user=request.user)
    return render(request, "people/token.html", {"token": token})


@access.account_required
@require_POST
def revoke_token(request: LoggedInRequest, digest: str) -> HttpResponse:
    get_object_or_404(AuthToken, user=request.user, digest=digest).delete()
    messages.success(request, "The API token no longer works.")
    return redirect("profile")


@access.leader_required
@require_http_methods(["GET", "POST"])
def cohorts(request: LoggedInRequest) -> HttpResponse:
    """List the cohorts the person leads; a site or cohort admin may add one."""
    form = CohortForm(request.POST or None)
    may_create = access.holds_role(request.user, Role.ADMIN)
    if request.method == "POST":
        if not may_create:
            raise PermissionDenied("Only somebody who is admin of a cohort can create another.")
        if form.is_valid():
            cohort = services.create_cohort(name=form.cleaned_data["name"], actor=request.user)
            return redirect("cohort", pk=cohort.pk)
    led = selectors.with_member_counts(Cohort.objects.visible_to(request.user))
    context = {"cohorts": led, "form": form, "may_create": may_create}
    return render(request, "people/cohorts.html", context, status=400 if form.errors else 200)


@access.leader_required
@require_GET
def cohort(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    found = access.get_led_cohort(request.user, pk)
    return render(request, "people/cohort.html", cohort_context(request, found))


def cohort_context(request: LoggedInRequest, cohort: Cohort, form: InvitationForm | None = None) -> dict[str, Any]:
    """Return what the cohort page shows."""
    return {
        "cohort": cohort,
        "members": selectors.members_of(cohort),
        "invitations": selectors.open_invitations_of(cohort),
        "form": form or InvitationForm(),
        "may_change": Cohort.objects.administered_by(request.user).filter(pk=cohort.pk).exists(),
    }


@access.admin_required
@require_POST
def invite(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """Invite one address, by email; the link is shown to the admin too, once."""
    cohort = access.get_administered_cohort(request.user, pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "people/cohort.html", cohort_context(request, cohort, form), status=400)
    try:
        invitation, token = services.invite(
            cohort=cohort,
            email=form.cleaned_data["email"],
            role=Role(form.cleaned_data["role"]),
            actor=request.user,
            now=database_now(),
        )
    except ValidationError as error:
        form.add_error("email", error)
        return render(request, "people/cohort.html", cohort_context(request, cohort, form), status=400)
    link = request.build_absolute_uri(reverse("accept_invitation", args=[token]))
    sent = _send_invitation(invitation, link)
    return render(request, "people/invited.html", {"invitation": invitation, "link": link, "sent": sent})


def _send_invitation(invitation: Any, link: str) -> bool:
    """Send the email; say whether the mail server took it. A dead mail server must not lose the invitation."""
    body = render_to_string("people/email/invitation.txt", {"invitation": invitation, "link": link})
    subject = " ".join(f"Join {invitation.cohort} on Greenroom".split())  # a name may hold a line break
    try:
        send_mail(subject, body, None, [invitation.email])
    except OSError:
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
@require_http_methods(["GET", "POST"])
def accept_invitation(request: LoggedInRequest, token: str) -> HttpResponse:
    """Ask before accepting: an invitation opened by chance, or as somebody else, changes nothing."""
    if request.method == "GET":
        return render(request, "people/accept_invitation.html", {"token": token})
    try:
        membership = services.accept_invitation(token=token, user=request.user, now=database_now())
    except services.InvitationRefused as error:
        context = {"token": token, "refused": str(error)}
        return render(request, "people/accept_invitation.html", context, status=400)
    messages.success(
        request, f"Welcome to {membership.cohort}. You are a {membership.get_role_display().lower()} there."
    )
    return redirect("home")
