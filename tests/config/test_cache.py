"""The cache that forgives Redis: whatever becomes of it, the cache answers and people log in."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from config.cache import ForgivingRedisCache
from people.models import User

PASSWORD = "a long enough password"


@pytest.fixture
def _forgetting() -> Iterator[None]:
    """Leave nothing in the memory that all caches of this process share."""
    yield
    cache.clear()


def _use_redis_at(settings: Any, port: int) -> None:
    address = f"redis://127.0.0.1:{port}/1"
    settings.CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": address}}


@pytest.fixture
def without_redis(settings: Any, _forgetting: None) -> Iterator[None]:
    """The cache's Redis is away: its address refuses connections."""
    with socket.socket() as never_listens:
        never_listens.bind(("127.0.0.1", 0))
        _use_redis_at(settings, never_listens.getsockname()[1])
        yield


@pytest.fixture
def with_hanging_redis(settings: Any, _forgetting: None) -> Iterator[None]:
    """The cache's Redis takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use_redis_at(settings, silent.getsockname()[1])
        yield


@pytest.fixture
def person() -> User:
    return User.objects.create_user("person@example.com", PASSWORD, name="Person")


def _log_in(client: Client, password: str) -> Any:
    return client.post(reverse("account_login"), {"login": "person@example.com", "password": password})


def test_while_redis_answers_it_holds_the_values() -> None:
    with redis.from_url(django_settings.CACHES["default"]["LOCATION"]) as server:
        server.flushdb()

        cache.set("greeting", "hello", 60)

        assert server.keys() == [b":1:greeting"]
        assert cache.get("greeting") == "hello"
        server.flushdb()
        assert cache.get("greeting") is None


def test_without_redis_memory_answers(without_redis: None, caplog: pytest.LogCaptureFixture) -> None:
    cache.set("count", 1)

    found = [
        cache.get("count"),
        cache.add("count", 9),
        cache.incr("count", 2),
        cache.get("count"),
        cache.has_key("count"),
        cache.touch("count", 60),
        cache.get("nothing", "default"),
        cache.get_or_set("other", lambda: 5),
        cache.get_many(["count", "other", "nothing"]),
    ]

    assert found == [1, False, 3, 3, True, True, "default", 5, {"count": 3, "other": 5}]
    assert "Redis is away, the cache answers from memory" in caplog.text


def test_without_redis_memory_forgets_what_it_is_told_to(without_redis: None) -> None:
    assert cache.set_many({"a": 1, "b": 2, "c": 3, "d": 4}) == []

    deleted = cache.delete("a")
    cache.delete_many(["b", "c"])
    left = cache.get_many(["a", "b", "c", "d"])
    cache.clear()

    assert (deleted, left, cache.get("d")) == (True, {"d": 4}, None)


def test_without_redis_people_log_in(without_redis: None, settings: Any, person: User) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
    client = Client()

    response = _log_in(client, PASSWORD)

    assert response.url == reverse("home")
    assert client.get(reverse("home")).status_code == 200


def test_without_redis_guessing_passwords_stays_limited(without_redis: None, settings: Any, person: User) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}
    client = Client()
    for guess in range(3):
        _log_in(client, f"wrong guess {guess}")

    response = _log_in(client, PASSWORD)

    assert response.status_code == 200
    assert "Too many failed login attempts. Try again later." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_redis_that_hangs_is_waited_for_once_and_not_by_each_call(
    with_hanging_redis: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, person: User
) -> None:
    monkeypatch.setattr(ForgivingRedisCache, "REST_SECONDS", 3600)

    cache.set("a", 1)
    response = _log_in(Client(), PASSWORD)

    assert (cache.get("a"), response.status_code) == (1, 302)
    assert [record.name for record in caplog.records].count("config.cache") == 1


def test_after_its_rest_redis_is_asked_again(
    without_redis: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ForgivingRedisCache, "REST_SECONDS", 0)

    cache.set("a", 1)
    cache.set("b", 2)

    assert [record.name for record in caplog.records].count("config.cache") == 2
