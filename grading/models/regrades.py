"""Grading past answers again with a key that was mended: previewed first, then applied or cancelled."""

import uuid

from django.db import models

from grading.models.jobs import GradingJob
from grading.models.reviews import Appeal
from people.models import User
from questionbank.models import Question, QuestionVersion


class RegradeState(models.TextChoices):
    PREVIEWING = "previewing", "Being previewed"
    PREVIEWED = "previewed", "Previewed"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    CANCELLED = "cancelled", "Cancelled"


class Regrade(models.Model):
    """All past answers to a question, graded with version as its content_hash was at the preview.

    reason is what candidates whose score moves are told. appeal: the accepted appeal that it came of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="regrades")
    # A preview goes with the draft that it is about, when a mentor discards that. No other version is ever deleted.
    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="regrades")
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=RegradeState, default=RegradeState.PREVIEWING)
    reason = models.TextField(blank=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, null=True, related_name="+")
    trouble = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"],
                condition=models.Q(state__in=["previewing", "previewed", "applying"]),
                name="regrade_one_open_per_question",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["previewing", "previewed", "cancelled"]) | ~models.Q(reason=""),
                name="regrade_applied_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.version}"


class RegradeItem(models.Model):
    """One past answer in a regrade: the score shown before and the one that the new key gives (0–100).

    result: the engine's grade as JSON, None until the worker has come to it, or what went wrong under "trouble";
    is_kept: a mentor's marks stand and stay; is_done: once it is applied, that there is nothing left to write.
    """

    regrade = models.ForeignKey(Regrade, on_delete=models.CASCADE, related_name="items")
    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="+")
    old_score = models.FloatField(null=True)
    new_score = models.FloatField(null=True)
    result = models.JSONField(null=True)
    is_kept = models.BooleanField(default=False)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["regrade", "job"], name="regrade_item_once"),
        ]
        # Serves the worker: what is still to do.
        indexes = [
            models.Index(fields=["regrade"], condition=models.Q(result__isnull=True), name="regrade_item_to_preview"),
            models.Index(fields=["regrade"], condition=models.Q(is_done=False), name="regrade_item_to_apply"),
        ]

    def __str__(self) -> str:
        return f"{self.old_score} to {self.new_score}"
