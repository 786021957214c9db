"""Reminders of what is assigned: to whom, when, in which words; never two of a kind, and none lost."""

from datetime import UTC, datetime, timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from interview.models import Assignment, Reminder, ReminderKind
from interview.selectors.assignments import reminders_due
from interview.services import reminders
from interview.services.assignments import start_assigned, withdraw
from interview.services.interviews import finish
from interview.tasks import send_reminders, sweep_reminders
from people.clock import database_now
from people.models import Cohort, Membership, Role, User
from questionbank.models import Track
from tests.factories import MembershipFactory, UserFactory, make_assignment
from tests.races import race

DAY = timedelta(days=1)
OPENED, SOON, OVERDUE = ReminderKind.OPENED, ReminderKind.DUE_SOON, ReminderKind.OVERDUE


@pytest.fixture
def assignment(cohort: Cohort, candidate: User, track: Track) -> Assignment:
    """Open since a day ago, due in a week; `candidate` is to be told that it is open."""
    return make_assignment(cohort, track, note="Mind the clock.")


def _move(assignment: Assignment, by: timedelta) -> None:
    """Let so much time pass: all of the assignment's times lie so much earlier then."""
    times = {name: getattr(assignment, name) - by for name in ("opens_at", "due_at", "closes_at")}
    Assignment.objects.filter(pk=assignment.pk).update(**times)
    assignment.refresh_from_db()


def _remind() -> None:
    """Do what the clock and the worker do, every task three times."""
    for _ in range(3):
        sweep_reminders()
    for pk in Assignment.objects.values_list("pk", flat=True):
        for _ in range(3):
            send_reminders(str(pk))


def _body(message: EmailMessage) -> str:
    return str(message.body)


# --- when and to whom ---------------------------------------------------------------------------------------


def test_each_kind_is_sent_once_however_often_the_tasks_run(
    assignment: Assignment, candidate: User, mailoutbox: list[EmailMessage]
) -> None:
    for passing in (timedelta(), 5 * DAY, 2 * DAY, DAY / 2):
        _move(assignment, passing)
        _remind()

    told = Reminder.objects.order_by("sent_at").values_list("kind", flat=True)
    assert list(told) == [OPENED, SOON, OVERDUE]
    assert [(message.to, message.subject) for message in mailoutbox] == [
        ([candidate.email], "[Greenroom] Assigned to you: Taster"),
        ([candidate.email], "[Greenroom] Due soon: Taster"),
        ([candidate.email], "[Greenroom] Still open: Taster"),
    ]


@pytest.mark.parametrize(
    ("window", "passed", "kind"),
    [
        (7 * DAY, -timedelta(seconds=1), None),
        (7 * DAY, timedelta(), OPENED),
        (7 * DAY, 5 * DAY - timedelta(seconds=1), OPENED),
        (7 * DAY, 5 * DAY, SOON),
        (7 * DAY, 7 * DAY, OVERDUE),
        (7 * DAY, 8 * DAY, None),
        (2 * DAY, DAY - timedelta(seconds=1), OPENED),
        (2 * DAY, DAY, SOON),
        (DAY, DAY - timedelta(seconds=1), OPENED),
        (DAY, DAY, OVERDUE),
    ],
)
def test_what_is_told_depends_on_the_time_left(
    cohort: Cohort, candidate: User, track: Track, window: timedelta, passed: timedelta, kind: str | None
) -> None:
    opens = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    due = opens + window
    made = make_assignment(cohort, track, opens_at=opens, due_at=due, closes_at=due + DAY)

    assert reminders_due(opens + passed) == ({(made.pk, candidate.pk, kind)} if kind else set())


def test_every_candidate_is_told_who_has_not_finished(
    cohort: Cohort, assignment: Assignment, candidate: User, peer: User, mentor: User, outsider: User
) -> None:
    finish(interview=start_assigned(candidate=peer, assignment=assignment, now=database_now()), now=database_now())
    MembershipFactory(cohort=cohort, user=UserFactory(is_active=False))
    MembershipFactory(cohort=cohort, user=UserFactory(is_guest=True))
    late = MembershipFactory(cohort=cohort).user

    told = reminders_due(database_now())

    assert told == {(assignment.pk, candidate.pk, OPENED), (assignment.pk, late.pk, OPENED)}


def test_who_has_begun_is_not_told_that_it_is_open_but_that_it_is_due(assignment: Assignment, candidate: User) -> None:
    start_assigned(candidate=candidate, assignment=assignment, now=database_now())
    begun = reminders_due(database_now())

    assert (begun, reminders_due(assignment.due_at - DAY)) == (set(), {(assignment.pk, candidate.pk, SOON)})


@pytest.mark.parametrize("why", ["reminds", "withdrawn", "archived", "left"])
def test_nobody_is_told_of_what_is_no_more(
    assignment: Assignment, admin: User, mailoutbox: list[EmailMessage], why: str
) -> None:
    sweep_reminders()
    assert Reminder.objects.filter(sent_at=None).count() == 1
    match why:
        case "reminds":
            Assignment.objects.update(reminds=False)
        case "withdrawn":
            withdraw(assignment=assignment, actor=admin, now=database_now())
        case "archived":
            Cohort.objects.update(archived_at=database_now())
        case "left":
            Membership.objects.filter(role=Role.CANDIDATE).delete()

    send_reminders(str(assignment.pk))
    sweep_reminders()

    assert (mailoutbox, Reminder.objects.exists()) == ([], False)


