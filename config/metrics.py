"""Numbers for Prometheus at /metrics: what this web server has answered, and how the whole Greenroom is doing.

Requests are counted by each web process for itself; config/gunicorn.py has them share a folder, so that whichever
process is asked adds all of them up. Everything else, workers and queues too, comes out of the database: no other
process needs a port. docs/decisions/0021-metrics.md has the reasons, docs/operations.md how to scrape.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.metrics_core import GaugeMetricFamily as Gauge
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from analytics.selectors import platform
from config.logs import view_name
from people import bell
from people.clock import database_now

Handler = Callable[[HttpRequest], HttpResponse]

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)  # Page and autosave budgets are among them.

OF_THIS_PROCESS = CollectorRegistry()
REQUESTS = Counter(
    "greenroom_requests",
    "Requests answered, by the name of their page.",
    ["view", "method", "status"],
    registry=OF_THIS_PROCESS,
)
REQUEST_SECONDS = Histogram(
    "greenroom_request_seconds",
    "How long requests took, by the name of their page.",
    ["view"],
    buckets=SECONDS,
    registry=OF_THIS_PROCESS,
)


class CountRequests:
    """Count each request and how long it took."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        view = view_name(request)
        method = request.method if request.method in METHODS else "other"  # anybody may make methods up
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        REQUEST_SECONDS.labels(view).observe(time.perf_counter() - begun)
        return response


@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all numbers to whoever has METRICS_TOKEN. Without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("The token is missing or wrong.", status=401, headers={"WWW-Authenticate": "Bearer"})
    content = generate_latest(_requests()) + generate_latest(_of_greenroom())
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


def _requests() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return OF_THIS_PROCESS
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def _of_greenroom() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Greenroom())
    return registry


class Greenroom(Collector):
    """What the database and the broker say at this moment."""

    def collect(self) -> Iterator[Metric]:
        now = database_now()
        yield from _waiting(now)
        yield from _messages()
        yield from _jobs(now)
        yield from _workers(now)
        yield from _tasks()


def _waiting(now: datetime) -> list[Metric]:
    count = Gauge("greenroom_waiting", "What workers have still to do.", labels=["kind", "queue"])
    age = Gauge("greenroom_waiting_seconds", "How long the oldest of it waits.", labels=["kind", "queue"])
    for one in platform.waiting(now):
        count.add_metric([one.kind, one.queue], one.n)
        age.add_metric([one.kind, one.queue], one.seconds(now))
    return [count, age]


def _messages() -> list[Metric]:
    unread = bell.unread()
    up = Gauge("greenroom_broker_up", "Whether the broker answers.", value=unread is not None)
    messages = Gauge("greenroom_messages", "Messages that no worker has taken yet.", labels=["queue"])
    for queue, n in (unread or {}).items():
        messages.add_metric([queue], n)
    return [up, messages]


def _jobs(now: datetime) -> list[Metric]:
    jobs = Gauge("greenroom_jobs", "Answers handed in, by the state of their grading.", labels=["state"])
    for state, n in platform.job_counts().by_state.items():
        jobs.add_metric([state], n)
    count = Gauge("greenroom_graded", "Answers first graded within the window.", labels=["window"])
    words = "Seconds from handing in to the first grade, of the answers graded within the window."
    latency = Gauge("greenroom_grading_seconds", words, labels=["window", "quantile"])
    for one in platform.latencies(now):
        count.add_metric([one.window], one.n)
        for quantile, seconds in (("0.5", one.p50), ("0.95", one.p95), ("0.99", one.p99)):
            if seconds is not None:
                latency.add_metric([one.window, quantile], seconds)
    return [jobs, count, latency]


def _workers(now: datetime) -> list[Metric]:
    workers = platform.workers(now)
    alive = Gauge("greenroom_workers", "Worker processes with a model seen within a minute.")
    alive.add_metric([], sum(worker.is_alive for worker in workers))
    seen = Gauge("greenroom_worker_seen_timestamp_seconds", "When the latest of them was seen, within a day.")
    if workers:
        seen.add_metric([], workers[0].seen_at.timestamp())
    return [alive, seen]


def _tasks() -> list[Metric]:
    runs = CounterMetricFamily("greenroom_task_runs", "Runs of a task, sweeps among them.", labels=["task"])
    failures = CounterMetricFamily("greenroom_task_failures", "Runs that raised.", labels=["task"])
    seconds = CounterMetricFamily("greenroom_task_seconds", "Seconds that all runs took.", labels=["task"])
    ended = Gauge("greenroom_task_ended_timestamp_seconds", "When the latest run ended.", labels=["task"])
    for name, run in platform.task_runs().items():
        runs.add_metric([name], run.runs)
        failures.add_metric([name], run.failures)
        seconds.add_metric([name], run.seconds_total)
        if run.ended_at:
            ended.add_metric([name], run.ended_at.timestamp())
    return [runs, failures, seconds, ended]
