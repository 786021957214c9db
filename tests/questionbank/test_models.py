"""What the database itself refuses, whoever asks: changes of versions that are no drafts, and doubled versions."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Model

from people.clock import database_now
from questionbank.models import (
    PARTS_OF_A_VERSION,
    Exemplar,
    KeyPoint,
    Misconception,
    Question,
    QuestionVersion,
    ReferenceAnswer,
    Source,
)
from questionbank.selectors import content_of, with_parts
from questionbank.services.versions import create_question, save_draft
from tests.factories import make_content, make_topic


def make_draft(slug: str = "generators") -> QuestionVersion:
    return create_question(slug=slug, topic=make_topic(), content=make_content(), author=None)


def stored_content(version: QuestionVersion) -> Any:
    return content_of(with_parts(QuestionVersion.objects.all()).get(pk=version.pk))


def states(question: Question) -> list[tuple[int, str]]:
    return list(question.versions.order_by("number").values_list("number", "state"))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another"},
        {"prompt": "Another?"},
        {"kind": "design"},
        {"difficulty": "hard"},
        {"minutes": 9},
        {"number": 7},
        {"content_hash": "0" * 64},
        {"state": "draft"},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("state", ["published", "retired"])
def test_a_version_that_is_no_draft_refuses_changes(
    published: QuestionVersion, change: dict[str, Any], state: str
) -> None:
    versions = QuestionVersion.objects.filter(pk=published.pk)
    versions.update(state=state)
    before = versions.values().get()

    with pytest.raises(DatabaseError, match=f"version 1 is {state} and cannot be changed"), transaction.atomic():
        versions.update(**change)

    assert versions.values().get() == before


def test_a_published_version_cannot_be_given_to_another_question(published: QuestionVersion) -> None:
    other = make_draft("other").question

    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        QuestionVersion.objects.filter(pk=published.pk).update(question=other, number=2)

    assert states(other) == [(1, "draft")]


def test_a_version_that_is_no_draft_cannot_be_deleted(published: QuestionVersion) -> None:
    with pytest.raises(DatabaseError, match="of a published version: DELETE refused"), transaction.atomic():
        published.delete()
    with pytest.raises(DatabaseError, match="version 1 is published and cannot be deleted"), transaction.atomic():
        QuestionVersion.objects.filter(pk=published.pk)._raw_delete("default")  # noqa: SLF001 (without its parts)

    assert stored_content(published) == make_content()


CHANGES: list[tuple[type[Model], dict[str, Any]]] = [
    (ReferenceAnswer, {"text": "Another."}),
    (KeyPoint, {"claim": "Another."}),
    (KeyPoint, {"weight": 1}),
    (Misconception, {"claim": "Another."}),
    (Exemplar, {"score": 1}),
    (Source, {"url": "https://example.org/"}),
]


@pytest.mark.parametrize(("part", "change"), CHANGES, ids=lambda value: getattr(value, "__name__", None))
def test_a_part_of_a_published_version_refuses_changes(
    published: QuestionVersion, part: type[Model], change: dict[str, Any]
) -> None:
    rows = part.objects.filter(version=published, position=0)  # type: ignore[attr-defined]

    with pytest.raises(DatabaseError, match="of a published version: UPDATE refused"), transaction.atomic():
        rows.update(**change)

    assert stored_content(published) == make_content()


@pytest.mark.parametrize("part", PARTS_OF_A_VERSION, ids=lambda part: part.__name__)
def test_a_part_of_a_published_version_cannot_be_deleted(published: QuestionVersion, part: Any) -> None:
    with pytest.raises(DatabaseError, match="of a published version: DELETE refused"), transaction.atomic():
        part.objects.filter(version=published).delete()

    assert stored_content(published) == make_content()


@pytest.mark.parametrize("part", PARTS_OF_A_VERSION, ids=lambda part: part.__name__)
def test_a_published_version_takes_no_further_part(published: QuestionVersion, part: Any) -> None:
    row = part.objects.filter(version=published).first()
    row.pk, row.position = None, 99
    if hasattr(row, "slug"):
        row.slug = "another"

    with pytest.raises(DatabaseError, match="of a published version: INSERT refused"), transaction.atomic():
        row.save(force_insert=True)

    assert stored_content(published) == make_content()


@pytest.mark.parametrize("part", PARTS_OF_A_VERSION, ids=lambda part: part.__name__)
def test_a_part_cannot_move_from_a_published_version_to_a_draft(published: QuestionVersion, part: Any) -> None:
    draft = make_draft("other")
    part.objects.filter(version=draft).delete()

    with pytest.raises(DatabaseError, match="of a published version: UPDATE refused"), transaction.atomic():
        part.objects.filter(version=published).update(version=draft)

    assert stored_content(published) == make_content()


@pytest.mark.parametrize("part", PARTS_OF_A_VERSION, ids=lambda part: part.__name__)
def test_a_part_cannot_move_from_a_draft_to_a_published_version(published: QuestionVersion, part: Any) -> None:
    draft = make_draft("other")
    names = {"slug": "another"} if hasattr(part, "slug") else {}

    with pytest.raises(DatabaseError, match="of a published version: UPDATE refused"), transaction.atomic():
        part.objects.filter(version=draft, position=0).update(version=published, position=99, **names)

    assert stored_content(published) == make_content()


@pytest.mark.parametrize(("part", "change"), CHANGES, ids=lambda value: getattr(value, "__name__", None))
def test_a_part_of_a_draft_may_change(part: type[Model], change: dict[str, Any]) -> None:
    draft = make_draft()
    rows = part.objects.filter(version=draft, position=0)  # type: ignore[attr-defined]

    assert rows.update(**change) == 1
    assert rows.filter(**change).exists()


@pytest.mark.parametrize("number", [1, 2])
def test_the_database_holds_one_draft_and_each_number_once(number: int) -> None:
    draft = make_draft()

    with pytest.raises(IntegrityError, match={1: "number_unique", 2: "one_draft"}[number]), transaction.atomic():
        QuestionVersion.objects.create(
            question=draft.question, number=number, title="T", prompt="P", kind="concept", difficulty="easy", minutes=3
        )

    assert states(draft.question) == [(1, "draft")]


def test_the_database_holds_one_published_version(published: QuestionVersion) -> None:
    draft = save_draft(question=published.question, content=make_content(title="Second"), author=None)

    with pytest.raises(IntegrityError, match="version_one_published"), transaction.atomic():
        QuestionVersion.objects.filter(pk=draft.pk).update(state="published", published_at=database_now())

    assert states(published.question) == [(1, "published"), (2, "draft")]
