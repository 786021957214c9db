"""What a cohort's dashboard ought to show, computed a second time: plain SQL on what grading and interview hold, then
Python. Nothing here is Greenroom's own arithmetic, and none of it looks at the tables of analytics."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import fmean, quantiles
from typing import Any

from tests.product import Product

FEWEST = 5
MARKS = ["missing", "contradicted", "partly", "stated"]  # as the columns of the page stand

ANSWERS = """
    SELECT u.name, v.question_id, v.title, coalesce(above.title, topic.title), i.id, i.mode, i.started_at,
           a.submitted_at, a.text, coalesce(r.score, g.score), j.id
    FROM people_membership m
    JOIN people_user u ON u.id = m.user_id
    JOIN interview_interview i ON i.candidate_id = u.id
    JOIN interview_interviewquestion q ON q.interview_id = i.id
    JOIN interview_answer a ON a.question_id = q.id
    JOIN questionbank_questionversion v ON v.id = q.version_id
    JOIN questionbank_question asked ON asked.id = v.question_id
    JOIN questionbank_topic topic ON topic.id = asked.topic_id
    LEFT JOIN questionbank_topic above ON above.id = topic.parent_id
    JOIN grading_gradingjob j ON j.id = a.job_id
    JOIN grading_grade g ON g.id = j.grade_id
    LEFT JOIN LATERAL (
        SELECT score FROM grading_review WHERE job_id = j.id ORDER BY created_at DESC LIMIT 1
    ) r ON true
    WHERE m.cohort_id = %s AND m.role = 'candidate'
    ORDER BY a.submitted_at
"""
# Of each answer its key points: what is shown of them, and the grader's evidence.
POINTS = """
    SELECT j.id, point.slug, coalesce(rm.mark, km.mark, 'missing'), km.evidence_start, km.evidence_end
    FROM people_membership m
    JOIN grading_gradingjob j ON j.candidate_id = m.user_id
    JOIN grading_grade g ON g.id = j.grade_id
    LEFT JOIN LATERAL (
        SELECT id, version_id FROM grading_review WHERE job_id = j.id ORDER BY created_at DESC LIMIT 1
    ) r ON true
    JOIN questionbank_keypoint point ON point.version_id = coalesce(r.version_id, g.version_id)
    LEFT JOIN grading_keypointmark km ON km.grade_id = g.id AND km.key_point_id = point.id
    LEFT JOIN grading_reviewmark rm ON rm.review_id = r.id AND rm.key_point_id = point.id
    WHERE m.cohort_id = %s AND m.role = 'candidate'
"""
WORDS = """
    SELECT DISTINCT ON (v.question_id, point.slug) v.question_id, point.slug, point.claim, v.title, topic.title
    FROM questionbank_keypoint point
    JOIN questionbank_questionversion v ON v.id = point.version_id
    JOIN questionbank_question q ON q.id = v.question_id
    JOIN questionbank_topic topic ON topic.id = q.topic_id
    WHERE v.state IN ('published', 'retired')
    ORDER BY v.question_id, point.slug, v.number DESC
"""
ATTEMPTS = """
    SELECT u.name, t.title, i.started_at, i.finished_at, s.due_at, s.attempts,
           (SELECT count(*) FROM interview_interviewquestion q WHERE q.interview_id = i.id),
           (SELECT count(*) FROM interview_interviewquestion q JOIN interview_answer a ON a.question_id = q.id
            WHERE q.interview_id = i.id AND trim(a.text) <> '')
    FROM interview_assignment s
    JOIN questionbank_track t ON t.id = s.track_id
    JOIN people_membership m ON m.cohort_id = s.cohort_id AND m.role = 'candidate'
    JOIN people_user u ON u.id = m.user_id
    LEFT JOIN interview_interview i ON i.assignment_id = s.id AND i.candidate_id = u.id
    WHERE s.cohort_id = %s
    ORDER BY u.name
