"""Files of questions on their way into the bank: uploaded, checked by a worker, then imported as drafts or cancelled.

A check writes nothing but its findings; an import is one transaction. Both read the file anew, so that nothing but the
file has to be kept between them. An advisory lock lets one worker at a time be at an import; the work of one that is
killed is done by the next that the sweep rings for.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max, QuerySet

from people.bell import ring
from people.clock import database_now
from people.models import User
from people.services.audit import audit, audit_all
from questionbank.formats.common import Read, Reading, Unreadable
from questionbank.formats.registry import FORMATS
from questionbank.models import Import, ImportState, Question, QuestionVersion, Topic, VersionState
from questionbank.services.versions import create_parts
from questionbank.signals import imported

RUN_IMPORT = "questionbank.run_import"
# How many of one kind a report names; it counts them all.
NAMED = 200
# Questions written together: enough for few queries, few enough that progress shows.
AT_ONCE = 250
RING_AGAIN_AFTER = timedelta(seconds=30)
# The contents of imports that nobody went on with are dropped after so long.
FORGOTTEN_AFTER = timedelta(days=7)
MAX_ATTEMPTS = 3


class Cancelled(Exception):
    """The mentor has cancelled the import while a worker was at it."""


@dataclass
class Plan:
    """What an import would do: new questions, next versions, and whom it leaves alone, as the file has them.

    numbers: of the questions that are there, by slug, the number of the newest version.
    """

    created: list[Read] = field(default_factory=list)
    updated: list[Read] = field(default_factory=list)
    unchanged: list[Read] = field(default_factory=list)
    waiting: list[Read] = field(default_factory=list)
    missing_topics: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


# --- What the mentor does -----------------------------------------------------------------------------------


@transaction.atomic
def upload(*, name: str, format_name: str, data: bytes, topic: Topic | None, actor: User, now: datetime) -> Import:
    """Take a file in. A table waits for its columns to be named; anything else is checked at once.

    topic: for questions that name none. Raises ValidationError for a file that is empty, or no table where one is
    meant.
    """
    if not data:
        raise ValidationError("The file is empty.")
    format_ = FORMATS[format_name]
    mapping: Mapping[str, str] = {}
    if format_.peek:
        try:
            mapping = format_.peek(data).mapping
        except Unreadable as unreadable:
            raise ValidationError(f"The file {unreadable}.") from unreadable
    taken = Import.objects.create(
        uploaded_by=actor,
        name=PurePath(name.replace("\\", "/")).name[-255:] or "file",
        format=format_name,
        content=data,
        digest=hashlib.sha256(data).hexdigest(),
        mapping=mapping,
        topic=topic.slug if topic else "",
        created_at=now,
        rung_at=now,
    )
    audit(actor=actor, action="import.upload", on=taken, name=taken.name, format=format_name, bytes=len(data))
    if not format_.needs_mapping:
        _begin(taken, ImportState.CHECKING, now)
    return taken


@transaction.atomic
def check(*, import_: Import, mapping: Mapping[str, str], now: datetime) -> None:
    """Check the file, the columns of a table as mapping (header → field, "" for left out) says.

    Raises ValidationError while a worker is at it, and once it is over.
    """
    locked = _locked(import_, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    _begin(locked, ImportState.CHECKING, now, mapping=dict(mapping))


@transaction.atomic
def apply(*, import_: Import, only_valid: bool, create_topics: bool, now: datetime) -> None:
    """Import what was checked: all of it, or with only_valid what has no problem.

    Raises ValidationError for problems that only_valid does not allow for, for topics that are not there and not to be
    created, and where there is nothing to do.
    """
    locked = _locked(import_, ImportState.CHECKED)
    if locked.problems and not only_valid:
        raise ValidationError("The file has problems. Mend them and upload it again, or leave out what has them.")
    if locked.report["missing_topics"] and not create_topics:
        raise ValidationError("Some topics do not exist yet. Let them be created, or give the questions others.")
    if not locked.report["created"] + locked.report["updated"]:
        raise ValidationError("There is nothing to import: no question is new or changed.")
    _begin(locked, ImportState.APPLYING, now, only_valid=only_valid, create_topics=create_topics)


@transaction.atomic
def cancel(*, import_: Import, actor: User, now: datetime) -> None:
    """Give an import up; a worker that is at it stops and leaves nothing. Raises ValidationError once it is over."""
    open_states = [s for s in ImportState if s not in (ImportState.APPLIED, ImportState.CANCELLED)]
    cancelled = Import.objects.filter(pk=import_.pk, state__in=open_states).update(
        state=ImportState.CANCELLED, finished_at=now, content=b""
    )
    if cancelled != 1:
        raise ValidationError("This import is over already.")
    audit(actor=actor, action="import.cancel", on=import_)


def _locked(import_: Import, *states: ImportState) -> Import:
    locked = Import.objects.select_for_update().defer("content").get(pk=import_.pk)
    if locked.state not in states:
        raise ValidationError(f"This import is {locked.get_state_display().lower()} by now. Look at it again.")
    return locked


def _begin(import_: Import, state: ImportState, now: datetime, **chosen: Any) -> None:
    begun = {**chosen, "state": state, "rung_at": now, "trouble": "", "attempts": 0}
    for name, value in begun.items():
        setattr(import_, name, value)
    import_.save(update_fields=list(begun))  # and not the content again
    transaction.on_commit(lambda: ring(RUN_IMPORT, import_.pk))


# --- What a worker does -------------------------------------------------------------------------------------


def run(*, import_id: UUID) -> None:
    """Check or import what waits; nothing where that is done, or another worker is at it.

    What goes wrong is said on the page and raised. A worker that is killed says nothing: after some of these the
    import is given up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"import {import_id}"])
        if not cursor.fetchone()[0]:
            return
        try:
            _run(import_id)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"import {import_id}"])


