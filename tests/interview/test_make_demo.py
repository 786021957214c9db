"""manage.py make_demo: made-up candidates whose grades cannot be mistaken for the grader's."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from grading.models import Grade, GradingJob, JobState, KeyPointMark
from interview.models import Answer, Interview
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


def test_without_a_track_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="There is no track"):
        _make()
