"""What an answer would score if it made one point more: told by grading it again with the point's own words."""

from grading.engine import Grader, GradeResult, KeyPointResult, Question
from grading.engine.guards import ZEROING

# Each point costs the time of one more grade: a busy worker must be done with an answer of so many characters long
# before its time limit.
LONGEST_ANSWER = 3000


def scores_with_points(grader: Grader, question: Question, answer: str, result: GradeResult) -> dict[str, float]:
    """Return, by the id of each key point that is not stated, the score (0..1) of the answer with its claim in it.

    A sentence that contradicts the point gives way to the claim; else the claim comes last. Of the new grade this
    point's credit alone counts: that the claim's words bring other points nearer is not the candidate's doing. Empty
    for a very long answer, and where a guard ended the grading: such an answer must become another one first.
    result: what grader made of answer.
    """
    if ZEROING.intersection(result.flags) or len(answer) > LONGEST_ANSWER:
        return {}
    points = {point.id: point for point in question.key_points}
    lacking = [point for point in result.key_points if point.mark != "stated"]
    grades = grader.grade_many([(question, _stating(points[point.id].claim, answer, point)) for point in lacking])
    total = sum(point.weight for point in question.key_points)
    scores: dict[str, float] = {}
    for point, grade in zip(lacking, grades, strict=True):
        (with_it,) = (found for found in grade.key_points if found.id == point.id)
        gained = (with_it.credit - point.credit) * points[point.id].weight / total
        scores[point.id] = min(1.0, max(0.0, result.score + gained))
    return scores


def _stating(claim: str, answer: str, point: KeyPointResult) -> str:
    """Return the answer with claim in it. A line of its own keeps it a sentence of its own."""
    if point.mark == "contradicted" and point.evidence:
        return f"{answer[: point.evidence.start]}\n{claim}\n{answer[point.evidence.end :]}"
    return f"{answer}\n{claim}"
