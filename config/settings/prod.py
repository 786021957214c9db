"""Production: what differs between installations comes from the environment; a missing value stops the start."""

from django.core.exceptions import ImproperlyConfigured

from config import logs
from config.redis_urls import broker_url, cache_url

from .base import *
from .base import BASE_DIR, database, env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # earlier ones: they open what they have sealed
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASES = {"default": database(env.str("DATABASE_URL"))}
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = broker_url(REDIS_URL)
CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": cache_url(REDIS_URL)}}

if env.bool("DEBUG", default=False):
    raise ImproperlyConfigured("DEBUG shows people our code. Take it out of the environment.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith(("django-insecure", "change")):
    raise ImproperlyConfigured(
        "SECRET_KEY must be at least 50 random characters and yours alone. "
        """Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"""
    )
if not ALLOWED_HOSTS or any("*" in host for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this installation answers for.")

SITE_URL = env.str("SITE_URL", default="") or f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
if not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("SITE_URL must begin with https://. Links in mails begin with it.")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured(
        "METRICS_TOKEN must be at least 32 random characters, or empty: then there are no metrics to be had."
    )
RATE_LIMITS = True
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked from inside, by the orchestrator
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=int(BEHIND_TLS_PROXY))
if BEHIND_TLS_PROXY:
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
