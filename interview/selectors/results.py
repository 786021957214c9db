"""Reads of interviews and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet, Subquery

from grading.models import OPEN_STATES, GradingJob, JobState, Review
from grading.selectors.grades import ShownGrade, shown_grade, shown_score, with_results
from interview.models import Answer, Interview, InterviewQuestion
from interview.selectors.tries import SinceLastTry, since_last_tries
from people.models import User
from questionbank.models import Mark


@dataclass(frozen=True)
class QuestionResult:
    """A question of a finished (or practised) interview. shown is None while it is graded or was not answered.

    since is None where it is the candidate's first answer to the question.
    """

    asked: InterviewQuestion
    job: GradingJob | None
    shown: ShownGrade | None
    since: SinceLastTry | None = None

    @property
    def is_waiting(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def needs_mentor(self) -> bool:
        return self.shown is None and self.job is not None and self.job.state == JobState.NEEDS_REVIEW


@dataclass(frozen=True)
class InterviewResult:
    """An interview's results, question by question. score is the mean of the graded ones, None before the first."""

    interview: Interview
    questions: list[QuestionResult]

    @property
    def graded(self) -> list[QuestionResult]:
        return [question for question in self.questions if question.shown]

    @property
    def provisional(self) -> list[QuestionResult]:
        """The graded answers whose score a mentor has yet to look at."""
        return [question for question in self.graded if question.shown and question.shown.is_provisional]

    @property
    def has_mentor(self) -> bool:
        """Whether somebody can look at what is provisional."""
        return any(question.shown.has_mentor for question in self.graded if question.shown)

    @property
    def weakest(self) -> QuestionResult | None:
        """The answer with the lowest score of those that left something unsaid; None where nothing was."""
        short = [(shown.score, one) for one in self.questions if (shown := one.shown) and _is_short(shown)]
        return min(short, key=lambda pair: pair[0])[1] if short else None

    @property
    def is_complete(self) -> bool:
        return not any(question.is_waiting for question in self.questions)

    @property
    def score(self) -> float | None:
        return fmean(question.shown.score for question in self.graded if question.shown) if self.graded else None

    @property
    def by_topic(self) -> list[tuple[str, float, int]]:
        """(topic, mean score, number of answers) in the order asked."""
        scores: dict[str, list[float]] = {}
        for question in self.graded:
            if question.shown:
                scores.setdefault(question.asked.section, []).append(question.shown.score)
        return [(topic, fmean(found), len(found)) for topic, found in scores.items()]


def _is_short(shown: ShownGrade) -> bool:
    return any(mark.mark != Mark.STATED for mark in shown.marks)


def questions_of(interview: Interview) -> QuerySet[InterviewQuestion]:
    """Return the interview's questions with what is written to each."""
    return interview.questions.select_related("version__question__topic", "draft", "answer__job")


def result_of(interview: Interview) -> InterviewResult:
    """Return the interview's results in a fixed number of queries."""
    questions = list(questions_of(interview))
    ids = [asked.answer.job_id for asked in questions if asked.is_submitted]
    jobs = {job.pk: job for job in with_results(GradingJob.objects.filter(pk__in=ids))}
    return InterviewResult(interview, _compared([_question_result(asked, jobs) for asked in questions]))


def result_of_question(asked: InterviewQuestion) -> QuestionResult:
    """Return one question's result."""
    ids = [asked.answer.job_id] if asked.is_submitted else []
    jobs = {job.pk: job for job in with_results(GradingJob.objects.filter(pk__in=ids))}
    return _compared([_question_result(asked, jobs)])[0]


def _compared(results: list[QuestionResult]) -> list[QuestionResult]:
    """Add how each answer compares with the one before to its question."""
    since = since_last_tries([(result.asked, result.shown) for result in results if result.shown])
    return [replace(result, since=since.get(result.asked.pk)) for result in results]


def _question_result(asked: InterviewQuestion, jobs: Mapping[UUID, GradingJob]) -> QuestionResult:
    job = jobs.get(asked.answer.job_id) if asked.is_submitted else None
    return QuestionResult(asked, job, shown_grade(job) if job else None)


def history_of(user: User) -> QuerySet[Interview]:
    """Return user's interviews, the newest first.

    Each has question_count, answer_count, waiting_count (answers without a grade yet), provisional_count (answers
    whose grade the machine doubts and no mentor has looked at) and mean_score (0–100 or None).
    """
    return (
        Interview.objects.visible_to(user)
        .select_related("track", "assignment__cohort")
        .annotate(
            question_count=Count("questions"),
            answer_count=Count("questions__answer"),
            waiting_count=Count("questions__answer", filter=Q(questions__answer__job__state__in=OPEN_STATES)),
            provisional_count=Count("questions__answer", filter=_provisional()),
            mean_score=Subquery(_mean_score_of_interview()),
        )
        .order_by("-started_at")
    )


def _provisional() -> Q:
    """Graded answers that wait for a mentor: what the machine doubts and nobody has looked at."""
    return Q(
        ~Exists(Review.objects.filter(job=OuterRef("questions__answer__job"))),
        questions__answer__job__state=JobState.NEEDS_REVIEW,
        questions__answer__job__grade__isnull=False,
    )


def _mean_score_of_interview() -> QuerySet[Any, Any]:
    return (
        Answer.objects.filter(question__interview=OuterRef("pk"))
        .annotate(shown_score=shown_score("job", "job__grade"))
        .order_by()
        .values("question__interview")
        .annotate(mean=Avg("shown_score"))
        .values("mean")
    )


def running_interview(user: User) -> Interview | None:
    """Return the interview that user can go on with, the newest one."""
    return history_of(user).filter(finished_at=None).first()
