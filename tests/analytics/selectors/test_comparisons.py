"""Cohorts and versions side by side, against means that are added up by hand here."""

from datetime import UTC, date, datetime, timedelta
from statistics import mean, stdev
from typing import Any

import pytest

from analytics.estimates import Estimate
from analytics.filters import Filters, narrow
from analytics.models import AnswerFact
from analytics.selectors.comparisons import (
    CohortComparison,
    Pair,
    VersionComparison,
    by_cohort,
    by_version,
    facts_by_cohort,
    facts_of_any,
)
from analytics.services.facts import refresh
from people.models import Cohort, Role, User
from questionbank.content import KeyPointContent
from questionbank.models import QuestionVersion
from questionbank.services.versions import create_question, publish, save_draft
from tests.analytics.attempts import crowd, practise
from tests.factories import MembershipFactory, make_content, make_topic, publish_question

SPRING = datetime(2026, 3, 2, 9, tzinfo=UTC)
AUTUMN = datetime(2026, 9, 7, 9, tzinfo=UTC)


def _compare(*cohorts: Cohort) -> CohortComparison:
    refresh()
    return by_cohort(cohorts, narrow(facts_by_cohort(cohorts), Filters()))


def _estimate(answers: int, *means: float) -> Estimate:
    spread = pytest.approx(stdev(means)) if len(means) > 1 else None
    return Estimate(pytest.approx(mean(means)), spread, len(means), answers)


def test_cohorts_stand_side_by_side_by_topic(cohort: Cohort, other_cohort: Cohort) -> None:
    asked = {
        "lists": publish_question("lists", topic=make_topic("python")),
        "joins": publish_question("joins", topic=make_topic("sql")),
    }
    crowd(cohort, asked, [{"lists": 80, "joins": 60}, {"lists": 40}])
    crowd(other_cohort, asked, [{"joins": 10}, {"joins": 30}])

    found = _compare(cohort, other_cohort)

    assert found.overall.cells == [_estimate(3, 70, 40), _estimate(2, 10, 30)]
    assert [(row.topic and row.topic.slug, row.cells) for row in found.topics] == [
        ("python", [_estimate(2, 80, 40), None]),
        ("sql", [_estimate(1, 60), _estimate(2, 10, 30)]),
    ]
    assert [(other, apart.points) for other, apart in found.differences] == [(other_cohort, pytest.approx(35))]


def test_who_is_in_two_cohorts_counts_in_both_once(
    cohort: Cohort, other_cohort: Cohort, candidate: User, mentor: User
) -> None:
    MembershipFactory(cohort=other_cohort, user=candidate, role=Role.CANDIDATE)
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    asked = publish_question("lists")
    practise(candidate, [asked], {"lists": 80})
    practise(mentor, [asked], {"lists": 20})

    found = _compare(cohort, other_cohort)

    assert found.overall.cells == [_estimate(1, 80), _estimate(2, 80, 20)]
    assert facts_of_any([cohort, other_cohort]).count() == 2


def test_one_cohort_stands_alone_and_an_empty_one_is_empty(cohort: Cohort, other_cohort: Cohort) -> None:
    crowd(cohort, {"lists": publish_question("lists")}, [{"lists": 80}])

    assert (_compare(cohort).differences, _compare(cohort).is_empty, _compare(other_cohort).is_empty) == (
        [],
        False,
        True,
    )


def _first(slug: str) -> QuestionVersion:
    draft = create_question(slug=slug, topic=make_topic(), content=make_content(title=slug.title()), author=None)
    return publish(version=draft, actor=None, now=SPRING)


def _next(version: QuestionVersion, now: datetime = AUTUMN) -> QuestionVersion:
    point = KeyPointContent(f"new-{now:%j}", "A generator keeps its place between two values.", 3)
    content = make_content(title=version.title, key_points=(*make_content().key_points, point), exemplars=())
    draft = save_draft(question=version.question, content=content, author=None)
    return publish(version=draft, actor=None, now=now)


