"""Pages that belong to no single app."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Say what Greenroom is; people who are logged in go straight to practice."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "landing.html")


@require_GET
def staff_login(request: HttpRequest) -> HttpResponse:
    """Lead to the one login. Who is logged in and came here is not staff: sent on, they would go round for ever."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied("The staff site is for people who run this Greenroom.")
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


class ApiDocs(SpectacularSwaggerView):
    """Swagger's pages, as closed to windows of other sites as all others: we have no login by a third site."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        response.headers.pop("Cross-Origin-Opener-Policy", None)  # SecurityMiddleware sets ours
        return response
