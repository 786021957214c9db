"""manage.py make_demo: made-up candidates whose grades cannot be mistaken for the grader's."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from analytics.models import AnswerFact, StaleAnswer
from grading.models import Grade, GradingJob, JobState, KeyPointMark, Review
from interview.models import Answer, Assignment, Interview
from interview.services.demo import copies
from people.models import Cohort, Role, User
from questionbank.models import Track
from tests.factories import MembershipFactory, UserFactory, make_interview


def _make(*options: str) -> str:
    out = StringIO()
    call_command("make_demo", "--candidates", "4", "--interviews", "2", *options, stdout=out)
    return out.getvalue()


def test_it_makes_finished_interviews_with_the_exemplars_own_marks(track: Track) -> None:
    said = _make()

    assert said == "4 demo candidates; 8 interviews made.\n"
    assert Interview.objects.filter(finished_at__isnull=False).count() == 8
    jobs = GradingJob.objects.select_related("grade")
    assert jobs.count() == Answer.objects.count()
    assert {job.state for job in jobs} == {JobState.GRADED}
    assert {(job.grade.receipt["demo"], job.grade.score) for job in jobs if job.text} == {(True, 95)}
    marks = KeyPointMark.objects.filter(grade__job__text__gt="").values_list("key_point__slug", "mark").distinct()
    assert set(marks) == {("lazy", "stated"), ("memory", "missing"), ("once", "missing")}


def test_its_candidates_are_plainly_made_up(track: Track) -> None:
    teacher = UserFactory(email="mentor@demo.test")
    MembershipFactory(cohort=Cohort.objects.create(name="Demo cohort"), user=teacher, role=Role.MENTOR)
    _make()

    people = User.objects.filter(memberships__cohort__name="Demo", memberships__role=Role.CANDIDATE)
    assert sorted(person.name for person in people) == [f"Demo candidate {n}" for n in range(1, 5)]
    assert [(p.has_usable_password(), p.mail_when_graded, p.email.endswith(".invalid")) for p in people] == [
        (False, False, True)
    ] * 4
    assert GradingJob.objects.visible_to(teacher).count() == GradingJob.objects.count() > 0


def test_repeated_it_makes_what_is_missing(track: Track) -> None:
    _make()

    assert _make() == "4 demo candidates; 0 interviews made.\n"
    assert Interview.objects.count() == 8


def test_it_leaves_the_grading_to_the_worker_where_one_likes(track: Track) -> None:
    _make("--by-worker")

    assert {job.state for job in GradingJob.objects.all()} == {JobState.PENDING}
    assert Grade.objects.count() == 0


def test_it_refuses_beside_real_candidates_unless_told(track: Track, candidate: User) -> None:
    make_interview(candidate, track)

    with pytest.raises(CommandError, match="Real candidates have interviews here"):
        _make()

    assert Interview.objects.count() == 1
    assert _make("--yes") == "4 demo candidates; 8 interviews made.\n"


def test_for_so_many_answers_it_makes_as_many_cohorts_as_that_takes(track: Track) -> None:
    out = StringIO()
    call_command("make_demo", "--answers", "200", "--interviews", "2", stdout=out)

    assert out.getvalue() == "80 demo candidates; 160 interviews made.\n"
    sizes = Cohort.objects.filter(memberships__role=Role.CANDIDATE).annotate(size=Count("memberships"))
    assert dict(sizes.values_list("name", "size")) == {"Demo": 40, "Demo 2": 40}
    assert Answer.objects.count() >= 200
    call_command("make_demo", "--answers", "200", "--interviews", "2", stdout=out)
    assert out.getvalue().endswith("\n0 demo candidates; 0 interviews made.\n")


def test_its_figures_can_be_looked_at_at_once(track: Track) -> None:
    _make()

    assert StaleAnswer.objects.count() == 0
    assert AnswerFact.objects.count() == GradingJob.objects.count() > 0


def test_its_cohorts_are_assigned_tracks_and_have_a_mentor_who_reviews(
    track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "REVIEWED", 1)
    _make()

    mentor = User.objects.get(memberships__role=Role.MENTOR)
    assert (mentor.name, mentor.has_usable_password()) == ("Demo mentor 1", False)
    assert set(Review.objects.values_list("reviewer", flat=True)) == {mentor.pk}
    assert Review.objects.count() == GradingJob.objects.count()
    assert [one.reminds for one in Assignment.objects.filter(cohort__name="Demo")] == [False] * 5
    for interview in Interview.objects.exclude(assignment=None).select_related("assignment"):
        assigned = interview.assignment
        assert (interview.track, interview.mode) == (assigned.track, assigned.mode)
        assert assigned.opens_at <= interview.started_at < assigned.closes_at


def test_candidates_or_answers_may_be_said_but_not_both(track: Track) -> None:
    with pytest.raises(CommandError, match="either how many candidates or how many answers"):
        _make("--answers", "10")


def test_without_a_track_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="There is no track"):
        _make()
