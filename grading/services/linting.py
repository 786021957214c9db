"""The linter at work: what it finds in a content, and the vectors by which it knows the bank's questions."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import numpy as np

from grading.engine import Grader
from grading.grader import get_grader
from grading.linter import findings
from grading.models import BenchRun, PromptVector
from grading.models.bench import VECTOR_LENGTH
from grading.selectors.prompts import nearest, unread
from questionbank.content import QuestionContent
from questionbank.models import Question, QuestionVersion

# How many prompts a sweep reads: a second's work. A pack of 121 questions is read by the first one after it is loaded,
# an import of 10,000 within seven minutes, and nobody at the bench waits for more than one of them.
READ_AT_ONCE = 128


def lint(run: BenchRun, content: QuestionContent, grader: Grader) -> dict[str, Any]:
    """Return what the linter finds in a run's content, and the five questions of the bank that come nearest to it.

    They are among those that whoever asked may read; a run that nobody asked for is for all mentors.
    """
    (vector,) = _vectors([text_of(content)], grader)
    among = Question.objects.visible_to(run.requested_by) if run.requested_by else Question.objects.all()
    besides = UUID(run.text) if run.text else None
    similar = nearest(vector, encoder=grader.identity["encoder"], among=among, besides=besides)
    found = findings(content, grader=grader, similar=similar)
    return {"findings": [finding.as_dict() for finding in found], "similar": [asdict(other) for other in similar]}


def text_of(said: QuestionContent | QuestionVersion) -> str:
    """Return what a question is compared by."""
    return f"{said.title}. {said.prompt}"


def read_prompts() -> int:
    """Make the vectors of versions that have none yet, or one of something else; return of how many.

    Two workers that do so at once make the same.
    """
    grader = get_grader()
    encoder = grader.identity["encoder"]
    versions = list(unread(encoder=encoder).order_by("created_at")[:READ_AT_ONCE])
    if not versions:
        return 0
    vectors = _vectors([text_of(version) for version in versions], grader)
    rows = [
        PromptVector(version=version, encoder=encoder, content_hash=version.content_hash, vector=vector)
        for version, vector in zip(versions, vectors, strict=True)
    ]
    PromptVector.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["encoder", "content_hash", "vector"],
    )
    return len(rows)


def _vectors(texts: list[str], grader: Grader) -> list[list[float]]:
    """Return the vectors of texts; the stub's are shorter than the table's, and noughts change no product."""
    vectors = grader.vectors(texts)
    missing = VECTOR_LENGTH - vectors.shape[1]
    padded: list[list[float]] = np.pad(vectors, ((0, 0), (0, missing))).tolist()
    return padded
