"""A cache that may die at any time without anybody noticing but the log."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Redis while it answers; this process's own memory while it does not.

    Why not let the error through? Login limits live in the cache: with Redis gone, nobody could log in.
    Why not skip the limits? Guessing passwords must stay slow; each process then counts for itself.
    Why rest after a failure? One page asks the cache many times, and a Redis that hangs takes the time-out of each.
    """

    REST_SECONDS = 5

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_connect_timeout", 0.3)
        options.setdefault("socket_timeout", 0.5)
        super().__init__(server, params)
        self._memory = LocMemCache("forgiving-redis-cache", {})
        self._rests_until = 0.0

    def _or_memory(self, method: str, *args: Any, **kwargs: Any) -> Any:
        redis_call: Callable[..., Any] = getattr(super(), method)
        if time.monotonic() >= self._rests_until:
            try:
                return redis_call(*args, **kwargs)
            except (RedisConnectionError, RedisTimeoutError) as error:
                self._rests_until = time.monotonic() + self.REST_SECONDS
                log.warning("Redis is away, the cache answers from memory for %s s: %s", self.REST_SECONDS, error)
        return getattr(self._memory, method)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("get_many", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("delete_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_memory("incr", *args, **kwargs)

    def clear(self) -> Any:
        return self._or_memory("clear")
