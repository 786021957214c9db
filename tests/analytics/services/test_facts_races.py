"""What happens while facts are being written."""

from collections.abc import Callable
from functools import partial
from threading import Event

import pytest
from django.db import transaction

from analytics.models import AnswerFact, StaleAnswer
from analytics.services.facts import refresh, refresh_piece
from people.models import User
from questionbank.models import Mark
from tests.analytics.attempts import job_of, mark, practise, questions
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)


def _piece_that_waits(taken: Event, go_on: Event) -> int:
    """Write the facts of one answer, and commit when told to."""
    with transaction.atomic():
        done = refresh_piece(limit=1)
        taken.set()
        assert go_on.wait(60)
    return done


def _once(taken: Event, go_on: Event, action: Callable[[], int]) -> int:
    assert taken.wait(60)
    try:
        return action()
    finally:
        go_on.set()


def test_two_workers_take_different_answers(candidate: User) -> None:
    asked = questions("closures", "slots")
    practise(candidate, asked.values(), {"closures": 40, "slots": 60})
    taken, go_on = Event(), Event()

    results = race(partial(_piece_that_waits, taken, go_on), partial(_once, taken, go_on, refresh_piece))

    assert results == [1, 1]
    assert sorted(AnswerFact.objects.values_list("score", flat=True)) == [40, 60]


def test_a_worker_that_dies_leaves_its_answers_stale(candidate: User) -> None:
    practise(candidate, questions("closures").values(), {"closures": 40})

    with transaction.atomic():
        assert refresh_piece() == 1
        transaction.set_rollback(True)

    assert (StaleAnswer.objects.count(), AnswerFact.objects.count()) == (1, 0)


def test_a_review_that_comes_meanwhile_is_not_forgotten(candidate: User, mentor: User) -> None:
    asked = questions("closures")
    practise(candidate, asked.values(), {"closures": 40})
    job = job_of(candidate, asked["closures"])
    taken, go_on = Event(), Event()

    def review() -> None:
        assert taken.wait(60)
        go_on.set()  # the review waits for the piece's end, and leaves its row after it
        mark(job, mentor, lazy=Mark.STATED, memory=Mark.STATED, once=Mark.STATED)

    results = race(partial(_piece_that_waits, taken, go_on), review)

    assert results == [1, None]
    assert [stale.job_id for stale in StaleAnswer.objects.all()] == [job.pk]
    refresh()
    assert AnswerFact.objects.get().score == 100
