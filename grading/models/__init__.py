"""Jobs, grades, reviews; what is tried on the bench, learnt from mentors, and graded again."""

from grading.models.bench import VECTOR_LENGTH, BenchPurpose, BenchRun, BenchState, PromptVector
from grading.models.calibrations import CalibrationAnswer, CalibrationPreview, QuestionCalibration
from grading.models.jobs import (
    OPEN_STATES,
    Grade,
    GradeQuerySet,
    GradingJob,
    GradingJobQuerySet,
    JobState,
    KeyPointMark,
    WorkerHeartbeat,
)
from grading.models.regrades import Regrade, RegradeItem, RegradeState
from grading.models.reviews import Appeal, AppealState, MentorQuestion, Review, ReviewMark

__all__ = [
    "OPEN_STATES",
    "VECTOR_LENGTH",
    "Appeal",
    "AppealState",
    "BenchPurpose",
    "BenchRun",
    "BenchState",
    "CalibrationAnswer",
    "CalibrationPreview",
    "Grade",
    "GradeQuerySet",
    "GradingJob",
    "GradingJobQuerySet",
    "JobState",
    "KeyPointMark",
    "MentorQuestion",
    "PromptVector",
    "QuestionCalibration",
    "Regrade",
    "RegradeItem",
    "RegradeState",
    "Review",
    "ReviewMark",
    "WorkerHeartbeat",
]
