"""What a question's grading has learnt from mentors: versioned, and withdrawn rather than changed."""

import uuid

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


class CalibrationPreview(models.Model):
    """What a calibration by these reviews would be worth: worked out by a worker, then put in force or left alone.

    reviews: the ids of the Reviews to learn from. error_before, error_after: how far on average a grade is from its
    mentor's (0–100 points), by the engine alone and with what the other answers teach; nearer: how many of the answers
    come nearer. calibration: what it became.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviews = models.JSONField()
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error_before = models.FloatField(null=True)
    error_after = models.FloatField(null=True)
    nearer = models.PositiveIntegerField(null=True)
    trouble = models.TextField(blank=True)
    calibration = models.OneToOneField(
        QuestionCalibration, on_delete=models.PROTECT, null=True, related_name="preview"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True)
                | ~models.Q(trouble="")
                | models.Q(error_before__isnull=False, error_after__isnull=False, nearer__isnull=False),
                name="calibration_preview_done_says_what",
            ),
        ]
        # Serves the sweeper: what nobody has worked out yet.
        indexes = [
            models.Index(
                fields=["rung_at"], condition=models.Q(finished_at__isnull=True), name="calibration_preview_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Preview of {len(self.reviews)} answers"

    @property
    def is_open(self) -> bool:
        """Whether a worker is still to come to it."""
        return self.finished_at is None

    @property
    def helps(self) -> bool:
        """Whether it would bring grades nearer to the mentors'."""
        return self.error_before is not None and self.error_after is not None and self.error_after < self.error_before
