"""Runs actions at the same moment, each in a thread with its own database connection.

A test that uses it needs @pytest.mark.django_db(transaction=True): the threads see only what is committed.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def race(*actions: Callable[[], Any]) -> list[Any]:
    """Start all actions at once; return what each returned, or the exception it raised, in their order."""
    start = Barrier(len(actions), timeout=60)

    def run(action: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return action()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def outcomes(results: list[Any]) -> list[str]:
    """Return the names of the results' types, sorted: who wins a race is chance, what comes of it is not."""
    return sorted(type(result).__name__ for result in results)
