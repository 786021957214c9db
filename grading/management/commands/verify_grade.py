"""manage.py verify_grade ID: compute a stored grade again and compare."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.grader import get_grader, question_learning
from grading.models import Grade
from grading.selectors.calibrations import learnt_by
from questionbank.models import QuestionVersion
from questionbank.selectors import with_parts

# Other processors and libraries round differently in the last digits.
SCORE_TOLERANCE = 0.01
SIMILARITY_TOLERANCE = 0.001


def _refuse_erased(grade: Grade) -> None:
    """Raise CommandError where a text is gone without which the grade cannot be computed again."""
    if grade.job.candidate.is_erased:
        raise CommandError("The answer's text was erased, with all that its candidate wrote. The score stays.")
    calibration = learnt_by(grade)
    if calibration and any(answer.text == "" for answer in calibration.answers.all()):
        raise CommandError("The grade learnt from an answer whose text was erased since. The score stays.")


class Command(BaseCommand):
    help = "Grade a stored answer again with this machine's engine and say whether the grade is the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="the grade's id, as its receipt shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        grade = self._grade(options["id"])
        _refuse_erased(grade)
        grader = get_grader()
        other = {name: value for name, value in grader.identity.items() if grade.receipt.get(name) != value}
        if other:
            raise CommandError(f"This grade was made by another engine: {grade.receipt}; here is {grader.identity}.")
        version = with_parts(QuestionVersion.objects.filter(pk=grade.version_id)).get()
        again = grader.grade(question_learning(version, learnt_by(grade)), grade.job.text)
        differences = [f"score {grade.score} then, {again.score * 100:.2f} now"] * (
            abs(grade.score - again.score * 100) > SCORE_TOLERANCE
        )
        now = {point.id: point for point in again.key_points}
        for mark in grade.marks.select_related("key_point"):
            point = now[mark.key_point.slug]
            if mark.mark != point.mark or abs(mark.similarity - point.similarity) > SIMILARITY_TOLERANCE:
                then = f"{mark.mark} ({mark.similarity}) then"
                differences.append(f"{mark.key_point.slug}: {then}, {point.mark} ({point.similarity}) now")
        if differences:
            raise CommandError("The grade differs: " + "; ".join(differences))
        self.stdout.write(f"Verified: {grade.score:.0f} of 100, {len(now)} marks, the same again.")

    def _grade(self, id_: str) -> Grade:
        try:
            return Grade.objects.select_related("job__candidate").get(pk=UUID(id_))
        except (ValueError, ValidationError) as error:
            raise CommandError(f"“{id_}” is not an id of a grade.") from error
        except Grade.DoesNotExist as error:
            raise CommandError(f"There is no grade {id_}.") from error
