"""How often something may be done: token buckets in PostgreSQL, by its clock.

A limit of 10 in 60 seconds is a bucket of ten tokens into which one falls every six seconds. A bucket is one row with
the moment at which it will be full again: taking a token moves that moment by six seconds, and is refused where it
would then lie more than 60 ahead. That is one statement, so of any number who come at once exactly ten pass, and it
holds while Redis is away. Without a row a bucket is full.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.crypto import salted_hmac

from people.models import RateBucket


@dataclass(frozen=True)
class Limit:
    """So many times at once, and as many again within so many seconds."""

    amount: int
    seconds: int

    @property
    def one(self) -> timedelta:
        """How long it takes until one token more is in the bucket, rounded down: amount of them never exceed all."""
        return timedelta(microseconds=self.seconds * 1_000_000 // self.amount)

    @property
    def all(self) -> timedelta:
        return timedelta(seconds=self.seconds)


class TooMany(Exception):
    """A limit is used up; seconds says after how long one more will pass, at least 1."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many at once. One more passes in {seconds} s.")
        self.seconds = seconds


# clock_timestamp() moves on while the statement waits for another's lock; now() would stand still.
TAKE = """
    INSERT INTO people_ratebucket AS bucket (key, full_at) VALUES (%(key)s, clock_timestamp() + %(one)s)
    ON CONFLICT (key) DO UPDATE SET full_at = greatest(bucket.full_at, clock_timestamp()) + %(one)s
    WHERE greatest(bucket.full_at, clock_timestamp()) + %(one)s <= clock_timestamp() + %(all)s
    RETURNING key
"""
WAIT = """
    SELECT ceil(extract(epoch FROM full_at + %(one)s - %(all)s - clock_timestamp()))::integer
    FROM people_ratebucket WHERE key = %(key)s
"""


def hashed(key: str) -> str:
    """Return the form in which a bucket's key is stored. Keyed by SECRET_KEY, so that no address can be guessed."""
    return salted_hmac("people.limits", key, algorithm="sha256").hexdigest()


def take(*, key: str, limit: Limit) -> None:
    """Take one token from key's bucket. Raises TooMany when it is empty.

    It counts from the moment the transaction around it commits, so it belongs outside one.
    """
    values: dict[str, Any] = {"key": hashed(key), "one": limit.one, "all": limit.all}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.fetchone():
            return
        cursor.execute(WAIT, values)
        found = cursor.fetchone()
    raise TooMany(max(1, found[0]) if found else 1)


def passes(*, key: str, limit: Limit) -> bool:
    """Take one token and say whether there was one."""
    try:
        take(key=key, limit=limit)
    except TooMany:
        return False
    return True


def give_back(*, key: str, limit: Limit) -> None:
    """Put a token back that was taken for something that does not count after all."""
    RateBucket.objects.filter(pk=hashed(key)).update(full_at=F("full_at") - limit.one)


def sweep(*, now: datetime) -> int:
    """Forget the buckets that are full again; return how many there were."""
    return RateBucket.objects.filter(full_at__lt=now).delete()[0]
