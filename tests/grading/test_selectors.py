"""What is shown of a job: the latest review or else the machine, and the answer with its evidence in place."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.models import Grade, GradingJob, JobState, KeyPointMark, Review
from grading.selectors.grades import (
    CLEARLY_FROM,
    ONLY_JUST_FROM,
    PLAINLY_FROM,
    Segment,
    ShownGrade,
    ShownMark,
    model_seen_at,
    oldest_waiting,
    shown_grade,
    with_results,
    with_shown_score,
)
from grading.services.jobs import beat, claim, fail
from grading.services.reviews import review
from people.clock import database_now
from people.models import User
from questionbank.models import KeyPoint, Mark, QuestionVersion
from tests.grading.conftest import TEXT, grade_by_hand, make_job, make_result, marked


def _shown(job: GradingJob) -> ShownGrade:
    shown = shown_grade(with_results(GradingJob.objects.all()).get(pk=job.pk))
    assert shown is not None
    return shown


def _review(job: GradingJob, reviewer: User, mark: Mark, **changes: Any) -> Review:
    """Give every key point of job one mark."""
    marks = {point.pk: mark for point in job.version.key_points.all()}
    given_by = {"reason": "Because.", "now": database_now(), **changes}
    return review(job=job, reviewer=reviewer, marks=marks, **given_by)


# --- What is shown ------------------------------------------------------------------------------------------


def test_nothing_is_shown_of_a_job_that_waits(job: GradingJob) -> None:
    assert shown_grade(with_results(GradingJob.objects.all()).get()) is None


def test_the_machines_grade_is_shown_point_by_point_in_the_questions_order(graded: GradingJob) -> None:
    shown = _shown(graded)

    assert (shown.score, shown.review, shown.grade) == (64.17, None, Grade.objects.get())
    assert [(m.number, m.key_point.slug, m.mark, m.evidence, m.is_overridden) for m in shown.marks] == [
        (1, "lazy", Mark.STATED, "Values come on demand, CANARYANSWER.", False),
        (2, "memory", Mark.PARTLY, "Memory stays small.", False),
        (3, "once", Mark.CONTRADICTED, "You can run through it twice.", False),
    ]


def test_a_point_without_evidence_shows_none(job: GradingJob) -> None:
    shown = _shown(grade_by_hand(job, make_result(marked("once", "missing"))))

    assert [(m.mark, m.evidence) for m in shown.marks if m.machine] == [(Mark.MISSING, "")]


def test_a_review_overrides_the_machine_and_keeps_its_evidence(graded: GradingJob, mentor: User) -> None:
    written = _review(graded, mentor, Mark.STATED)

    shown = _shown(graded)

    assert (shown.score, shown.review) == (100, written)
    assert [(m.mark, m.machine and m.machine.mark, m.is_overridden) for m in shown.marks] == [
        (Mark.STATED, "stated", False),
        (Mark.STATED, "partly", True),
        (Mark.STATED, "contradicted", True),
    ]
    assert shown.marks[2].evidence == "You can run through it twice."


def test_the_latest_review_is_the_one_that_counts(graded: GradingJob, mentor: User, site_admin: User) -> None:
    now = database_now()
    latest = _review(graded, site_admin, Mark.PARTLY, now=now)
    _review(graded, mentor, Mark.STATED, now=now - timedelta(seconds=1))

    shown = _shown(graded)

    assert (shown.review, shown.score, {m.mark for m in shown.marks}) == (latest, 50, {Mark.PARTLY})


def test_a_review_alone_is_shown_where_no_attempt_could_grade(job: GradingJob, mentor: User) -> None:
    for _ in range(3):
        claimed = claim(job_id=job.pk, now=database_now())
        assert claimed is not None
        fail(job=claimed, trouble="Broken.")
    _review(job, mentor, Mark.STATED)

    shown = _shown(job)

    assert (shown.score, shown.grade, shown.remarks) == (100, None, [])
    assert [(m.mark, m.machine, m.is_overridden, m.certainty) for m in shown.marks] == [
        (Mark.STATED, None, False, "")
    ] * 3
    assert (shown.is_read, shown.is_provisional, shown.doubts) == (False, False, [])
    assert shown.segments == [Segment(TEXT, ())]


def test_the_guards_remarks_are_in_words_and_a_flag_without_words_is_left_out(job: GradingJob) -> None:
    shown = _shown(grade_by_hand(job, make_result(flags=("off_topic", "of_a_later_engine"))))

    assert shown.remarks == ["The answer seems to be about something else."]


def test_a_doubted_grade_is_provisional_and_says_why_once(job: GradingJob) -> None:
    result = make_result(
        flags=("instructions", "text_repeated"), doubts=("instructions", "unsure", "of_a_later_engine")
    )

    shown = _shown(grade_by_hand(job, result))

    assert (shown.score, shown.is_provisional, shown.job.state) == (64.17, True, JobState.NEEDS_REVIEW)
    assert shown.doubts == [
        "Part of this speaks to the grader. It earns nothing.",
        "The grader is not sure of this score.",
    ]
    assert shown.remarks == ["The same sentences come again; each counts once."]


def test_a_doubt_without_words_makes_a_grade_provisional_too(job: GradingJob) -> None:
    shown = _shown(grade_by_hand(job, make_result(doubts=("of_a_later_engine",))))

    assert (shown.is_provisional, shown.doubts) == (True, [])


def test_a_grade_without_doubts_is_not_provisional(graded: GradingJob) -> None:
    assert (_shown(graded).is_provisional, _shown(graded).doubts) == (False, [])


def test_a_mentors_marks_end_the_doubts_and_leave_the_remarks(job: GradingJob, mentor: User) -> None:
    doubted = grade_by_hand(job, make_result(flags=("instructions",), doubts=("instructions", "unsure")))
    _review(doubted, mentor, Mark.STATED)

    shown = _shown(doubted)

    assert (shown.is_provisional, shown.doubts) == (False, [])
    assert shown.remarks == ["Part of this speaks to the grader. It earns nothing."]


@pytest.mark.parametrize(
    ("flags", "is_read"), [((), True), (("off_topic",), True), (("shuffled",), False), (("empty",), False)]
)
def test_an_answer_that_a_guard_stopped_was_not_read(
    job: GradingJob, flags: tuple[str, ...], *, is_read: bool
) -> None:
    assert _shown(grade_by_hand(job, make_result(flags=flags))).is_read is is_read


def _certainty(mark: str, *, stated: float = 0.0, missing: float = 0.0, contradicted: float = 0.0) -> str:
    """Return how sure a machine of these probabilities is of its mark, made without the database."""
    machine = KeyPointMark(mark=mark, p_stated=stated, p_missing=missing, p_contradicted=contradicted)
    return ShownMark(KeyPoint(), 1, Mark(mark), machine, "").certainty


@pytest.mark.parametrize("mark", ["stated", "missing", "contradicted"])
@pytest.mark.parametrize(
    ("chance", "certainty"),
    [
        (1.0, "clearly"),
        (CLEARLY_FROM, "clearly"),
        (CLEARLY_FROM - 0.001, ""),
        (PLAINLY_FROM, ""),
        (PLAINLY_FROM - 0.001, "only just"),
        (ONLY_JUST_FROM, "only just"),
        (ONLY_JUST_FROM - 0.001, "not sure"),
    ],
)
def test_the_likelier_its_mark_the_surer_the_machine_is_called(mark: str, chance: float, certainty: str) -> None:
    assert _certainty(mark, **{mark: chance}) == certainty


def test_only_the_chance_of_the_mark_given_counts() -> None:
    chances = {"stated": 0.1, "missing": 0.85, "contradicted": 0.05}

    assert [_certainty(mark, **chances) for mark in ("stated", "missing", "contradicted")] == [
        "not sure",
        "clearly",
        "not sure",
    ]


@pytest.mark.parametrize(
    ("stated", "missing", "certainty"),
    [(0.5, 0.5, ""), (0.35, 0.3, ""), (0.35, 0.2, "only just"), (0.3, 0.1, "not sure")],
)
def test_partly_has_the_chance_of_stated_and_missing_together_and_is_never_clear(
    stated: float, missing: float, certainty: str
) -> None:
    assert _certainty("partly", stated=stated, missing=missing) == certainty


# --- What one point more would be worth ------------------------------------------------------------------------


def _graded_with(job: GradingJob, **scores_with: float) -> GradingJob:
    """Grade job with 64.17 and these scores (0..1) of the answer with one point more."""
    return grade_by_hand(job, scores_with=scores_with)


def _gains(job: GradingJob) -> dict[str, float | None]:
    return {mark.key_point.slug: mark.score_with for mark in _shown(job).marks}


def test_the_score_with_a_point_is_shown_from_a_gain_of_one_on(job: GradingJob) -> None:
    graded = _graded_with(job, memory=0.6516, once=0.6518)

    assert _gains(graded) == {"lazy": None, "memory": None, "once": 65.18}


def test_the_score_with_a_point_is_not_shown_where_it_would_be_less(job: GradingJob) -> None:
    assert _gains(_graded_with(job, memory=0.2)) == {"lazy": None, "memory": None, "once": None}


def test_the_score_with_a_point_is_not_shown_beside_a_mentors_marks(job: GradingJob, mentor: User) -> None:
    graded = _graded_with(job, once=0.9)
    _review(graded, mentor, Mark.PARTLY)

    assert set(_gains(graded).values()) == {None}


@pytest.mark.parametrize(
    ("who", "has_mentor"), [("candidate", True), ("outsider", False), ("stranger", False), ("mentor", False)]
)
def test_marks_are_set_by_the_mentors_of_ones_cohorts_as_a_candidate(
    mentor: User, published: QuestionVersion, request: pytest.FixtureRequest, who: str, *, has_mentor: bool
) -> None:
    """Nobody teaches the outsider's cohort; and a mentor here is not their own."""
    shown = _shown(grade_by_hand(make_job(request.getfixturevalue(who), published)))

    assert (shown.has_mentor, shown.may_be_appealed) == (has_mentor, has_mentor)


