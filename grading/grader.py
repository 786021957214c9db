"""The one grader of this process, loaded on first use. Workers and commands call it; the web process never does."""

from dataclasses import replace
from functools import lru_cache

from django.conf import settings

from grading.engine import GradedAnswer, Grader, KeyPoint, Misconception, Question
from grading.engine.encoder import StubEncoder
from grading.engine.verifier import StubVerifier
from grading.models import QuestionCalibration
from grading.selectors.calibrations import in_force
from questionbank.content import QuestionContent
from questionbank.models import QuestionVersion
from questionbank.selectors import content_of


@lru_cache(maxsize=1)
def get_grader() -> Grader:
    """Return the grader with the models that the setting GRADING_ENCODER names. The first call loads them."""
    if settings.GRADING_ENCODER == "stub":
        return Grader(StubEncoder(quiet=True), StubVerifier(quiet=True))
    # These two load torch, which the web process never does.
    from grading.engine.claim_reader import ClaimReader
    from grading.engine.model import SentenceModel

    return Grader(SentenceModel(), ClaimReader())


def question_of(version: QuestionVersion) -> Question:
    """Return version (fetched by questionbank's with_parts) as the engine sees it, with the calibration in force."""
    return question_learning(version, in_force(version))


def question_learning(version: QuestionVersion, calibration: QuestionCalibration | None) -> Question:
    """Return version as the engine sees it, learning from calibration's answers and from no others."""
    question = question_saying(content_of(version))
    if calibration is None:
        return question
    graded = tuple(GradedAnswer(answer.text, answer.score / 100) for answer in calibration.answers.all())
    return replace(question, graded=graded, calibration=calibration.number)


def question_saying(content: QuestionContent) -> Question:
    """Return content as the engine sees it, without any calibration: what the bench tries is what is written."""
    return Question(
        prompt=content.prompt,
        references=content.references,
        key_points=tuple(KeyPoint(p.id, p.claim, p.weight, p.accepted) for p in content.key_points),
        misconceptions=tuple(Misconception(m.id, m.claim, m.contradicts) for m in content.misconceptions),
    )
