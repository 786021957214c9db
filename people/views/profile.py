"""One's own profile and API tokens."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from knox.models import AuthToken

from people import access, selectors
from people.forms import ProfileForm
from people.requests import LoggedInRequest
from people.services import account_events


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
    return render(request, "people/token.html", {"token": account_events.create_token(user=request.user)})


@access.account_required
@require_POST
def revoke_token(request: LoggedInRequest, digest: str) -> HttpResponse:
    token = get_object_or_404(AuthToken, user=request.user, digest=digest)
    account_events.revoke_token(user=request.user, token=token)
    messages.success(request, "The API token no longer works.")
    return redirect("profile")
