"""What docs/operations.md, docker-compose.yml and the Dockerfile say is what the code has."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
SETTINGS = {name: (ROOT / "config" / "settings" / f"{name}.py").read_text() for name in ("base", "local", "prod")}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def read_by(*names: str) -> set[str]:
    return {variable for name in names for variable in re.findall(r'\benv\.\w+\(\s*"(\w+)"', SETTINGS[name])}


def documented() -> dict[str, str]:
    """Return the variables of the table, with their defaults."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*?) \|", OPERATIONS, re.MULTILINE))


def needed() -> set[str]:
    """Return those without which production does not start."""
    return {variable for variable in read_by("prod") if re.search(rf'env\.\w+\("{variable}"\)', SETTINGS["prod"])}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert set(documented()) == read_by("base", "prod")
    for variable in read_by("local"):
        assert f"`{variable}`" in OPERATIONS


def test_the_table_says_what_must_be_there() -> None:
    optional = {"SECRET_KEY_FALLBACKS"}
    assert {variable for variable, default in documented().items() if default == "none"} == needed() | optional


def test_the_containers_get_variables_that_are_read_and_all_that_are_needed() -> None:
    given = set(COMPOSE["services"]["web"]["environment"])

    assert given <= set(documented())
    assert given >= needed()


def test_the_workers_of_the_containers_serve_every_queue() -> None:
    served = {queue for command in workers() for queue in option(command, "-Q").split(",")}

    assert served == {queue.name for queue in settings.CELERY_TASK_QUEUES}


def workers() -> list[list[str]]:
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]
    return [command for command in commands if command[:1] == ["celery"] and "worker" in command]


def option(command: list[str], name: str) -> str:
    """Return what follows name in command."""
    return next(value for word, value in pairwise(command) if word == name)


def test_exactly_one_container_keeps_the_time() -> None:
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]

    assert sum(command[:1] == ["celery"] and "beat" in command for command in commands) == 1


def test_every_container_says_whether_it_is_well_but_the_one_that_ends() -> None:
    without = [
        name
        for name, service in COMPOSE["services"].items()
        if service.get("healthcheck", {}).get("disable") or ("healthcheck" not in service and name != "web")
    ]

    assert "HEALTHCHECK" in DOCKERFILE
    assert without == ["migrate"]


def test_nothing_is_killed_before_it_may_have_finished() -> None:
    web, worker = (int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s")) for name in ("web", "worker"))
    found = re.search(r'"--graceful-timeout", "(\d+)"', DOCKERFILE)
    assert found

    assert web > int(found[1])
    assert worker > settings.CELERY_TASK_TIME_LIMIT
    assert settings.GRADING_LEASE_SECONDS > settings.CELERY_TASK_TIME_LIMIT
    row = next(line for line in OPERATIONS.splitlines() if line.startswith("| web |"))
    assert f"{found[1]} s at most" in row
    assert f"| {web} s |" in row
    row = next(line for line in OPERATIONS.splitlines() if line.startswith("| worker |"))
    assert f"{settings.CELERY_TASK_TIME_LIMIT} s at most" in row
    assert f"| {worker} s |" in row


@pytest.mark.django_db(transaction=True)
def test_a_migration_waits_for_locks_as_long_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By PGOPTIONS, which is libpq's: Django's connection takes it from the environment."""
    command = COMPOSE["services"]["migrate"]["command"][-1]
    options = shlex.split(command)[0]
    assert options in OPERATIONS.replace("'", "")
    monkeypatch.setenv("PGOPTIONS", options.removeprefix("PGOPTIONS="))

    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        patience = cursor.fetchone()
    connection.close()

    assert patience == ("500ms", "15min")