def _waiting() -> QuerySet[Import]:
    """Return the imports that wait. A format that a later version of Greenroom reads waits for its worker."""
    return Import.objects.filter(state__in=[ImportState.CHECKING, ImportState.APPLYING], format__in=list(FORMATS))


def _run(import_id: UUID) -> None:
    waiting = _waiting().filter(pk=import_id)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    taken = Import.objects.get(pk=import_id)
    failed = ImportState.FAILED if taken.state == ImportState.CHECKING else ImportState.CHECKED
    try:
        if taken.attempts > MAX_ATTEMPTS:
            _finish(taken, failed, trouble="The worker stopped each time before it was done with this file.")
            return
        with transaction.atomic():
            _check(taken) if taken.state == ImportState.CHECKING else _apply(taken)
    except Cancelled:
        return
    except ValidationError as refused:
        _finish(taken, failed, trouble=" ".join(refused.messages))
    except IntegrityError:  # a question or topic of the same name was made this very moment
        _finish(taken, failed, trouble="The bank changed at the same moment. Nothing was imported; try again.")
        raise
    except Exception as error:  # a time limit among others
        _finish(taken, failed, trouble=f"Something went wrong here ({type(error).__name__}). Nothing was imported.")
        raise


def sweep(*, now: datetime) -> None:
    """Ring again for imports that wait too long, and drop the contents of those that nobody went on with."""
    due = _waiting().filter(rung_at__lte=now - RING_AGAIN_AFTER)
    for pk in due.values_list("pk", flat=True):
        if ring(RUN_IMPORT, pk):
            Import.objects.filter(pk=pk).update(rung_at=now)
    Import.objects.filter(
        created_at__lte=now - FORGOTTEN_AFTER,
        finished_at=None,
        state__in=[ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED],
    ).update(state=ImportState.CANCELLED, finished_at=now, content=b"")


def progress_of(import_id: UUID) -> tuple[int, int] | None:
    """Return (questions done, questions in all) of an import that a worker is at, or None while nothing is known."""
    known: tuple[int, int] | None = cache.get(_progress_key(import_id))
    return known


