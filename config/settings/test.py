"""Tests: the real PostgreSQL and Valkey; fast password hashes; the stub encoder unless a test asks for the model."""

from .local import *

SECRET_KEY = "tests-only"  # noqa: S105 (signs nothing that leaves the test run)
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
GRADING_ENCODER = "stub"
ACCOUNT_RATE_LIMITS = False
