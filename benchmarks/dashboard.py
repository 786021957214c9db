"""How long each figure of a cohort's dashboard takes, with ten thousand answers in Greenroom and with a million.

    .venv/bin/python -m config.local run --state bench -- .venv/bin/python benchmarks/dashboard.py

It fills the database of that state folder with demo cohorts (manage.py make_demo), which stay there; a million answers
take long, and 5 GB. benchmarks/README.md says what each row means. Nothing here fails for being slow.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django

django.setup()

import numpy as np
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.filters import Attempts, Filters, candidates_of, facts_of, narrow
from analytics.models import AnswerFact
from analytics.selectors import behind, candidates, comparisons, heatmaps, overview, progress
from analytics.selectors.over_candidates import over_candidates
from grading.models import GradingJob
from grading.selectors.grades import shown_grade, with_results, with_shown_score
from interview.models import Answer
from interview.selectors.assignments import standings_of
from people.clock import database_now
from people.models import Cohort, Membership, Role, User
from questionbank.models import Track

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "questionbank/packs/generative-ai-engineer/pack.yaml"
SIZES = [10_000, 100_000, 1_000_000]
BUDGET_MS = 200
ORDINARY, LARGE = 40, 1000
COHORTS = 8  # which take turns, so that not one of them alone is in the cache
PAGE, POINTS_PAGE = 25, 50  # rows that a page shows
FIRST = Filters(attempts=Attempts.FIRST)

Query = Callable[[Cohort], Any]
Rows = dict[str, dict[str, float]]


# --- the figures, by the functions that the pages call -------------------------------------------------------


def facts(cohort: Cohort) -> QuerySet[AnswerFact]:
    return facts_of(cohort, FIRST)


def at_risk(cohort: Cohort) -> Any:
    now = database_now()
    active, standings = candidates.last_active(cohort), standings_of(cohort, now)
    return candidates.at_risk_list(cohort, list(candidates_of(cohort)), active=active, standings=standings, now=now)


def by_assignment(cohort: Cohort) -> Any:
    people = list(candidates_of(cohort))
    return progress.by_assignment(people, standings_of(cohort, database_now()), candidates.last_active(cohort))


def by_track(cohort: Cohort) -> Any:
    return progress.by_track(cohort, list(candidates_of(cohort)), candidates.last_active(cohort))


def key_points(cohort: Cohort) -> Any:
    rows = heatmaps.point_map(facts(cohort))
    heatmaps.name_points(rows[:POINTS_PAGE])
    return rows


def answers_behind(cohort: Cohort, **cell: Any) -> Any:
    found = behind.answers_behind(viewer(), facts(cohort), **cell)
    return behind.read(behind.with_answers(found, cell.get("point", ""))[:PAGE], cell.get("point", ""))


def answers_to_a_point(cohort: Cohort) -> Any:
    """Behind the first cell of the heat map, which is not looked up in the time taken."""
    row = CELLS[cohort.pk]
    return answers_behind(cohort, question=row.question, point=row.slug, mark="missing")


def cohorts_compared(cohort: Cohort) -> Any:
    compared = [cohort, *Cohort.objects.filter(name__in=["Demo", "Demo 2"]).exclude(pk=cohort.pk)]
    return comparisons.by_cohort(compared, narrow(comparisons.facts_by_cohort(compared), FIRST))


def versions_compared(cohort: Cohort) -> Any:
    of_track = Filters(attempts=Attempts.FIRST, track=Track.objects.first())
    return comparisons.by_version(narrow(comparisons.facts_of_any([cohort]), of_track), None)


def people(cohort: Cohort) -> Any:
    return candidates.candidate_rows(list(candidates_of(cohort)), facts(cohort), candidates.last_active(cohort))


QUERIES: dict[str, Query] = {
    "mean and its interval": lambda cohort: over_candidates(facts(cohort)),
    "distribution of scores": lambda cohort: overview.distribution(facts(cohort)),
    "trend over weeks": lambda cohort: overview.trend(facts(cohort), filters=FIRST, now=database_now()),
    "time on task": lambda cohort: overview.time_on_task(facts(cohort)),
    "candidates one by one": people,
    "at-risk list": at_risk,
    "who did what, assignments": by_assignment,
    "who did what, tracks": by_track,
    "topic × candidate": lambda cohort: heatmaps.topic_map(candidates_of(cohort), facts(cohort)),
    "key point × cohort": key_points,
    "answers of a cohort": answers_behind,
    "answers to a key point": answers_to_a_point,
    "cohorts compared": cohorts_compared,
    "versions compared": versions_compared,
}
PAGES = ["cohort_dashboard", "cohort_topics", "cohort_points", "cohort_progress", "cohort_compare", "cohort_answers"]


# --- the same by the ORM from the tables of grading and interview, added up in Python ------------------------


def naive_rows(cohort: Cohort) -> list[Any]:
    """Return the first attempts of cohort's candidates, with the score that is shown."""
    answers = (
        Answer.objects.filter(question__interview__candidate__in=candidates_of(cohort))
        .select_related("question__interview", "question__version__question__topic")
        .order_by("submitted_at")
    )
    jobs = with_shown_score(GradingJob.objects.filter(candidate__in=candidates_of(cohort)))
    scores = dict(jobs.values_list("pk", "shown_score"))
    first = {}
    for answer in answers:
        asked = answer.question
        first.setdefault((asked.interview.candidate_id, asked.version.question_id), answer)
    return [(answer, scores[answer.job_id]) for answer in first.values() if scores[answer.job_id] is not None]