def _progress_key(import_id: UUID) -> str:
    return f"import-progress:{import_id}"


def _note_progress(import_: Import, done: int, of: int) -> None:
    """Tell the page how far it is; stop where the mentor has cancelled meanwhile."""
    if not Import.objects.filter(pk=import_.pk, state=import_.state).exists():
        raise Cancelled
    # A transaction hides its rows until it is over, so the cache carries the number. It may be lost without harm.
    cache.set(_progress_key(import_.pk), (done, of), timeout=600)


def _read(import_: Import) -> Reading:
    return FORMATS[import_.format].read(bytes(import_.content), mapping=import_.mapping, topic=import_.topic)


def _check(import_: Import) -> None:
    reading = _read(import_)
    plan = _plan(reading)
    unreadable = bool(reading.problems) and not reading.questions
    _finish(
        import_,
        ImportState.FAILED if unreadable else ImportState.CHECKED,
        problems=[[problem.place, problem.field, problem.message] for problem in reading.problems],
        notes=[[note.place, note.message] for note in reading.notes],
        report=_report(plan),
    )


def _apply(import_: Import) -> None:
    reading = _read(import_)
    plan = _plan(reading, lock=True)
    if plan.missing_topics and not import_.create_topics:
        raise ValidationError("Topics were removed meanwhile. Check the file again.")
    versions = _write(import_, plan, _topics(plan, reading))
    imported.send(sender=Import, versions=[version.pk for version in versions])
    counts = {"created": len(plan.created), "updated": len(plan.updated)}
    audit(actor=import_.uploaded_by, action="import.apply", on=import_, **counts)
    _finish(import_, ImportState.APPLIED, report=_report(plan), finished_at=database_now(), content=b"")


def _finish(import_: Import, state: ImportState, **fields: Any) -> None:
    if Import.objects.filter(pk=import_.pk, state=import_.state).update(state=state, **fields) != 1:
        raise Cancelled


def _report(plan: Plan) -> dict[str, Any]:
    """Return what a page says of a plan, as JSON: counts, and the names of some."""
    parts = {name: getattr(plan, name) for name in ("created", "updated", "unchanged", "waiting")}
    return {
        **{name: len(reads) for name, reads in parts.items()},
        "slugs": {name: [read.question.slug for read in reads[:NAMED]] for name, reads in parts.items()},
        "unfinished": sum(read.unfinished for read in plan.created + plan.updated),
        "missing_topics": plan.missing_topics,
    }


def _plan(reading: Reading, *, lock: bool = False) -> Plan:
    """Say of each question what becomes of it: as load_pack does, what was said in any version is left alone."""
    plan = Plan()
    slugs = [read.question.slug for read in reading.questions]
    known = Question.objects.filter(slug__in=slugs).order_by("pk")
    if lock:
        list(known.select_for_update().values_list("pk"))
    said, open_, plan.numbers = _said(list(known.values_list("slug", flat=True)))
    taken = {*Question.objects.values_list("slug", flat=True), *slugs}
    elsewhere = _said_by_any(read.question.content.content_hash for read in reading.questions if not read.named)
    for read in reading.questions:
        slug, content = read.question.slug, read.question.content
        is_said = content.content_hash in (said.get(slug, ()) if read.named else elsewhere)
        if is_said:
            plan.unchanged.append(read)
        elif slug in said and not read.named:
            plan.created.append(replace(read, question=replace(read.question, slug=_free(slug, taken))))
        elif slug in open_:
            plan.waiting.append(read)
        else:
            (plan.updated if slug in said else plan.created).append(read)
    plan.missing_topics = _missing_topics(plan, reading)
    return plan


