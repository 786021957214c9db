"""The verbs of workflow.py for many questions, each by itself: one that is refused does not hold up the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError

from people.models import User
from questionbank.models import Question, QuestionVersion, VersionState
from questionbank.services import workflow
from questionbank.services.versions import DraftChanged


@dataclass(frozen=True)
class Outcome:
    """What became of one question: the version that was moved, or why nothing was done."""

    question: Question
    version: QuestionVersion | None = None
    refused: str = ""


def submit_all(*, questions: Iterable[Question], seen: Mapping[UUID, str], actor: User) -> list[Outcome]:
    """Hand in the draft of each question. seen: question → content hash of the version that actor has seen."""

    def submit(version: QuestionVersion) -> QuestionVersion:
        return workflow.submit(version=version, actor=actor, expected_hash=seen.get(version.question_id))

    return _each(questions, VersionState.DRAFT, submit, "There is no draft of it.")


def approve_all(
    *, questions: Iterable[Question], seen: Mapping[UUID, str], actor: User, now: datetime
) -> list[Outcome]:
    """Publish the version of each question that is in review. seen: as for submit_all."""

    def approve(version: QuestionVersion) -> QuestionVersion:
        return workflow.approve(version=version, actor=actor, now=now, expected_hash=seen.get(version.question_id))

    return _each(questions, VersionState.IN_REVIEW, approve, "No version of it is in review.")


def _each(
    questions: Iterable[Question],
    state: VersionState,
    deed: Callable[[QuestionVersion], QuestionVersion],
    otherwise: str,
) -> list[Outcome]:
    found = list(questions)
    versions = {v.question_id: v for v in QuestionVersion.objects.filter(question__in=found, state=state)}
    return [_one(question, versions.get(question.pk), deed, otherwise) for question in found]


def _one(
    question: Question,
    version: QuestionVersion | None,
    deed: Callable[[QuestionVersion], QuestionVersion],
    otherwise: str,
) -> Outcome:
    if version is None:
        return Outcome(question, refused=otherwise)
    try:
        return Outcome(question, deed(version))
    except DraftChanged as changed:
        return Outcome(question, refused=str(changed))
    except ValidationError as refused:
        return Outcome(question, refused=" ".join(refused.messages))
