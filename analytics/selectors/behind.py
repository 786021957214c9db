"""The answers behind a cell of the dashboard, down to the sentence that a mark rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from analytics.models import AnswerFact
from analytics.selectors.points import with_point
from grading.models import GradingJob, KeyPointMark
from people.models import User
from questionbank.models import Mark, QuestionVersion


@dataclass(frozen=True)
class Behind:
    """An answer behind a cell. It states so many of its points; what follows is empty but for a key point's cell.

    mark: that point's, as shown; sentence: what the grader took as its evidence; grader_mark: what the grader made of
    it, where a mentor has set another mark.
    """

    fact: AnswerFact
    stated: int
    points: int
    mark: str = ""
    sentence: str = ""
    grader_mark: str = ""


def answers_behind(
    user: User,
    facts: QuerySet[AnswerFact],
    *,
    candidate: UUID | None = None,
    question: UUID | None = None,
    version: int | None = None,
    point: str = "",
    mark: str = "",
) -> QuerySet[AnswerFact]:
    """Return those of facts that user may read and that a cell is made of, the newest first.

    candidate, question: their ids; version: its number; point: a key point's slug; mark: what is shown of that point.
    """
    # What GradingJob's visible_to says, without a look at every job.
    found: QuerySet[Any] = facts.filter(candidate__in=User.objects.candidates_visible_to(user).values("pk"))
    if point:
        found = with_point(found, point)
        found = found.filter(point_mark=mark) if mark else found
    wanted: dict[str, Any] = {
        "candidate": candidate,
        "question": question,
        "version__number": version,
    }
    asked = {name: value for name, value in wanted.items() if value is not None}
    return found.filter(**asked).order_by("-answered_at", "pk")


def marks_behind(answers: QuerySet[AnswerFact]) -> dict[str, int]:
    """Return how many of answers, those behind a key point's cell, carry each mark of it. One query."""
    counted = {mark: Count("pk", filter=Q(point_mark=mark)) for mark in Mark.values}
    return answers.order_by().aggregate(**counted)


def with_answers(facts: QuerySet[AnswerFact], point: str = "") -> QuerySet[AnswerFact]:
    """Fetch what read needs, in a fixed number of queries.

    None is joined: to sort a cohort's answers for a page of them PostgreSQL would carry all their texts.
    """
    of_point = KeyPointMark.objects.filter(key_point__slug=point)
    return facts.prefetch_related(
        "candidate",
        Prefetch("job", GradingJob.objects.select_related("grade")),
        Prefetch("job__grade__marks", of_point, to_attr="of_point"),
        Prefetch("version", QuestionVersion.objects.select_related("question__topic")),
    )


def read(facts: Iterable[AnswerFact], point: str = "") -> list[Behind]:
    """Return what a list of answers shows of facts, fetched by with_answers for the same key point ("": none)."""
    return [_of_point(fact) if point else _whole(fact) for fact in facts]


def _whole(fact: Any) -> Behind:
    return Behind(fact, fact.marks.count(Mark.STATED[0]), len(fact.marks))


def _of_point(fact: Any) -> Behind:
    whole = _whole(fact)
    machine: KeyPointMark | None = next(iter(fact.job.grade.of_point), None) if fact.job.grade else None
    sentence = fact.job.text[machine.evidence_start : machine.evidence_end] if machine and machine.evidence_end else ""
    grader_mark = machine.get_mark_display().lower() if machine and machine.mark != fact.point_mark else ""
    return Behind(fact, whole.stated, whole.points, fact.point_mark, sentence, grader_mark)
