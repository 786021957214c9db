"""One mail for each graded mock: never two, and none lost."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from interview.models import Interview, Mode
from interview.services.interviews import finish, submit_answer
from interview.services.notices import STALE_AFTER, announce, announce_graded
from people.clock import database_now
from people.models import User
from questionbank.models import Track
from tests.factories import give_grade, make_interview
from tests.races import race


def finish_and_grade(mock: Interview, *, leave: int = 0) -> None:
    """Finish mock and grade its answers, but for the last so many."""
    finish(interview=mock, now=database_now())
    answers = [asked.answer for asked in mock.questions.select_related("answer__job")]
    for answer in answers[: len(answers) - leave]:
        give_grade(answer.job, 73)


def test_a_graded_mock_is_announced_with_its_link_and_no_score(
    mock: Interview, candidate: User, mailoutbox: list[EmailMessage]
) -> None:
    finish_and_grade(mock)

    assert announce_graded(now=database_now()) == 1

    (message,) = mailoutbox
    body = str(message.body)
    assert (message.to, message.subject) == ([candidate.email], "[Greenroom] Your mock interview is graded")
    assert f"http://localhost:8000/interviews/{mock.pk}/" in body
    assert "http://localhost:8000/profile/" in body
    assert "73" not in body.replace(str(mock.pk), "")


def test_it_is_announced_once(mock: Interview, mailoutbox: list[EmailMessage]) -> None:
    finish_and_grade(mock)

    told = [announce_graded(now=database_now()), announce_graded(now=database_now())]

    assert (told, len(mailoutbox)) == ([1, 0], 1)
    assert not announce(interview_id=mock.pk, now=database_now())


def test_a_mock_is_not_announced_before_its_last_grade(mock: Interview, mailoutbox: list[EmailMessage]) -> None:
    assert announce_graded(now=database_now()) == 0
    finish_and_grade(mock, leave=1)

    assert (announce_graded(now=database_now()), mailoutbox) == (0, [])


def test_practice_is_not_announced(practice: Interview, mailoutbox: list[EmailMessage]) -> None:
    written = submit_answer(
        asked=practice.questions.get(position=1), text="Lazily.", idempotency_key=uuid4(), now=database_now()
    )
    give_grade(written.job, 80)
    finish(interview=practice, now=database_now())

    assert (announce_graded(now=database_now()), mailoutbox) == (0, [])


@pytest.mark.parametrize("change", [{"mail_when_graded": False}, {"is_guest": True}, {"is_active": False}])
def test_who_wants_no_mail_gets_none_later_either(
    mock: Interview, candidate: User, mailoutbox: list[EmailMessage], change: dict[str, bool]
) -> None:
    User.objects.filter(pk=candidate.pk).update(**change)
    finish_and_grade(mock)

    announce_graded(now=database_now())
    User.objects.filter(pk=candidate.pk).update(mail_when_graded=True, is_guest=False, is_active=True)
    announce_graded(now=database_now())

    assert mailoutbox == []


def test_a_mail_server_that_is_away_loses_nothing(
    mock: Interview, mailoutbox: list[EmailMessage], settings: LazySettings
) -> None:
    finish_and_grade(mock)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1

    assert announce_graded(now=database_now()) == 0
    mock.refresh_from_db()
    assert mock.announced_at is None

    settings.EMAIL_BACKEND = working
    assert (announce_graded(now=database_now()), len(mailoutbox)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(mock: Interview, mailoutbox: list[EmailMessage]) -> None:
    finish_and_grade(mock)
    tell = partial(announce, interview_id=mock.pk, now=database_now())

    assert sorted(race(tell, tell)) == [False, True]
    assert len(mailoutbox) == 1


def test_old_news_is_not_sent(mock: Interview, mailoutbox: list[EmailMessage]) -> None:
    finish_and_grade(mock)

    assert announce_graded(now=database_now() + STALE_AFTER + timedelta(hours=1)) == 0
    assert mailoutbox == []


@pytest.mark.parametrize("count", [1, 3])
def test_looking_for_news_takes_one_query_when_there_is_none(
    candidate: User, track: Track, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        finish_and_grade(make_interview(candidate, track, mode=Mode.MOCK), leave=1)

    now = database_now()

    with django_assert_num_queries(1):
        announce_graded(now=now)
