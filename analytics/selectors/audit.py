"""Reads of the audit log: who may read which entry, what an address asks for, and what entries mean."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, Field, OuterRef, Q, QuerySet, UUIDField, When
from django.db.models.functions import Cast

from analytics.audit_words import in_words
from grading.models import Appeal, GradingJob, MentorQuestion, Regrade, RegradeItem
from interview.models import Assignment
from people.models import AuditEntry, Cohort, Membership, Role, User
from questionbank.models import Import, Question, QuestionVersion

Names = dict[str, str]  # id → name
CHUNK = 1000


# --- Who may read what --------------------------------------------------------------------------------------


def entries_visible_to(user: User, *, cohort: Cohort | None = None) -> QuerySet[AuditEntry]:
    """Return the entries user may read, those about cohort alone if one is given; the newest first.

    A site admin reads all. An admin of cohorts reads what was done to them: to the cohort itself, to its assignments,
    and to the answers of its candidates (reviews, appeals, regrades). What people did to their own accounts, and to
    questions, is none of it.
    """
    entries = AuditEntry.objects.select_related("actor").order_by("-pk")
    if user.is_superuser and cohort is None:
        return entries
    cohorts = Cohort.objects.administered_by(user)
    if cohort is not None:
        cohorts = cohorts.filter(pk=cohort.pk)
    return _about(entries, user, list(cohorts.values_list("pk", flat=True)))


def _about(entries: QuerySet[AuditEntry], user: User, cohorts: Sequence[Any]) -> QuerySet[AuditEntry]:
    """Each object is looked up by its own key for each entry, so a page reads no more entries than it passes over."""
    candidates = Membership.objects.filter(cohort__in=cohorts, role=Role.CANDIDATE).values("user")
    jobs = GradingJob.objects.visible_to(user).filter(candidate__in=candidates)
    return entries.alias(
        job=_id_of("grading.gradingjob", UUIDField()),
        appeal=_id_of("grading.appeal", BigIntegerField()),
        asked=_id_of("grading.mentorquestion", BigIntegerField()),
        regrade=_id_of("grading.regrade", UUIDField()),
        assignment=_id_of("interview.assignment", UUIDField()),
    ).filter(
        Q(object_type="people.cohort", object_id__in=[str(pk) for pk in cohorts])
        | Q(Exists(jobs.filter(pk=OuterRef("job"))))
        | Q(Exists(Appeal.objects.filter(pk=OuterRef("appeal"), job__in=jobs)))
        | Q(Exists(MentorQuestion.objects.filter(pk=OuterRef("asked"), job__in=jobs)))
        | Q(Exists(RegradeItem.objects.filter(regrade=OuterRef("regrade"), job__in=jobs)))
        | Q(Exists(Assignment.objects.filter(pk=OuterRef("assignment"), cohort__in=cohorts)))
    )


def _id_of(object_type: str, key: "Field[Any, Any]") -> Case:
    """Return the object's key where an entry is of that type; a CASE keeps other ids from being read as such a key."""
    return Case(When(object_type=object_type, then=Cast("object_id", key)), output_field=key)


def find(entries: QuerySet[AuditEntry], asked: dict[str, Any]) -> QuerySet[AuditEntry]:
    """Return those of entries that asked is about: who, action, object, since, until (days, both included)."""
    if who := asked.get("who"):
        entries = entries.filter(Q(actor__name__icontains=who) | Q(actor__email__icontains=who))
    if action := asked.get("action"):
        entries = entries.filter(action=action)
    if about := asked.get("about"):
        object_type, _, object_id = about.partition(":")
        entries = entries.filter(object_type=object_type, object_id=object_id)
    if since := asked.get("since"):
        entries = entries.filter(at__date__gte=since)
    if until := asked.get("until"):
        entries = entries.filter(at__date__lte=until)
    return entries


# --- What they mean -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An entry with its words."""

    entry: AuditEntry
    words: str

    @property
    def actor(self) -> str:
        return self.entry.actor.display_name if self.entry.actor else "Greenroom"

    @property
    def about(self) -> str:
        """The object, as an address names it."""
        return f"{self.entry.object_type}:{self.entry.object_id}"


def lines_of(entries: Iterable[AuditEntry]) -> Iterator[Line]:
    """Yield entries with their words; a query for each kind of object and CHUNK entries, whatever their number."""
    chunk: list[AuditEntry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) == CHUNK:
            yield from _named(chunk)
            chunk = []
    yield from _named(chunk)


def _named(entries: Sequence[AuditEntry]) -> Iterator[Line]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        wanted[entry.object_type].add(entry.object_id)
        for key, object_type in DETAILS.items():
            if key in entry.detail:
                wanted[object_type].add(str(entry.detail[key]))
    names = {object_type: NAMES[object_type](ids) for object_type, ids in wanted.items() if object_type in NAMES}
    for entry in entries:
        said = {
            key: names[object_type].get(str(entry.detail[key]), "")
            for key, object_type in DETAILS.items()
            if key in entry.detail
        }
        said["on"] = names.get(entry.object_type, {}).get(entry.object_id, "")
        known = {key: name for key, name in said.items() if name}
        yield Line(entry, in_words(entry.action, entry.detail, known))


# What ids in a detail are of.
DETAILS = {"user": "people.user", "source": "people.cohort", "cohort": "people.cohort"}


def _users(ids: set[str]) -> Names:
    return {str(user.pk): user.display_name for user in User.objects.filter(pk__in=ids)}


def _by(queryset: QuerySet[Any], name: str) -> Callable[[set[str]], Names]:
    return lambda ids: {str(pk): str(text) for pk, text in queryset.filter(pk__in=ids).values_list("pk", name)}


def _answer(job: GradingJob) -> str:
    return f"{job.candidate.display_name}’s answer to “{job.version.title}”"


def _jobs(ids: set[str]) -> Names:
    jobs = GradingJob.objects.select_related("candidate", "version").only(
        "candidate__name", "candidate__email", "version__title"
    )
    return {str(job.pk): _answer(job) for job in jobs.filter(pk__in=ids)}


def _through_job(model: type[Appeal | MentorQuestion]) -> Callable[[set[str]], Names]:
    def names(ids: set[str]) -> Names:
        found = model.objects.select_related("job__candidate", "job__version").filter(pk__in=ids)
        return {str(one.pk): _answer(one.job) for one in found}

    return names


def _assignments(ids: set[str]) -> Names:
    found = Assignment.objects.select_related("track", "cohort").filter(pk__in=ids)
    return {str(one.pk): f"{one.track.title} to {one.cohort.name}" for one in found}


NAMES: dict[str, Callable[[set[str]], Names]] = {
    "people.user": _users,
    "people.cohort": _by(Cohort.objects.all(), "name"),
    "questionbank.question": _by(Question.objects.all(), "slug"),
    "questionbank.questionversion": _by(QuestionVersion.objects.all(), "title"),
    "questionbank.import": _by(Import.objects.all(), "name"),
    "grading.gradingjob": _jobs,
    "grading.appeal": _through_job(Appeal),
    "grading.mentorquestion": _through_job(MentorQuestion),
    "grading.regrade": _by(Regrade.objects.all(), "version__title"),
    "interview.assignment": _assignments,
}
