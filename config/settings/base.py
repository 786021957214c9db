"""What every installation shares. local, test and prod say what differs and where the servers are."""

import logging
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from kombu import Queue

from config import logs

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]

INSTALLED_APPS = [
    "people",
    "questionbank",
    "grading",
    "interview",
    "analytics",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
]

MIDDLEWARE = [
    "config.logs.LogRequests",
    "config.metrics.CountRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.IgnoreUnstorableCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.GuestsHaveNoAccount",
    "people.middleware.LeadersHaveASecondStep",
    "config.limits.LimitPages",
    "config.middleware.PersonalPagesStayPrivate",
    "config.middleware.RejectUnstorableInput",
    "config.middleware.UserTimeZone",
    "config.logs.NameUsersInLogs",
    "config.middleware.NoteRefusals",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "people.context_processors.roles",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -----------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CONN_MAX_AGE = 60


def database(url: str) -> dict[str, object]:
    """Return Django's description of the PostgreSQL server at url, checked before each reuse."""
    return {
        **env.db_url_config(url),
        "CONN_MAX_AGE": CONN_MAX_AGE,
        "CONN_HEALTH_CHECKS": True,
    }


# --- People -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "people.passwords.NotEarlyGuessed"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "landing"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "people.forms.SignupExtraForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
# Beside config/limits.py. A room full of people comes from one address and logs in within the same minute.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {"login": "300/m/ip", "signup": "100/m/ip"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Greenroom] "
USERSESSIONS_ADAPTER = "people.services.account_events.SessionsAdapter"
# The second step of a login: a code of an authenticator app, a passkey, or a recovery code.
MFA_ADAPTER = "people.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 0
MFA_TOTP_ISSUER = "Greenroom"
# Whether mentors, admins and site admins must have one; production says yes.
REQUIRE_MFA_FOR_LEADERS = False
ERASURE_GRACE = timedelta(days=14)  # how long an erasure can be undone
EMAIL_TIMEOUT = 5  # without it, a mail server that says nothing holds a request for ever
# The cached session back end fails when the cache is gone; people stay logged in without Redis.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Where people reach this Greenroom: what links in mails begin with that no request of theirs has caused.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")

# --- Limits (config/limits.py) ------------------------------------------------------------------------------

RATE_LIMITS = env.bool("RATE_LIMITS", default=True)  # production says yes whatever the environment does
NOTE_REFUSALS = True  # write down, now and then, who is refused what
# How many proxies of ours stand before it: the hop of X-Forwarded-For, from its end, that is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# --- Words and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Static files -------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticFiles"},
}

# --- What a browser may do ----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # a 20,000 character answer is at most 240 kB percent-encoded
FILE_UPLOAD_HANDLERS = [
    "questionbank.uploads.LimitedFiles",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # a question with 60 exemplars of 20 key points sends 1,700

# --- API ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["config.limits.LimitApi"],
    "UNICODE_JSON": False,  # an error that quotes a lone surrogate can be said in ASCII alone
    "DEFAULT_PAGINATION_CLASS": "config.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Schema",
    "EXCEPTION_HANDLER": "config.errors.api_exception_handler",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=365), "AUTH_HEADER_PREFIX": "Token", "TOKEN_LIMIT_PER_USER": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Greenroom API",
    "DESCRIPTION": "Everything a candidate, mentor or admin can do in Greenroom, for programs.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # One name for the choices, whether they stand alone or in a list.
    "ENUM_NAME_OVERRIDES": {"DifficultyEnum": "questionbank.models.Difficulty"},
}

# --- Grading ------------------------------------------------------------------------------------------------

ANSWER_MAX_CHARACTERS = 20_000
GRADING_ENCODER = "model"  # "stub" in tests whose subject is not grading
GRADING_LEASE_SECONDS = 35  # longer than the hard time limit of a task
GRADING_MAX_ATTEMPTS = 3
GRADING_RING_AGAIN_SECONDS = 15
GRADING_OVERDUE_SECONDS = 60  # /readyz reports a queue whose oldest answer waits longer than this
MOCK_GRACE_SECONDS = 30
LATE_TEXT_HOURS = 24  # after a mock's end: how long a text that was typed without a connection is still taken

# --- Celery: the bell, never the truth (docs/architecture.md) -----------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
# A worker serves all queues in turn, so that a mentor at the bench waits for no crowd of answers, and nobody for a
# long import: bulk work is done in pieces of a few seconds that ring for the next one.
CELERY_TASK_DEFAULT_QUEUE = "grading"
CELERY_TASK_QUEUES = [Queue("grading"), Queue("bench"), Queue("bulk")]
CELERY_TASK_ROUTES = {
    "grading.run_bench": "bench",
    "grading.run_calibration_preview": "bench",
    "grading.run_bulk_bench": "bulk",
    "grading.run_regrade": "bulk",
    "people.erase_due": "bulk",
    "people.send_invitations": "bulk",
    "interview.send_reminders": "bulk",
    "analytics.refresh_facts": "bulk",
    "questionbank.run_import": "bench",  # a mentor looks at its progress
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # the lease brings the job back; a message must never loop
CELERY_TASK_SOFT_TIME_LIMIT = 25
CELERY_TASK_TIME_LIMIT = 30
CELERY_TASK_PUBLISH_RETRY = False  # the sweeper rings again; a candidate does not wait for the broker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120  # a new process first loads the model; after Celery's 4 s it would be killed
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": "greenroom:",
}
CELERY_BEAT_SCHEDULE = {
    # Sweeps are idempotent; those that pile up while no worker runs expire unread.
    "ring again for waiting answers": {"task": "grading.sweep_jobs", "schedule": 5, "options": {"expires": 10}},
    "close mock interviews past their deadline": {
        "task": "interview.close_overdue",
        "schedule": 15,
        "options": {"expires": 30},
    },
    "tell candidates that their mock is graded": {
        "task": "interview.announce_graded",
        "schedule": 15,
        "options": {"expires": 30},
    },
    "forget what was tried on the bench": {"task": "grading.forget_bench_runs", "schedule": 3600},
    "go on with imports": {"task": "questionbank.sweep_imports", "schedule": 30, "options": {"expires": 60}},
    "send invitations that are due": {"task": "people.sweep_invitations", "schedule": 30, "options": {"expires": 60}},
    "forget tables of members that nobody applied": {"task": "people.forget_member_imports", "schedule": 3600},
    "forget limits that nobody is near": {"task": "people.sweep_limits", "schedule": 3600},
    "erase whose days of grace are over": {"task": "people.erase_due", "schedule": 600, "options": {"expires": 600}},
    "remind of what is assigned": {"task": "interview.sweep_reminders", "schedule": 60, "options": {"expires": 60}},
    "remove guests who have left": {"task": "interview.remove_idle_guests", "schedule": 3600},
    "bring the figures up to date": {"task": "analytics.refresh_facts", "schedule": 5, "options": {"expires": 10}},
}

# --- Monitoring (docs/operations.md) ------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one there are no metrics to be had

# --- Logs ---------------------------------------------------------------------------------------------------

LOGGING = logs.configure(as_json=env.bool("LOG_AS_JSON", default=False))
# A worker's lines have the id of the request that caused its task. They name the user, but log no address of theirs.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG  # the line at its end says all
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
