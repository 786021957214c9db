"""What a question's grading has learnt from mentors: versioned, and withdrawn rather than changed."""

from django.db import models

from grading.models.jobs import GradingJob
from people.models import User
from questionbank.models import QuestionVersion


class QuestionCalibration(models.Model):
    """The mentor-graded answers that grades of a version learn from, from created_at until it is withdrawn."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="calibrations")
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="calibration_number_unique"),
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(withdrawn_at__isnull=True), name="calibration_one_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="calibration_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Calibration {self.number}"


class CalibrationAnswer(models.Model):
    """An answer with the score (0–100) that a mentor gave it, as copied when the calibration was made."""

    calibration = models.ForeignKey(QuestionCalibration, on_delete=models.PROTECT, related_name="answers")
    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    score = models.FloatField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["calibration", "job"], name="calibration_answer_once"),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=100), name="calibration_score_0_to_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score:.0f}: {self.text[:60]}"
