"""The dashboards' figures, computed once more from the tables of grading and interview, by brute force in pandas."""

from io import StringIO
from typing import Any

import pandas as pd
import pytest
from django.core.management import call_command

from analytics.filters import Filters, candidates_of, facts_of, narrow
from analytics.models import AnswerFact
from analytics.selectors import candidates, comparisons, heatmaps, overview
from analytics.selectors.over_candidates import over_candidates
from grading.models import GradingJob, KeyPointMark, Review, ReviewMark
from interview.models import Answer
from interview.services.demo import copies
from people.clock import database_now
from people.models import Cohort, Role
from questionbank.content import ExemplarContent
from questionbank.models import KeyPoint, Mark
from tests.factories import make_topic, make_track, publish_question

# Score, and the marks of "lazy", "memory" and "once".
EXEMPLARS = [
    (5, "missing", "missing", "contradicted"),
    (30, "partly", "missing", "missing"),
    (55, "stated", "missing", "partly"),
    (70, "stated", "contradicted", "stated"),
    (95, "stated", "stated", "stated"),
]


def _ask(slug: str, topic: str) -> None:
    points = ("lazy", "memory", "once")
    exemplars = tuple(
        ExemplarContent(f"e{score}", "strong", f"An answer of {score}.", score, tuple(zip(points, marks, strict=True)))
        for score, *marks in EXEMPLARS
    )
    publish_question(slug, topic=make_topic(topic), title=slug.title(), exemplars=exemplars)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """What make_demo has written for two cohorts, as brute force reads it: a row for each answer."""
    monkeypatch.setattr(copies, "REVIEWED", 0.3)
    for topic in ("python", "databases"):
        for number in range(4):
            _ask(f"{topic}-{number}", topic)
        make_track(make_topic(topic), slug=topic, count=3)
    call_command("make_demo", candidates=50, interviews=4, stdout=StringIO())
    return _brute_force()


def _frame(rows: Any, *columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows.values_list(*columns), columns=[name.split("__")[-1] for name in columns])


def _brute_force() -> pd.DataFrame:
    asked = "question__version__question"
    found = pd.DataFrame(
        Answer.objects.values_list(
            *("pk", "job", "submitted_at", "text", "question__interview", "question__interview__candidate"),
            *("question__interview__mode", "question__interview__started_at", "question__version"),
            *(asked, f"{asked}__topic"),
        ),
        columns=[
            *("answer", "job", "at", "text", "interview", "candidate"),
            *("mode", "began", "version", "question", "topic"),
        ],
    )
    machine = pd.DataFrame(
        GradingJob.objects.values_list("pk", "grade", "grade__score"), columns=["job", "grade", "g"]
    )
    reviews = pd.DataFrame(
        Review.objects.order_by("created_at").values_list("pk", "job", "score"), columns=["review", "job", "r"]
    ).drop_duplicates("job", keep="last")
    found = found.merge(machine, on="job").merge(reviews, on="job", how="left")
    found["score"] = found.r.fillna(found.g)
    found["at"] = pd.to_datetime(found["at"], utc=True)
    found = found.sort_values(["at", "answer"])
    found["attempt"] = found.groupby(["candidate", "question"]).cumcount() + 1
    before = found.groupby("interview")["at"].shift().fillna(pd.to_datetime(found.began, utc=True))
    alone = found.groupby(["interview", "at"])["job"].transform("size") == 1
    seconds = (found["at"] - before).dt.total_seconds()
    found["seconds"] = seconds.where((found["mode"] == "practice") & alone & (seconds <= 3600))
    found["empty"] = (found.text.str.strip() == "").astype(int)
    return found


