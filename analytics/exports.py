"""The dashboard's tables as files: which there are, their columns, and what is said of them.

A file holds what the page shows, but all of it and not rounded. A cell is empty where there is no number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from analytics.at_risk import INACTIVE_FOR
from analytics.estimates import Difference, Estimate
from analytics.filters import Filters, candidates_of
from analytics.item_statistics import FEWEST
from analytics.selectors import dashboard
from analytics.selectors.comparisons import Pair, QuestionPair
from analytics.selectors.heatmaps import Cell as TopicCell
from analytics.selectors.heatmaps import name_points
from analytics.selectors.progress import Column
from people.models import Cohort, User
from tables.table import Cell


@dataclass(frozen=True)
class Asked:
    """What of a dashboard is asked for. cohorts: those compared, cohort first.

    change: the day on which questions changed, None for the latest.
    """

    cohort: Cohort
    cohorts: list[Cohort]
    filters: Filters
    now: datetime
    by_track: bool = False
    change: date | None = None


Rows = list[Sequence[Cell]]
Made = tuple[list[str], Rows]


@dataclass(frozen=True)
class Export:
    """A table of the dashboard. page: the name of its page's address; definition: what its numbers are.

    make returns the header and the rows; is_filtered: whether the filter moves them.
    """

    name: str
    label: str
    page: str
    definition: str
    make: Callable[[Asked], Made]
    is_filtered: bool = True


PERSON = ["Candidate", "Address"]
MEAN = ["Mean", "95 % interval from", "95 % interval to", "Candidates (n)"]
NO_MEAN: list[Cell] = [None, None, None, 0]


def _person(user: User) -> list[Cell]:
    return [user.display_name, user.email]


def _time(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _mean(estimate: Estimate | None) -> list[Cell]:
    return [estimate.mean, estimate.low, estimate.high, estimate.n] if estimate else NO_MEAN


# --- The overview -------------------------------------------------------------------------------------------


def _figures(asked: Asked) -> Made:
    found = dashboard.overview(asked.cohort, asked.filters, asked.now)
    scores, time = found.distribution, found.time
    rows: Rows = [
        ["Candidates", found.candidates, None, None, None],
        [f"At work in the last {INACTIVE_FOR.days} days", found.at_work, None, None, found.candidates],
        ["Graded answers", scores.n if scores else 0, None, None, scores.candidates if scores else 0],
        ["Mean score", *_mean(found.overall)],
    ]
    if scores:
        rows.append(["Median score", scores.quartiles.median, scores.quartiles.low, scores.quartiles.high, scores.n])
    if time:
        rows.append(["Minutes a question", time.minutes.median, time.minutes.low, time.minutes.high, time.n])
    return ["Figure", "Value", "From", "To", "n"], rows


def _people(asked: Asked) -> Made:
    header = [
        *PERSON,
        "Last active",
        "Answers (n)",
        "Mean",
        "Left empty",
        "Timed answers",
        "Minutes a question",
        "Minutes a week",
    ]
    rows = dashboard.candidate_table(asked.cohort, asked.filters)
    return header, [
        [
            *_person(row.candidate),
            _time(row.active_at),
            row.answers,
            row.mean,
            row.empty,
            row.timed,
            row.minutes,
            row.minutes_a_week,
        ]
        for row in rows
    ]


def _scores(asked: Asked) -> Made:
    found = dashboard.overview(asked.cohort, asked.filters, asked.now).distribution
    return ["Score", "Answers"], [[band, count] for band, count in (found.bands if found else [])]


def _weeks(asked: Asked) -> Made:
    weeks = dashboard.overview(asked.cohort, asked.filters, asked.now).weeks
    return ["Week from", *MEAN, "Answers"], [
        [week.monday, *_mean(week.estimate), week.estimate.answers if week.estimate else 0] for week in weeks
    ]


def _at_risk(asked: Asked) -> Made:
    found = dashboard.overview(asked.cohort, asked.filters, asked.now).at_risk
    return [*PERSON, "Last active", "Reasons"], [
        [*_person(one.candidate), _time(one.active_at), " ".join(reason.words for reason in one.reasons)]
        for one in found
    ]


# --- Who has done what --------------------------------------------------------------------------------------


def _progress(asked: Asked) -> Made:
    people = list(candidates_of(asked.cohort))
    found = dashboard.progress(people, asked.cohort, asked.now, by_track=asked.by_track)
    named = [_column(column) for column in found.columns]
    header = [*PERSON, "Last active", "Finished", *(f"{name}: {part}" for name in named for part in ("state", "at"))]
    return header, [
        [
            *_person(row.candidate),
            _time(row.active_at),
            row.done,
            *(part for cell in row.cells for part in (cell.words, _time(cell.at))),
        ]
        for row in found.rows
    ]


def _column(column: Column) -> str:
    due = f", due {_time(column.assignment.due_at)}" if column.assignment else ""
    return f"{column.title}{due}"


# --- Heat maps ----------------------------------------------------------------------------------------------


def _topics(asked: Asked) -> Made:
    found = dashboard.topics(asked.cohort, asked.filters)
    named = ["All topics", *(topic.title for topic in found.topics)]
    rows: Rows = [[*_person(row.candidate), *_pairs([row.overall, *row.cells])] for row in found.rows]
    if found.overall:
        rows.append(["The cohort", None, *_pairs([found.overall, *found.means])])
    return [*PERSON, *(f"{name}: {part}" for name in named for part in ("mean", "n"))], rows


def _pairs(cells: Sequence[TopicCell | Estimate | None]) -> list[Cell]:
    """Return the mean and n of each of cells."""
    return [part for cell in cells for part in ((cell.mean, cell.n) if cell else (None, 0))]


def _points(asked: Asked) -> Made:
    rows = dashboard.points(asked.cohort, asked.filters)
    name_points(rows)
    shares = ["Left out", "Contradicted", "Partly", "Stated"]
    header = ["Key point", "Question", "Topic", "Short name", "Candidates (n)"]
    return [*header, *(name for share in shares for name in (share, f"{share}, %"))], [
        [
            row.claim,
            row.title,
            row.topic,
            row.slug,
            row.n,
            *(part for _, count, percent, _ in row.cells for part in (count, percent)),
        ]
        for row in rows
    ]


# --- Comparisons --------------------------------------------------------------------------------------------


def _compare(asked: Asked) -> Made:
    found = dashboard.comparison(asked.cohorts, asked.filters, None).cohorts
    header = ["Topic", *(f"{cohort.name}: {part}" for cohort in asked.cohorts for part in MEAN)]
    rows = [] if found.is_empty else [found.overall, *found.topics]
    return header, [
        [row.topic.title if row.topic else "All topics", *(part for cell in row.cells for part in _mean(cell))]
        for row in rows
    ]


def _versions(asked: Asked) -> Made:
    found = dashboard.comparison(asked.cohorts, asked.filters, asked.change).versions
    sides = [f"{side}: {part}" for side in ("Before", "After") for part in MEAN]
    header = ["Question", "Changed on", "Version before", "Version after", *sides, "Difference", "From", "To"]
    if not found or not found.day:
        return header, []
    rows = [_question(one, found.day) for one in [*found.changed, *found.unchanged]]
    whole = [("All that changed", found.whole_changed), ("All that did not change", found.whole_unchanged)]
    return header, [*rows, *([name, found.day, None, None, *_sides(pair)] for name, pair in whole if pair)]


def _question(one: QuestionPair, day: date) -> list[Cell]:
    changed_on = day if one.is_changed else None
    return [one.later.title, changed_on, one.earlier.number, one.later.number, *_sides(one.pair)]


def _sides(pair: Pair) -> list[Cell]:
    return [*_mean(pair.before), *_mean(pair.after), *_difference(pair.difference)]


def _difference(apart: Difference | None) -> list[Cell]:
    return [apart.points, apart.low, apart.high] if apart else [None, None, None]


# --- All of them --------------------------------------------------------------------------------------------

SCORE = "A score is the one that is shown, 0 to 100: a mentor’s where there is a review, else the grader’s."
OVER_CANDIDATES = (
    "A mean is that of the candidates’ own means; the 95 % interval is Student’s t over candidates, and a single one "
    f"has none. With fewer than {FEWEST} candidates it says little."
)
ATTEMPT = "Of several attempts the first that was finished counts. n is all candidates of the cohort, one a row."
FIRST = "First attempts alone, whatever the filter says."

EXPORTS = {
    export.name: export
    for export in (
        Export(
            "figures",
            "Figures",
            "cohort_dashboard",
            f"{SCORE} {OVER_CANDIDATES} From and to are that interval for the mean, the quartiles for medians. "
            "n: of a mean candidates, of a median answers, of graded answers the candidates who gave them. Minutes "
            "are told by practice alone, and nothing above an hour counts.",
            _figures,
        ),
        Export(
            "people",
            "Candidate by candidate",
            "cohort_dashboard",
            f"{SCORE} Mean and left empty are of the answers (n) that the filter lets through. Minutes a question is "
            "the median of the timed answers, minutes a week the mean of the weeks with one. Last active is whatever "
            "the filter.",
            _people,
        ),
        Export(
            "scores",
            "Scores",
            "cohort_dashboard",
            f"{SCORE} How many answers have a score in each band; their sum is n.",
            _scores,
        ),
        Export(
            "weeks",
            "Week by week",
            "cohort_dashboard",
            f"{SCORE} {OVER_CANDIDATES} Weeks begin on Monday; the last may still run.",
            _weeks,
        ),
        Export(
            "at-risk",
            "Who may need a word",
            "cohort_dashboard",
            "Reasons to ask, not verdicts; each names its own n. The heaviest come first.",
            _at_risk,
            is_filtered=False,
        ),
        Export("progress", "Who has done what", "cohort_dashboard", ATTEMPT, _progress, is_filtered=False),
        Export(
            "topics",
            "Topics",
            "cohort_topics",
            f"{SCORE} A mean is that of all n answers of a candidate to the questions of a topic. In the last row it "
            "is the mean of the candidates’ own means, and n counts candidates.",
            _topics,
        ),
        Export(
            "key-points",
            "Key points",
            "cohort_points",
            f"{FIRST} n counts the candidates whose answer was marked for the key point; the marks are those shown, "
            f"the shares of n. With fewer than {FEWEST} candidates they say little; those stand last.",
            _points,
        ),
        Export("assignments", "Assignments", "cohort_progress", ATTEMPT, _progress, is_filtered=False),
        Export("compare", "Cohorts", "cohort_compare", f"{FIRST} {SCORE} {OVER_CANDIDATES}", _compare),
        Export(
            "versions",
            "Before and after",
            "cohort_compare",
            f"{FIRST} {SCORE} {OVER_CANDIDATES} The candidates are those of all cohorts compared. A question that "
            "changed that day is compared by its versions, another with itself by its answers before and since. "
            "The difference is after less before, with its 95 % interval (Welch’s t).",
            _versions,
        ),
    )
}
