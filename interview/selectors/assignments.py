"""Reads of assignments: what is assigned to a candidate, who of a cohort stands where, who is to be reminded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When

from interview.models import Assignment, Interview, Reminder, ReminderKind
from people.models import Cohort, Role, User


class Stage(StrEnum):
    """How far an assignment's time is; the value is the word for it."""

    UPCOMING = "not open yet"
    OPEN = "open"
    PAST_DUE = "past due"
    CLOSED = "closed"


class Standing(StrEnum):
    """How far somebody is with an assignment; the value is the word for it."""

    NOT_STARTED = "not started"
    RUNNING = "running"
    IN_TIME = "finished in time"
    LATE = "finished late"
    MISSED = "missed"


FINISHED = (Standing.IN_TIME, Standing.LATE)


def stage_of(assignment: Assignment, now: datetime) -> Stage:
    """Return how far the assignment's time is; one that is withdrawn, or whose cohort is archived, is closed."""
    if assignment.withdrawn_at or assignment.cohort.archived_at or assignment.closes_at <= now:
        return Stage.CLOSED
    if now < assignment.opens_at:
        return Stage.UPCOMING
    return Stage.OPEN if now < assignment.due_at else Stage.PAST_DUE


def _standing(assignment: Assignment, attempts: Sequence[Interview], now: datetime) -> Standing:
    """Return how far the candidate of attempts, the first one first, is. The first one that was finished counts."""
    finished = first_finished(attempts)
    if finished and finished.finished_at:
        return Standing.IN_TIME if finished.finished_at <= assignment.due_at else Standing.LATE
    if attempts:
        return Standing.RUNNING
    return Standing.MISSED if stage_of(assignment, now) == Stage.CLOSED else Standing.NOT_STARTED


def first_finished(attempts: Iterable[Interview]) -> Interview | None:
    """Return the attempt that was finished first, the one that counts."""
    finished = [(one.finished_at, one) for one in attempts if one.finished_at]
    return min(finished, key=lambda pair: pair[0])[1] if finished else None


# --- a candidate's -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assigned:
    """An assignment as its candidate meets it at now. attempts: the candidate's interviews for it, in order."""

    assignment: Assignment
    attempts: list[Interview]
    now: datetime

    @property
    def stage(self) -> Stage:
        return stage_of(self.assignment, self.now)

    @property
    def standing(self) -> Standing:
        return _standing(self.assignment, self.attempts, self.now)

    @property
    def running(self) -> Interview | None:
        return next((one for one in self.attempts if one.is_running), None)

    @property
    def finished(self) -> Interview | None:
        """The attempt that counts, once there is one."""
        return first_finished(self.attempts)

    @property
    def is_late(self) -> bool:
        """Whether the attempt that counts was finished after the due date."""
        return self.standing == Standing.LATE

    @property
    def attempts_left(self) -> int | None:
        """How often it can be started still; None: without a limit."""
        allowed = self.assignment.attempts
        return None if allowed is None else max(allowed - len(self.attempts), 0)

    @property
    def can_start(self) -> bool:
        """Whether a new attempt can be started now. One that runs comes first."""
        is_open = self.stage in (Stage.OPEN, Stage.PAST_DUE)
        return is_open and self.running is None and self.attempts_left != 0

    @property
    def is_to_do(self) -> bool:
        """Whether the candidate has yet to finish it, and can."""
        return self.finished is None and (self.running is not None or self.can_start)


def assigned_to(user: User, now: datetime) -> list[Assigned]:
    """Return everything that is assigned to user in cohorts that are not archived, in two queries.

    What is to be done comes first, by its due date; then what opens later; then what is done or was missed.
    """
    found = _assignments_of(user).filter(withdrawn_at=None, cohort__archived_at=None)
    order = {Stage.UPCOMING: 1, Stage.CLOSED: 3}
    return sorted(
        _with_attempts(found, user, now),
        key=lambda one: (0 if one.is_to_do else order.get(one.stage, 2), one.assignment.due_at),
    )


def current(assigned: Iterable[Assigned]) -> list[Assigned]:
    """Return those of assigned that the practise page shows: not closed yet, or begun and to be finished."""
    return [one for one in assigned if one.stage != Stage.CLOSED or one.running]


def assigned_one(user: User, assignment: Assignment, now: datetime) -> Assigned:
    """Return one assignment as user meets it, with its track and cohort."""
    return _with_attempts(_assignments_of(user).filter(pk=assignment.pk), user, now)[0]


def _assignments_of(user: User) -> QuerySet[Assignment]:
    """Return the assignments of the cohorts in which user is a candidate."""
    mine = user.memberships.filter(role=Role.CANDIDATE).values("cohort")
    return Assignment.objects.filter(cohort__in=mine).select_related("track", "cohort")


def _with_attempts(assignments: QuerySet[Assignment], user: User, now: datetime) -> list[Assigned]:
    attempts: dict[UUID | None, list[Interview]] = defaultdict(list)
    for one in Interview.objects.filter(candidate=user, assignment__in=assignments).order_by("started_at"):
        attempts[one.assignment_id].append(one)
    return [Assigned(assignment, attempts[assignment.pk], now) for assignment in assignments]


