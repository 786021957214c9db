"""The bench: a question's text on trial, before candidates meet it."""

import uuid

from django.db import models
from pgvector.django import VectorField

from people.models import User
from questionbank.models import QuestionVersion

# The length of the encoder's vectors (all-MiniLM-L6-v2).
VECTOR_LENGTH = 384


class BenchPurpose(models.TextChoices):
    ANSWER = "answer", "One answer"
    EXEMPLARS = "exemplars", "All exemplars"
    LINT = "lint", "The linter"


class BenchState(models.TextChoices):
    PENDING = "pending", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class BenchRun(models.Model):
    """One trial of a content, in the pack format's form: an answer graded, the exemplars graded, or the linter.

    text: the answer; for the linter the id of the question that is written, which is like itself ("": a new one).
    result: what came of it, as JSON, while it is pending as far as it is; grader: the identity of the engine that did
    it; attempts: how often a worker has begun since it last got further. Kept for a while, then deleted; a version's
    latest run of the exemplars by each grader stays, since publishing and check_bench ask for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=16, choices=BenchPurpose)
    requested_by = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=BenchState, default=BenchState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(null=True)
    grader = models.JSONField(null=True)
    trouble = models.TextField(blank=True)
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(result__isnull=False), name="bench_done_has_result"
            ),
        ]
        # Serves publishing: has this very content passed?
        indexes = [models.Index(fields=["content_hash", "purpose", "-created_at"], name="bench_by_content")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.get_state_display()}"

    @property
    def is_pending(self) -> bool:
        return self.state == BenchState.PENDING

    @property
    def is_done(self) -> bool:
        return self.state == BenchState.DONE


class PromptVector(models.Model):
    """A version's title and prompt as the encoder's vector of length 1, for finding near equals.

    encoder and content_hash say what it was made by and of: a draft changes, and so may the encoder.
    """

    version = models.OneToOneField(QuestionVersion, on_delete=models.CASCADE, related_name="+")
    encoder = models.CharField(max_length=120)
    content_hash = models.CharField(max_length=64)
    vector = VectorField(dimensions=VECTOR_LENGTH)

    def __str__(self) -> str:
        return str(self.version)