def test_an_admin_alone_is_no_mentor(admin: User, graded: GradingJob) -> None:
    assert not _shown(graded).has_mentor


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_shown_takes_the_same_queries_for_many_jobs(
    candidate: User, mentor: User, published: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        _review(grade_by_hand(make_job(candidate, published)), mentor, Mark.STATED)

    with django_assert_num_queries(14):
        shown = [shown_grade(job) for job in with_results(GradingJob.objects.all())]
        texts = [(m.key_point.claim, m.evidence) for one in shown if one for m in one.marks]

    assert (len(shown), len(texts)) == (count, 3 * count)


# --- The answer in segments ---------------------------------------------------------------------------------


def _show(text: str, *spans: tuple[int, int] | None) -> ShownGrade:
    """Return a grade of text whose key points rest on these spans, made without the database."""
    marks = []
    for number, span in enumerate(spans, 1):
        start, end = span or (None, None)
        machine = KeyPointMark(mark=Mark.STATED, evidence_start=start, evidence_end=end)
        marks.append(ShownMark(KeyPoint(), number, Mark.STATED, machine, text[start:end] if span else ""))
    return ShownGrade(GradingJob(text=text), 0, marks, None, None)


def test_segments_mark_the_evidence_in_place() -> None:
    assert _show("Before. One. Two. After.", (13, 17), None, (8, 12)).segments == [
        Segment("Before. ", ()),
        Segment("One.", (3,)),
        Segment(" ", ()),
        Segment("Two.", (1,)),
        Segment(" After.", ()),
    ]


def test_a_sentence_that_is_evidence_twice_is_one_segment_with_both_numbers() -> None:
    assert _show("One. Two.", (0, 4), (0, 4)).segments == [Segment("One.", (1, 2)), Segment(" Two.", ())]


def test_evidence_that_overlaps_is_cut_where_it_does() -> None:
    assert _show("abcdef", (0, 4), (2, 6)).segments == [
        Segment("ab", (1,)),
        Segment("cd", (1, 2)),
        Segment("ef", (2,)),
    ]


def test_an_empty_answer_has_no_segments() -> None:
    assert _show("", None).segments == []


@st.composite
def _texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(st.text(min_size=1, max_size=40))
    edges = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] != pair[1])
    return text, draw(st.lists(edges.map(lambda pair: (min(pair), max(pair))), max_size=5))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(_texts_with_spans())
