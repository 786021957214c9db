"""Token buckets in PostgreSQL: exactly the limit passes, whoever comes at once and whatever becomes of Redis."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F

from people.clock import database_now
from people.models import RateBucket
from people.services import limits
from people.services.limits import Limit, TooMany
from people.tasks import sweep_limits
from tests.races import race

FIVE_A_DAY = Limit(5, 86_400)


def let_pass(**time: float) -> None:
    """Let time pass for every bucket: what was to be full then is full so much earlier."""
    RateBucket.objects.update(full_at=F("full_at") - timedelta(**time))


def passed(times: int, key: str = "login: somebody", limit: Limit = FIVE_A_DAY) -> list[bool]:
    return [limits.passes(key=key, limit=limit) for _ in range(times)]


def test_as_many_pass_as_the_limit_says_and_no_more() -> None:
    assert passed(7) == [True] * 5 + [False] * 2


def test_whoever_is_refused_is_told_for_how_long() -> None:
    passed(5)

    with pytest.raises(TooMany) as refused:
        limits.take(key="login: somebody", limit=FIVE_A_DAY)

    assert 86_400 / 5 - 60 < refused.value.seconds <= 86_400 / 5


def test_a_token_comes_back_when_its_time_is_over_and_trying_costs_none() -> None:
    passed(20)

    let_pass(seconds=86_400 / 5)

    assert passed(3) == [True, False, False]


def test_a_bucket_holds_no_more_than_the_limit_however_long_it_rests() -> None:
    passed(5)

    let_pass(days=40)

    assert passed(7) == [True] * 5 + [False] * 2


def test_everybody_has_a_bucket_of_their_own() -> None:
    passed(5)

    assert passed(1, key="login: somebody else") == [True]


def test_what_did_not_count_is_given_back() -> None:
    passed(5)

    limits.give_back(key="login: somebody", limit=FIVE_A_DAY)

    assert passed(2) == [True, False]


def test_of_what_a_bucket_is_cannot_be_read_in_the_database() -> None:
    passed(1, key="login: address nora@example.com from ip 192.0.2.7")

    (key,) = RateBucket.objects.values_list("key", flat=True)
    assert len(key) == 64
    assert int(key, 16) > 0
    assert key == limits.hashed("login: address nora@example.com from ip 192.0.2.7")


def test_buckets_that_are_full_again_are_swept_and_others_stay() -> None:
    passed(2, key="login: gone")
    let_pass(days=1)
    passed(2, key="login: here")

    sweep_limits()

    assert list(RateBucket.objects.values_list("key", flat=True)) == [limits.hashed("login: here")]
    assert limits.sweep(now=database_now()) == 0


@pytest.mark.parametrize("amount", [3, 7, 60, 1000])
def test_limits_that_do_not_divide_their_time_let_all_of_it_pass(amount: int) -> None:
    limit = Limit(amount, 20)

    assert limit.one * amount <= limit.all
    assert limit.one * (amount + 1) > limit.all


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_come_at_once_exactly_the_limit_passes() -> None:
    come = partial(limits.passes, key="login: everybody", limit=FIVE_A_DAY)

    assert sorted(race(*[come] * 20)) == [False] * 15 + [True] * 5
