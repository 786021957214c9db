"""How this Greenroom itself is doing: what waits, how fast it is graded, what fails, what runs and what it takes.

For the platform page and the metrics. Every read is one query, whatever there is to count; those that the page asks
again and again rest on indexes (docs/decisions/0021-metrics.md has their EXPLAIN).
"""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncHour, TruncMonth

from analytics.models import StaleAnswer
from grading.agreement import ScoreAgreement, agreement_of_scores
from grading.models import (
    OPEN_STATES,
    BenchRun,
    BenchState,
    GradingJob,
    JobState,
    Regrade,
    RegradeState,
    WorkerHeartbeat,
)
from grading.selectors.agreement import compared_reviews
from interview.models import Interview, Mode, Reminder
from people.models import Invitation, TaskRun, User
from questionbank.models import Import, ImportState

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WORKER_SILENT_AFTER = timedelta(seconds=60)
MONTHS = 12


# --- What waits ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """What a worker has still to do of one kind: how much, since when the oldest waits, in which queue of Celery."""

    kind: str
    words: str
    queue: str
    n: int
    since: datetime | None

    def seconds(self, now: datetime) -> float:
        """For how long the oldest waits; 0 where nothing does."""
        return max((now - self.since).total_seconds(), 0) if self.since else 0


def waiting(now: datetime) -> list[Waiting]:
    """Return all kinds, those with nothing to do too. The database's account: a bell that is lost counts as well."""
    mocks = Interview.objects.filter(mode=Mode.MOCK, announced_at=None, finished_at__gt=now - timedelta(days=3))
    regrades = [RegradeState.PREVIEWING, RegradeState.APPLYING]
    imports = [ImportState.CHECKING, ImportState.APPLYING]
    bench = BenchRun.objects.filter(state=BenchState.PENDING)
    invitations = Invitation.objects.filter(mail_due_at__lte=now, accepted_at=None)
    jobs = GradingJob.objects
    return [
        _waiting("answers", "Answers to grade", "grading", jobs.filter(state__in=OPEN_STATES), "created_at"),
        _waiting("bench", "Runs of the bench", "bench", bench, "created_at"),
        _waiting("imports", "Imports", "bench", Import.objects.filter(state__in=imports), "created_at"),
        _waiting("regrades", "Regrades", "bulk", Regrade.objects.filter(state__in=regrades), "created_at"),
        _waiting("facts", "Answers whose facts are stale", "bulk", StaleAnswer.objects.all(), "since"),
        _waiting("invitations", "Mails of invitations", "bulk", invitations, "created_at"),
        _waiting("reminders", "Mails of reminders", "bulk", Reminder.objects.filter(sent_at=None), "created_at"),
        _waiting("announcements", "Mocks to be told of", "grading", mocks, "finished_at"),
    ]


def _waiting(kind: str, words: str, queue: str, rows: QuerySet[Any], since: str) -> Waiting:
    found = rows.aggregate(n=Count("pk"), since=Min(since))
    return Waiting(kind, words, queue, found["n"], found["since"])


# --- Answers and their grades -------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobCounts:
    """All jobs there are, by state (one number for each of JobState) and by the engine version that graded first."""

    by_state: dict[JobState, int]
    by_engine: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())


def job_counts() -> JobCounts:
    states: dict[JobState, int] = dict.fromkeys(JobState, 0)
    engines: dict[str, int] = defaultdict(int)
    counted = GradingJob.objects.order_by().values_list("state", "engine_version").annotate(n=Count("*"))
    for state, engine, n in counted:
        states[JobState(state)] += n
        if state not in OPEN_STATES:
            engines[engine] += n
    return JobCounts(states, dict(sorted(engines.items(), key=lambda pair: -pair[1])))


@dataclass(frozen=True)
class Latency:
    """Seconds from handing in to the first grade, of the n answers graded within a window; None where n is 0."""

    window: str
    n: int
    p50: float | None
    p95: float | None
    p99: float | None


LATENCY = """
SELECT count(*) FILTER (WHERE finished_at > %(hour)s),
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY took) FILTER (WHERE finished_at > %(hour)s),
       count(*) FILTER (WHERE finished_at > %(day)s),
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY took) FILTER (WHERE finished_at > %(day)s),
       count(*),
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY took)
FROM (
    SELECT finished_at, extract(epoch FROM finished_at - created_at)::float8 AS took
    FROM grading_gradingjob
    WHERE grade_id IS NOT NULL AND finished_at > %(week)s
) graded
"""


def latencies(now: datetime) -> list[Latency]:
    """Return those of the last hour, day and week."""
    with connection.cursor() as cursor:
        cursor.execute(LATENCY, {"hour": now - HOUR, "day": now - DAY, "week": now - WEEK})
        row = cursor.fetchone()
    windows = zip(["hour", "day", "week"], row[::2], row[1::2], strict=True)
    return [Latency(window, n, *(found or (None, None, None))) for window, n, found in windows]


@dataclass(frozen=True)
class Hour:
    """How many answers got their first grade in the hour from start; is_running: it is not over."""

    start: datetime
    n: int
    is_running: bool


def graded_by_hour(now: datetime) -> list[Hour]:
    """Return the running hour and the 23 before, the oldest first."""
    last = now.replace(minute=0, second=0, microsecond=0)
    first = last - 23 * HOUR
    graded = GradingJob.objects.filter(grade__isnull=False, finished_at__gte=first).annotate(
        hour=TruncHour("finished_at", tzinfo=now.tzinfo)
    )
    counts = dict(graded.order_by().values_list("hour").annotate(n=Count("pk")))
    return [Hour(start, counts.get(start, 0), start == last) for start in (first + i * HOUR for i in range(24))]


