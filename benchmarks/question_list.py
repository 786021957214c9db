"""How long the bank's list takes with 10,000 questions: listing, turning far, searching, also with typing errors.

    .venv/bin/python -m config.local run --state bench -- .venv/bin/python benchmarks/question_list.py

It fills a database of its own, made and dropped each time. benchmarks/README.md says what each row means. Nothing here
fails for being slow.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django

django.setup()


from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext, get_runner, setup_test_environment
from django.urls import include, path

from people.models import User
from questionbank.formats.pack import read_pack
from questionbank.models import KeyPoint, Question, QuestionVersion, Topic

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "questionbank/packs/generative-ai-engineer/pack.yaml"
BUDGET_MS = 150
BATCH = 1000

PAGES = {
    "list": {},
    "page 200": {"page": "200"},
    "last page, by title": {"page": "400", "sort": "title"},
    "topic, kind and state": {"topic": "topic-7", "kind": "concept", "state": "published"},
    "word in few": {"q": "zebrafish"},
    "word in many": {"q": "gradient"},
    "two words": {"q": "gradient descent"},
    "typing error": {"q": "zebrafihs"},
    "two typing errors": {"q": "gradiant desent"},
    "nonsense": {"q": "qwxyzk vbnmtr"},
}


def one(_request: HttpRequest) -> HttpResponse:
    """The least that a page with a database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("one/", one), path("", include("config.urls"))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the list of questions in a scratch database.")
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--explain", action="store_true", help="also print how PostgreSQL answers each page's queries")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with scratch_database(), override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]):
        begun = time.perf_counter()
        fill(options.questions)
        seconds = time.perf_counter() - begun
        client = Client()
        client.force_login(User.objects.create_superuser("mentor@bench.test", "a long enough password"))
        rows = measured(client, options.rounds)
        if options.explain:
            explain(client)
    report = {"questions": options.questions, "fill_s": round(seconds, 1), "load": os.getloadavg()[0], "rows": rows}
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    say(report)


def say(report: dict[str, Any]) -> None:
    print(f"{report['questions']} questions, filled in {report['fill_s']} s; load {report['load']:.1f}")
    print(f"{'':<24}{'p50 ms':>8}{'p95 ms':>8}{'× SELECT 1':>12}{'found':>8}   budget p95 {BUDGET_MS} ms")
    for name, row in report["rows"].items():
        kept = "" if row["p95_ms"] <= BUDGET_MS else "   over"
        print(f"{name:<24}{row['p50_ms']:>8.1f}{row['p95_ms']:>8.1f}{row['ratio']:>12.1f}{row['found']:>8}{kept}")


@contextmanager
def scratch_database() -> Iterator[None]:
    """Make the test database, and drop it at the end."""
    setup_test_environment(debug=False)
    runner = get_runner(django.conf.settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


def fill(count: int) -> None:
    """Make count published questions whose words are those of the shipped pack, mixed anew, in 20 topics."""
    chance = random.Random(1)  # noqa: S311 (no secret)
    contents = [question.content for question in read_pack(PACK).questions]
    titles = [word for content in contents for word in content.title.split()]
    prompts = [sentence for content in contents for sentence in content.prompt.split(". ")]
    claims = [point.claim for content in contents for point in content.key_points]
    topics = [Topic.objects.create(slug=f"topic-{n}", title=f"Topic {n}", position=n) for n in range(20)]
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        questions = Question.objects.bulk_create(
            Question(slug=f"question-{number}", topic=topics[number % len(topics)]) for number in numbers
        )
        versions = QuestionVersion.objects.bulk_create(
            QuestionVersion(
                question=question,
                number=1,
                title=" ".join(chance.sample(titles, 5))[:120],
                prompt=". ".join(chance.sample(prompts, 2)) + (" zebrafish" if number % 500 == 0 else ""),
                kind=("concept", "design", "comparison")[number % 3],
                difficulty=("easy", "medium", "hard")[number % 3],
                minutes=5,
                content_hash=str(number),
            )
            for number, question in zip(numbers, questions, strict=True)
        )
        KeyPoint.objects.bulk_create(
            KeyPoint(version=version, position=i, slug=f"point-{i}", claim=claim)
            for version in versions
            for i, claim in enumerate(chance.sample(claims, 5))
        )
        made = QuestionVersion.objects.filter(pk__in=[version.pk for version in versions])
        made.update(state="published", published_at=questions[0].created_at)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measured(client: Client, rounds: int) -> dict[str, dict[str, float]]:
    """Time all pages in turn, each round in another order, so that what disturbs the machine meets all alike."""
    ask: dict[str, Callable[[], Any]] = {"SELECT 1": lambda: client.get("/one/")}
    ask |= {name: lambda asked=asked: client.get("/questions/", asked) for name, asked in PAGES.items()}
    found = {name: reply.context["page"].paginator.count if reply.context else 1 for name, reply in replies(ask)}
    times: dict[str, list[float]] = {name: [] for name in ask}
    for _ in range(rounds):
        for name in random.sample(sorted(ask), len(ask)):
            begun = time.perf_counter()
            ask[name]()
            times[name].append((time.perf_counter() - begun) * 1000)
    least = statistics.median(times["SELECT 1"])
    return {
        name: {
            "p50_ms": round(statistics.median(each), 2),
            "p95_ms": round(statistics.quantiles(each, n=20)[-1], 2),
            "ratio": round(statistics.median(each) / least, 2),
            "found": found[name],
        }
        for name, each in times.items()
    }


def replies(ask: dict[str, Callable[[], Any]]) -> Iterator[tuple[str, Any]]:
    """Ask once for each page, which also warms what is kept."""
    for name, request in ask.items():
        reply = request()
        if reply.status_code != HTTPStatus.OK:
            raise SystemExit(f"{name} was answered with {reply.status_code}.")
        yield name, reply


def explain(client: Client) -> None:
    """Print the two slowest queries of each page with their plans."""
    for name, asked in PAGES.items():
        with CaptureQueriesContext(connection) as queries:
            client.get("/questions/", asked)
        slowest = sorted(queries.captured_queries, key=lambda query: -float(query["time"]))[:2]
        for query in slowest:
            print(f"--- {name}: {query['time']} s\n{query['sql'][:300]}")
            if query["sql"].startswith("SELECT"):
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {query['sql'].replace('%', '%%')}", [])
                    print("\n".join(row[0] for row in cursor.fetchall()))


if __name__ == "__main__":
    main()
