"""Reads of the practice plan: what is due today, what can wait, and what comes when nothing is due."""

import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from grading.models import OPEN_STATES
from interview.models import Interview, InterviewQuestion, Mode, PointToRecall, PracticePlan
from interview.selectors.progress import TopicProgress, progress_in, progress_of
from people.models import User
from questionbank.models import QuestionVersion, Topic, VersionState

# The title by which today's practice is known again while it runs.
TODAY = "Today’s practice"
OF_A_TOPIC = 3


@dataclass(frozen=True)
class Recall:
    """A question with points to recall. due: the day on which the first of them comes; points: how many are due then.

    weight: of all its points to recall; natural: when FSRS alone would bring the first.
    """

    version: QuestionVersion
    due: date
    natural: date
    points: int
    weight: int


@dataclass(frozen=True)
class Chosen:
    """A question of today's practice. points: how many of its key points are to recall."""

    version: QuestionVersion
    points: int = 0
    is_new: bool = False


@dataclass(frozen=True)
class Today:
    """What today asks. waiting: questions that are due too and do not fit; they come within waiting_days."""

    plan: PracticePlan
    questions: list[Chosen]
    waiting: int
    waiting_days: int
    running: Interview | None
    is_done: bool
    day: date
    progress: list[TopicProgress]

    @property
    def minutes(self) -> int:
        return sum(chosen.version.minutes for chosen in self.questions)

    @property
    def recalled(self) -> int:
        """How many of today's questions have points to recall."""
        return sum(chosen.points > 0 for chosen in self.questions)

    @property
    def is_tight(self) -> bool:
        """Whether what waits reaches up to the real interview or beyond."""
        return bool(self.waiting and self.days_left and 0 < self.days_left <= self.waiting_days)

    @property
    def days_left(self) -> int | None:
        """Days until the real interview, 0 on the day, below 0 when it is over; None where no day is set."""
        return (self.plan.interview_on - self.day).days if self.plan.interview_on else None


def local_date(user: User, now: datetime) -> date:
    """Return the day that it is for user."""
    return now.astimezone(zoneinfo.ZoneInfo(user.time_zone)).date()


def plan_of(user: User) -> PracticePlan:
    """Return user's plan, or the one to begin with, which is not saved."""
    found = PracticePlan.objects.filter(candidate=user).select_related("track").first()
    return found or PracticePlan(candidate=user)


def today(user: User, now: datetime) -> Today:
    """Return today's practice: what is due as far as the day's minutes reach, filled up with new questions."""
    plan = plan_of(user)
    day = local_date(user, now)
    busy = _busy(user)
    recalls = [recall for recall in _recalls(user, plan, day) if recall.version.question_id not in busy]
    due = _due_today(recalls, plan, day)
    taken = _fit([recall.version for recall in due], plan.minutes_a_day, at_least=1)
    rest = [recall for recall in due if recall.version not in taken]
    questions = [Chosen(recall.version, recall.points) for recall in due if recall.version in taken]
    progress = progress_of(user, plan.track)
    if not rest:
        questions += _fill(progress, plan.minutes_a_day, questions, busy)
    return Today(
        plan=plan,
        questions=questions,
        waiting=len(rest),
        waiting_days=_days_for([recall.version for recall in rest], plan.minutes_a_day),
        running=running_practice(user, TODAY),
        is_done=_is_done(user, now),
        day=day,
        progress=progress,
    )


def running_practice(user: User, title: str) -> Interview | None:
    """Return the running practice of chosen questions with this title, the newest one."""
    practices = Interview.objects.filter(candidate=user, track=None, mode=Mode.PRACTICE, finished_at=None)
    return practices.filter(title=title).first()


