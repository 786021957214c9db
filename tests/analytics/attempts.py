"""Makes answered interviews with known scores, by the product's own services."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import uuid4

from grading.models import GradingJob
from grading.services.reviews import review
from interview.models import Interview
from interview.services.interviews import finish, start_chosen, submit_answer
from people.clock import database_now
from people.models import Cohort, Role, User
from questionbank.models import Mark, QuestionVersion, Track
from tests.factories import MembershipFactory, UserFactory, give_grade, publish_question

Scores = Mapping[str, float | None]


def questions(*slugs: str) -> dict[str, QuestionVersion]:
    """Publish small questions by these names."""
    return {slug: publish_question(slug, title=slug.title()) for slug in slugs}


def practise(
    candidate: User, asked: Iterable[QuestionVersion], scores: Scores, *, track: Track | None = None, minutes: int = 4
) -> Interview:
    """Run candidate through asked with these scores by slug (None: left empty), each after so many minutes."""
    began = database_now() - timedelta(hours=12)
    interview = start_chosen(candidate=candidate, title="Practice", versions=list(asked), now=began)
    if track:
        Interview.objects.filter(pk=interview.pk).update(track=track)
    for number, question in enumerate(interview.questions.select_related("version__question"), 1):
        score = scores.get(question.version.question.slug)
        if score is not None:
            now = began + timedelta(minutes=minutes * number)
            job = submit_answer(asked=question, text="Lazily.", idempotency_key=uuid4(), now=now).job
            give_grade(job, score)
    interview.refresh_from_db()
    return finish(interview=interview, now=began + timedelta(hours=1))


def crowd(cohort: Cohort, asked: Mapping[str, QuestionVersion], rows: Iterable[Scores]) -> list[User]:
    """Make a candidate of cohort for each row, who has answered asked with its scores."""
    people = []
    for row in rows:
        user = UserFactory()
        MembershipFactory(cohort=cohort, user=user, role=Role.CANDIDATE)
        practise(user, asked.values(), row)
        people.append(user)
    return people


def job_of(candidate: User, version: QuestionVersion) -> GradingJob:
    return GradingJob.objects.get(candidate=candidate, version=version)


def mark(job: GradingJob, mentor: User, **marks: Mark) -> None:
    """Review job as mentor with these marks by key point."""
    points = {point.slug: point.pk for point in job.version.key_points.all()}
    by_id = {points[slug]: given for slug, given in marks.items()}
    review(job=job, reviewer=mentor, marks=by_id, reason="As I read it.", now=database_now())
