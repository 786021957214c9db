"""Which answers item statistics rest on, and what they add up to."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from analytics.item_statistics import Quartiles
from analytics.selectors.items import Figures, first_attempts, left_empty, minutes_taken, of_question, overview
from interview.models import Interview, Mode
from interview.services.interviews import finish, save_draft, start_chosen, submit_answer
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.access import get_version
from questionbank.models import Mark, QuestionVersion
from questionbank.services.versions import publish
from questionbank.services.versions import save_draft as save_version
from tests.analytics.attempts import crowd, job_of, mark, practise, questions
from tests.factories import (
    MembershipFactory,
    UserFactory,
    make_content,
    make_interview,
    make_topic,
    make_track,
)

FOUR = ("alpha", "beta", "gamma", "delta")


def _figures(version: QuestionVersion, **narrow: Any) -> Figures:
    return next(row.figures for row in overview(**narrow).questions if row.pk == version.question_id)


def _scores() -> list[float]:
    return sorted(attempt.score for attempt in first_attempts())


def test_the_first_answer_counts_and_no_later_one(candidate: User, published: QuestionVersion) -> None:
    practise(candidate, [published], {"generators": 30})
    practise(candidate, [published], {"generators": 90})

    assert _scores() == [30]


def test_an_answer_to_a_later_version_is_no_first_attempt(candidate: User, published: QuestionVersion) -> None:
    practise(candidate, [published], {"generators": 30})
    draft = save_version(question=published.question, content=make_content(title="Second"), author=None)
    second = publish(version=draft, actor=None, now=database_now())
    practise(candidate, [second], {"generators": 90})

    assert _scores() == [30]


def test_a_first_answer_without_a_score_lets_no_later_one_in(candidate: User, published: QuestionVersion) -> None:
    waiting = start_chosen(candidate=candidate, title="Practice", versions=[published], now=database_now())
    submit_answer(asked=waiting.questions.get(), text="Lazily.", idempotency_key=uuid4(), now=database_now())
    practise(candidate, [published], {"generators": 90})
    # practise answers as of this morning: the one without a score is moved before it
    Interview.objects.filter(pk=waiting.pk).update(started_at=database_now() - timedelta(days=2))

    assert len(first_attempts()) == 1


def test_a_mentors_score_is_the_one_that_counts(candidate: User, mentor: User, published: QuestionVersion) -> None:
    practise(candidate, [published], {"generators": 30})
    mark(job_of(candidate, published), mentor, lazy=Mark.STATED, memory=Mark.STATED, once=Mark.STATED)

    assert _scores() == [100]


def test_guests_mentors_and_the_example_count_for_nothing(
    cohort: Cohort, mentor: User, site_admin: User, candidate: User, published: QuestionVersion
) -> None:
    guest, example = UserFactory(is_guest=True), UserFactory(is_active=False)
    taught = UserFactory()
    MembershipFactory(cohort=cohort, user=taught, role=Role.MENTOR)
    for score, person in enumerate([guest, example, mentor, site_admin, taught, candidate]):
        practise(person, [published], {"generators": score})

    assert _scores() == [5]


def test_time_is_from_one_submission_to_the_next(candidate: User) -> None:
    asked = questions(*FOUR[:2])
    practise(candidate, asked.values(), {"alpha": 50, "beta": 50}, minutes=7)

    assert sorted(minutes_taken().values()) == [7, 7]
    assert list(minutes_taken(asked["alpha"].question_id).values()) == [7, 7]
    assert minutes_taken(uuid4()) == {}


def test_a_break_and_answers_handed_in_together_tell_no_time(candidate: User) -> None:
    asked = questions(*FOUR[:3])
    practise(candidate, [asked["alpha"]], {"alpha": 50}, minutes=61)
    began = database_now() - timedelta(hours=1)
    together = make_interview(candidate, make_track(asked["alpha"].question.topic, count=2), now=began)
    for question in together.questions.all():
        save_draft(asked=question, text="Lazily.", revision=0, now=began)
    finish(interview=together, now=began + timedelta(minutes=9))

    assert minutes_taken() == {}


def test_what_is_left_empty_counts_by_the_first_meeting(candidate: User, peer: User) -> None:
    asked = questions(*FOUR[:2])
    practise(candidate, asked.values(), {"alpha": 50})
    practise(candidate, asked.values(), {"alpha": 50, "beta": 50})
    practise(peer, asked.values(), {"alpha": 50, "beta": 50})
    running = start_chosen(candidate=UserFactory(), title="Runs", versions=[asked["beta"]], now=database_now())

    assert running.is_running
    assert left_empty() == {asked["alpha"].question_id: (2, 0), asked["beta"].question_id: (2, 1)}
    assert left_empty(asked["beta"].question_id) == {asked["beta"].question_id: (2, 1)}


def test_blanks_in_a_mock_are_left_empty(candidate: User, published: QuestionVersion) -> None:
    mock = make_interview(candidate, make_track(published.question.topic), mode=Mode.MOCK)
    save_draft(asked=mock.questions.get(), text=" \n ", revision=0, now=database_now())
    finish(interview=mock, now=database_now())

    assert left_empty() == {published.question_id: (1, 1)}


def test_the_figures_are_what_one_works_out_by_hand(cohort: Cohort) -> None:
    asked = questions(*FOUR)
    # Of beta, gamma and delta everybody has as much more than the mean as their row says: -20, -10, 0, 10, 20.
    rows = [
        {"alpha": alpha, **dict.fromkeys(FOUR[1:], 50 + more)}
        for alpha, more in zip([30, 50, 40, 60, 70], [-20, -10, 0, 10, 20], strict=True)
    ]
    crowd(cohort, asked, rows)

    figures = _figures(asked["alpha"])

    assert (figures.n, figures.facility, figures.pass_share, figures.omission) == (5, 0.5, 0.4, 0)
    assert figures.time == Quartiles(4, 4, 4)
    # alpha's ranks 1 3 2 4 5 are to 1 2 3 4 5 as in test_item_statistics: r = 0.9.
    assert figures.discrimination
    assert figures.discrimination.value == pytest.approx(0.9)
    assert [n for _, n in figures.bands] == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert (figures.flag, figures.is_backwards) == ("", False)


def test_four_candidates_show_nothing(cohort: Cohort, mentor: User) -> None:
    asked = questions(*FOUR)
    crowd(cohort, asked, [dict.fromkeys(FOUR, 10.0 * n) for n in range(4)])

    figures = _figures(asked["alpha"])
    found = of_question(mentor, get_version(mentor, asked["alpha"].question_id))

    assert (figures.n, figures.is_enough) == (4, False)
    assert [figures.facility, figures.pass_share, figures.omission, figures.time, figures.discrimination] == [None] * 5
    assert [point.is_enough for point in found.points] == [False] * 3
    assert (found.failed, found.passed) == ([], [])


def test_key_points_are_counted_by_the_mark_that_is_shown(cohort: Cohort, mentor: User) -> None:
    asked = questions(*FOUR)
    people = crowd(cohort, asked, [dict.fromkeys(FOUR, 50.0 + 5 * n) for n in range(6)])
    mark(job_of(people[0], asked["alpha"]), mentor, lazy=Mark.MISSING, memory=Mark.PARTLY, once=Mark.STATED)

    points = of_question(mentor, get_version(mentor, asked["alpha"].question_id)).points

    assert [(point.key_point.slug, point.n, point.shares) for point in points] == [
        ("lazy", 6, [5 / 6, 0, 1 / 6, 0]),
        ("memory", 6, [5 / 6, 1 / 6, 0, 0]),
        ("once", 6, [1, 0, 0, 0]),
    ]
    # Who misses it is the weakest elsewhere: -12.5, the others -7.5 to 12.5, mean 2.5; all: variance 875/12.
    # (2.5 + 12.5) / √(875/12) · √(5/6 · 1/6) = 0.6547
    assert points[0].discrimination
    assert points[0].discrimination.value == pytest.approx(0.6547, abs=1e-3)
    assert points[2].discrimination is None


def test_the_answers_to_look_at_are_those_that_surprise(cohort: Cohort, mentor: User) -> None:
    asked = questions(*FOUR)
    rows = [{"alpha": 100 - 20.0 * n, **dict.fromkeys(FOUR[1:], 30.0 + 10 * n)} for n in range(5)]
    people = crowd(cohort, asked, rows)
    version = get_version(mentor, asked["alpha"].question_id)
    mark(job_of(people[4], asked["alpha"]), mentor, lazy=Mark.MISSING, memory=Mark.MISSING, once=Mark.MISSING)

    found = of_question(mentor, version)

    assert [(one.job.candidate, one.rest, one.name) for one in found.failed] == [
        (people[4], 20, people[4].display_name),  # a mentor is done with it
        (people[3], 10, ""),
    ]
    assert [(one.job.candidate, one.rest, one.name) for one in found.passed] == [
        (people[0], -20, ""),
        (people[1], -10, ""),
    ]


def test_answers_of_other_cohorts_count_and_are_not_shown(
    cohort: Cohort, other_cohort: Cohort, mentor: User, other_mentor: User
) -> None:
    asked = questions(*FOUR)
    rows = [{"alpha": 100 - 20.0 * n, **dict.fromkeys(FOUR[1:], 30.0 + 10 * n)} for n in range(5)]
    crowd(other_cohort, asked, rows)
    version = get_version(mentor, asked["alpha"].question_id)

    ours, theirs = of_question(mentor, version), of_question(other_mentor, version)

    assert ours.figures == theirs.figures
    assert ours.figures.n == 5
    assert (len(ours.failed), len(ours.passed), len(theirs.failed), len(theirs.passed)) == (0, 0, 2, 2)


@pytest.mark.parametrize(
    ("alpha", "flag", "backwards"),
    [
        (lambda n: 50.0 + n % 2, "weak", False),
        (lambda n: 90.0 - 2 * n, "weak", True),
        (lambda _: 95.0, "high", False),
        (lambda _: 0.0, "low", False),
        (lambda n: 2.0 * n, "", False),
    ],
    ids=["by chance", "backwards", "all above 90", "all below 10", "tells apart"],
)
def test_a_question_that_tells_nobody_apart_is_flagged(
    cohort: Cohort, alpha: Any, flag: str, *, backwards: bool
) -> None:
    asked = questions(*FOUR)
    crowd(cohort, asked, [{"alpha": alpha(n), **dict.fromkeys(FOUR[1:], 2.0 * n)} for n in range(20)])

    figures = _figures(asked["alpha"])

    assert (figures.flag, figures.is_backwards) == (flag, backwards)
    assert [row.title for row in overview(flagged=True).questions] == (["Alpha"] if flag else [])


def test_the_overview_is_narrowed_to_a_topic_and_to_a_track(cohort: Cohort, candidate: User) -> None:
    python = questions("alpha")["alpha"]
    beta = questions("beta")["beta"]
    beta.question.topic = make_topic("sql")
    beta.question.save()
    track = make_track(make_topic("sql"), slug="databases")
    practise(candidate, [python], {"alpha": 50})
    practise(candidate, [beta], {"beta": 50}, track=track)

    def titles(**narrow: str) -> list[str]:
        return sorted(row.title for row in overview(**narrow).questions)

    assert [titles(), titles(topic="sql"), titles(track="databases"), titles(topic="python", track="databases")] == [
        ["Alpha", "Beta"],
        ["Beta"],
        ["Beta"],
        [],
    ]


def test_alpha_of_a_track_rests_on_what_was_asked_in_it(cohort: Cohort, track: Any) -> None:
    asked = questions(*FOUR)
    for number in range(6):
        user = UserFactory()
        practise(user, list(asked.values())[:2], dict.fromkeys(FOUR, 10.0 * number), track=track)
        practise(user, list(asked.values())[2:], dict.fromkeys(FOUR, 100 - 17.0 * (number % 3)))

    (row,) = overview().tracks

    assert (row.track, row.n, row.length, row.alpha) == (track, 6, 2, pytest.approx(1))


@pytest.mark.parametrize("count", [1, 3])
def test_reading_takes_the_same_queries_for_any_number(
    cohort: Cohort, mentor: User, count: int, django_assert_num_queries: Any
) -> None:
    asked = questions(*FOUR, *(f"more-{n}" for n in range(count)))
    crowd(cohort, asked, [dict.fromkeys(FOUR, 10.0 * n) for n in range(4 + count)])
    version = get_version(mentor, asked["alpha"].question_id)

    with django_assert_num_queries(5):
        overview()
    with django_assert_num_queries(6):
        of_question(mentor, version)
