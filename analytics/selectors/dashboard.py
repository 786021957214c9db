"""What each part of a cohort's dashboard shows, put together once: its page, its export and the API all read this."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from analytics import at_risk
from analytics.estimates import Estimate
from analytics.filters import Attempts, Filters, candidates_of, facts_of, narrow
from analytics.selectors import candidates as of_candidates
from analytics.selectors import comparisons, heatmaps
from analytics.selectors import overview as selectors
from analytics.selectors import progress as of_progress
from analytics.selectors.over_candidates import over_candidates
from interview.selectors.assignments import standings_of
from people.models import Cohort, User


@dataclass(frozen=True)
class Overview:
    """How a cohort does, at a glance. people: its candidates; rows: a row for each; columns: its assignments.

    at_work: how many have done something in the last days (at_risk.INACTIVE_FOR). Without graded answers that the
    filter lets through, overall, distribution and time are None and weeks is empty.
    """

    people: list[User]
    at_work: int
    at_risk: list[of_candidates.AtRisk]
    columns: list[of_progress.Column]
    overall: Estimate | None
    distribution: selectors.Distribution | None
    weeks: list[selectors.Week]
    time: selectors.TimeOnTask | None
    rows: list[of_candidates.CandidateRow]

    @property
    def candidates(self) -> int:
        return len(self.people)


def overview(cohort: Cohort, filters: Filters, now: datetime) -> Overview:
    """Return the overview of cohort at now, in a fixed number of queries."""
    people = list(candidates_of(cohort))
    active = of_candidates.last_active(cohort)
    standings = standings_of(cohort, now)
    facts = facts_of(cohort, filters)
    return Overview(
        people=people,
        at_work=sum(now - at < at_risk.INACTIVE_FOR for at in active.values()),
        at_risk=of_candidates.at_risk_list(cohort, people, active=active, standings=standings, now=now),
        columns=of_progress.by_assignment(people, standings, active).columns,
        overall=over_candidates(facts).get(()),
        distribution=selectors.distribution(facts),
        weeks=selectors.trend(facts, filters=filters, now=now),
        time=selectors.time_on_task(facts),
        rows=of_candidates.candidate_rows(people, facts, active),
    )


def candidate_table(cohort: Cohort, filters: Filters) -> list[of_candidates.CandidateRow]:
    """Return the overview's row of each candidate, by name, without the rest of it."""
    active = of_candidates.last_active(cohort)
    return of_candidates.candidate_rows(candidates_of(cohort), facts_of(cohort, filters), active)


def progress(people: list[User], cohort: Cohort, now: datetime, *, by_track: bool = False) -> of_progress.Progress:
    """Return people, the candidates of cohort, by its assignments, or else by the tracks that they have begun."""
    active = of_candidates.last_active(cohort)
    if by_track:
        return of_progress.by_track(cohort, people, active)
    return of_progress.by_assignment(people, standings_of(cohort, now), active)


def topics(cohort: Cohort, filters: Filters, *, sort: str = "name") -> heatmaps.TopicMap:
    """Return the map of all candidates by topic; sort as heatmaps.topic_map has it."""
    return heatmaps.topic_map(candidates_of(cohort), facts_of(cohort, filters), sort=sort)


def points(cohort: Cohort, filters: Filters) -> list[heatmaps.PointRow]:
    """Return the key points, which heatmaps.name_points can name; first attempts alone, whatever filters say."""
    return heatmaps.point_map(facts_of(cohort, replace(filters, attempts=Attempts.FIRST)))


@dataclass(frozen=True)
class Comparison:
    """Cohorts by topic; and, where the filter names a track, that track before and after its questions changed."""

    cohorts: comparisons.CohortComparison
    versions: comparisons.VersionComparison | None


def comparison(cohorts: list[Cohort], filters: Filters, day: date | None) -> Comparison:
    """Compare cohorts by first attempts; day: of a change of the questions, None for the latest."""
    # An assignment is one cohort's own, and candidates count once.
    filters = replace(filters, attempts=Attempts.FIRST, assignment=None)
    of_track = narrow(comparisons.facts_of_any(cohorts), filters)
    versions = comparisons.by_version(of_track, day) if filters.track else None
    return Comparison(
        comparisons.by_cohort(cohorts, narrow(comparisons.facts_by_cohort(cohorts), filters)),
        versions,
    )
