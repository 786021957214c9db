"""Who may do what: fetch-and-authorise helpers and the roles they rest on.

An object that a person may not see is a 404, so that its existence stays unknown; a page for another role is a 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, resolve_url

from people.models import Cohort, Membership, Role, User
from people.requests import LoggedInRequest

View = Callable[..., HttpResponseBase]


def holds_role(user: User, *roles: Role) -> bool:
    """Say whether user holds one of roles in any cohort; a site admin holds them all."""
    return user.is_superuser or Membership.objects.filter(user=user, role__in=roles).exists()


def is_mentor(user: User) -> bool:
    """Say whether user may read and write questions."""
    return holds_role(user, Role.MENTOR)


def _role_required(*roles: Role) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: LoggedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not holds_role(request.user, *roles):
                names = " or ".join(role.label.lower() for role in roles)
                raise PermissionDenied(f"This page is for people who are {names} of a cohort.")
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


mentor_required = _role_required(Role.MENTOR)
admin_required = _role_required(Role.ADMIN)
leader_required = _role_required(Role.MENTOR, Role.ADMIN)


def site_admin_required(view: View) -> View:
    """Let in site admins alone."""

    @wraps(view)
    def guarded(request: LoggedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied("This page is for the people who run this Greenroom.")
        return view(request, *args, **kwargs)

    return login_required(guarded)


def account_required(view: View) -> View:
    """Let in who has an account. A guest is asked to make one first, and comes back to the page then."""

    @wraps(view)
    def guarded(request: LoggedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_guest:
            messages.info(request, "This needs an account.")
            back = request.get_full_path() if request.method == "GET" else resolve_url("home")
            return redirect_to_login(back, login_url=resolve_url("account_signup"))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def get_led_cohort(user: User, pk: Any) -> Cohort:
    """Return the cohort pk that user leads as mentor or admin, else raise Http404."""
    return get_object_or_404(Cohort.objects.visible_to(user), pk=pk)


def get_administered_cohort(user: User, pk: Any) -> Cohort:
    """Return the cohort pk whose members user may change, else raise Http404."""
    return get_object_or_404(Cohort.objects.administered_by(user), pk=pk)
