"""Imports: what a check finds, that an import is all or nothing, and what becomes of those that are stopped."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from people.clock import database_now
from people.models import AuditEntry, User
from questionbank.content import QuestionContent
from questionbank.formats.pack import PackQuestion
from questionbank.formats.registry import FORMATS
from questionbank.models import Import, ImportState, Question, QuestionVersion, Topic, VersionState
from questionbank.selectors import content_of, to_export, topics_as_dicts, with_parts
from questionbank.services import imports
from questionbank.services.versions import discard_draft, publish, save_draft
from questionbank.signals import imported
from tests.factories import UserFactory, make_content, make_topic, publish_question
from tests.questionbank.conftest import raw_pack, raw_question
from tests.races import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor() -> User:
    return UserFactory(name="Mira Mentor")


@pytest.fixture
def core() -> Topic:
    return make_topic("core")


def _upload(mentor: User, raw: Any = None, *, format_name: str = "pack-json", **options: Any) -> Import:
    data = raw if isinstance(raw, bytes) else json.dumps(raw or raw_pack()).encode()
    given = {"name": "bank.json", "topic": None, **options}
    return imports.upload(format_name=format_name, data=data, actor=mentor, now=database_now(), **given)


def _checked(mentor: User, raw: Any = None, **options: Any) -> Import:
    taken = _upload(mentor, raw, **options)
    imports.run(import_id=taken.pk)
    taken.refresh_from_db()
    return taken


def _applied(taken: Import, *, only_valid: bool = False, create_topics: bool = False) -> Import:
    imports.apply(import_=taken, only_valid=only_valid, create_topics=create_topics, now=database_now())
    imports.run(import_id=taken.pk)
    taken.refresh_from_db()
    return taken


def _pack(*slugs: str, **changes: Any) -> dict[str, Any]:
    return raw_pack(questions=[raw_question(slug, **changes) for slug in slugs])


def _counts(taken: Import) -> tuple[int, int, int, int]:
    report = taken.report
    return report["created"], report["updated"], report["unchanged"], report["waiting"]


# --- Uploading ----------------------------------------------------------------------------------------------


def test_an_uploaded_pack_is_checked_at_once_and_a_table_waits_for_its_columns(mentor: User) -> None:
    assert _upload(mentor).state == ImportState.CHECKING
    table = _upload(mentor, b"Question,Level\nWhat is a p-value?,easy\n", format_name="csv", name="bank.csv")

    assert table.state == ImportState.UPLOADED
    assert table.mapping == {"Question": "prompt", "Level": "difficulty"}
    assert AuditEntry.objects.filter(action="import.upload", actor=mentor).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_told_after_the_commit(mentor: User) -> None:
    with current_app.connection_for_read() as broker, broker.SimpleQueue("bench") as queue:
        queue.clear()
        taken = _upload(mentor)
        message = queue.get(timeout=2)

    assert message.headers["task"] == imports.RUN_IMPORT
    assert message.payload[0] == [str(taken.pk)]


@pytest.mark.parametrize(
    ("data", "format_name", "message"),
    [
        (b"", "pack", "The file is empty."),
        (b"%PDF-1.7", "csv", "The file is a PDF."),
        (b"not a workbook", "xlsx", "The file "),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_kept(
    mentor: User, data: bytes, format_name: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _upload(mentor, data, format_name=format_name)

    assert refused.value.messages[0].startswith(message)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\bank\\my.json", "my.json"), ("", "file"), ("x" * 300, "x" * 255)],
)
def test_of_a_file_name_only_the_last_part_is_kept(mentor: User, name: str, kept: str) -> None:
    assert _upload(mentor, name=name).name == kept


# --- Checking -----------------------------------------------------------------------------------------------


def test_a_check_says_what_would_become_of_each_question_and_writes_nothing(mentor: User, core: Topic) -> None:
    publish_question("same", topic=core)
    publish_question("changed", topic=core, title="Another title")
    waiting = publish_question("waiting", topic=core, title="Another title")
    save_draft(question=waiting.question, content=make_content(title="Being written"), author=None)
    before = list(QuestionVersion.objects.values())

    taken = _checked(mentor, _pack("same", "changed", "waiting", "fresh"))

    assert taken.state == ImportState.CHECKED
    assert _counts(taken) == (1, 1, 1, 1)
    assert taken.report["slugs"] == {
        "created": ["fresh"],
        "updated": ["changed"],
        "unchanged": ["same"],
        "waiting": ["waiting"],
    }
    assert list(QuestionVersion.objects.values()) == before


def test_problems_are_named_by_place_and_field_and_the_other_questions_stay(mentor: User, core: Topic) -> None:
    raw = _pack("good", "bad")
    raw["questions"][1]["difficulty"] = "impossible"

    taken = _checked(mentor, raw)

    assert (taken.state, _counts(taken)) == (ImportState.CHECKED, (1, 0, 0, 0))
    ((place, field, message),) = taken.problems
    assert (place, field) == ("question 2", "difficulty")
    assert "impossible" in message


def test_a_file_in_which_nothing_can_be_read_has_failed(mentor: User) -> None:
    taken = _checked(mentor, b"{not json")

    assert taken.state == ImportState.FAILED
    assert len(taken.problems) == 1


def test_topics_that_are_not_there_are_named_with_those_above_them(mentor: User) -> None:
    taken = _checked(mentor, _pack("one"))

    assert taken.report["missing_topics"] == {"python": "Python", "core": "Core"}


def test_a_table_is_read_as_its_columns_are_named(mentor: User, core: Topic) -> None:
    table = b"What,How hard\nWhat is a p-value and what is it not?,hard\n"
    taken = _upload(mentor, table, format_name="csv", name="bank.csv", topic=core)

    imports.check(import_=taken, mapping={"What": "prompt", "How hard": "difficulty"}, now=database_now())
    imports.run(import_id=taken.pk)
    taken.refresh_from_db()

    assert (taken.state, taken.report["created"], taken.report["unfinished"]) == (ImportState.CHECKED, 1, 1)


def test_a_name_that_was_made_of_the_title_does_not_meet_another_question(mentor: User, core: Topic) -> None:
    table = b"prompt,title\nWhat is a p-value and what is it not?,P-values\n"
    publish_question("p-values", topic=core)
    taken = _upload(mentor, table, format_name="csv", name="bank.csv", topic=core)
    imports.check(import_=taken, mapping={"prompt": "prompt", "title": "title"}, now=database_now())
    imports.run(import_id=taken.pk)
    taken.refresh_from_db()

    assert taken.report["slugs"]["created"] == ["p-values-2"]


# --- Importing ----------------------------------------------------------------------------------------------


def test_what_is_new_or_changed_becomes_drafts_of_the_mentors(mentor: User, core: Topic) -> None:
    publish_question("changed", topic=core, title="Another title")

    taken = _applied(_checked(mentor, _pack("changed", "fresh")))

    assert (taken.state, bytes(taken.content), taken.trouble) == (ImportState.APPLIED, b"", "")
    assert taken.finished_at is not None
    drafts = with_parts(QuestionVersion.objects.filter(state=VersionState.DRAFT)).order_by("question__slug")
    assert [(d.question.slug, d.number, d.author) for d in drafts] == [("changed", 2, mentor), ("fresh", 1, mentor)]
    expected = QuestionContent.from_dict(raw_question())
    assert [content_of(draft) for draft in drafts] == [expected, expected]
    assert [draft.content_hash for draft in drafts] == [expected.content_hash] * 2
    assert AuditEntry.objects.get(action="import.apply").detail == {"created": 1, "updated": 1}
    assert AuditEntry.objects.filter(action="question.import", detail={"file": "bank.json"}).count() == 2


def test_the_drafts_are_told_to_those_above(mentor: User, core: Topic) -> None:
    told: list[Any] = []

    def listen(versions: list[Any], **_: Any) -> None:
        told.extend(versions)

    imported.connect(listen)
    try:
        _applied(_checked(mentor, _pack("one", "two")))
    finally:
        imported.disconnect(listen)

    assert set(told) == set(QuestionVersion.objects.values_list("pk", flat=True))


def test_a_second_import_of_the_same_file_changes_nothing(mentor: User, core: Topic) -> None:
    for draft in _drafts_of(_applied(_checked(mentor, _pack("one", "two")))):
        publish(version=draft, actor=None, now=database_now())

    taken = _checked(mentor, _pack("one", "two"))

    assert _counts(taken) == (0, 0, 2, 0)
    with pytest.raises(ValidationError, match="There is nothing to import"):
        imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())


def _drafts_of(_taken: Import) -> Iterator[QuestionVersion]:
    return iter(list(QuestionVersion.objects.filter(state=VersionState.DRAFT)))


def test_problems_and_missing_topics_have_to_be_agreed_to(mentor: User) -> None:
    raw = _pack("good", "bad")
    raw["questions"][1]["difficulty"] = "impossible"
    taken = _checked(mentor, raw)

    with pytest.raises(ValidationError, match="The file has problems"):
        imports.apply(import_=taken, only_valid=False, create_topics=True, now=database_now())
    with pytest.raises(ValidationError, match="Some topics do not exist"):
        imports.apply(import_=taken, only_valid=True, create_topics=False, now=database_now())
    _applied(taken, only_valid=True, create_topics=True)

    assert list(Question.objects.values_list("slug", "topic__slug", "topic__parent__slug")) == [
        ("good", "core", "python")
    ]
    assert Topic.objects.get(slug="core").title == "Core"


def test_an_error_in_the_middle_leaves_nothing_and_says_so(
    mentor: User, core: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = _checked(mentor, _pack("one", "two"))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())

    def full(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(imports, "create_parts", full)
    with pytest.raises(OSError, match="disk full"):
        imports.run(import_id=taken.pk)

    taken.refresh_from_db()
    assert taken.state == ImportState.CHECKED
    assert taken.trouble == "Something went wrong here (OSError). Nothing was imported."
    assert (Question.objects.count(), QuestionVersion.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert _applied(taken).state == ImportState.APPLIED


def test_a_topic_that_is_removed_meanwhile_stops_the_import(mentor: User, core: Topic) -> None:
    taken = _checked(mentor, _pack("one"))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())
    core.delete()

    imports.run(import_id=taken.pk)

    taken.refresh_from_db()
    assert (taken.state, taken.trouble) == (
        ImportState.CHECKED,
        "Topics were removed meanwhile. Check the file again.",
    )


def test_a_table_without_names_comes_in_once_though_other_questions_have_its_titles(mentor: User, core: Topic) -> None:
    table = b"prompt,title\nWhat is a p-value and what is it not?,P-values\n"
    publish_question("p-values", topic=core)
    for expected in [(1, 0, 0, 0), (0, 0, 1, 0)]:
        taken = _upload(mentor, table, format_name="csv", name="bank.csv", topic=core)
        imports.check(import_=taken, mapping=taken.mapping, now=database_now())
        imports.run(import_id=taken.pk)
        taken.refresh_from_db()
        assert _counts(taken) == expected
        if taken.report["created"]:
            _applied(taken)


def test_a_question_made_at_the_same_moment_stops_the_import(
    mentor: User, core: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = _checked(mentor, _pack("one"))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())
    plan = imports._plan  # noqa: SLF001 (the moment between plan and writing)

    def plan_then_collide(*args: Any, **options: Any) -> Any:
        made = plan(*args, **options)
        Question.objects.create(slug="one", topic=core)
        return made

    monkeypatch.setattr(imports, "_plan", plan_then_collide)
    with pytest.raises(IntegrityError):
        imports.run(import_id=taken.pk)

    taken.refresh_from_db()
    assert (taken.state, taken.trouble) == (
        ImportState.CHECKED,
        "The bank changed at the same moment. Nothing was imported; try again.",
    )


def test_an_import_knows_its_drafts_until_they_are_discarded(mentor: User, core: Topic) -> None:
    taken = _applied(_checked(mentor, _pack("one", "two")))
    assert sorted(taken.versions.values_list("question__slug", flat=True)) == ["one", "two"]

    discard_draft(question=Question.objects.get(slug="one"), actor=mentor)

    assert list(taken.versions.values_list("question__slug", flat=True)) == ["two"]


def test_going_on_neither_reads_nor_writes_the_file_again(mentor: User, core: Topic) -> None:
    taken = _checked(mentor, _pack("one"))

    with CaptureQueriesContext(connection) as queries:
        imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())

    assert not any("content" in query["sql"] for query in queries)


def test_an_import_takes_the_same_queries_for_many_questions(
    mentor: User, core: Topic, django_assert_max_num_queries: Any
) -> None:
    taken = _checked(mentor, _pack(*(f"q{number}" for number in range(60))))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())

    with django_assert_max_num_queries(40):
        imports.run(import_id=taken.pk)

    assert QuestionVersion.objects.count() == 60


def test_progress_is_seen_from_outside_the_transaction(
    mentor: User, core: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    seen: list[Any] = []
    write = imports.create_parts
    monkeypatch.setattr(
        imports, "create_parts", lambda contents: (seen.append(imports.progress_of(taken.pk)), write(contents))
    )
    taken = _checked(mentor, _pack("one", "two"))

    _applied(taken)

    assert seen == [(0, 2), (1, 2)]


# --- What is stopped ----------------------------------------------------------------------------------------


def test_a_cancelled_import_is_over_and_its_file_is_gone(mentor: User, core: Topic) -> None:
    taken = _checked(mentor, _pack("one"))

    imports.cancel(import_=taken, actor=mentor, now=database_now())
    imports.run(import_id=taken.pk)

    taken.refresh_from_db()
    assert (taken.state, bytes(taken.content)) == (ImportState.CANCELLED, b"")
    assert not Question.objects.exists()
    with pytest.raises(ValidationError, match="over already"):
        imports.cancel(import_=taken, actor=mentor, now=database_now())
    with pytest.raises(ValidationError, match="cancelled by now"):
        imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())


def test_a_worker_stops_where_the_mentor_cancels(mentor: User, core: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = _checked(mentor, _pack("one", "two"))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())
    monkeypatch.setattr(imports, "AT_ONCE", 1)
    write = imports.create_parts

    def cancel_then_write(contents: Any) -> None:
        if imports.progress_of(taken.pk) == (0, 2):
            Import.objects.filter(pk=taken.pk).update(state=ImportState.CANCELLED)
        write(contents)

    monkeypatch.setattr(imports, "create_parts", cancel_then_write)
    imports.run(import_id=taken.pk)

    assert not Question.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_import_once(mentor: User, core: Topic) -> None:
    taken = _checked(mentor, _pack("one", "two"))
    imports.apply(import_=taken, only_valid=False, create_topics=False, now=database_now())

    race(lambda: imports.run(import_id=taken.pk), lambda: imports.run(import_id=taken.pk))

    taken.refresh_from_db()
    assert (taken.state, QuestionVersion.objects.count()) == (ImportState.APPLIED, 2)


def test_a_file_that_stops_the_worker_each_time_is_given_up(mentor: User) -> None:
    taken = _upload(mentor)
    Import.objects.filter(pk=taken.pk).update(attempts=imports.MAX_ATTEMPTS)

    imports.run(import_id=taken.pk)

    taken.refresh_from_db()
    assert taken.state == ImportState.FAILED
    assert taken.trouble.startswith("The worker stopped each time")


def test_the_sweep_rings_again_and_forgets_what_nobody_went_on_with(mentor: User) -> None:
    waiting, forgotten = _upload(mentor), _checked(mentor)
    now = database_now()
    Import.objects.filter(pk=waiting.pk).update(rung_at=now - timedelta(minutes=5))
    Import.objects.filter(pk=forgotten.pk).update(created_at=now - timedelta(days=8))

    imports.sweep(now=now)

    waiting.refresh_from_db()
    forgotten.refresh_from_db()
    assert waiting.rung_at == now
    assert (forgotten.state, bytes(forgotten.content)) == (ImportState.CANCELLED, b"")


def test_nothing_happens_for_an_import_that_is_not_there() -> None:
    imports.run(import_id=uuid4())

    assert not Import.objects.exists()


def test_progress_is_unknown_where_the_cache_has_lost_it() -> None:
    cache.clear()

    assert imports.progress_of(uuid4()) is None


# --- Out and in again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", FORMATS)
def test_what_goes_out_comes_in_again_as_it_was(mentor: User, core: Topic, format_name: str) -> None:
    odd = make_content(title="With “quotes”, commas; and more", prompt="=1+1, is that a formula?\nOr two lines?")
    items = [PackQuestion("one", "core", make_content()), PackQuestion("two", "core", odd)]
    data = FORMATS[format_name].write(items, topics_as_dicts())

    taken = _upload(mentor, data, format_name=format_name, name="bank")
    if FORMATS[format_name].needs_mapping:
        imports.check(import_=taken, mapping=taken.mapping, now=database_now())
    imports.run(import_id=taken.pk)
    taken.refresh_from_db()
    assert taken.problems == []
    _applied(taken)

    assert to_export(Question.objects.all()) == items