def test_segments_give_the_text_back_and_each_number_its_evidence(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case

    segments = _show(text, *spans).segments

    assert "".join(segment.text for segment in segments) == text
    for number, (start, end) in enumerate(spans, 1):
        assert "".join(s.text for s in segments if number in s.numbers) == text[start:end]


def test_segments_of_a_graded_job_give_its_text_back(graded: GradingJob) -> None:
    segments = _shown(graded).segments

    assert "".join(segment.text for segment in segments) == TEXT
    assert [s.numbers for s in segments] == [(1,), (), (2,), (), (3,)]


# --- Scores and lists ---------------------------------------------------------------------------------------


def _scores() -> list[float | None]:
    return list(with_shown_score(GradingJob.objects.order_by("created_at")).values_list("shown_score", flat=True))


def test_the_shown_score_is_the_latest_reviews_or_the_machines_or_none(
    candidate: User, mentor: User, published: QuestionVersion
) -> None:
    now = database_now()
    jobs = [make_job(candidate, published, now=now + timedelta(seconds=n)) for n in range(3)]
    grade_by_hand(jobs[1])
    reviewed = grade_by_hand(jobs[2])
    _review(reviewed, mentor, Mark.STATED, now=now)
    _review(reviewed, mentor, Mark.PARTLY, now=now + timedelta(seconds=1))

    assert _scores() == [None, 64.17, 50]


@pytest.mark.parametrize("who", ["candidate", "peer", "stranger", "outsider"])
def test_jobs_and_grades_of_others_are_not_visible_to_those_who_lead_nobody(
    graded: GradingJob, request: pytest.FixtureRequest, who: str
) -> None:
    user = request.getfixturevalue(who)
    own = [graded] if who == "candidate" else []

    assert list(GradingJob.objects.visible_to(user)) == own
    assert list(Grade.objects.visible_to(user)) == [job.grade for job in own]


def test_the_oldest_open_job_says_since_when_answers_wait(candidate: User, published: QuestionVersion) -> None:
    now = database_now()
    done, running, pending = (make_job(candidate, published, now=now + timedelta(seconds=n)) for n in range(3))
    assert oldest_waiting() == done.created_at

    grade_by_hand(done)
    claim(job_id=running.pk, now=now)
    assert oldest_waiting() == running.created_at

    grade_by_hand(pending)
    assert oldest_waiting() == running.created_at


def test_no_open_job_waits_since_never(graded: GradingJob) -> None:
    assert oldest_waiting() is None


def test_the_model_was_seen_when_the_latest_worker_was() -> None:
    assert model_seen_at() is None
    now = database_now()

    beat(name="one:1", now=now)
    beat(name="two:2", now=now - timedelta(seconds=5))

    assert model_seen_at() == now
