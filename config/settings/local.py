"""One machine's trial, made by script/server. Like production, it shows no tracebacks; it sends email to the log."""

import os
import secrets
from pathlib import Path

from config.local.urls import database_url, redis_url
from config.redis_urls import broker_url, cache_url

from .base import *
from .base import BASE_DIR, database, env

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

STATE = Path(env.str("GREENROOM_STATE", default=str(BASE_DIR / ".local" / "8000")))


def local_secret_key(state: Path) -> str:
    """Return the key kept in the state folder, made on first use, so that sessions outlive a restart."""
    path = state / "secret_key"
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret_key(STATE)

REDIS_URL = env.str("REDIS_URL", default="") or redis_url(STATE)
DATABASES = {"default": database(env.str("DATABASE_URL", default="") or database_url(STATE))}
CELERY_BROKER_URL = broker_url(REDIS_URL)
CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": cache_url(REDIS_URL)}}

STATIC_ROOT = STATE / "static"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# On one's own machine no mail arrives that would confirm an address, and there is no TLS.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
DEFAULT_FROM_EMAIL = "Greenroom <greenroom@localhost>"
