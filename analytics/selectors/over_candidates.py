"""Means over candidates: PostgreSQL takes each candidate's own mean, and then the mean of those."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Avg, Count, QuerySet

from analytics.estimates import Estimate
from analytics.models import AnswerFact


def over_candidates(facts: QuerySet[AnswerFact], *groups: str) -> dict[tuple[Any, ...], Estimate]:
    """Return the estimate of each group of facts, by what they hold under these names; without any, of all under ().

    A group without answers is left out. One query: the ORM cannot group what it has grouped, so its own is the inner.
    """
    people = (
        facts.order_by()
        .values(*groups, "candidate_id")
        .annotate(person_mean=Avg("score"), person_answers=Count("pk"))
        .values_list(*groups, "person_mean", "person_answers")
    )
    try:
        inner, parameters = people.query.sql_with_params()
    except EmptyResultSet:  # Django sees that nothing can fit, such as one of no versions
        return {}
    keys = [f"group_{number}" for number in range(len(groups))]
    outer = ", ".join([*keys, "avg(mean)", "stddev_samp(mean)", "count(*)", "sum(answers)"])
    by = f"GROUP BY {', '.join(keys)}" if keys else "HAVING count(*) > 0"
    statement = f"SELECT {outer} FROM ({inner}) AS person ({', '.join([*keys, 'mean', 'answers'])}) {by}"  # noqa: S608 (the ORM's own SQL, and names made here)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {tuple(row[:-4]): _estimate(*row[-4:]) for row in cursor.fetchall()}


def _estimate(mean: float, deviation: float | None, n: int, answers: Any) -> Estimate:
    return Estimate(mean, deviation, n, int(answers))
