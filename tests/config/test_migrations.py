"""An installation with data moves forward, and back, with all that is in it."""
# ruff: noqa: SLF001 (what a model is made of)

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AlterModelTable,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.operations.base import Operation
from django.urls import reverse
from pgvector.django import VectorField

from analytics.models import AnswerFact
from analytics.services.facts import refresh_piece
from grading.models import Grade, GradingJob, Review
from interview.models import Interview
from people.models import User
from tests.conftest import client_of
from tests.databases import empty_database, rows, using

# The latest migrations from before releases were made so that two versions can work beside each other.
SETTLED = {"people": 8, "questionbank": 8, "grading": 15, "interview": 6, "analytics": 2}
OURS = ("people", "questionbank", "grading", "interview", "analytics")
# Where the installations stand that are the oldest to be upgraded.
ERA = [
    ("people", "0004_guests"),
    ("questionbank", "0003_workshop"),
    ("grading", "0007_workshop"),
    ("interview", "0004_plan_flags_and_titles"),
]
THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
# What a row must say beyond what its fields alone ask for.
SPECIAL: dict[str, dict[str, Any]] = {
    "people.user": {"email": "candidate@example.com", "is_superuser": False, "is_guest": False},
    "people.membership": {"role": "candidate"},
    "interview.interview": {"mode": "practice", "title": "Taster", "finished_at": THEN},
    "grading.gradingjob": {"state": "graded", "finished_at": THEN, "text": "Lazily."},
    "grading.regrade": {"state": "applied", "finished_at": THEN},
    "grading.mentorquestion": {"answer": ""},
    "grading.appeal": {"said": "Lazily."},
    "interview.answer": {"text": "Lazily."},
}
# What moving forward fills in (is_of_use_still says with what), and what it takes away: how far a worker was.
FILLED = {("grading_grade", "version_id"), ("grading_review", "version_id"), ("grading_gradingjob", "grade_id")}
GONE = {("questionbank_import", "done")}


def migrations() -> dict[tuple[str, str], Migration]:
    """Return all migrations of ours by app and name."""
    return {key: found for key, found in MigrationLoader(None).disk_migrations.items() if key[0] in OURS}


def head() -> list[tuple[str, str]]:
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


def migrate(*targets: tuple[str, str]) -> Apps:
    """Move the database there, and return the models as they were then."""
    executor = MigrationExecutor(connection)
    return executor.migrate(list(targets)).apps


# --- Rows of every table ------------------------------------------------------------------------------------


def fill(apps: Apps) -> None:
    """Write a row into each table of ours, as the models of that time have it; first those that others point at."""
    left = [model for app in OURS if app in apps.app_configs for model in apps.get_app_config(app).get_models()]
    while left:
        missing = {model._meta.label for model in left}
        ready = [model for model in left if not missing & needs(model)]
        assert ready, f"these need each other: {missing}"
        for model in ready:
            model.objects.create(**dict(values(model)))
            left.remove(model)
    # Parts are added to drafts alone.
    apps.get_model("questionbank", "QuestionVersion").objects.update(state="published", published_at=THEN)


def needs(model: type[models.Model]) -> set[str]:
    """Return the models a row of which must be there first."""
    fields = model._meta.fields
    return {field.remote_field.model._meta.label for field in fields if field.remote_field and not field.null}


