"""Reads of what a question's grading learns from mentors."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from grading.models import Grade, QuestionCalibration, Review
from questionbank.models import QuestionVersion

FEWEST_ANSWERS = 5
"""Fewer marked answers teach next to nothing (docs/decisions/0006-learning-from-mentors.md)."""

MOST_ANSWERS = 30
"""Each worker reads them once before it uses them: more would cost a candidate seconds, and gain little."""

WORTH_ANOTHER = 5
"""From so many answers marked since, a new preview is suggested."""


def in_force(version: QuestionVersion) -> QuestionCalibration | None:
    """Return the calibration by which new grades of version are made, with its answers; None without one."""
    found = QuestionCalibration.objects.filter(version=version, withdrawn_at=None)
    return found.prefetch_related("answers").first()


def learnt_by(grade: Grade) -> QuestionCalibration | None:
    """Return the calibration that grade learnt from by its receipt, in force still or not; None where from none."""
    number = grade.receipt.get("question_calibration")
    if number is None:
        return None
    return QuestionCalibration.objects.prefetch_related("answers").get(version=grade.version_id, number=number)


def marked_answers(versions: Collection[QuestionVersion]) -> QuerySet[Review]:
    """Return the reviews that grades of versions can learn from: each answer's latest one, the newest first.

    Empty answers teach nothing, and guests are gone after a week.
    """
    later = Review.objects.filter(job=OuterRef("job"), created_at__gt=OuterRef("created_at"))
    return (
        Review.objects.filter(~Exists(later), version__in=versions, job__candidate__is_guest=False)
        .exclude(job__text="")
        .select_related("job")
        .order_by("-created_at", "pk")
    )


@dataclass(frozen=True)
class Standing:
    """How far mentors have taught one version: answers marked, the calibration in force, and those marked since.

    learnt: from how many answers the calibration in force has learnt; past: calibrations withdrawn.
    """

    version: QuestionVersion
    marked: int
    in_force: QuestionCalibration | None
    learnt: int
    since: int
    past: list[QuestionCalibration]

    @property
    def may_learn(self) -> bool:
        return self.marked >= FEWEST_ANSWERS

    @property
    def is_worth_another(self) -> bool:
        """Whether so much was marked since the last calibration that another one is worth a look."""
        return self.may_learn and self.since >= (WORTH_ANOTHER if self.in_force else FEWEST_ANSWERS)


def standings(questions: Collection[UUID]) -> dict[UUID, list[Standing]]:
    """Return where the versions of questions stand that mentors have marked answers to, by question, newest first."""
    versions = list(QuestionVersion.objects.filter(question__in=questions).order_by("-number"))
    calibrations: dict[UUID, list[Any]] = defaultdict(list)
    made = QuestionCalibration.objects.filter(version__in=versions).annotate(learnt=Count("answers"))
    for calibration in made.select_related("created_by", "withdrawn_by"):
        calibrations[calibration.version_id].append(calibration)
    marked: dict[UUID, list[datetime]] = defaultdict(list)
    for of, at in marked_answers(versions).values_list("version", "created_at"):
        marked[of].append(at)
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for version in versions:
        if marked[version.pk] or calibrations[version.pk]:
            found[version.question_id].append(_standing(version, marked[version.pk], calibrations[version.pk]))
    return found


def _standing(version: QuestionVersion, marked: list[datetime], calibrations: list[Any]) -> Standing:
    used = next((calibration for calibration in calibrations if calibration.withdrawn_at is None), None)
    return Standing(
        version=version,
        marked=len(marked),
        in_force=used,
        learnt=used.learnt if used else 0,
        since=sum(at > used.created_at for at in marked) if used else len(marked),
        past=[calibration for calibration in calibrations if calibration != used],
    )
