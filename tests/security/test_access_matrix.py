"""Every address × every role × every method against access_table.txt; and what no address may do."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from tests.security.private import kept_from, move_in, text_of, told
from tests.security.world import METHODS, ROLES, World, routes

Cells = dict[tuple[str, str], str]  # (method, role) → answer


def _read_table(text: str) -> dict[str, Cells]:
    table: dict[str, Cells] = {}
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for line in lines:
        if line.startswith("/"):
            cells = table.setdefault(line.removeprefix("/"), {})
            continue
        words = line.split()
        methods, answers = words[: -len(ROLES)], words[-len(ROLES) :]
        named = [m for m in METHODS if (m, ROLES[0]) not in cells] if methods == ["*"] else methods
        cells |= {(m, role): answer for m in named for role, answer in zip(ROLES, answers, strict=True)}
    return table


TABLE = _read_table((Path(__file__).parent / "access_table.txt").read_text())
AREAS = sorted({route.split("/")[0] for route in TABLE})


WRITES = """
SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
           + pg_stat_get_xact_tuples_deleted(oid))
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'django_session'
"""


def writes() -> int:
    """Return how many rows this transaction has written, those it has taken back since among them."""
    with connection.cursor() as cursor:
        cursor.execute(WRITES)
        return int(cursor.fetchone()[0])


def _answer(world: World, role: str, method: str, route: str, *, csrf: bool = False) -> str:
    """Ask, undo what it did, and return the answer in the table's words."""
    before = writes()
    undo = transaction.savepoint()
    response = world.ask(role, method, route, csrf=csrf)
    changed = writes() > before
    transaction.savepoint_rollback(undo)
    to_login = response.status_code == 302 and response.url.startswith(("/account/login/", "/staff/login/"))
    return ("login" if to_login else str(response.status_code)) + ("+" if changed else "")


def test_the_table_has_every_address_and_no_other() -> None:
    assert sorted(TABLE) == sorted(routes())


@pytest.mark.parametrize("route", sorted(TABLE))
def test_the_table_answers_every_role_and_method(route: str) -> None:
    assert set(TABLE[route]) == {(method, role) for method in METHODS for role in ROLES}


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area or "landing")
def test_every_role_gets_what_the_table_says(world: World, area: str) -> None:
    asked = [route for route in routes() if route.split("/")[0] == area]

    answers = {
        f"{method} {route} as {role}": (_answer(world, role, method, route), TABLE[route][method, role])
        for route in asked
        for method in METHODS
        for role in ROLES
    }

    assert {request: pair for request, pair in answers.items() if pair[0] != pair[1]} == {}


def test_nothing_is_written_without_the_csrf_token(world: World) -> None:
    """Each request that the table lets somebody write with is refused to them without the token of their page."""
    writers = {
        (method, route): role
        for route, cells in TABLE.items()
        for (method, role), answer in cells.items()
        if answer.endswith("+")
    }

    answers = {request: _answer(world, role, *request, csrf=True) for request, role in writers.items()}

    assert len(answers) > 15
    assert {request: answer for request, answer in answers.items() if answer != "403"} == {}


@pytest.mark.parametrize("role", ROLES)
def test_reading_everything_changes_nothing_and_tells_nobody_elses_words(world: World, role: str) -> None:
    """A crawl of all GETs by one browser, one after the other. Sessions hold messages, so only their number counts.

    One address is left out: allauth logs out whoever opens the confirmation of another person's email address.
    test_crawl.py follows links as well.
    """
    move_in(world)
    client, private, read = world.clients[role], kept_from(role, world.people), set()
    addresses = [world.address_of(route) for route in routes() if "^confirm-email" not in route]
    before = all_rows()

    for address in addresses:
        said = text_of(client.get(address).getvalue())
        read |= {(address, word) for word in told(said, private)}

    assert all_rows() == before
    assert read == set()


def all_rows() -> dict[str, tuple[int, str]]:
    """Return the number of rows of every table and a hash of what they say."""
    with connection.cursor() as cursor:
        return {name: _rows_of(cursor, name) for name in connection.introspection.table_names(cursor)}


def _rows_of(cursor: Any, table: str) -> tuple[int, str]:
    cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t ORDER BY 1")  # noqa: S608 (our own tables)
    rows = [text for (text,) in cursor.fetchall()]
    content = "" if table == "django_session" else "\n".join(rows)
    return len(rows), hashlib.sha256(content.encode()).hexdigest()
