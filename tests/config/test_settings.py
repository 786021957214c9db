"""Production refuses to start with settings that would harm it, and says what to set."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

GOOD = {
    "SECRET_KEY": "s3cret-k" * 7,
    "ALLOWED_HOSTS": "greenroom.example,www.greenroom.example",
    "DATABASE_URL": "postgres://greenroom@db.example/greenroom",
    "REDIS_URL": "redis://redis.example:6379",
}
NAMES = [
    "DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_NAME",
    "ACCOUNT_EMAIL_VERIFICATION", "REQUIRE_MFA_FOR_LEADERS", "MFA_TOTP_TOLERANCE", "CELERY_BROKER_URL", "SITE_URL",
    "RATE_LIMITS", "NOTE_REFUSALS", "ALLAUTH_TRUSTED_PROXY_COUNT",
]  # fmt: skip
# Loads the production settings once for each environment that it is given, and prints what came of it.
SHOW = """
import importlib, json, os, sys
names, environments = json.load(sys.stdin)
found, plain = [], {name: value for name, value in os.environ.items() if name not in environments[0]}
for environment in environments:
    os.environ.clear()
    os.environ.update(plain | environment)
    sys.modules.pop("config.settings.prod", None)
    try:
        prod = importlib.import_module("config.settings.prod")
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
    else:
        found.append({name: getattr(prod, name) for name in names} | {"CACHE": prod.CACHES["default"]["LOCATION"]})
print(json.dumps(found))
"""


def _environment(changes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


def _python(program: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.prod", **environment},
        check=False,
        capture_output=True,
        text=True,
        input=given,
    )


REFUSED: list[tuple[dict[str, str | None], str]] = [
    ({"SECRET_KEY": None}, "SECRET_KEY"),
    ({"SECRET_KEY": ""}, "SECRET_KEY must be at least 50 random characters"),
    ({"SECRET_KEY": "0123456789" * 4 + "012345678"}, "SECRET_KEY must be at least 50 random characters"),
    ({"SECRET_KEY": "k" * 60}, "SECRET_KEY must be at least 50 random characters"),
    ({"SECRET_KEY": "django-insecure-" + "0123456789" * 5}, "SECRET_KEY must be at least 50 random characters"),
    ({"SECRET_KEY": "change-me-" + "0123456789" * 5}, "SECRET_KEY must be at least 50 random characters"),
    ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the hosts"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the hosts"),
    ({"ALLOWED_HOSTS": "greenroom.example,*"}, "ALLOWED_HOSTS must name the hosts"),
    ({"ALLOWED_HOSTS": "*.example"}, "ALLOWED_HOSTS must name the hosts"),
    ({"DEBUG": "yes"}, "DEBUG shows people our code. Take it out of the environment."),
    ({"SITE_URL": "http://greenroom.example"}, "SITE_URL must begin with https://"),
    ({"METRICS_TOKEN": "m" * 31}, "METRICS_TOKEN must be at least 32 random characters"),
    ({"DATABASE_URL": None}, "DATABASE_URL"),
    ({"REDIS_URL": None}, "REDIS_URL"),
    ({"REDIS_URL": "http://redis.example"}, "REDIS_URL must begin with redis://"),
]
PROXIES: list[tuple[dict[str, str | None], int]] = [
    ({"RATE_LIMITS": "no", "METRICS_TOKEN": "m3trics-" * 4}, 0),
    ({"RATE_LIMITS": "no", "BEHIND_TLS_PROXY": "yes"}, 1),
    ({"RATE_LIMITS": "no", "BEHIND_TLS_PROXY": "yes", "TRUSTED_PROXIES": "2"}, 2),
]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What comes of each environment: the settings, or the error that stops the start. One process tries them all."""
    tried = [{}, *(changes for changes, _ in REFUSED), *(changes for changes, _ in PROXIES)]
    loaded = _python(SHOW, json.dumps([NAMES, [_environment(changes) for changes in tried]]), **GOOD)
    assert loaded.returncode == 0, loaded.stderr
    return dict(zip(map(str, tried), json.loads(loaded.stdout), strict=True))


def test_production_starts_with_what_it_needs(found: dict[str, Any]) -> None:
    assert found["{}"] == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["greenroom.example", "www.greenroom.example"],
        "CSRF_TRUSTED_ORIGINS": ["https://greenroom.example", "https://www.greenroom.example"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "REQUIRE_MFA_FOR_LEADERS": True,
        "MFA_TOTP_TOLERANCE": 0,
        "CELERY_BROKER_URL": "redis://redis.example:6379/0",
        "SITE_URL": "https://greenroom.example",
        "RATE_LIMITS": True,
        "NOTE_REFUSALS": True,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 0,
        "CACHE": "redis://redis.example:6379/1",
    }


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=str)
def test_production_refuses_to_start_and_says_why(
    found: dict[str, Any], changes: dict[str, str | None], reason: str
) -> None:
    assert isinstance(found[str(changes)], str)
    assert reason in found[str(changes)]
    assert GOOD["SECRET_KEY"] not in found[str(changes)]


@pytest.mark.parametrize(("changes", "proxies"), PROXIES, ids=str)
def test_behind_a_proxy_its_own_hop_is_believed_and_limits_cannot_be_switched_off(
    found: dict[str, Any], changes: dict[str, str | None], proxies: int
) -> None:
    started = found[str(changes)]

    assert (started["ALLAUTH_TRUSTED_PROXY_COUNT"], started["RATE_LIMITS"]) == (proxies, True)


def test_what_stops_the_settings_stops_the_server() -> None:
    started = _python("import config.wsgi", **(_environment({"SECRET_KEY": "too short"})))

    assert started.returncode == 1
    assert "SECRET_KEY must be at least 50 random characters" in started.stderr.splitlines()[-1]
    assert "too short" not in started.stderr