def naive_means(cohort: Cohort, group: Callable[[Answer], Any]) -> dict[Any, float]:
    """Return by group the mean of the candidates' own means."""
    own: dict[Any, list[float]] = defaultdict(list)
    for answer, score in naive_rows(cohort):
        own[group(answer), answer.question.interview.candidate_id].append(score)
    groups: dict[Any, list[float]] = defaultdict(list)
    for (of_group, _), scores in own.items():
        groups[of_group].append(float(np.mean(scores)))
    return {of_group: float(np.mean(means)) for of_group, means in groups.items()}


def naive_distribution(cohort: Cohort) -> Any:
    scores = [score for _, score in naive_rows(cohort)]
    return np.histogram(scores, bins=10, range=(0, 100)), np.percentile(scores, [25, 50, 75])


def naive_topic(answer: Answer) -> Any:
    topic = answer.question.version.question.topic
    return topic.parent_id or topic.pk


def naive_cells(cohort: Cohort) -> Any:
    cells: dict[Any, list[float]] = defaultdict(list)
    for answer, score in naive_rows(cohort):
        cells[answer.question.interview.candidate_id, naive_topic(answer)].append(score)
    return {cell: float(np.mean(scores)) for cell, scores in cells.items()}


def naive_points(cohort: Cohort) -> Any:
    first = {answer.job_id for answer, _ in naive_rows(cohort)}
    marks: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for job in with_results(GradingJob.objects.filter(candidate__in=candidates_of(cohort))):
        shown = shown_grade(job) if job.pk in first else None
        for mark in shown.marks if shown else ():
            marks[job.version.question_id, mark.key_point.slug][mark.mark] += 1
    return marks


NAIVE: dict[str, Query] = {
    "mean and its interval": lambda cohort: naive_means(cohort, lambda _: None),
    "distribution of scores": naive_distribution,
    "trend over weeks": lambda cohort: naive_means(cohort, lambda one: one.submitted_at.isocalendar()[:2]),
    "candidates one by one": lambda cohort: naive_means(cohort, lambda one: one.question.interview.candidate_id),
    "topic × candidate": naive_cells,
    "key point × cohort": naive_points,
    "versions compared": lambda cohort: naive_means(cohort, lambda one: one.question.version_id),
}


# --- measuring -----------------------------------------------------------------------------------------------

CELLS: dict[Any, heatmaps.PointRow] = {}


@cache
def viewer() -> User:
    """Return a site admin, who may read the same answers whatever the cohort."""
    return User.objects.get_or_create(email="benchmark@demo.greenroom.invalid", is_superuser=True)[0]


def timed(query: Query, cohorts: list[Cohort], times: int) -> dict[str, float]:
    """Return p50 and p95 in milliseconds and the number of queries; cohorts take turns, after one unmeasured turn."""
    taken = []
    for number in range(times + len(cohorts)):
        cohort = cohorts[number % len(cohorts)]
        start = time.perf_counter()
        query(cohort)
        if number >= len(cohorts):
            taken.append((time.perf_counter() - start) * 1000)
    with CaptureQueriesContext(connection) as queries:
        query(cohorts[0])
    p50, p95 = np.percentile(taken, [50, 95])
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "queries": len(queries)}


def page(name: str) -> Query:
    client = Client()
    client.force_login(viewer())

    def get(cohort: Cohort) -> None:
        status = client.get(reverse(name, args=[cohort.pk])).status_code
        if status != 200:
            raise SystemExit(f"{name} answers {status}.")

    return get


