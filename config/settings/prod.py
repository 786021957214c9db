"""Production: what differs between installations comes from the environment; a missing value stops the start."""

from django.core.exceptions import ImproperlyConfigured

from config import logs
from config.redis_urls import broker_url, cache_url

from .base import *
from .base import BASE_DIR, database, env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASES = {"default": database(env.str("DATABASE_URL"))}
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = broker_url(REDIS_URL)
CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": cache_url(REDIS_URL)}}

if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("django-insecure", "change")):
    raise ImproperlyConfigured("SECRET_KEY must be at least 50 random characters and yours alone.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this installation answers for.")

SITE_URL = env.str("SITE_URL", default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked from inside, by the orchestrator
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"

ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
REQUIRE_MFA_FOR_LEADERS = env.bool("REQUIRE_MFA_FOR_LEADERS", default=True)
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Greenroom <greenroom@localhost>")

LOGGING = logs.configure(as_json=env.bool("LOG_AS_JSON", default=True))

STATIC_ROOT = BASE_DIR / "static-collected"
