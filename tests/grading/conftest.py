"""Jobs of `candidate` to `published`, a result written by hand, and ears on the two ways in which news travel."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Empty
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery, current_app

from grading.engine import Evidence, GradeResult, KeyPointResult
from grading.engine.calibration import Calibration
from grading.grader import get_grader
from grading.models import GradingJob
from grading.services.jobs import beat, claim, complete, request_grade
from grading.signals import grade_ready
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion
from questionbank.selectors import with_parts
from tests.grading.engine.plain import PLAIN

TEXT = "Values come on demand, CANARYANSWER. Memory stays small. You can run through it twice."


def make_job(
    candidate: User, version: QuestionVersion, *, text: str = TEXT, now: datetime | None = None
) -> GradingJob:
    """Queue an answer of candidate's as submitting it does."""
    return request_grade(answer_id=uuid4(), candidate=candidate, version=version, text=text, now=now or database_now())


def marked(key: str, mark: str, sentence: str = "", text: str = TEXT, **changes: Any) -> KeyPointResult:
    """Return a key point's result whose evidence is sentence, which stands in text."""
    start = text.index(sentence)
    figures = {
        "credit": 0.0,
        "similarity": 0.5,
        "threshold": 0.7,
        "p_stated": 0.2,
        "p_missing": 0.7,
        "p_contradicted": 0.1,
        "evidence": Evidence(sentence, start, start + len(sentence)) if sentence else None,
    }
    return KeyPointResult(key, mark, **{**figures, **changes})  # type: ignore[arg-type]


def make_result(*marks: KeyPointResult, **changes: Any) -> GradeResult:
    """Return what an engine could make of TEXT: one point stated, one partly, one contradicted."""
    usual = (
        marked("lazy", "stated", "Values come on demand, CANARYANSWER.", similarity=0.8, p_stated=0.9, p_missing=0.0),
        marked("memory", "partly", "Memory stays small.", similarity=0.69),
        marked("once", "contradicted", "You can run through it twice.", p_contradicted=0.6, p_missing=0.2),
    )
    fields = {"score": 0.6417, "confidence": 0.75, "receipt": {"engine": "by-hand", "encoder": "none"}}
    return GradeResult(key_points=marks or usual, **{**fields, **changes})


def grade_by_hand(
    job: GradingJob, result: GradeResult | None = None, scores_with: dict[str, float] | None = None
) -> GradingJob:
    """Claim job and complete it with result, by the product's own services; return the graded job."""
    claimed = claim(job_id=job.pk, now=database_now())
    assert claimed is not None
    version = with_parts(QuestionVersion.objects.filter(pk=job.version_id)).get()
    result, scores_with = result or make_result(), scores_with or {}
    assert complete(job=claimed, version=version, result=result, scores_with=scores_with) is not None
    return GradingJob.objects.get(pk=job.pk)


@pytest.fixture
def job(candidate: User, published: QuestionVersion) -> GradingJob:
    """A job that waits."""
    return make_job(candidate, published)


@pytest.fixture
def graded(job: GradingJob) -> GradingJob:
    """A job whose grade is make_result()."""
    return grade_by_hand(job)


@pytest.fixture
def rung() -> Callable[[], list[Any]]:
    """Empty the broker's queue; later calls return the arguments of the messages that have come, and take them out."""
    current_app.control.purge()

    def take() -> list[Any]:
        with current_app.connection_for_read() as broker, broker.SimpleQueue("grading") as queue:
            arguments = []
            try:
                while True:
                    message = queue.get(block=False)
                    message.ack()
                    arguments.append(message.payload[0])
            except Empty:
                return arguments

    return take


@pytest.fixture
def announced() -> Iterator[list[GradingJob]]:
    """The jobs that grade_ready has announced."""
    jobs: list[GradingJob] = []

    def note(job: GradingJob, **_: Any) -> None:
        jobs.append(job)

    grade_ready.connect(note)
    yield jobs
    grade_ready.disconnect(note)


@pytest.fixture
def plain_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Grade with round figures in this process, and let the heartbeat of a worker be known that does."""
    monkeypatch.setattr(Calibration, "load", lambda: PLAIN)
    get_grader.cache_clear()
    beat(name="here", now=database_now())
    yield
    get_grader.cache_clear()


@contextmanager
def broker_at(address: str) -> Iterator[None]:
    """Let this thread's Celery look for its broker at address."""
    usual = current_app._get_current_object()  # noqa: SLF001 (the only way to what the proxy stands for)
    other = Celery("other", broker=f"redis://{address}/0", set_as_current=False)
    other.set_current()
    try:
        yield
    finally:
        other.close()
        usual.set_current()