def _of(cohort: Cohort, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the first attempts of cohort's candidates."""
    members = cohort.memberships.filter(role=Role.CANDIDATE).values_list("user", flat=True)
    return answers[answers.candidate.isin(set(members)) & (answers.attempt == 1)]


def test_each_fact_says_what_its_answer_says(answers: pd.DataFrame) -> None:
    facts = pd.DataFrame(AnswerFact.objects.values("job", "score", "attempt", "seconds", "is_by_mentor", "is_empty"))
    both = answers.merge(facts, on="job", suffixes=("", "_fact"), how="outer")

    assert len(both) == len(answers) == len(facts) > 400
    assert both.attempt.max() > 1
    assert both.is_by_mentor.sum() == both.review.notna().sum() > 50
    assert list(both.score_fact) == list(both.score)
    assert list(both.attempt_fact) == list(both.attempt)
    assert list(both.is_empty) == list(both["empty"])
    assert list(both.is_by_mentor) == list(both.review.notna())
    pd.testing.assert_series_equal(both.seconds_fact, both.seconds, check_names=False)


@pytest.mark.parametrize("name", ["Demo", "Demo 2"])
def test_the_overview_says_what_brute_force_says(answers: pd.DataFrame, name: str) -> None:
    cohort = Cohort.objects.get(name=name)
    facts, own = facts_of(cohort, Filters()), _of(cohort, answers)
    means = own.groupby("candidate").score.mean()

    overall = over_candidates(facts)[()]
    assert (overall.n, overall.answers) == (len(means), len(own))
    assert (overall.mean, overall.deviation) == pytest.approx((means.mean(), means.std()))

    shown = overview.distribution(facts)
    assert shown
    assert [shown.quartiles.low, shown.quartiles.median, shown.quartiles.high] == pytest.approx(
        list(own.score.quantile([0.25, 0.5, 0.75]))
    )
    bands = pd.cut(own.score, [*range(0, 100, 10), 101], right=False).value_counts(sort=False)
    assert [n for _, n in shown.bands] == list(bands)

    timed = overview.time_on_task(facts)
    assert timed
    assert (timed.n, timed.minutes.median) == (own.seconds.count(), pytest.approx(own.seconds.median() / 60))


def test_the_trend_says_what_brute_force_says(answers: pd.DataFrame) -> None:
    cohort = Cohort.objects.get(name="Demo")
    own = _of(cohort, answers)
    monday = (own["at"] - pd.to_timedelta(own["at"].dt.day_of_week, unit="D")).dt.date
    people = own.groupby([monday.rename("week"), "candidate"]).score.mean().groupby("week")
    expected = people.agg(["size", "mean"])

    weeks = overview.trend(facts_of(cohort, Filters()), filters=Filters(), now=database_now())

    found = {week.monday: (week.estimate.n, week.estimate.mean) for week in weeks if week.estimate}
    shown = expected.loc[list(found)]
    assert len(found) > 10
    assert found == {week: (one["size"], pytest.approx(one["mean"])) for week, one in shown.iterrows()}
    assert expected["size"].sum() - shown["size"].sum() <= 2  # answered before the first Monday of the half year


def test_candidates_say_what_brute_force_says(answers: pd.DataFrame) -> None:
    cohort = Cohort.objects.get(name="Demo")
    own = _of(cohort, answers).groupby("candidate")
    expected = own.agg(
        n=("job", "size"), mean=("score", "mean"), empty=("empty", "sum"), seconds=("seconds", "median")
    )

    rows = candidates.candidate_rows(list(candidates_of(cohort)), facts_of(cohort, Filters()), {})

    assert {row.candidate.pk: (row.answers, row.mean, row.empty) for row in rows} == {
        pk: (one["n"], pytest.approx(one["mean"]), one["empty"]) for pk, one in expected.iterrows()
    }
    minutes = {row.candidate.pk: row.minutes for row in rows if row.minutes is not None}
    assert minutes == pytest.approx(dict(expected.seconds.dropna() / 60))


def test_the_heat_map_of_topics_says_what_brute_force_says(answers: pd.DataFrame) -> None:
    cohort = Cohort.objects.get(name="Demo")
    cells = _of(cohort, answers).groupby(["candidate", "topic"]).score.agg(["mean", "size"])

    found = heatmaps.topic_map(candidates_of(cohort), facts_of(cohort, Filters()))

    shown = {
        (row.candidate.pk, topic.pk): (pytest.approx(cell.mean), cell.n)
        for row in found.rows
        for topic, cell in zip(found.topics, row.cells, strict=True)
        if cell
    }
    assert {cell: tuple(figures) for cell, figures in cells.iterrows()} == shown
    assert len(found.topics) == 2


def test_the_heat_map_of_key_points_says_what_brute_force_says(answers: pd.DataFrame) -> None:
    cohort = Cohort.objects.get(name="Demo")
    own = _of(cohort, answers)
    slugs = _frame(KeyPoint.objects.all(), "version", "slug").merge(own, on="version")
    machine = _frame(KeyPointMark.objects.all(), "grade", "key_point__slug", "mark")
    human = _frame(ReviewMark.objects.all(), "review", "key_point__slug", "mark")
    marked = slugs.merge(machine, on=["grade", "slug"], how="left")
    marked = marked.merge(human, on=["review", "slug"], how="left", suffixes=("_machine", "_human"))
    marked["mark"] = marked.mark_human.fillna(marked.mark_machine)
    expected = marked.groupby(["question", "slug", "mark"]).size()

    rows = heatmaps.point_map(facts_of(cohort, Filters()))

    shown = {(row.question, row.slug, mark): n for row in rows for mark, n in row.marks.items() if n}
    assert shown == dict(expected)
    assert {mark for _, _, mark in shown} == set(Mark.values)


def test_cohorts_compared_say_what_brute_force_says(answers: pd.DataFrame) -> None:
    cohorts = list(Cohort.objects.filter(name__in=["Demo", "Demo 2"]).order_by("name"))
    facts = narrow(comparisons.facts_by_cohort(cohorts), Filters())

    found = comparisons.by_cohort(cohorts, facts)

    for row in found.topics:
        for cohort, cell in zip(cohorts, row.cells, strict=True):
            own = _of(cohort, answers)
            means = own[own.topic == row.topic.pk].groupby("candidate").score.mean()
            assert cell
            assert (cell.n, cell.mean, cell.deviation) == (
                len(means),
                pytest.approx(means.mean()),
                pytest.approx(means.std()),
            )
