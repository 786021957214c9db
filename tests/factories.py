"""Makes objects for tests. Questions and interviews are made by the product's own services."""

from datetime import datetime, timedelta
from typing import Any

import factory

from grading.engine import Evidence, GradeResult, KeyPointResult
from grading.models import Grade, GradingJob
from grading.services.jobs import claim, complete
from interview.models import Assignment, Interview, Mode
from interview.services.interviews import start_interview
from people.clock import database_now
from people.models import Cohort, Membership, Role, User
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent, SourceContent
from questionbank.models import QuestionVersion, Topic, Track, TrackSection
from questionbank.selectors import with_parts
from questionbank.services.versions import create_question, publish


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")


class CohortFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cohort

    name = factory.Sequence(lambda n: f"Cohort {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    cohort = factory.SubFactory(CohortFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.CANDIDATE


def make_content(**changes: Any) -> QuestionContent:
    """Return a small right content. The canary words stand in parts that candidates must not see too early."""
    fields: dict[str, Any] = {
        "title": "Generators versus lists",
        "prompt": "When would you write a generator rather than a list?",
        "kind": "comparison",
        "difficulty": "easy",
        "minutes": 4,
        "references": ("CANARYREFERENCE A generator yields values lazily, so memory stays small. It runs once.",),
        "key_points": (
            KeyPointContent("lazy", "CANARYCLAIM Generators produce values on demand.", 3, "CANARYHINT When?", ()),
            KeyPointContent("memory", "Memory stays small for long sequences.", 2, "", ("CANARYACCEPTED little RAM",)),
            KeyPointContent("once", "Generators can be consumed a single time.", 1),
        ),
        "misconceptions": (MisconceptionContent("eager", "CANARYMISCONCEPTION Generators build everything.", "lazy"),),
        "exemplars": (
            ExemplarContent(
                "strong",
                "strong",
                "CANARYEXEMPLAR Values appear on demand.",
                95,
                (("lazy", "stated"), ("memory", "missing"), ("once", "missing")),
            ),
        ),
        "sources": (SourceContent("The Python tutorial", "https://docs.python.org/3/tutorial/"),),
    }
    return QuestionContent(**{**fields, **changes})


def make_topic(slug: str = "python") -> Topic:
    return Topic.objects.get_or_create(slug=slug, defaults={"title": slug.title()})[0]


def publish_question(slug: str = "generators", *, topic: Topic | None = None, **changes: Any) -> QuestionVersion:
    """Create and publish a question that says make_content(**changes)."""
    draft = create_question(slug=slug, topic=topic or make_topic(), content=make_content(**changes), author=None)
    return publish(version=draft, actor=None, now=database_now())


def make_track(topic: Topic, *, count: int = 1, slug: str = "taster", minutes: int = 10) -> Track:
    track = Track.objects.create(slug=slug, title="Taster", description="A short one.", minutes=minutes)
    TrackSection.objects.create(
        track=track, position=0, title="Python", topic=topic, count=count, minutes=minutes, difficulties=[]
    )
    return track


def make_interview(
    candidate: User, track: Track, *, mode: Mode = Mode.PRACTICE, now: datetime | None = None
) -> Interview:
    return start_interview(candidate=candidate, track=track, mode=mode, now=now or database_now())


def make_assignment(cohort: Cohort, track: Track, *, now: datetime | None = None, **terms: Any) -> Assignment:
    """Assign track as practice by terms, else open since a day ago, due in a week, closed the day after that."""
    now = now or database_now()
    times = {
        "opens_at": now - timedelta(days=1),
        "due_at": now + timedelta(days=7),
        "closes_at": now + timedelta(days=8),
    }
    maker = {"created_by": terms.pop("created_by", None) or UserFactory(), "created_at": now}
    values = {"mode": Mode.PRACTICE, **times, **maker, **terms}
    return Assignment.objects.create(cohort=cohort, track=track, **values)


def give_grade(job: GradingJob, score: float, doubts: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> Grade:
    """Write the grade that a worker would, with this score (0–100), these doubts and each point but missing stated."""
    claimed = claim(job_id=job.pk, now=database_now())
    assert claimed, "the job is not waiting"
    version = with_parts(QuestionVersion.objects.filter(pk=job.version_id)).get()
    evidence = Evidence(job.text, 0, len(job.text)) if job.text else None
    marks = tuple(
        KeyPointResult(point.slug, "missing", 0.0, 0.2, 0.6, 0.1, 0.9, 0.0, None)
        if point.slug in missing
        else KeyPointResult(point.slug, "stated", 1.0, 0.8, 0.6, 0.9, 0.1, 0.0, evidence)
        for point in version.key_points.all()
    )
    receipt = {"engine": job.engine_version, "encoder": "none"}
    result = GradeResult(score / 100, 0.9, marks, doubts=doubts, receipt=receipt)
    grade = complete(job=claimed, version=version, result=result)
    assert grade, "another worker was first"
    return grade
