"""What the address says of a dashboard's filter, and which answers that lets through."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from analytics.filters import Attempts, Filters, candidates_of, facts_of
from analytics.forms import FilterForm
from interview.models import Assignment, Mode
from people.models import Cohort, User
from questionbank.models import QuestionVersion, Topic, Track
from tests.analytics.fact_rows import facts
from tests.factories import make_topic, make_track, publish_question

AT = datetime(2026, 11, 10, 12, tzinfo=UTC)


def _form(cohort: Cohort, **address: str) -> FilterForm:
    return FilterForm(address, cohort=cohort)


def _assign(cohort: Cohort, track: Track, actor: User) -> Assignment:
    return Assignment.objects.create(
        cohort=cohort,
        track=track,
        mode=Mode.PRACTICE,
        opens_at=AT,
        due_at=AT + timedelta(days=7),
        closes_at=AT + timedelta(days=7),
        created_by=actor,
        created_at=AT,
    )


def _scores(cohort: Cohort, **address: str) -> list[float]:
    form = _form(cohort, **address)
    assert form.is_valid(), form.errors
    return sorted(facts_of(cohort, form.filters).values_list("score", flat=True))


def test_an_address_that_says_nothing_asks_for_first_attempts(cohort: Cohort) -> None:
    form = _form(cohort)

    assert (form.filters, form.is_narrowed, form.in_words) == (Filters(), False, ["first attempts"])


def test_everything_in_the_address_is_read(cohort: Cohort, track: Track, admin: User) -> None:
    assigned = _assign(cohort, track, admin)
    topic = make_topic("python")
    address = {
        "from": "2026-11-01",
        "to": "2026-11-30",
        "track": track.slug,
        "assignment": str(assigned.pk),
        "mode": "practice",
        "attempts": "all",
        "topic": "python",
    }

    form = _form(cohort, **address)

    assert form.filters == Filters(
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), track, assigned, "practice", "all", topic
    )
    assert form.query == address
    assert form.in_words == [
        "all answers",
        "practice only",
        "Taster",
        "Taster, due 17 November 2026",
        "Python",
        "from 1 November 2026",
        "to 30 November 2026",
    ]


def test_links_carry_no_more_than_was_chosen(cohort: Cohort) -> None:
    assert _form(cohort, mode="mock", attempts="first", track="", page="2").query == {"mode": "mock"}


def test_days_are_the_viewer_s(cohort: Cohort) -> None:
    with timezone.override("Asia/Tokyo"):
        filters = _form(cohort, **{"from": "2026-11-10", "to": "2026-11-10"}).filters

    assert (filters.since, filters.until) == (
        datetime(2026, 11, 9, 15, tzinfo=UTC),
        datetime(2026, 11, 10, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("from", "yesterday", "Write a day such as 2026-11-23."),
        ("to", "9999-12-31", "Choose a day between 2000 and 2200."),
        ("track", "no-such-track", "This is not one of the choices."),
        ("assignment", "nonsense", "This is not one of the choices."),
        ("assignment", str(UUID(int=1)), "This is not one of the choices."),
        ("mode", "exam", "This is not one of the choices."),
        ("attempts", "second", "This is not one of the choices."),
        ("topic", "../etc", "This is not one of the choices."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_filters_nothing(
    cohort: Cohort, name: str, value: str, said: str
) -> None:
    form = _form(cohort, **{"attempts": "all", name: value})

    assert {field: list(errors) for field, errors in form.errors.items()} == {name: [said]}
    assert (form.filters, form.is_narrowed) == (Filters(), False)


def test_days_in_the_wrong_order_are_said(cohort: Cohort) -> None:
    form = _form(cohort, **{"from": "2026-11-10", "to": "2026-11-09"})

    assert form.errors == {"to": ["This day is before the first one."]}


def test_another_cohort_s_assignment_is_none_of_the_choices(
    cohort: Cohort, other_cohort: Cohort, track: Track, admin: User
) -> None:
    theirs = _assign(other_cohort, track, admin)

    assert _form(cohort, assignment=str(theirs.pk)).errors == {"assignment": ["This is not one of the choices."]}


def test_each_filter_lets_through_what_it_names(
    cohort: Cohort, candidate: User, admin: User, published: QuestionVersion, track: Track
) -> None:
    below = Topic.objects.create(slug="iteration", title="Iteration", parent=make_topic("python"))
    nested = publish_question("nested", topic=below)
    elsewhere = publish_question("joins", topic=make_topic("sql"))
    other_track = make_track(below, slug="other")
    facts(candidate, published, [1], AT, track=track)
    facts(candidate, nested, [2], AT + timedelta(days=5), track=other_track, mode=Mode.MOCK)
    facts(candidate, elsewhere, [3], AT - timedelta(days=5), assignment=_assign(cohort, track, admin))
    facts(candidate, published, [4], AT, attempt=2)

    found: dict[str, Any] = {
        "": _scores(cohort),
        "all": _scores(cohort, attempts=Attempts.ALL),
        "topic": _scores(cohort, topic="python"),
        "below": _scores(cohort, topic="iteration"),
        "track": _scores(cohort, track="other"),
        "mode": _scores(cohort, mode="mock"),
        "from": _scores(cohort, **{"from": "2026-11-10"}),
        "to": _scores(cohort, to="2026-11-09"),
        "assignment": _scores(cohort, assignment=str(cohort.assignments.get().pk)),
        "two": _scores(cohort, topic="python", mode="practice"),
    }

    assert found == {
        "": [1, 2, 3],
        "all": [1, 2, 3, 4],
        "topic": [1, 2],
        "below": [2],
        "track": [2],
        "mode": [2],
        "from": [1, 2],
        "to": [3],
        "assignment": [3],
        "two": [1],
    }


def test_only_the_cohort_s_present_candidates_count(
    cohort: Cohort, candidate: User, mentor: User, outsider: User, peer: User, published: QuestionVersion
) -> None:
    for score, user in enumerate((candidate, mentor, outsider, peer)):
        facts(user, published, [score], AT)
    User.objects.filter(pk=peer.pk).update(is_active=False)

    assert (list(candidates_of(cohort)), _scores(cohort)) == ([candidate], [0])
