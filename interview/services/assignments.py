"""What is assigned to a cohort: assigned, changed, withdrawn, copied, and started by its candidates."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from interview.models import Assignment, Interview, Mode
from interview.selectors.assignments import Assigned, Stage, assigned_one
from interview.services.interviews import NotEnoughQuestions, Refused, check_enough_questions, start_interview
from people.models import Cohort, Membership, Role, User
from people.services.audit import audit
from questionbank.models import Track

# Further away it is a slip of the pen.
FARTHEST = timedelta(days=2 * 365)


class NotOpenYet(Refused):
    """The assignment opens later."""

    code = "not_open_yet"


class AssignmentOver(Refused):
    """The assignment is closed or withdrawn, or its cohort is."""

    code = "assignment_over"


class NoAttemptsLeft(Refused):
    """The assignment was started as often as it may be."""

    code = "no_attempts_left"


@dataclass(frozen=True)
class Terms:
    """What is assigned and until when. Times count to the minute; opens_at None: at once; attempts None: no limit."""

    track: Track
    mode: Mode
    due_at: datetime
    closes_at: datetime
    opens_at: datetime | None = None
    attempts: int | None = None
    reminds: bool = True
    note: str = ""

    @classmethod
    def of(cls, assignment: Assignment) -> "Terms":
        """Return the terms that assignment has."""
        return cls(**{name: getattr(assignment, name) for name in cls.__dataclass_fields__})

    def to_the_minute(self, now: datetime) -> "Terms":
        return replace(
            self,
            opens_at=_minute(self.opens_at or now),
            due_at=_minute(self.due_at),
            closes_at=_minute(self.closes_at),
        )

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def _unmoved(before: Terms, terms: Terms) -> Terms:
    """Return terms with the times as they were before where they are the same to the minute."""
    same = {name: at for name, at in before.values().items() if name.endswith("_at")}
    return replace(terms, **{name: at for name, at in same.items() if _minute(at) == getattr(terms, name)})


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


# --- for those who lead --------------------------------------------------------------------------------------


@transaction.atomic
def assign(*, cohort: Cohort, terms: Terms, actor: User, now: datetime) -> Assignment:
    """Assign a track to cohort's candidates, those who join later too.

    The same terms sent twice by one person assign once: the second time they return what is there. Raises
    ValidationError, by field, for an archived cohort, times that are over or in the wrong order, a time that overlaps
    that of the same track in the same mode, and a track that the bank cannot fill.
    """
    _lock(cohort)
    opens_now = terms.opens_at is None
    terms = terms.to_the_minute(now)
    same = {name: value for name, value in terms.values().items() if name != "opens_at" or not opens_now}
    earlier = Assignment.objects.filter(cohort=cohort, created_by=actor, withdrawn_at=None, **same).first()
    if earlier:
        return earlier
    _raise_any(_wrong_times(terms, now) | _unfillable(terms, actor) | _overlap(terms, cohort))
    made = Assignment.objects.create(cohort=cohort, created_by=actor, created_at=now, **terms.values())
    audit(actor=actor, action="assignment.create", on=made, cohort=str(cohort.pk), **_said(terms.values()))
    return made


@transaction.atomic
def change(*, assignment: Assignment, terms: Terms, actor: User, now: datetime) -> Assignment:
    """Change what is assigned. Raises ValidationError, by field, as assign does.

    Before it opens everything may change. From then on candidates count on what they were told: track, mode and
    opening stay, the dates move only later, the attempts become only more; note and reminders may change.
    """
    _lock(assignment.cohort)
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("track", "cohort").get(pk=assignment.pk)
    if locked.withdrawn_at:
        raise ValidationError("It was withdrawn meanwhile. Assign it anew.")
    before = Terms.of(locked)
    terms = _unmoved(before, terms.to_the_minute(now))
    if locked.opens_at <= now:
        wrong = _taken_back(before, terms) | _order(terms) | _not_to_come(before, terms, now)
        wrong |= _overlap(terms, locked.cohort, "closes_at", but=locked)
    else:
        wrong = _wrong_times(terms, now) | _unfillable(terms, actor) | _overlap(terms, locked.cohort, but=locked)
    _raise_any(wrong)
    changed = {name: value for name, value in terms.values().items() if value != getattr(before, name)}
    if changed:
        Assignment.objects.filter(pk=locked.pk).update(**changed)
        was = {name: getattr(before, name) for name in changed}
        detail = {"cohort": str(locked.cohort_id), "before": _said(was), "after": _said(changed)}
        audit(actor=actor, action="assignment.change", on=locked, **detail)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def withdraw(*, assignment: Assignment, actor: User, now: datetime) -> bool:
    """Take an assignment back: nobody starts it any more. Attempts stay, and one that runs can be finished.

    Return whether it was still assigned.
    """
    if Assignment.objects.filter(pk=assignment.pk, withdrawn_at=None).update(withdrawn_at=now) != 1:
        return False
    audit(actor=actor, action="assignment.withdraw", on=assignment, cohort=str(assignment.cohort_id))
    return True


@transaction.atomic
def copy_assignments(
    *, source: Cohort, target: Cohort, shift: timedelta, actor: User, now: datetime
) -> list[Assignment]:
    """Assign to target what is assigned to source, all dates later by shift; return the copies.

    shift keeps the time of day in actor's zone over a change of the clocks. What would be due before now is left out.
    Raises ValidationError for an archived target.
    """
    _lock(target)
    zone = ZoneInfo(actor.time_zone)
    copies = []
    for one in source.assignments.filter(withdrawn_at=None).select_related("track"):
        terms = Terms.of(one)
        moved = {name: getattr(terms, name).astimezone(zone) + shift for name in ("opens_at", "due_at", "closes_at")}
        if moved["due_at"] > now:
            values = replace(terms, **moved).values()
            copies.append(Assignment(cohort=target, created_by=actor, created_at=now, **values))
    made = Assignment.objects.bulk_create(copies)
    for copy in made:
        audit(actor=actor, action="assignment.create", on=copy, cohort=str(target.pk), copied_from=str(source.pk))
    return made


def _lock(cohort: Cohort) -> None:
    """Let one person assign to a cohort at a time, so that no two assignments overlap; refuse an archived one."""
    if Cohort.objects.select_for_update().get(pk=cohort.pk).archived_at:
        raise ValidationError(f"{cohort} is archived: nothing can be assigned there any more.")


# --- what is wrong with terms: field → why -------------------------------------------------------------------

Wrong = dict[str, str]


def _raise_any(wrong: Wrong) -> None:
    if wrong:
        raise ValidationError({field: [why] for field, why in wrong.items()})


def _wrong_times(terms: Terms, now: datetime) -> Wrong:
    """Return what is wrong with the times of something that is not open yet."""
    past: Wrong = {}
    if terms.opens_at and terms.opens_at < _minute(now):
        past["opens_at"] = "This time is over. Leave it empty to open the assignment at once."
    return _order(terms) | _over(terms, now, ("due_at", "closes_at")) | past


def _order(terms: Terms) -> Wrong:
    wrong: Wrong = {}
    if terms.opens_at and terms.due_at <= terms.opens_at:
        wrong["due_at"] = "It has to be due after it opens."
    if terms.closes_at < terms.due_at:
        wrong["closes_at"] = "It cannot close before it is due."
    return wrong


def _over(terms: Terms, now: datetime, fields: tuple[str, ...]) -> Wrong:
    wrong: Wrong = {}
    for field in fields:
        if getattr(terms, field) <= now:
            wrong[field] = "This time is over. Choose one to come."
        elif getattr(terms, field) > now + FARTHEST:
            wrong[field] = "This is more than two years away. Check the year."
    return wrong


def _not_to_come(before: Terms, terms: Terms, now: datetime) -> Wrong:
    """Return which of the dates that move would be over or too far."""
    moved = tuple(field for field in ("due_at", "closes_at") if getattr(before, field) != getattr(terms, field))
    return _over(terms, now, moved)


def _taken_back(before: Terms, terms: Terms) -> Wrong:
    """Return what would take back something that candidates were told."""
    wrong: Wrong = {}
    for field in ("track", "mode", "opens_at"):
        if getattr(before, field) != getattr(terms, field):
            wrong[field] = "It is open: this cannot change any more. Withdraw it and assign another one."
    for field in ("due_at", "closes_at"):
        if getattr(terms, field) < getattr(before, field):
            wrong[field] = f"It is open: this can only move to a later time than {_local(getattr(before, field))}."
    if terms.attempts is not None and (before.attempts is None or terms.attempts < before.attempts):
        allowed = before.attempts or "as many as they like"
        wrong["attempts"] = f"It is open: candidates were told {allowed}, and it can only become more."
    return wrong


def _overlap(terms: Terms, cohort: Cohort, field: str = "track", but: Assignment | None = None) -> Wrong:
    """Return, at field, that the track is assigned in the same mode for a part of this time already."""
    others = Assignment.objects.filter(cohort=cohort, track=terms.track, mode=terms.mode, withdrawn_at=None)
    if but:
        others = others.exclude(pk=but.pk)
    other = others.filter(closes_at__gt=terms.opens_at, opens_at__lt=terms.closes_at).first()
    if other is None:
        return {}
    span = f"from {_local(other.opens_at)} to {_local(other.closes_at)}"
    return {field: f"“{terms.track.title}” is assigned to {cohort} in this mode already, {span}."}


def _unfillable(terms: Terms, actor: User) -> Wrong:
    """Return that the bank has too few published questions for the track."""
    try:
        check_enough_questions(track=terms.track, candidate=actor)
    except NotEnoughQuestions as error:
        return {"track": str(error)}
    return {}


def _local(at: datetime) -> str:
    """Return a time in words, in the zone of who reads them."""
    return date_format(timezone.localtime(at), "j F Y, H:i (e)")


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Return terms as the audit log keeps them."""
    return {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, Track):
        return value.slug
    return value.isoformat() if isinstance(value, datetime) else value