def _is_done(user: User, now: datetime) -> bool:
    """Whether user has finished today's practice today, by their own clock."""
    midnight = now.astimezone(zoneinfo.ZoneInfo(user.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Interview.objects.filter(candidate=user, track=None, title=TODAY, finished_at__gte=midnight).exists()


def _busy(user: User) -> set[UUID]:
    """Return the questions not to be asked now: in a running mock (feedback would give them away), or being graded."""
    in_mock = Q(interview__mode=Mode.MOCK, interview__finished_at=None)
    asked = InterviewQuestion.objects.filter(
        in_mock | Q(answer__job__state__in=OPEN_STATES), interview__candidate=user
    )
    return set(asked.values_list("version__question", flat=True))


def _recalls(user: User, plan: PracticePlan, day: date) -> list[Recall]:
    """Return the questions with points to recall. Points that the published version no longer has are left out."""
    points: dict[UUID, list[PointToRecall]] = defaultdict(list)
    for point in PointToRecall.objects.filter(candidate=user):
        points[point.question_id].append(point)
    published = QuestionVersion.objects.filter(state=VersionState.PUBLISHED, question__in=list(points))
    versions = published.select_related("question__topic").prefetch_related("key_points")
    return [
        recall for version in versions for recall in _recall(version, points[version.question_id], user, plan, day)
    ]


def _recall(
    version: QuestionVersion, points: list[PointToRecall], user: User, plan: PracticePlan, day: date
) -> Iterator[Recall]:
    weights = {point.slug: point.weight for point in version.key_points.all()}
    known = [point for point in points if point.slug in weights]
    if not known:
        return
    last = last_day(plan, day)
    natural = [local_date(user, point.due_at) for point in known]
    dues = [_capped(local_date(user, point.due_at), _seen_on(user, point), last) for point in known]
    due = min(dues)
    count = sum(each <= max(due, day) for each in dues)
    yield Recall(version, due, min(natural), count, sum(weights[point.slug] for point in known))


def last_day(plan: PracticePlan, day: date) -> date | None:
    """Return the day before the real interview, the last to practise on; None where none is set or it has come."""
    coming = plan.interview_on and plan.interview_on > day
    return plan.interview_on - timedelta(days=1) if plan.interview_on and coming else None


def _seen_on(user: User, point: PointToRecall) -> date:
    """Return the day on which the point was last answered."""
    return local_date(user, datetime.fromisoformat(point.card["last_review"]))


def _capped(due: date, seen: date, last: date | None) -> date:
    """Bring a point once more before the interview, but not again on the very day on which it was answered."""
    return min(due, last) if last and seen < last else due


def _due_today(recalls: list[Recall], plan: PracticePlan, day: date) -> list[Recall]:
    """Return what comes today, the most overdue and then the heaviest first."""
    last = last_day(plan, day)
    planned = _levelled(recalls, plan.minutes_a_day, day, last) if last else {r.version.pk: r.due for r in recalls}
    return sorted(
        (recall for recall in recalls if planned[recall.version.pk] <= day),
        key=lambda recall: (recall.due, -recall.weight, recall.version.question.slug),
    )


def _levelled(recalls: list[Recall], minutes: int, day: date, last: date) -> dict[UUID, date]:
    """Return the day on which each question comes when an interview is near.

    The days are filled from the last one backwards, so that what all would come on the last day is spread over
    those before it. Only what fits nowhere comes today.
    """
    room: dict[date, int] = defaultdict(lambda: minutes)
    planned = {}
    for recall in sorted(recalls, key=lambda recall: (recall.due, recall.natural), reverse=True):
        when = recall.due
        while day < when <= last and room[when] < min(recall.version.minutes, minutes):
            when -= timedelta(days=1)
        room[when] -= recall.version.minutes
        planned[recall.version.pk] = when
    return planned


def _fit(versions: Iterable[QuestionVersion], minutes: int, *, at_least: int = 0) -> list[QuestionVersion]:
    """Take what fits into minutes, in order, but at_least so many."""
    taken: list[QuestionVersion] = []
    for version in versions:
        if len(taken) < at_least or sum(each.minutes for each in taken) + version.minutes <= minutes:
            taken.append(version)
    return taken


def _days_for(versions: list[QuestionVersion], minutes: int) -> int:
    """Return on how many days of so many minutes versions can be asked."""
    days = 0
    while versions:
        taken = _fit(versions, minutes, at_least=1)
        versions = [version for version in versions if version not in taken]
        days += 1
    return days


def _fill(progress: list[TopicProgress], minutes: int, due: list[Chosen], busy: set[UUID]) -> list[Chosen]:
    """Fill the minutes that are left with new questions; where there are none and nothing is due, with the weakest."""
    left = minutes - sum(chosen.version.minutes for chosen in due)
    at_least = 0 if due else 1
    new = _fit((version for version in _new(progress) if version.question_id not in busy), left, at_least=at_least)
    if new or due:
        return [Chosen(version, is_new=True) for version in new]
    again = (version for version in _again(progress) if version.question_id not in busy)
    return [Chosen(version) for version in _fit(again, left, at_least=1)]


def _new(progress: list[TopicProgress]) -> list[QuestionVersion]:
    """Return the questions not answered yet: one of each topic in turn, topics with fewer answers first."""
    turns = []
    for order, topic in enumerate(progress):
        unmet = (version for version in topic.versions if version.question_id not in topic.latest)
        turns += [(len(topic.latest) + turn, order, version) for turn, version in enumerate(unmet)]
    return [version for _, _, version in sorted(turns, key=lambda turn: turn[:2])]


def _again(progress: list[TopicProgress]) -> list[QuestionVersion]:
    """Return the questions of the weakest topic, then of the next; in each the one answered worst first."""
    known = [(topic.readiness.mean, topic) for topic in progress if topic.readiness]
    weakest = [topic for _, topic in sorted(known, key=lambda pair: pair[0])]
    return [version for topic in weakest for version in sorted(topic.versions, key=_score_in(topic))]


def _score_in(topic: TopicProgress) -> Callable[[QuestionVersion], float]:
    """Return what sorts the questions of topic by their latest score, those without one first."""
    return lambda version: topic.latest.get(version.question_id) or 0.0


def of_topic(user: User, topic: Topic) -> list[QuestionVersion]:
    """Return the questions to practise topic with: up to three, those not answered yet first, then the worst."""
    progress = progress_in(user, topic)
    busy = _busy(user)
    free = [version for version in progress.versions if version.question_id not in busy]
    score = _score_in(progress)
    return sorted(free, key=lambda version: (version.question_id in progress.latest, score(version)))[:OF_A_TOPIC]