"""
LAST_BEGUN = """
    SELECT u.name, max(i.started_at) FROM people_membership m
    JOIN people_user u ON u.id = m.user_id
    JOIN interview_interview i ON i.candidate_id = u.id
    WHERE m.cohort_id = %s AND m.role = 'candidate' GROUP BY u.name
"""


@dataclass(frozen=True)
class Answer:
    """An answer as shown. attempt: 1 for its candidate's first to the question; seconds: time on task, if told."""

    who: str
    question: str
    title: str
    topic: str
    at: datetime
    text: str
    score: float
    attempt: int
    seconds: float | None
    marks: dict[str, str]
    sentences: dict[str, str]


def answers_of(product: Product, cohort: str) -> list[Answer]:
    """Return the graded answers of a cohort's candidates, the oldest first."""
    points = defaultdict(list)
    for job, *point in product.sql(POINTS, cohort):
        points[job].append(point)
    attempts: Counter[tuple[str, str]] = Counter()
    before: dict[str, datetime] = {}
    found = []
    for who, question, title, topic, interview, mode, started, at, text, score, job in product.sql(ANSWERS, cohort):
        attempts[who, question] += 1
        taken = at - before.get(interview, started)
        before[interview] = at
        is_told = mode == "practice" and taken <= timedelta(hours=1)
        sentences = {slug: text[start:end] for slug, _, start, end in points[job] if end}
        found.append(
            Answer(
                *(who, question, title, topic, at, text, score, attempts[who, question]),
                taken.total_seconds() if is_told else None,
                {slug: mark for slug, mark, _, _ in points[job]},
                sentences,
            )
        )
    return found


def first_of(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.attempt == 1]


# --- As pages put it ----------------------------------------------------------------------------------------


def rounded(value: float, places: int = 0) -> str:
    """Return value as Django's floatformat does: half a step goes up."""
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def as_day(moment: datetime | date) -> str:
    return f"{moment.day} {moment:%b %Y}"