# --- for the candidate ---------------------------------------------------------------------------------------


@transaction.atomic
def start_assigned(*, candidate: User, assignment: Assignment, now: datetime) -> Interview:
    """Start an attempt, or return the one that runs: two tabs at once start one, and it counts once.

    Raises NotOpenYet, AssignmentOver, NoAttemptsLeft, NotEnoughQuestions.
    """
    held = Membership.objects.select_for_update().filter(cohort=assignment.cohort_id, user=candidate)
    if not held.filter(role=Role.CANDIDATE):
        raise AssignmentOver(f"This is for candidates of {assignment.cohort}, and you are none any more.")
    found = assigned_one(candidate, assignment, now)
    if found.running:
        return found.running
    _check_startable(found)
    fresh = found.assignment
    return start_interview(candidate=candidate, track=fresh.track, mode=Mode(fresh.mode), now=now, assignment=fresh)


def _check_startable(found: Assigned) -> None:
    assignment = found.assignment
    if assignment.withdrawn_at:
        raise AssignmentOver("This assignment was withdrawn.")
    if assignment.cohort.archived_at:
        raise AssignmentOver(f"{assignment.cohort} is over, and its assignments with it.")
    if found.stage == Stage.UPCOMING:
        raise NotOpenYet(f"This opens on {_local(assignment.opens_at)}.")
    if found.stage == Stage.CLOSED:
        raise AssignmentOver(f"This closed on {_local(assignment.closes_at)}.")
    if found.attempts_left == 0:
        times = "once" if assignment.attempts == 1 else f"{assignment.attempts} times"
        raise NoAttemptsLeft(f"You can start this {times}, and you have.")
