"""Tests: the real PostgreSQL and Valkey; fast password hashes; the stub encoder unless a test asks for the model."""

import os

from config.redis_urls import broker_url, cache_url

from .local import *
from .local import CACHES, REDIS_URL

# pytest-xdist names its processes gw0, gw1, …: each has its own PostgreSQL database and these two of Redis.
PAIR = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_BROKER_URL = broker_url(REDIS_URL, PAIR)
CACHES["default"]["LOCATION"] = cache_url(REDIS_URL, PAIR)
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
MFA_RATE_LIMITS = False
RATE_LIMITS = False
NOTE_REFUSALS = False
