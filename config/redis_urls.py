"""REDIS_URL names one server: Greenroom's messages are in its database 0, its cache in database 1.

Test runs beside each other take the next pairs.
"""

from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

MESSAGES = 0
CACHE = 1


def broker_url(redis_url: str, pair: int = 0) -> str:
    """Return the address of the messages in Celery's words. pair: which two databases, 0 for the first two."""
    url = _parse(redis_url)
    database = str(2 * pair + MESSAGES)
    if url.scheme == "unix":
        return _with_query(url._replace(scheme="redis+socket"), "virtual_host", database)
    return urlunsplit(url._replace(path=f"/{database}"))


def cache_url(redis_url: str, pair: int = 0) -> str:
    """Return the address of the cache in the words of redis-py, which Django's cache uses. pair: as above."""
    url = _parse(redis_url)
    database = str(2 * pair + CACHE)
    if url.scheme == "unix":
        return _with_query(url, "db", database)
    return urlunsplit(url._replace(path=f"/{database}"))


def _parse(redis_url: str) -> SplitResult:
    url = urlsplit(redis_url)
    if url.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("REDIS_URL must begin with redis://, rediss:// or unix:///")
    if url.scheme != "unix" and url.path not in {"", "/", "/0"}:
        # Taking part of a server that others use too would need two numbers, not one.
        raise ValueError("REDIS_URL names a server of Greenroom's own: leave out the database number.")
    return url


def _with_query(url: SplitResult, name: str, value: str) -> str:
    # urlunsplit() drops the empty host's slashes for schemes that it doesn't know.
    query = urlencode([*parse_qsl(url.query), (name, value)])
    return f"{url.scheme}://{url.netloc}{url.path}?{query}"
