"""Pages that belong to no single app."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Say what Greenroom is; people who are logged in go straight to practice."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "landing.html")