@dataclass(frozen=True)
class Trouble:
    """Attempts at n answers in the last week that failed for one kind of reason, and the newest of these answers.

    n counts answers, each by its latest failure; given_up: those that no attempt is left for.
    """

    reason: str
    n: int
    given_up: int
    latest_at: datetime
    latest_job: UUID


TROUBLES = """
SELECT split_part(trouble, ':', 1) AS reason, count(*), count(*) FILTER (WHERE state = 'needs_review'),
       max(rung_at), (array_agg(id ORDER BY rung_at DESC))[1]
FROM grading_gradingjob
WHERE NOT trouble = '' AND rung_at > %s
GROUP BY reason
ORDER BY count(*) DESC, reason
LIMIT 10
"""


def troubles(now: datetime) -> list[Trouble]:
    """Return the commonest reasons first, ten at most. An answer that is graded after all counts no more."""
    with connection.cursor() as cursor:
        cursor.execute(TROUBLES, [now - WEEK])
        return [Trouble(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Month:
    start: datetime
    scores: ScoreAgreement


def agreement_by_month(user: User, now: datetime) -> list[Month]:
    """Compare machine and mentors month by month of the reviews, the oldest first: the last MONTHS that have any."""
    since = now - timedelta(days=31 * MONTHS)
    pairs: dict[datetime, list[tuple[float, float]]] = defaultdict(list)
    reviews = compared_reviews(user).filter(created_at__gt=since).annotate(month=TruncMonth("created_at"))
    for month, machine, mentor in reviews.values_list("month", "machine_score", "score"):
        pairs[month].append((machine, mentor))
    return [Month(start, agreement_of_scores(pairs[start])) for start in sorted(pairs)[-MONTHS:]]


# --- What runs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worker:
    """A worker process that was seen within the last day."""

    name: str
    engine_version: str
    encoder: str
    seen_at: datetime
    is_alive: bool


def workers(now: datetime) -> list[Worker]:
    """Return them, the one seen last first; alive is one that was seen within a minute."""
    beats = WorkerHeartbeat.objects.filter(seen_at__gt=now - DAY).order_by("-seen_at")
    return [
        Worker(beat.name, beat.engine_version, beat.encoder, beat.seen_at, now - beat.seen_at < WORKER_SILENT_AFTER)
        for beat in beats
    ]


@dataclass(frozen=True)
class Scheduled:
    """A task that runs by the clock, and how it does. run: None where it never ended."""

    words: str
    name: str
    every: float
    run: TaskRun | None
    is_late: bool


def scheduled(now: datetime, runs: Mapping[str, TaskRun]) -> list[Scheduled]:
    """Return every task of the schedule. Late is one that did not end for three of its intervals and a minute."""
    found = []
    schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    for words, entry in schedule.items():
        run, every = runs.get(entry["task"]), float(entry["schedule"])
        allowed = timedelta(seconds=3 * every + 60)
        is_late = run is not None and run.ended_at is not None and now - run.ended_at > allowed
        found.append(Scheduled(words, entry["task"], every, run, is_late))
    return sorted(found, key=lambda task: task.every)


def task_runs() -> dict[str, TaskRun]:
    """Return what is known of each task by its name, of those that run by the clock and of all others."""
    return {run.name: run for run in TaskRun.objects.order_by("name")}


# --- Mail and storage ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MailTrouble:
    """Invitations of the last week whose latest mail the mail server did not take, by what became of it."""

    reason: str
    n: int
    latest_at: datetime


def mail_troubles(now: datetime) -> list[MailTrouble]:
    failed = Invitation.objects.filter(~Q(mail_error=""), sent_at=None, accepted_at=None, created_at__gt=now - WEEK)
    rows = failed.order_by().values_list("mail_error").annotate(n=Count("pk"), latest=Max("created_at"))
    return [MailTrouble(*row) for row in rows.order_by("-n", "mail_error")]


@dataclass(frozen=True)
class Table:
    """A table of the database: bytes with its indexes and long texts; rows as the planner estimates them."""

    name: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Storage:
    """Bytes: of the database, its largest tables, and the disk on which this web server runs."""

    database: int
    tables: list[Table]
    disk_free: int
    disk_total: int


STORAGE = """
SELECT pg_database_size(current_database()), relname, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY 3 DESC
LIMIT 8
"""


def storage() -> Storage:
    with connection.cursor() as cursor:
        cursor.execute(STORAGE)
        rows = cursor.fetchall()
    disk = shutil.disk_usage(settings.BASE_DIR)
    return Storage(rows[0][0], [Table(*row[1:]) for row in rows], disk.free, disk.total)


# --- What to look at first ----------------------------------------------------------------------------------


def concerns(
    now: datetime,
    *,
    waits: Iterable[Waiting],
    alive: bool,
    unread: Mapping[str, int] | None,
    tasks: Iterable[Scheduled],
) -> list[str]:
    """Return what somebody should see to, in words; nothing where all is well."""
    overdue = settings.GRADING_OVERDUE_SECONDS
    said = [] if alive else ["No worker with a model was seen for a minute: answers are taken and wait."]
    if unread is None:
        said.append("The broker does not answer: workers hear of nothing until it does.")
    said += [
        f"{one.words}: the oldest waits for more than {overdue} seconds."
        for one in waits
        if one.kind == "answers" and one.seconds(now) > overdue
    ]
    return said + [f"“{task.words.capitalize()}” has not run when it should have." for task in tasks if task.is_late]