def values(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    """Give a value for each field that must have one."""
    special = SPECIAL.get(model._meta.label_lower, {})
    yield from special.items()
    for field in model._meta.fields:
        if field.name not in special and not field.null and not field.has_default() and not is_automatic(field):
            yield field.name, value(field)


def is_automatic(field: models.Field) -> bool:
    return isinstance(field, models.AutoField)


def value(field: models.Field) -> Any:
    if field.remote_field:
        return field.remote_field.model.objects.get()
    by_type: dict[type[models.Field], Any] = {
        models.EmailField: "somebody@example.com",
        models.URLField: "https://example.com/",
        models.SlugField: "some-slug",
        models.DateTimeField: THEN,
        models.UUIDField: UUID(int=7),
        models.BinaryField: b"\x00some bytes\xff",
        models.JSONField: {"said": "é"},
        models.FloatField: 50.5 if "score" in field.name else 0.5,
        models.IntegerField: 2,
        VectorField: [0.25] * 384,
    }
    for kind, said in by_type.items():
        if isinstance(field, kind):
            return said
    return field.choices[0][0] if field.choices else f"Some {field.name}"[: field.max_length]


Row = dict[str, Any]


def everything() -> dict[str, list[Row]]:
    """Return the rows of all tables of ours, one in each table at most, but for FILLED and GONE."""
    ours = [table for table in connection.introspection.table_names() if table.startswith(OURS)]
    return {
        table: [
            {column: said for column, said in json.loads(row).items() if (table, column) not in FILLED | GONE}
            for (row,) in rows(f'SELECT to_jsonb(t)::text FROM "{table}" t')  # noqa: S608
        ]
        for table in ours
    }


def what_is_left_of(before: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return what the tables and columns of before say now."""
    now = everything()
    return {
        table: [{column: row.get(column) for column in old} for row, old in zip(now[table], there, strict=True)]
        for table, there in before.items()
    }


# --- The tests ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_installation_with_data_moves_forward_and_loses_nothing() -> None:
    with empty_database() as name, using(name):
        fill(migrate(*ERA))
        before = everything()
        empty = {table for table, there in before.items() if not there}
        assert empty == {"people_user_groups", "people_user_user_permissions"}  # of the staff site

        migrate(*head())

        assert what_is_left_of(before) == before
        is_of_use_still()


def is_of_use_still() -> None:
    """What was filled in stands, the figures take the old answers in, and their candidate sees the result."""
    job = GradingJob.objects.get()
    assert (job.grade, job.version) == (Grade.objects.get(), Grade.objects.get().version)
    assert Review.objects.get().version == job.version
    refresh_piece()
    assert AnswerFact.objects.get().job_id == job.pk
    page = client_of(User.objects.get()).get(reverse("result", args=[Interview.objects.get().pk]))
    assert (page.status_code, "Lazily." in page.content.decode()) == (200, True)


def test_every_migration_can_be_taken_back() -> None:
    fixed = [key for key, found in migrations().items() if not all(one.reversible for one in found.operations)]

    assert fixed == []


def test_no_migration_takes_away_what_the_running_version_needs() -> None:
    """Web and worker of the version before go on while it is applied (docs/operations.md, Upgrading)."""
    breaking = {
        f"{app} {name}: {operation.describe()}"
        for (app, name), found in migrations().items()
        if int(name[:4]) > SETTLED[app] and not (sys.modules[found.__module__].__doc__ or "").startswith("Contract: ")
        for operation in found.operations
        if breaks_the_version_before(operation)
    }

    assert breaking == set()


def breaks_the_version_before(operation: Operation) -> bool:
    if isinstance(operation, AddField):
        # The version before writes rows without this column; Django's own defaults are not the database's.
        return not (operation.field.many_to_many or operation.field.null or operation.field.has_db_default())
    return isinstance(operation, (RemoveField, RenameField, RenameModel, DeleteModel, AlterModelTable))


@pytest.mark.parametrize(
    ("operation", "breaks"),
    [
        (AddField("user", "nickname", models.CharField(default="")), True),
        (AddField("user", "nickname", models.CharField(db_default="")), False),
        (AddField("user", "nickname", models.CharField(null=True)), False),
        (RemoveField("user", "name"), True),
    ],
    ids=["not null", "with the database's default", "null", "removed"],
)
def test_it_is_known_what_the_version_before_needs(operation: Operation, *, breaks: bool) -> None:
    assert breaks_the_version_before(operation) == breaks


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_an_installation_with_data_moves_back_and_forward_again() -> None:
    with empty_database() as name, using(name):
        fill(migrate(*ERA))
        before = everything()
        migrate(*head())

        migrate(*ERA, ("analytics", None))
        assert what_is_left_of(before) == before

        migrate(*head())
        assert what_is_left_of(before) == before


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_an_empty_installation_moves_down_to_nothing() -> None:
    with empty_database() as name, using(name):
        migrate(*head())

        migrate(*[(app, None) for app in OURS])

        assert [table for table in connection.introspection.table_names() if table.startswith(OURS)] == []