# --- a cohort's ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CandidateStanding:
    """How far one candidate is with one assignment.

    attempts: how many were begun. finished_at: when the one that counts was, the first that was finished.
    interview_id: that one, or else the one that runs; answered of the asked questions have a text there.
    """

    candidate: User
    standing: Standing
    attempts: int
    finished_at: datetime | None
    interview_id: UUID | None
    answered: int
    asked: int
    is_overdue: bool


@dataclass(frozen=True)
class CohortAssignment:
    """An assignment with how far each present candidate of its cohort is with it, by name."""

    assignment: Assignment
    stage: Stage
    standings: list[CandidateStanding]

    @property
    def counts(self) -> dict[Standing, int]:
        """How many stand where, in the order of Standing."""
        return {standing: sum(one.standing == standing for one in self.standings) for standing in Standing}

    @property
    def finished(self) -> int:
        return sum(one.standing in FINISHED for one in self.standings)


def standings_of(
    cohort: Cohort, now: datetime, assignments: QuerySet[Assignment] | None = None
) -> list[CohortAssignment]:
    """Return the cohort's assignments, by due date, with who stands where; in three queries.

    assignments narrows them. Those that are withdrawn are left out, and so are people who have left the cohort.
    """
    among = Assignment.objects.all() if assignments is None else assignments
    found = among.filter(cohort=cohort, withdrawn_at=None).select_related("track", "cohort")
    candidates = User.objects.filter(memberships__cohort=cohort, memberships__role=Role.CANDIDATE)
    people = sorted(candidates, key=lambda user: (user.display_name.casefold(), str(user.pk)))
    attempts: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
    for one in _counted(Interview.objects.filter(assignment__in=found, candidate__in=candidates)):
        attempts[one.assignment_id, one.candidate_id].append(one)
    return [
        CohortAssignment(
            assignment,
            stage_of(assignment, now),
            [_candidate_standing(assignment, user, attempts[assignment.pk, user.pk], now) for user in people],
        )
        for assignment in found
    ]


def _counted(interviews: QuerySet[Interview]) -> QuerySet[Any]:
    """Add how many questions were asked, and answered with more than blanks; the first interview comes first."""
    written = Q(questions__answer__text__regex=r"\S")
    return interviews.annotate(asked=Count("questions"), answered=Count("questions__answer", filter=written)).order_by(
        "started_at"
    )


def _candidate_standing(
    assignment: Assignment, user: User, attempts: Sequence[Any], now: datetime
) -> CandidateStanding:
    counts = first_finished(attempts)
    shown: Any = counts or next((one for one in attempts if one.is_running), None)
    return CandidateStanding(
        candidate=user,
        standing=_standing(assignment, attempts, now),
        attempts=len(attempts),
        finished_at=counts.finished_at if counts else None,
        interview_id=shown.pk if shown else None,
        answered=shown.answered if shown else 0,
        asked=shown.asked if shown else 0,
        is_overdue=counts is None and assignment.due_at <= now,
    )


# --- reminders -----------------------------------------------------------------------------------------------

# Of which assignment, whom, and which kind of reminder.
Due = tuple[UUID, UUID, str]


def reminders_due(now: datetime, **only: Any) -> set[Due]:
    """Return who is to be reminded now, of what, and was not yet; in one query. only narrows the assignments.

    From its opening on an assignment is opened, then due soon, then overdue: of these only the present one is told, so
    that nobody finds three mails after a mail server was away, and who joins later is told what is true then.
    """
    open_ones = Assignment.objects.filter(
        reminds=True, withdrawn_at=None, cohort__archived_at=None, opens_at__lte=now, closes_at__gt=now, **only
    )
    of_candidate = {"assignment": OuterRef("pk"), "candidate": OuterRef("candidate")}
    begun = Interview.objects.filter(**of_candidate)
    told = Reminder.objects.filter(**of_candidate, kind=OuterRef("kind"), sent_at__isnull=False)
    due = (
        open_ones.filter(
            cohort__memberships__role=Role.CANDIDATE,
            cohort__memberships__user__is_active=True,
            cohort__memberships__user__is_guest=False,
        )
        .annotate(candidate=F("cohort__memberships__user"), soon_at=_soon_at())
        .annotate(kind=_kind_at(now))
        .filter(~Exists(told), ~Exists(begun.filter(finished_at__isnull=False)))
        .exclude(Exists(begun), kind=ReminderKind.OPENED)
    )
    return set(due.values_list("pk", "candidate", "kind"))


def _soon_at() -> Case:
    """Return when an assignment is due soon: two days before it is due, of a shorter time one, of a day not at all."""
    day = timedelta(days=1)
    return Case(
        When(due_at__gt=F("opens_at") + 2 * day, then=F("due_at") - 2 * day),
        When(due_at__gt=F("opens_at") + day, then=F("due_at") - day),
        default=F("due_at"),
        output_field=DateTimeField(),
    )


def _kind_at(now: datetime) -> Case:
    """Return what there is to tell at now of assignments that are open and have soon_at."""
    return Case(
        When(due_at__lte=now, then=Value(ReminderKind.OVERDUE)),
        When(soon_at__lte=now, then=Value(ReminderKind.DUE_SOON)),
        default=Value(ReminderKind.OPENED),
    )
