"""Grades a free-text answer key point by key point. Pure Python: no Django, no database, no network.

>>> from grading.engine import Grader, Question, KeyPoint
>>> from grading.engine.claim_reader import ClaimReader                    # these two load torch
>>> from grading.engine.model import SentenceModel
>>> Grader(SentenceModel(), ClaimReader()).grade(question, "My answer …")  # a GradeResult

The web process imports this package for ENGINE_VERSION and the data classes; `model` and `claim_reader` alone load
torch.
"""

from grading.engine.grader import Grader
from grading.engine.scoring import CREDIT, score_of
from grading.engine.types import (
    ENGINE_VERSION,
    Evidence,
    GradedAnswer,
    GradeResult,
    KeyPoint,
    KeyPointResult,
    Mark,
    Misconception,
    Question,
)

__all__ = [
    "CREDIT",
    "ENGINE_VERSION",
    "Evidence",
    "GradeResult",
    "GradedAnswer",
    "Grader",
    "KeyPoint",
    "KeyPointResult",
    "Mark",
    "Misconception",
    "Question",
    "score_of",
]
