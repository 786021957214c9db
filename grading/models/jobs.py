"""Jobs and grades. A job owns its inputs; grades are only ever added."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from people.models import User
from questionbank.models import KeyPoint, Mark, QuestionVersion


def _of_candidates_of(user: User) -> models.Q:
    return models.Q(candidate__in=User.objects.candidates_visible_to(user))


class JobState(models.TextChoices):
    PENDING = "pending", "Queued"
    RUNNING = "running", "Being graded"
    GRADED = "graded", "Graded"
    NEEDS_REVIEW = "needs_review", "Waiting for a mentor"


OPEN_STATES = (JobState.PENDING, JobState.RUNNING)


class GradingJobQuerySet(models.QuerySet["GradingJob"]):
    def visible_to(self, user: User) -> "GradingJobQuerySet":
        """Jobs of user's own answers, and of answers by candidates of cohorts they lead."""
        return self.filter(_of_candidates_of(user))


class GradingJob(models.Model):
    """One answer to be graded by one engine version. It keeps copies of all it needs: the text and the version asked.

    answer_id is the id of the interview's Answer; grading knows nothing else about interviews.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer_id = models.UUIDField(editable=False)
    # No index of its own, here and below: one of Meta's begins with it, and a million rows pay for each.
    candidate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    engine_version = models.CharField(max_length=64)

    state = models.CharField(max_length=16, choices=JobState, default=JobState.PENDING)
    # Moves with each claim; a worker that comes back late holds an old one and its grade is refused.
    fencing_token = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField(help_text="When a worker was last told of it.")
    claimed_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True, help_text="Why the latest attempt failed.")
    grade = models.OneToOneField(
        "Grade", on_delete=models.PROTECT, null=True, related_name="+", help_text="The latest one: what is shown."
    )

    objects = GradingJobQuerySet.as_manager()

    class Meta:
        constraints = [
            # Submitting twice, however it happens, makes one job.
            models.UniqueConstraint(fields=["answer_id", "engine_version"], name="job_one_per_answer_and_engine"),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_expires_at__isnull=False),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "running"], finished_at__isnull=True)
                | models.Q(state__in=["graded", "needs_review"], finished_at__isnull=False),
                name="job_finished_has_time",
            ),
        ]
        indexes = [
            # Serves the sweeper and /readyz: jobs that still wait, the oldest first.
            models.Index(
                fields=["created_at"], condition=models.Q(state__in=["pending", "running"]), name="job_open_by_age"
            ),
            # Serves the mentors' list: the newest answers of these candidates.
            models.Index(fields=["candidate", "-created_at"], name="job_by_candidate"),
            # These serve the platform page: how many there are, how long grading took lately, what went wrong lately.
            models.Index(fields=["state", "engine_version"], name="job_by_state"),
            models.Index(
                fields=["finished_at"],
                include=["created_at"],
                condition=models.Q(grade__isnull=False),
                name="job_graded_by_end",
            ),
            models.Index(fields=["rung_at"], condition=~models.Q(trouble=""), name="job_in_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether a grade is still to come without anybody's doing."""
        return self.state in OPEN_STATES

    @property
    def key(self) -> QuestionVersion:
        """The version whose key points are marked: the latest grade's, or else the one that was asked."""
        return self.grade.version if self.grade else self.version

    @property
    def code(self) -> str:
        """What stands for the candidate's name until a mentor is done with the answer: four letters or digits."""
        return self.pk.hex[:4].upper()

    @property
    def asks_mentor(self) -> bool:
        """Whether a question of the candidate's about it is open."""
        return any(question.is_open for question in self.mentor_questions.all())


class GradeQuerySet(models.QuerySet["Grade"]):
    def visible_to(self, user: User) -> "GradeQuerySet":
        """Grades of user's own answers, and of answers by candidates of cohorts they lead."""
        return self.filter(job__in=GradingJob.objects.visible_to(user))


class Grade(models.Model):
    """What the engine made of a job: written once. score 0–100; confidence 0–1. A trigger refuses changes.

    version is the one whose key points were looked for: the job's own, or a later one after a regrade.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="grades", db_index=False)
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    regrade = models.ForeignKey("Regrade", on_delete=models.PROTECT, null=True, related_name="grades")
    score = models.FloatField(validators=[MinValueValidator(0), MaxValueValidator(100)])
    confidence = models.FloatField()
    flags = models.JSONField(default=list)
    doubts = models.JSONField(default=list, help_text="Why a mentor should look at it, as the engine names it.")
    receipt = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GradeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(regrade__isnull=True), name="grade_one_first_per_job"
            ),
            models.UniqueConstraint(fields=["job", "regrade"], name="grade_one_per_job_and_regrade"),
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=100), name="grade_score_0_to_100"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="grade_confidence_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score:.0f} of 100"


class KeyPointMark(models.Model):
    """The engine's mark of one key point, with the sentence it rests on: job.text[start:end]."""

    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="marks", db_index=False)
    key_point = models.ForeignKey(KeyPoint, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=16, choices=Mark)
    similarity = models.FloatField()
    threshold = models.FloatField()
    p_stated = models.FloatField()
    p_missing = models.FloatField()
    p_contradicted = models.FloatField()
    evidence_start = models.PositiveIntegerField(null=True)
    evidence_end = models.PositiveIntegerField(null=True)
    score_with = models.FloatField(
        null=True, help_text="The score that the answer would get if it stated this key point as well."
    )

    class Meta:
        ordering = ["key_point__position"]
        constraints = [
            models.UniqueConstraint(fields=["grade", "key_point"], name="mark_one_per_key_point"),
            models.CheckConstraint(
                condition=models.Q(evidence_start__isnull=True, evidence_end__isnull=True)
                | models.Q(evidence_start__lt=models.F("evidence_end")),
                name="mark_evidence_is_a_span",
            ),
            models.CheckConstraint(
                condition=models.Q(score_with__isnull=True) | models.Q(score_with__gte=0, score_with__lte=100),
                name="mark_score_with_0_to_100",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mark_display()}: {self.key_point}"


class WorkerHeartbeat(models.Model):
    """A worker process that has the model loaded. /readyz asks whether one was seen lately.

    identity: all that must be equal for two grades to be comparable, for processes that do not load the model.
    """

    name = models.CharField(max_length=200, primary_key=True)
    engine_version = models.CharField(max_length=64)
    encoder = models.CharField(max_length=120)
    identity = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