def _answered(cohort: Cohort, asked: dict[str, QuestionVersion], at: datetime, rows: list[dict[str, float]]) -> None:
    people = crowd(cohort, asked, rows)
    refresh()
    AnswerFact.objects.filter(candidate__in=people).update(answered_at=at)


def _versions(cohort: Cohort, day: date | None = None) -> VersionComparison:
    return by_version(facts_of_any([cohort]), day)


def test_a_changed_question_is_compared_by_version_and_the_others_by_day(cohort: Cohort) -> None:
    first, same = _first("changed"), _first("same")
    _answered(
        cohort,
        {"changed": first, "same": same},
        AUTUMN - timedelta(days=30),
        [{"changed": 40, "same": 50}, {"changed": 60, "same": 70}],
    )
    second, new = _next(first), _first("new")
    # An interview that began before the change asks the old version after it.
    _answered(cohort, {"changed": first}, AUTUMN + timedelta(days=1), [{"changed": 80}])
    _answered(
        cohort,
        {"changed": second, "same": same, "new": new},
        AUTUMN + timedelta(days=30),
        [{"changed": 90, "same": 62, "new": 5}, {"changed": 70}],
    )

    found = _versions(cohort)

    assert (found.days, found.day, found.one_sided) == ([AUTUMN.date()], AUTUMN.date(), 1)
    assert [(one.earlier, one.later, one.pair, one.is_changed) for one in found.changed] == [
        (first, second, Pair(_estimate(3, 40, 60, 80), _estimate(2, 90, 70)), True)
    ]
    assert [(one.later, one.pair, one.is_changed) for one in found.unchanged] == [
        (same, Pair(_estimate(2, 50, 70), _estimate(1, 62)), False)
    ]
    assert found.whole_changed == Pair(_estimate(3, 40, 60, 80), _estimate(2, 90, 70))
    assert found.whole_unchanged == Pair(_estimate(2, 50, 70), _estimate(1, 62))


def test_the_latest_change_is_shown_unless_another_is_asked_for(cohort: Cohort) -> None:
    first = _first("changed")
    _answered(cohort, {"changed": first}, SPRING, [{"changed": 40}])
    second = _next(first)
    _answered(cohort, {"changed": second}, AUTUMN, [{"changed": 50}])
    winter = AUTUMN + timedelta(days=90)
    third = _next(second, winter)
    _answered(cohort, {"changed": third}, winter, [{"changed": 60}])

    shown = {
        day: [(one.earlier, one.later) for one in _versions(cohort, day).changed]
        for day in (None, AUTUMN.date(), date(2001, 1, 1))
    }

    assert _versions(cohort).days == [winter.date(), AUTUMN.date()]
    assert shown == {None: [(second, third)], AUTUMN.date(): [(first, second)], date(2001, 1, 1): [(second, third)]}


def test_a_new_version_that_nobody_answered_is_no_change(cohort: Cohort) -> None:
    first = _first("changed")
    _answered(cohort, {"changed": first}, SPRING, [{"changed": 40}])
    _next(first)

    found = _versions(cohort)

    assert (found.day, found.changed, found.whole_changed) == (None, [], None)


@pytest.mark.parametrize("count", [1, 3])
def test_comparing_takes_the_same_queries_whatever_the_size(
    cohort: Cohort, other_cohort: Cohort, count: int, django_assert_num_queries: Any
) -> None:
    firsts = {f"q-{n}": _first(f"q-{n}") for n in range(count)} | {"same": _first("same")}
    _answered(cohort, firsts, SPRING, [dict.fromkeys(firsts, 50)] * count)
    later = {slug: version if slug == "same" else _next(version) for slug, version in firsts.items()}
    _answered(cohort, later, AUTUMN + timedelta(days=1), [dict.fromkeys(firsts, 60)] * count)
    cohorts = [cohort, other_cohort]

    with django_assert_num_queries(3):
        by_cohort(cohorts, narrow(facts_by_cohort(cohorts), Filters()))
    with django_assert_num_queries(5):
        found = by_version(facts_of_any(cohorts), None)

    assert (len(found.changed), len(found.unchanged)) == (count, 1)
