"""Ends what runs in this thread after its nth SQL statement, as a killed process ends.

An open transaction is rolled back, what was committed stays, and no `except` or `finally` says another word to the
database. Inside a test's transaction the savepoints of the code under test are its transactions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class Killed(BaseException):
    """Not an Exception: nothing that is meant for errors may catch it."""


@contextmanager
def killed_after(statements: int | None) -> Iterator[None]:
    """Raise Killed once so many statements were executed, commits among them; None: never."""
    left, is_dead = statements, False

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal left, is_dead
        if is_dead and not _is_end(sql):
            raise Killed
        result = run(sql, *rest)
        if left is None or is_dead or sql.startswith(("SAVEPOINT", "ROLLBACK")):
            return result
        left -= 1
        if left <= 0:
            is_dead = True
            raise Killed
        return result

    with connection.execute_wrapper(execute):
        yield


def _is_end(sql: str) -> bool:
    """Whether this is how Django ends a transaction that has raised: PostgreSQL does it for whoever is gone."""
    return sql.startswith(("ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT"))