# --- the mail -----------------------------------------------------------------------------------------------


def test_the_mail_says_what_by_when_on_their_clock_and_where(
    cohort: Cohort, candidate: User, track: Track, mailoutbox: list[EmailMessage], settings: LazySettings
) -> None:
    settings.SITE_URL = "https://greenroom.example"
    User.objects.filter(pk=candidate.pk).update(time_zone="America/New_York")
    due = (database_now() + 3 * DAY).replace(hour=17, minute=0)
    made = make_assignment(cohort, track, due_at=due, note="Mind the <clock> & breathe.")

    _remind()

    (message,) = mailoutbox
    assert f"https://greenroom.example/practise/assigned/{made.pk}/" in _body(message)
    assert f"{due - timedelta(hours=5):%Y}, 12:00 (America/New York)" in _body(message)
    assert "Mind the <clock> & breathe." in _body(message)
    assert "Hello Candidate,\n\n“Taster” (practice) is assigned to you in Autumn" in _body(message)


def test_overdue_is_said_kindly_and_only_while_it_can_be_done(
    assignment: Assignment, mailoutbox: list[EmailMessage]
) -> None:
    _move(assignment, 7 * DAY)
    _remind()

    assert "It is not too late: you can start it until" in _body(mailoutbox[0])


def test_a_line_break_in_a_title_breaks_no_header(
    assignment: Assignment, track: Track, mailoutbox: list[EmailMessage]
) -> None:
    Track.objects.filter(pk=track.pk).update(title="Taster\nBcc: everybody@example.com")

    _remind()

    assert mailoutbox[0].subject == "[Greenroom] Assigned to you: Taster Bcc: everybody@example.com"


# --- what may fail ------------------------------------------------------------------------------------------


def test_a_mail_server_that_is_away_loses_nothing(
    assignment: Assignment, peer: User, mailoutbox: list[EmailMessage], settings: LazySettings
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    _remind()
    assert list(Reminder.objects.values_list("sent_at", flat=True)) == [None, None]

    settings.EMAIL_BACKEND = working
    _remind()

    assert (len(mailoutbox), Reminder.objects.filter(sent_at=None).count()) == (2, 0)


def test_after_a_long_silence_only_what_is_true_now_is_told(
    assignment: Assignment, mailoutbox: list[EmailMessage]
) -> None:
    sweep_reminders()
    _move(assignment, 5 * DAY)

    _remind()

    assert [message.subject for message in mailoutbox] == ["[Greenroom] Due soon: Taster"]
    assert list(Reminder.objects.values_list("kind", flat=True)) == [SOON]


class RefusesCandidate(EmailBackend):
    """A mail server that refuses one address, with a code that a test sets."""

    code = 550

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["candidate@example.com"]:
            raise SMTPRecipientsRefused({"candidate@example.com": (self.code, b"no")})
        return super().send_messages(messages)


@pytest.mark.parametrize(("code", "unsent"), [(550, 0), (450, 1)])
def test_a_refused_address_holds_up_nobody_and_is_tried_again_if_it_is_only_busy(
    assignment: Assignment,
    peer: User,
    mailoutbox: list[EmailMessage],
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    unsent: int,
) -> None:
    monkeypatch.setattr(RefusesCandidate, "code", code)
    settings.EMAIL_BACKEND = f"{__name__}.RefusesCandidate"

    _remind()

    assert [message.to for message in mailoutbox] == [[peer.email]]
    assert Reminder.objects.filter(sent_at=None).count() == unsent


def test_who_finishes_after_the_sweep_is_passed_over(
    assignment: Assignment, candidate: User, mailoutbox: list[EmailMessage]
) -> None:
    sweep_reminders()
    finish(
        interview=start_assigned(candidate=candidate, assignment=assignment, now=database_now()), now=database_now()
    )

    send_reminders(str(assignment.pk))

    assert mailoutbox == []


def test_a_long_list_is_sent_in_pieces_that_ring_for_the_next(
    assignment: Assignment, peer: User, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(reminders, "ring", lambda *words: rung.append(words))
    sweep_reminders()
    monkeypatch.setattr(reminders, "PIECE_SECONDS", -1)

    send_reminders(str(assignment.pk))

    assert (rung, mailoutbox) == ([(reminders.SEND_REMINDERS, assignment.pk)] * 2, [])


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(assignment: Assignment, mailoutbox: list[EmailMessage]) -> None:
    reminders.sweep(now=database_now())
    one = partial(reminders.send_one, reminder_id=Reminder.objects.get().pk, now=database_now())

    assert sorted(race(one, one)) == [False, True]
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_sweep_takes_the_same_queries_however_many_are_told(
    cohort: Cohort, track: Track, candidate: User, count: int, django_assert_num_queries: Any
) -> None:
    make_assignment(cohort, track)
    for _ in range(count - 1):
        MembershipFactory(cohort=cohort)
    now = database_now()

    with django_assert_num_queries(3):
        reminders.sweep(now=now)
    with django_assert_num_queries(2):
        reminders.sweep(now=now)

    assert Reminder.objects.count() == count
