"""A candidate's interviews. Questions are pinned when it starts; a submitted answer never changes."""

import math
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models

from grading.models import GradingJob
from people.models import Cohort, User
from questionbank.models import Mark, Question, QuestionVersion, Track


class Mode(models.TextChoices):
    PRACTICE = "practice", "Practice"
    MOCK = "mock", "Mock interview"


def extended(minutes: int, factor: Decimal) -> int:
    """Return a time limit with extra time, in whole minutes; what is begun counts for the candidate."""
    return math.ceil(minutes * factor)


def word_target(minutes: int) -> tuple[int, int]:
    """Return how many words to aim for in so many minutes, in tens: (least, most).

    15 to 30 words a minute leave time to think, and to read it again. Of the shipped pack's reference answers, with 22
    words a minute in the middle, 19 in 20 lie within: who states every key point needs no more.
    """
    return minutes * 15 // 10 * 10, math.ceil(minutes * 30 / 10) * 10


class Assignment(models.Model):
    """A track that a cohort's candidates are to take: from when, until when, and how often they may try."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="assignments")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=16, choices=Mode)
    note = models.TextField(blank=True, max_length=2000, help_text="What candidates should know.")
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Finished later counts as late.")
    closes_at = models.DateTimeField(help_text="Nobody can start from then on.")
    attempts = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How often at most; empty: no limit.")
    reminds = models.BooleanField("send reminders", default=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("due_at"), due_at__lte=models.F("closes_at")),
                name="assignment_opens_is_due_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(attempts__isnull=True) | models.Q(attempts__gte=1), name="assignment_has_an_attempt"
            ),
            models.CheckConstraint(condition=models.Q(mode__in=Mode), name="assignment_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.track} for {self.cohort}"


class ReminderKind(models.TextChoices):
    OPENED = "opened", "It is open"
    DUE_SOON = "due soon", "It is due soon"
    OVERDUE = "overdue", "It is overdue"


class Reminder(models.Model):
    """A mail to a candidate on an assignment. The row is the promise; sent_at says that it was kept."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="sent_reminders")
    candidate = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=ReminderKind)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "candidate", "kind"], name="reminder_once_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.assignment_id} to {self.candidate_id}"


class InterviewQuerySet(models.QuerySet["Interview"]):
    def visible_to(self, user: User) -> "InterviewQuerySet":
        """user's own interviews. Mentors and admins read answers through their grading jobs."""
        return self.filter(candidate=user)


class Interview(models.Model):
    """One run through a track. Its state follows from its times: running until finished_at is set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: one of Meta's begins with it. So with a question's interview.
    candidate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="interviews", db_index=False)
    # None where the questions were chosen for this candidate: a second try, or what the practice plan has due.
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="+", null=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="interviews", null=True)
    title = models.CharField(max_length=120)
    mode = models.CharField(max_length=16, choices=Mode)
    started_at = models.DateTimeField()
    # The time limit before extra time. A practice interview has no deadline, nor has one of a person who needs none.
    minutes = models.PositiveSmallIntegerField()
    extra_time_factor = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    untimed = models.BooleanField(default=False)
    deadline_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # When the candidate was told that every answer is graded.
    announced_at = models.DateTimeField(null=True)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode="mock", untimed=False, deadline_at__isnull=False)
                | models.Q(mode="mock", untimed=True, deadline_at__isnull=True)
                | models.Q(mode="practice", deadline_at__isnull=True),
                name="interview_timed_mock_has_deadline",
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True) | models.Q(finished_at__gte=models.F("started_at")),
                name="interview_finishes_after_start",
            ),
        ]
        indexes = [
            # Serves history and the home page.
            models.Index(fields=["candidate", "-started_at"], name="interview_by_candidate"),
            # Serves the sweeper that closes overdue mocks.
            models.Index(
                fields=["deadline_at"], condition=models.Q(finished_at__isnull=True), name="interview_running_deadline"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.get_mode_display().lower()}"

    @property
    def is_mock(self) -> bool:
        return self.mode == Mode.MOCK

    @property
    def is_running(self) -> bool:
        return self.finished_at is None

    @property
    def is_late(self) -> bool:
        """Whether it was assigned, and finished after the due date."""
        return bool(self.assignment and self.finished_at and self.finished_at > self.assignment.due_at)

    @property
    def extended_minutes(self) -> int:
        """The time limit with extra time."""
        return extended(self.minutes, self.extra_time_factor)

    def remaining_ms(self, now: datetime) -> int | None:
        """Milliseconds left at now, never below zero; None without a deadline."""
        if self.deadline_at is None:
            return None
        return max(self.deadline_at - now, timedelta()) // timedelta(milliseconds=1)


class InterviewQuestion(models.Model):
    """A question as asked in an interview: the version is pinned."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="questions", db_index=False)
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=120)
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    flagged = models.BooleanField(default=False)
    # What reached the server after the end and its grace: kept and shown, never graded.
    late_text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "position"], name="asked_position_unique"),
            models.UniqueConstraint(fields=["interview", "version"], name="asked_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.version.title}"

    @property
    def is_submitted(self) -> bool:
        return hasattr(self, "answer")

    @property
    def is_answered(self) -> bool:
        """Whether something is submitted or written; blanks are nothing."""
        return self.is_submitted or bool(self.text.strip())

    @property
    def word_target(self) -> tuple[int, int]:
        """The fewest and the most words to aim for."""
        return word_target(self.version.minutes)

    @property
    def text(self) -> str:
        """What the candidate has written so far: the answer, else the draft, else nothing."""
        if self.is_submitted:
            return self.answer.text
        return self.draft.text if hasattr(self, "draft") else ""

    @property
    def revision(self) -> int:
        """The draft's revision, 0 before the first save."""
        return self.draft.revision if hasattr(self, "draft") else 0


class Draft(models.Model):
    """What is typed but not submitted. Each save names the revision it is based on, so that two tabs meet."""

    question = models.OneToOneField(InterviewQuestion, on_delete=models.CASCADE, related_name="draft")
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Answer(models.Model):
    """A submitted text. A trigger refuses changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.OneToOneField(InterviewQuestion, on_delete=models.CASCADE, related_name="answer")
    text = models.TextField(blank=True)
    submitted_at = models.DateTimeField()
    # The client's name for this act: sent again with the same text, it is the same submission.
    idempotency_key = models.UUIDField(unique=True)
    job = models.OneToOneField(GradingJob, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]


class PracticePlan(models.Model):
    """What a candidate prepares for: the track, the day of the real interview, and how long to practise a day."""

    candidate = models.OneToOneField(User, on_delete=models.CASCADE, related_name="plan")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="+", null=True)
    interview_on = models.DateField(null=True)
    minutes_a_day = models.PositiveSmallIntegerField(default=10)

    def __str__(self) -> str:
        return f"{self.candidate}: {self.track}"


class PointToRecall(models.Model):
    """A key point that a candidate has missed, scheduled to come again (FSRS).

    A key point is known by its question and slug: it stays the same point in later versions of the question.
    """

    candidate = models.ForeignKey(User, on_delete=models.CASCADE, related_name="points_to_recall")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=64)
    card = models.JSONField()  # fsrs.Card.to_dict()
    due_at = models.DateTimeField()
    # The mark it got last, and the grading job that gave it: a job counts once, however often it is announced.
    mark = models.CharField(max_length=16, choices=Mark)
    job = models.ForeignKey(GradingJob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "question", "slug"], name="point_to_recall_once"),
        ]
        indexes = [
            # Serves today's practice.
            models.Index(fields=["candidate", "due_at"], name="points_to_recall_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.slug}"
