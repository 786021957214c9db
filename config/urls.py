"""Every address of Greenroom. tests/security/test_access_matrix.py fails for one it does not list."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config import health, metrics, views

# They would show and change the secrets of people's second steps; Greenroom's own pages have what site admins need.
admin.site.unregister([Authenticator, UserSession])

api = [
    path("", include("interview.api_urls")),
    path("", include("questionbank.api_urls")),
    path("", include("analytics.api_urls")),
]

urlpatterns = [
    path("", views.landing, name="landing"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("account/", include("allauth.urls")),
    path("", include("people.urls")),
    path("", include("questionbank.urls")),
    path("", include("grading.urls")),
    path("", include("interview.urls")),
    path("", include("analytics.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", views.ApiDocs.as_view(url_name="api_schema"), name="api_docs"),
    # The staff site has no login of its own: everybody logs in at one door, with its limits.
    path("staff/login/", views.staff_login),
    path("staff/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
handler429 = "config.limits.too_many"  # allauth asks for it
