"""Cohorts side by side, and a track before and after its questions changed.

Both rest on first attempts, and on candidates rather than answers (analytics/estimates.py says why).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from analytics.estimates import Difference, Estimate, difference
from analytics.models import AnswerFact
from analytics.selectors.heatmaps import FIRST_LEVEL
from analytics.selectors.over_candidates import over_candidates
from people.models import Cohort, Membership, Role
from questionbank.models import QuestionVersion, Topic


def facts_of_any(cohorts: Collection[Cohort]) -> QuerySet[AnswerFact]:
    """Return the graded answers of the candidates of any of cohorts."""
    members = Membership.objects.filter(cohort__in=cohorts, role=Role.CANDIDATE, user__is_active=True)
    return AnswerFact.objects.filter(candidate__in=members.values("user"))


def facts_by_cohort(cohorts: Collection[Cohort]) -> QuerySet[Any]:
    """Return the same, annotated with cohort_id: those of a candidate of two cohorts once for each."""
    return AnswerFact.objects.filter(
        candidate__memberships__cohort__in=cohorts,
        candidate__memberships__role=Role.CANDIDATE,
        candidate__is_active=True,
    ).annotate(cohort_id=F("candidate__memberships__cohort_id"))


@dataclass(frozen=True)
class TopicRow:
    """A topic of the first level (None: all of them) with the estimate of each cohort, None where nobody answered."""

    topic: Topic | None
    cohorts: Sequence[Cohort]
    cells: list[Estimate | None]

    @property
    def by_cohort(self) -> list[tuple[Estimate | None, Cohort]]:
        return list(zip(self.cells, self.cohorts, strict=True))


@dataclass(frozen=True)
class CohortComparison:
    """The rows of all topics and of each, in the order of cohorts."""

    cohorts: Sequence[Cohort]
    overall: TopicRow
    topics: list[TopicRow]

    @property
    def is_empty(self) -> bool:
        return not self.topics

    @cached_property
    def differences(self) -> list[tuple[Cohort, Difference]]:
        """How far the first cohort lies above each other one over all topics, where both have two candidates."""
        first, *others = self.overall.cells
        pairs = zip(self.cohorts[1:], others, strict=True)
        found = [(cohort, difference(other, first)) for cohort, other in pairs if first and other]
        return [(cohort, apart) for cohort, apart in found if apart]


def by_cohort(cohorts: Sequence[Cohort], facts: QuerySet[Any]) -> CohortComparison:
    """Return the means of cohorts by topic. facts: those of facts_by_cohort(cohorts), narrowed. Three queries."""
    cells = over_candidates(facts.annotate(first_level=FIRST_LEVEL), "cohort_id", "first_level")
    whole = over_candidates(facts, "cohort_id")
    topics = Topic.objects.filter(pk__in={topic for _, topic in cells})
    return CohortComparison(
        cohorts,
        TopicRow(None, cohorts, [whole.get((cohort.pk,)) for cohort in cohorts]),
        [TopicRow(topic, cohorts, [cells.get((cohort.pk, topic.pk)) for cohort in cohorts]) for topic in topics],
    )


@dataclass(frozen=True)
class Pair:
    """What candidates scored before and after a change."""

    before: Estimate
    after: Estimate

    @property
    def difference(self) -> Difference | None:
        return difference(self.before, self.after)


@dataclass(frozen=True)
class QuestionPair:
    """A question before and after: two of its versions, or the same one where it did not change."""

    earlier: QuestionVersion
    later: QuestionVersion
    pair: Pair

    @property
    def is_changed(self) -> bool:
        return self.earlier != self.later


@dataclass(frozen=True)
class VersionComparison:
    """A track before and after one of the days on which questions of it changed.

    days: all of them with answers on both sides, the newest first; changed, unchanged: the questions that can be
    compared; whole_changed, whole_unchanged: the candidates' means over them; one_sided: how many other questions were
    answered on one side alone.
    """

    days: list[date]
    day: date | None
    changed: list[QuestionPair]
    unchanged: list[QuestionPair]
    whole_changed: Pair | None
    whole_unchanged: Pair | None
    one_sided: int


NOTHING = VersionComparison([], None, [], [], None, None, 0)


def by_version(facts: QuerySet[AnswerFact], day: date | None) -> VersionComparison:
    """Compare the questions of facts (first attempts in one track) before and after day, or else the latest change.

    A track has no version of its own: it changes when the questions it draws do. So a changed question is compared
    by its versions: the last one answered before those published on day, and the last one published on it. One that
    did not change that day is compared with itself, by its answers before and since: it tells whether the candidates
    changed rather than the questions. Days are those of the current time zone. At most five queries.
    """
    means = over_candidates(facts, "version_id")
    versions = QuestionVersion.objects.filter(pk__in=[pk for (pk,) in means]).order_by("question_id", "number")
    answered: dict[UUID, list[QuestionVersion]] = defaultdict(list)
    for version in versions:
        answered[version.question_id].append(version)
    days = sorted({_day(v) for each in answered.values() for v in each[1:]}, reverse=True)
    if not days:
        return NOTHING
    chosen = day if day in days else days[0]
    turned = [pair for each in answered.values() if (pair := _turned(each, chosen))]
    changed = [
        QuestionPair(earlier, later, Pair(means[(earlier.pk,)], means[(later.pk,)])) for earlier, later in turned
    ]
    touched = {earlier.question_id for earlier, _ in turned}
    others = [v for question, each in answered.items() if question not in touched for v in each]
    same = facts.filter(version__in=others).annotate(is_after=Q(answered_at__gte=_midnight(chosen)))
    sides = over_candidates(same, "version_id", "is_after")
    unchanged = [
        QuestionPair(v, v, Pair(sides[v.pk, False], sides[v.pk, True]))
        for v in others
        if (v.pk, False) in sides and (v.pk, True) in sides
    ]
    compared = {pair.earlier.question_id for pair in [*changed, *unchanged]}
    both = facts.filter(version__in=[v for pair in turned for v in pair])
    return VersionComparison(
        days=days,
        day=chosen,
        changed=sorted(changed, key=lambda pair: pair.later.title),
        unchanged=sorted(unchanged, key=lambda pair: pair.later.title),
        whole_changed=_whole(both.annotate(is_after=Q(version__in=[later for _, later in turned]))),
        whole_unchanged=_whole(same.filter(version__in=[pair.later for pair in unchanged])),
        one_sided=len(answered.keys() - compared),
    )


def _day(version: QuestionVersion) -> date:
    return timezone.localtime(version.published_at).date()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _turned(answered: list[QuestionVersion], day: date) -> tuple[QuestionVersion, QuestionVersion] | None:
    """Return the versions of a question (those answered, in order) before and after day, if it changed then."""
    new = [version for version in answered[1:] if _day(version) == day]
    if not new:
        return None
    return answered[answered.index(new[0]) - 1], new[-1]


def _whole(facts: QuerySet[Any]) -> Pair | None:
    sides = over_candidates(facts, "is_after")
    return Pair(sides[False,], sides[True,]) if len(sides) == 2 else None
