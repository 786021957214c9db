"""The figures of the overview against numbers that are worked out by hand here."""

from datetime import UTC, date, datetime, timedelta
from statistics import fmean, stdev

import pytest
from django.utils import timezone

from analytics.filters import Filters, facts_of
from analytics.item_statistics import Quartiles
from analytics.selectors.overview import distribution, time_on_task, trend
from people.models import Cohort, User
from questionbank.models import QuestionVersion
from tests.analytics.fact_rows import facts, join

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)


def test_the_distribution_counts_each_score_in_its_band(
    cohort: Cohort, candidate: User, peer: User, published: QuestionVersion
) -> None:
    facts(candidate, published, [0, 9.9, 10, 89.9], NOW)
    facts(peer, published, [90, 100], NOW)

    found = distribution(facts_of(cohort, Filters()))

    assert found
    assert (found.n, found.candidates, found.mean) == (6, 2, pytest.approx(fmean([0, 9.9, 10, 89.9, 90, 100])))
    assert [count for _, count in found.bands] == [2, 1, 0, 0, 0, 0, 0, 0, 1, 2]
    assert [found.bands[0][0], found.bands[-1][0]] == ["0–9", "90–100"]
    # numpy's percentiles, type 7: of six sorted scores the quarter lies between the second and the third.
    assert found.quartiles == Quartiles(pytest.approx(9.925), pytest.approx(49.95), pytest.approx(89.975))


def test_without_answers_there_is_nothing_to_show(cohort: Cohort, candidate: User) -> None:
    none = facts_of(cohort, Filters())

    assert (distribution(none), time_on_task(none), trend(none, filters=Filters(), now=NOW)) == (None, None, [])


def test_a_week_s_mean_is_that_of_its_candidates_and_gaps_are_named(
    cohort: Cohort, candidate: User, peer: User, published: QuestionVersion
) -> None:
    facts(candidate, published, [10, 20], NOW - 14 * DAY)
    facts(peer, published, [55], NOW - 15 * DAY)
    facts(candidate, published, [70], NOW)

    weeks = trend(facts_of(cohort, Filters()), filters=Filters(), now=NOW)

    assert [(week.monday, week.is_running) for week in weeks] == [
        (date(2026, 11, 9), False),
        (date(2026, 11, 16), False),
        (date(2026, 11, 23), True),
    ]
    first, gap, last = (week.estimate for week in weeks)
    assert first
    assert last
    assert (first.mean, first.deviation, first.n, first.answers) == (35, pytest.approx(stdev([15, 55])), 2, 3)
    assert gap is None
    assert (last.mean, last.deviation, last.n, last.interval, last.is_small) == (70, None, 1, None, True)


def test_a_week_begins_on_monday_in_the_viewer_s_zone(
    cohort: Cohort, candidate: User, published: QuestionVersion
) -> None:
    facts(candidate, published, [50], datetime(2026, 11, 22, 20, tzinfo=UTC))  # in Tokyo it is Monday

    in_utc = trend(facts_of(cohort, Filters()), filters=Filters(), now=NOW)
    with timezone.override("Asia/Tokyo"):
        in_tokyo = trend(facts_of(cohort, Filters()), filters=Filters(), now=NOW)

    assert [week.monday for week in [*in_utc, *in_tokyo]] == [date(2026, 11, 16), date(2026, 11, 23)]


def test_the_trend_reaches_back_half_a_year_unless_the_filter_says_more(
    cohort: Cohort, candidate: User, published: QuestionVersion
) -> None:
    facts(candidate, published, [50], NOW - 200 * DAY)
    facts(candidate, published, [60], NOW)
    since = Filters(since=NOW - 300 * DAY)

    usual = trend(facts_of(cohort, Filters()), filters=Filters(), now=NOW)
    longer = trend(facts_of(cohort, since), filters=since, now=NOW)

    assert (len(usual), len(longer)) == (1, 30)


def test_time_on_task_is_told_by_timed_answers_alone(
    cohort: Cohort, candidate: User, peer: User, published: QuestionVersion
) -> None:
    for seconds in (60, 120, 600):
        facts(candidate, published, [50], NOW, seconds=seconds)
    facts(peer, published, [50], NOW)

    found = time_on_task(facts_of(cohort, Filters()))

    assert found
    assert (found.n, found.candidates, found.minutes) == (3, 1, Quartiles(1.5, 2, 6))


@pytest.mark.parametrize("count", [1, 3])
def test_each_takes_one_query_whatever_the_size(
    cohort: Cohort, published: QuestionVersion, count: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(count):
        facts(join(cohort, f"Person {number}"), published, [50] * count, NOW - number * 7 * DAY, seconds=60)
    found = facts_of(cohort, Filters())

    with django_assert_num_queries(3):  # type: ignore[operator]
        figures = distribution(found), time_on_task(found), trend(found, filters=Filters(), now=NOW)

    assert figures[0]
    assert (figures[0].n, len(figures[2])) == (count * count, count)
