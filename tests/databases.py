"""Further databases on the tests' server, for what a test cannot do to its own: restoring, migrating.

A test that uses them needs @pytest.mark.django_db(transaction=True), since no database is made in a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def empty_database() -> Iterator[str]:
    """Make a database with nothing in it and give its name; take it away at the end."""
    name = f"{connection.settings_dict['NAME']}_beside"
    rows(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    rows(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield name
    finally:
        rows(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def using(name: str) -> Iterator[None]:
    """Let all of this process (models, commands, the test client) work in database name."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a query; return its rows, none where it gives none."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def contents() -> dict[str, tuple[int, str]]:
    """Return how many rows each table has and a hash of all they say."""
    rows("SET TIME ZONE 'UTC'")
    return {
        table: rows(
            "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) "  # noqa: S608
            f'FROM "{table}" t'
        )[0]
        for table in connection.introspection.table_names()
    }


def rules() -> dict[str, set[str]]:
    """Return what the database itself sees to: triggers with their functions, constraints, indexes, sequences."""
    queries = {
        "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_language l ON l.oid = prolang "
        "WHERE pronamespace = 'public'::regnamespace AND lanname IN ('sql', 'plpgsql')",
        "constraints": "SELECT conrelid::regclass || conname FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
        "sequences": "SELECT sequencename || coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'",
    }
    return {what: {said for (said,) in rows(query)} for what, query in queries.items()}
