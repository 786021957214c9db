"""What mentors make of a grade, and what candidates have to say to it. Reviews are only ever added."""

import uuid

from django.db import models

from grading.models.jobs import GradingJob
from people.models import User
from questionbank.models import KeyPoint, Mark, QuestionVersion


class Review(models.Model):
    """A mentor's verdict on a job: the marks and the score that are shown from then on. Only ever added.

    version is the one whose key points are marked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="reviews")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    score = models.FloatField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        get_latest_by = "created_at"
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=100), name="review_score_0_to_100"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="review_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.score:.0f} of 100"


class ReviewMark(models.Model):
    """The mentor's mark of one key point; a review has one for each."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="marks", db_index=False)
    key_point = models.ForeignKey(KeyPoint, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=16, choices=Mark)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "key_point"], name="review_mark_one_per_key_point"),
        ]

    def __str__(self) -> str:
        return f"{self.get_mark_display()}: {self.key_point}"


class AppealState(models.TextChoices):
    OPEN = "open", "Waiting for a mentor"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class Appeal(models.Model):
    """A candidate's word that a mark of the machine's is wrong, with the sentence of the answer that was meant.

    The next review of the job decides it.
    """

    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="appeals")
    key_point = models.ForeignKey(KeyPoint, on_delete=models.PROTECT, related_name="+")
    said = models.TextField(help_text="The sentence of the answer in which the candidate means to state the point.")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=AppealState, default=AppealState.OPEN)
    decided_at = models.DateTimeField(null=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, null=True, related_name="appeals")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["job", "key_point"], name="appeal_one_per_key_point"),
            models.CheckConstraint(condition=~models.Q(said=""), name="appeal_names_a_sentence"),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True, review__isnull=True)
                | models.Q(state__in=["accepted", "declined"], decided_at__isnull=False, review__isnull=False),
                name="appeal_decided_by_a_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.key_point}"

    @property
    def is_open(self) -> bool:
        return self.state == AppealState.OPEN


class MentorQuestion(models.Model):
    """What a candidate asks the mentors about an answer, and what one of them replies. It moves no mark."""

    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="mentor_questions")
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(answered_at__isnull=True), name="mentor_question_one_open_per_job"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="mentor_question_has_text"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~models.Q(answer="") & models.Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="mentor_question_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None
