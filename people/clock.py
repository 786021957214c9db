"""The one clock that decides deadlines: the database's, the same for every process and machine."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the database's present time, aware, in UTC. Unlike SQL's now() it moves on within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101 (narrows the driver's Any for the type checker)
    return now
