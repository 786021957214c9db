"""Inviting people to a cohort, and accepting."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from people import access, selectors
from people.clock import database_now
from people.forms import InvitationForm
from people.models import Cohort, Invitation, Role
from people.requests import LoggedInRequest
from people.services import invitations as services
from people.services.invitation_mails import mail_now
from people.views.cohorts import PAGE, frame


@access.admin_required
@require_http_methods(["GET", "POST"])
def invite(request: LoggedInRequest, pk: UUID) -> HttpResponse:
    """The invitations of a cohort; POST invites one address. The link is shown to the admin, once."""
    cohort = access.get_administered_cohort(request.user, pk)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        now = database_now()
        try:
            invitation, token = services.invite(
                cohort=cohort,
                email=data["email"],
                role=Role(data["role"]),
                name=data["name"],
                extra_time_factor=data["extra_time_factor"],
                untimed=data["untimed"],
                actor=request.user,
                now=now,
            )
        except ValidationError as error:
            form.add_error("email", error)
        else:
            return _show_link(request, invitation, token, by_mail=not data["link_only"])
    return _list(request, cohort, form)


def _list(request: LoggedInRequest, cohort: Cohort, form: InvitationForm) -> HttpResponse:
    state = request.GET.get("state", "")
    invitations = selectors.with_states(cohort.invitations.all(), now=database_now())
    if state in selectors.InvitationState.values:
        invitations = invitations.filter(state=state)
    context = {
        **frame(request, cohort, "invitations"),
        "invitations": Paginator(invitations, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": selectors.InvitationState.choices,
        "form": form,
    }
    return render(request, "people/invitations.html", context, status=400 if form.errors else 200)


def _show_link(request: LoggedInRequest, invitation: Invitation, token: str, *, by_mail: bool) -> HttpResponse:
    """Send the mail, unless none is wanted, and show the link this once: it is stored nowhere."""
    link = request.build_absolute_uri(reverse("accept_invitation", args=[token]))
    sent = by_mail and mail_now(invitation=invitation, link=link, now=database_now())
    context = {"invitation": invitation, "link": link, "sent": sent, "by_mail": by_mail}
    return render(request, "people/invited.html", context)


@access.admin_required
@require_POST
def renew_invitation(request: LoggedInRequest, pk: UUID, invitation_pk: UUID) -> HttpResponse:
    """Send an invitation again, with a new link; the old one ends."""
    cohort = access.get_administered_cohort(request.user, pk)
    invitation = get_object_or_404(cohort.invitations.select_related("cohort", "invited_by"), pk=invitation_pk)
    try:
        token = services.renew(invitation=invitation, actor=request.user, now=database_now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("invite", pk=pk)
    invitation.refresh_from_db()
    return _show_link(request, invitation, token, by_mail=True)


@access.admin_required
@require_POST
def revoke_invitation(request: LoggedInRequest, pk: UUID, invitation_pk: UUID) -> HttpResponse:
    cohort = access.get_administered_cohort(request.user, pk)
    invitation = get_object_or_404(cohort.invitations, pk=invitation_pk)
    if services.revoke(invitation=invitation, actor=request.user):
        messages.success(request, f"The invitation of {invitation.email} is withdrawn. Its link no longer works.")
    else:
        messages.error(request, f"{invitation.email} has accepted the invitation meanwhile.")
    return redirect("invite", pk=pk)


@access.account_required
@require_http_methods(["GET", "POST"])
def accept_invitation(request: LoggedInRequest, token: str) -> HttpResponse:
    """Ask before accepting: an invitation opened by chance, or as somebody else, changes nothing."""
    context = {"token": token}
    try:
        if request.method == "POST":
            membership = services.accept_invitation(token=token, user=request.user, now=database_now())
            role = membership.get_role_display().lower()
            messages.success(request, f"Welcome to {membership.cohort}. You are a {role} there.")
            return redirect("home")
        invitation = services.find(token=token, now=database_now())
    except services.InvitationRefused as error:
        status = 400 if request.method == "POST" else 200
        return render(request, "people/accept_invitation.html", {**context, "refused": str(error)}, status=status)
    is_mine = invitation.email.lower() == request.user.email.lower()
    return render(request, "people/accept_invitation.html", {**context, "invitation": invitation, "is_mine": is_mine})
