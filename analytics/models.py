"""What the dashboards are computed from: one row for each graded answer.

All of it follows from the tables of grading and interview (services/facts.py says how); nothing else writes it, and it
can be thrown away and made again at any time. Only the answer itself is referred to with a constraint: what is copied
from it beside costs no check for each of a million rows, and locks nobody's person while it is written.
"""

from django.db import models

from grading.models import GradingJob
from interview.models import Assignment, Interview, Mode
from people.models import User
from questionbank.models import Question, QuestionVersion, Track


class AnswerFact(models.Model):
    """A graded answer, with the score that is shown."""

    job = models.OneToOneField(GradingJob, on_delete=models.CASCADE, primary_key=True, related_name="+")
    candidate = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="+", null=True, db_constraint=False
    )
    track = models.ForeignKey(
        Track, on_delete=models.CASCADE, related_name="+", null=True, db_index=False, db_constraint=False
    )
    mode = models.CharField(max_length=16, choices=Mode)
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        QuestionVersion, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    attempt = models.PositiveIntegerField(help_text="1 for the candidate's first answer to the question, and so on.")
    answered_at = models.DateTimeField()
    score = models.FloatField(help_text="0–100: the latest review's, else the machine's.")
    is_by_mentor = models.BooleanField()
    is_empty = models.BooleanField()
    seconds = models.FloatField(null=True, help_text="Time on task, where practice tells it.")
    key = models.ForeignKey(
        QuestionVersion,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="The version whose key points are marked: after a regrade a later one than was asked.",
    )
    # Not a row for each of some six key points: these are added up by the thousand.
    marks = models.CharField(max_length=64, help_text="The first letter of each key point's mark, by position.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=100), name="fact_score_0_to_100"),
            models.CheckConstraint(condition=models.Q(attempt__gte=1), name="fact_attempt_from_1"),
        ]
        indexes = [
            # Serves every figure of a cohort, and holds what most of them ask: facts of one candidate lie far apart.
            models.Index(
                fields=["candidate", "answered_at"],
                include=["job", "attempt", "score", "seconds", "is_empty", "question", "key", "marks"],
                name="fact_by_candidate",
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.score:.0f}"


class StaleAnswer(models.Model):
    """A job whose facts are to be written anew: triggers of the database say so, whoever has changed it."""

    job = models.OneToOneField(GradingJob, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job_id} since {self.since:%Y-%m-%d %H:%M:%S}"