def _said(slugs: Sequence[str]) -> tuple[dict[str, set[str]], set[str], dict[str, int]]:
    """Return, by question, the hashes of all that it has said; those with a version that is open; newest numbers."""
    said: dict[str, set[str]] = {}
    open_: set[str] = set()
    numbers: dict[str, int] = {}
    rows = QuestionVersion.objects.filter(question__slug__in=slugs)
    for slug, content_hash, state, number in rows.values_list("question__slug", "content_hash", "state", "number"):
        said.setdefault(slug, set()).add(content_hash)
        numbers[slug] = max(number, numbers.get(slug, 0))
        if state in (VersionState.DRAFT, VersionState.IN_REVIEW):
            open_.add(slug)
    return said, open_, numbers


def _said_by_any(hashes: Iterable[str]) -> set[str]:
    """Return those of these contents that some question has said: a file that names nothing may come in twice."""
    said = QuestionVersion.objects.filter(content_hash__in=list(hashes))
    return set(said.values_list("content_hash", flat=True))


def _free(slug: str, taken: set[str]) -> str:
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    taken.add(f"{slug}-{number}")
    return f"{slug}-{number}"


def _missing_topics(plan: Plan, reading: Reading) -> dict[str, str]:
    """Return id → title of the topics that questions to be written name and that are missing; parents come first."""
    there = set(Topic.objects.values_list("slug", flat=True))
    described = {topic["id"]: topic for topic in reading.topics}
    missing: dict[str, str] = {}
    for slug in dict.fromkeys(read.question.topic for read in plan.created + plan.updated):
        chain = []
        while slug and slug not in there:
            chain.append(slug)
            slug = described.get(slug, {}).get("parent", "")  # noqa: PLW2901 (climbing up the tree)
        missing |= {one: described.get(one, {}).get("title", _in_words(one)) for one in reversed(chain)}
    return missing


def _in_words(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _topics(plan: Plan, reading: Reading) -> dict[str, Topic]:
    """Return the topics of the questions to be written by their ids, those that are missing made."""
    parents = {topic["id"]: topic.get("parent", "") for topic in reading.topics}
    position = (Topic.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    for number, (slug, title) in enumerate(plan.missing_topics.items()):
        parent = Topic.objects.filter(slug=parents.get(slug, "")).first()
        Topic.objects.create(slug=slug, title=title, parent=parent, position=position + number)
    wanted = {read.question.topic for read in plan.created + plan.updated}
    return {topic.slug: topic for topic in Topic.objects.filter(slug__in=wanted)}


def _write(import_: Import, plan: Plan, topics: Mapping[str, Topic]) -> list[QuestionVersion]:
    """Write each question's draft; return the drafts."""
    Question.objects.bulk_create(
        Question(slug=read.question.slug, topic=topics[read.question.topic]) for read in plan.created
    )
    reads = plan.created + plan.updated
    questions = {q.slug: q for q in Question.objects.filter(slug__in=[read.question.slug for read in reads])}
    written: list[QuestionVersion] = []
    for start in range(0, len(reads), AT_ONCE):
        _note_progress(import_, start, len(reads))
        written += _write_some(import_, reads[start : start + AT_ONCE], questions, plan.numbers)
    audit_all(actor=import_.uploaded_by, action="question.import", on=list(questions.values()), file=import_.name)
    return written


def _write_some(
    import_: Import, reads: Sequence[Read], questions: Mapping[str, Question], numbers: Mapping[str, int]
) -> list[QuestionVersion]:
    contents = [read.question.content for read in reads]
    versions = QuestionVersion.objects.bulk_create(
        QuestionVersion(
            question=questions[read.question.slug],
            number=numbers.get(read.question.slug, 0) + 1,
            title=content.title,
            prompt=content.prompt,
            kind=content.kind,
            difficulty=content.difficulty,
            minutes=content.minutes,
            content_hash=content.content_hash,
            author=import_.uploaded_by,
        )
        for read, content in zip(reads, contents, strict=True)
    )
    create_parts(list(zip(versions, contents, strict=True)))
    import_.versions.add(*versions)
    return versions