def measure(cohorts: list[Cohort], times: int, naive_times: int) -> Rows:
    """Return the figures of every query and page, with those of the naive way where there is one."""
    for cohort in cohorts:
        CELLS[cohort.pk] = heatmaps.point_map(facts(cohort))[0]
    rows = {}
    for name, query in QUERIES.items():
        rows[name] = timed(query, cohorts, times)
        if name in NAIVE and naive_times:
            rows[name]["naive"] = timed(NAIVE[name], cohorts[:1], naive_times)["p50"]
    for name in PAGES:
        rows[f"page {name}"] = timed(page(name), cohorts, times)
    return rows


def ordinary() -> list[Cohort]:
    demo = Cohort.objects.filter(name__startswith="Demo").order_by("created_at", "pk")
    found = [one for one in demo if candidates_of(one).count() == ORDINARY and facts_of(one).exists()]
    chosen = np.linspace(0, len(found) - 1, min(COHORTS, len(found))).astype(int)
    return [found[i] for i in chosen]


def large() -> Cohort:
    """Return a cohort of up to LARGE of the demo candidates. Not committed."""
    cohort = Cohort.objects.create(name="A large cohort")
    answered = AnswerFact.objects.order_by("candidate").values("candidate").distinct()
    people = User.objects.filter(pk__in=answered, name__startswith="Demo candidate").order_by("email")[:LARGE]
    Membership.objects.bulk_create(Membership(cohort=cohort, user=one, role=Role.CANDIDATE) for one in people)
    return cohort


def figures(times: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE analytics_answerfact")
        cursor.execute("ANALYZE")
    load = os.getloadavg()[0]
    report: dict[str, Any] = {"answers": AnswerFact.objects.count(), "load": [round(load, 2)]}
    report["cohorts"] = measure(ordinary(), times, 3)
    with transaction.atomic():
        cohort = large()
        report["members"] = cohort.memberships.count()
        report["large"] = measure([cohort], max(times // 3, 5), 0)
        transaction.set_rollback(True)
    report["load"].append(round(os.getloadavg()[0], 2))
    return report


# --- printing ------------------------------------------------------------------------------------------------


def print_table(title: str, columns: list[Rows], heads: list[str]) -> None:
    print(f"\n{title}")
    print(f"{'':<28}" + "".join(f"{head:>32}" for head in heads) + f"{'growth':>9}")
    print(f"{'':<28}" + f"{'p50':>8}{'p95':>8}{'queries':>8}{'× naive':>8}" * len(heads))
    for name in columns[0]:
        line = f"{name:<28}"
        for column in columns:
            row = column[name]
            ratio = f"{row['naive'] / row['p50']:.0f}" if "naive" in row else ""
            mark = "!" if row["p95"] > BUDGET_MS else " "
            line += f"{row['p50']:>8.0f}{row['p95']:>7.0f}{mark}{row['queries']:>8.0f}{ratio:>8}"
        growth = columns[-1][name]["p50"] / columns[-2][name]["p50"] if len(columns) > 1 else 1
        print(f"{line}{growth:>9.2f}")


def show(reports: list[dict[str, Any]]) -> None:
    """Print reports side by side. growth: the last p50 over the one before."""
    heads = [f"{report['answers']:,} answers" for report in reports]
    print_table(f"A cohort of {ORDINARY}", [report["cohorts"] for report in reports], heads)
    heads = [f"{report['members']:,} of {report['answers']:,}" for report in reports]
    print_table(f"A cohort of up to {LARGE}", [report["large"] for report in reports], heads)
    for report in reports:
        print(f"{report['answers']:,} answers: load {report['load'][0]} before, {report['load'][1]} after")


def prepare(size: int) -> None:
    call_command("migrate", verbosity=0)
    if not Track.objects.exists():
        call_command("load_pack", PACK)
    call_command("make_demo", answers=size)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the figures of a cohort's dashboard.")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="answers; none: what is there")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--show", type=Path, nargs="+", help="only print what --json wrote, side by side")
    options = parser.parse_args()
    if options.show:
        show([report for path in options.show for report in json.loads(path.read_text(encoding="utf-8"))])
        return
    logging.disable()  # a line for each page would stand between the figures
    reports = []
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for size in options.sizes or [0]:
            if size:
                prepare(size)
            reports.append(figures(options.times))
    if options.json:
        options.json.write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")
    show(reports)


if __name__ == "__main__":
    main()
