"""Production refuses to start with settings that would harm it. Each try is a process of its own."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

GOOD = {
    "SECRET_KEY": "k3y-" * 13,
    "ALLOWED_HOSTS": "greenroom.example,www.greenroom.example",
    "DATABASE_URL": "postgres://greenroom@db.example/greenroom",
    "REDIS_URL": "redis://redis.example:6379",
}
SHOW = """
import json
from config.settings import prod
names = [
    "DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME",
    "ACCOUNT_EMAIL_VERIFICATION", "REQUIRE_MFA_FOR_LEADERS", "MFA_TOTP_TOLERANCE", "CELERY_BROKER_URL",
]
print(json.dumps({name: getattr(prod, name) for name in names} | {"CACHE": prod.CACHES["default"]["LOCATION"]}))
"""


def _start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Import the production settings with these environment values; None leaves one out."""
    values = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.prod", **values}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=settings.BASE_DIR,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_production_starts_with_what_it_needs() -> None:
    started = _start()

    assert json.loads(started.stdout) == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["greenroom.example", "www.greenroom.example"],
        "CSRF_TRUSTED_ORIGINS": ["https://greenroom.example", "https://www.greenroom.example"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "REQUIRE_MFA_FOR_LEADERS": True,
        "MFA_TOTP_TOLERANCE": 0,
        "CELERY_BROKER_URL": "redis://redis.example:6379/0",
        "CACHE": "redis://redis.example:6379/1",
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "django-insecure-" + "k" * 50}, "SECRET_KEY must be at least 50 random characters"),
        ({"SECRET_KEY": "change-me-" + "k" * 50}, "SECRET_KEY must be at least 50 random characters"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the hosts"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the hosts"),
        ({"ALLOWED_HOSTS": "greenroom.example,*"}, "ALLOWED_HOSTS must name the hosts"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"REDIS_URL": "http://redis.example"}, "REDIS_URL must begin with redis://"),
    ],
    ids=str,
)
def test_production_refuses_to_start_and_says_why(changes: dict[str, str | None], reason: str) -> None:
    started = _start(**changes)

    assert (started.returncode, started.stdout) == (1, "")
    assert reason in started.stderr.splitlines()[-1]
    assert GOOD["SECRET_KEY"] not in started.stderr
