from pathlib import Path

import pytest

from config.local.urls import LONGEST_FOLDER, database_url, redis_url, sockets_folder
from config.redis_urls import broker_url, cache_url


def test_sockets_lie_in_the_state_folder_where_they_fit() -> None:
    assert sockets_folder(Path("/home/ada/greenroom/.local/8000")) == Path("/home/ada/greenroom/.local/8000/run")


def test_long_paths_get_short_folders_of_their_own() -> None:
    one = sockets_folder(Path("/home") / ("é" * LONGEST_FOLDER) / "8000")
    other = sockets_folder(Path("/home") / ("é" * LONGEST_FOLDER) / "8001")
    assert one != other
    assert len(str(one).encode()) <= LONGEST_FOLDER


def test_any_path_can_be_part_of_an_address() -> None:
    state = Path("/a b/100%/c+d/#?/é")
    escaped = "%2Fa%20b%2F100%25%2Fc%2Bd%2F%23%3F%2F%C3%A9%2Frun"
    assert database_url(state) == f"postgres://postgres@/greenroom?host={escaped}&port=5432"
    assert redis_url(state) == "unix:///a%20b/100%25/c%2Bd/%23%3F/%C3%A9/run/valkey.sock"


@pytest.mark.parametrize(
    ("redis", "broker", "cache"),
    [
        ("unix:///a%20b/v.sock", "redis+socket:///a%20b/v.sock?virtual_host=0", "unix:///a%20b/v.sock?db=1"),
        ("redis://localhost", "redis://localhost/0", "redis://localhost/1"),
        ("redis://:word@host:1/0", "redis://:word@host:1/0", "redis://:word@host:1/1"),
        (
            "rediss://h?ssl_cert_reqs=required",
            "rediss://h/0?ssl_cert_reqs=required",
            "rediss://h/1?ssl_cert_reqs=required",
        ),
    ],
)
def test_messages_and_cache_have_a_database_each(redis: str, broker: str, cache: str) -> None:
    assert (broker_url(redis), cache_url(redis)) == (broker, cache)


@pytest.mark.parametrize("wrong", ["redis://host/3", "localhost:6379", "http://host"])
def test_an_address_that_would_be_misread_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL"):
        broker_url(wrong)