def by_candidate(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Return the answers of each candidate, by name."""
    found = defaultdict(list)
    for answer in answers:
        found[answer.who].append(answer)
    return dict(sorted(found.items()))


def mean_of(answers: Iterable[Answer]) -> float:
    return fmean(answer.score for answer in answers)


def mean_over_candidates(answers: Iterable[Answer]) -> float:
    return fmean(mean_of(own) for own in by_candidate(answers).values())


def topic_table(answers: Sequence[Answer], topics: Sequence[str]) -> list[list[str]]:
    """Return the heat map topic × candidate: a row for each candidate, and the cohort's own."""

    def cells(own: Sequence[Answer], say: Any) -> list[str]:
        columns = [own, *([one for one in own if one.topic == topic] for topic in topics)]
        return [say(column) if column else "–no answers" for column in columns]

    people = [[who, *cells(own, _cell)] for who, own in by_candidate(answers).items()]
    return [*people, ["The cohort mean of its candidates", *cells(answers, _mean_cell)]]


def _cell(answers: Sequence[Answer]) -> str:
    n = len(answers)
    return f"{rounded(mean_of(answers))} ({n}){', few answers' if n < FEWEST else ''}"


def _mean_cell(answers: Sequence[Answer]) -> str:
    n = len(by_candidate(answers))
    return f"{rounded(mean_over_candidates(answers))} ({n}){', few candidates' if n < FEWEST else ''}"


@dataclass(frozen=True)
class Point:
    """What candidates do with a key point in their first answers; words: its claim, question and topic."""

    question: str
    slug: str
    words: tuple[str, str, str]
    counts: Counter[str]

    @property
    def n(self) -> int:
        return self.counts.total()

    @property
    def row(self) -> list[str]:
        """The row of the page's table."""
        claim, title, topic = self.words
        shares = [f"{rounded(100 * self.counts[mark] / self.n)} % ({self.counts[mark]})" for mark in MARKS]
        return [f"{claim} {title}, {topic}", *shares, f"{self.n} few" if self.n < FEWEST else f"{self.n}"]


def points_of(product: Product, answers: Iterable[Answer]) -> list[Point]:
    """Return the key points of the questions that were answered, those most left out first."""
    words = {(question, slug): rest for question, slug, *rest in product.sql(WORDS)}
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for answer in first_of(answers):
        for slug, mark in answer.marks.items():
            counts[answer.question, slug][mark] += 1
    points = [Point(*key, tuple(unmarked(word) for word in words[key]), counts[key]) for key in counts]
    return sorted(
        points, key=lambda one: (one.n < FEWEST, -one.counts["missing"] / one.n, -one.n, one.question, one.slug)
    )


def unmarked(text: str) -> str:
    """Return Markdown as it reads, for what claims have of it."""
    return " ".join(text.replace("`", "").replace("*", "").split())


def bands(answers: Iterable[Answer]) -> list[list[str]]:
    """Return the rows of the distribution of scores."""
    counts = Counter(min(int(answer.score // 10), 9) for answer in answers)
    return [[f"{10 * i}–{100 if i == 9 else 10 * i + 9}", str(counts[i])] for i in range(10)]


def quartiles(values: Sequence[float]) -> list[float]:
    return quantiles(values, n=4, method="inclusive")


def minutes_of(answers: Iterable[Answer]) -> list[float]:
    return [answer.seconds / 60 for answer in answers if answer.seconds is not None]


def weeks(answers: Iterable[Answer], now: datetime) -> list[list[str]]:
    """Return the rows of the trend, for weeks without a gap in UTC."""
    by_monday = defaultdict(list)
    for answer in answers:
        by_monday[_monday(answer.at)].append(answer)
    return [_week(monday, own, monday == _monday(now)) for monday, own in sorted(by_monday.items())]


def _week(monday: date, answers: Sequence[Answer], is_running: bool) -> list[str]:  # noqa: FBT001 (a row's parts)
    people = len(by_candidate(answers))
    so_far = " so far" if is_running else ""
    assert people < FEWEST, "no interval is computed here"
    return [
        f"{as_day(monday)}{so_far}",
        rounded(mean_over_candidates(answers)),
        "too few",
        f"{people}",
        f"{len(answers)}",
    ]


def _monday(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())


def candidate_rows(answers: Sequence[Answer], active: dict[str, datetime]) -> list[list[str]]:
    """Return the rows of the table candidate by candidate. active: when each was last at work."""
    return [_candidate_row(who, own, active[who]) for who, own in by_candidate(answers).items()]


def _candidate_row(who: str, answers: Sequence[Answer], active: datetime) -> list[str]:
    minutes = minutes_of(answers)
    timed_weeks = {_monday(answer.at) for answer in answers if answer.seconds is not None}
    empty = sum(not answer.text.strip() for answer in answers)
    return [
        *(who, as_day(active), str(len(answers)), rounded(mean_of(answers)), str(empty)),
        f"{rounded(quartiles(minutes)[1], 1)} ({len(minutes)})",
        rounded(sum(minutes) / len(timed_weeks)),
    ]


def last_active(product: Product, cohort: str, answers: Iterable[Answer]) -> dict[str, datetime]:
    begun = dict(product.sql(LAST_BEGUN, cohort))
    return {who: max(begun[who], *(one.at for one in own)) for who, own in by_candidate(answers).items()}


@dataclass(frozen=True)
class Progress:
    """How far a candidate is with the cohort's one assignment, with one attempt at most."""

    who: str
    title: str
    finished_at: datetime | None
    standing: str
    attempts: str
    answered: str


def progress_of(product: Product, cohort: str) -> list[Progress]:
    """Return who is how far, by name."""
    return [_progress(*row) for row in product.sql(ATTEMPTS, cohort)]


def _progress(
    who: str, title: str, begun: Any, finished: Any, due: Any, allowed: int, asked: int, answered: int
) -> Progress:
    if finished:
        standing = "Finished in time" if finished <= due else "Finished late"
    else:
        standing = "Running" if begun else "Not started"
    taken = f"{1 if begun else 0} of {allowed}"
    return Progress(who, title, finished, standing, taken, f"{answered} of {asked}" if begun else "none")
