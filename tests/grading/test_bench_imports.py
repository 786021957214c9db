"""How the questions of a file do on the bench: asked for on import, counted for the import's page."""

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from grading.models import BenchRun, BenchState
from grading.selectors import bench as selectors
from grading.services.bench import request_checks
from people.clock import database_now
from people.models import User
from questionbank.content import ExemplarContent
from questionbank.models import Import, QuestionVersion
from questionbank.services.versions import create_question
from tests.conftest import client_of
from tests.factories import make_content, make_topic

IDENTITY = {"engine": "1", "encoder": "stub"}
NEAR = "Strong and half answers are too close."


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "running_identity", lambda: IDENTITY)


@pytest.fixture
def import_(mentor: User) -> Import:
    now = database_now()
    return Import.objects.create(
        uploaded_by=mentor, name="bank", format="csv", content=b"", digest="", created_at=now, rung_at=now
    )


def draft_of(slug: str, import_: Import, **changes: Any) -> QuestionVersion:
    content = make_content(**{"title": slug, **changes})
    draft = create_question(slug=slug, topic=make_topic(), content=content, author=None)
    import_.versions.add(draft)
    return draft


def tried(draft: QuestionVersion, state: BenchState, *, passed: bool = True, grader: Any = None) -> None:
    result = {"verdict": {"passed": passed, "reasons": [] if passed else [NEAR]}} if state == BenchState.DONE else None
    now = database_now()
    BenchRun.objects.create(
        purpose="exemplars",
        content={},
        content_hash=draft.content_hash,
        state=state,
        result=result,
        grader=grader or IDENTITY,
        created_at=now,
        rung_at=now,
    )


def test_each_version_is_counted_once_by_the_run_that_counts(import_: Import) -> None:
    tried(draft_of("passed", import_), BenchState.DONE)
    tried(draft_of("close", import_), BenchState.DONE, passed=False)
    tried(draft_of("failed", import_), BenchState.FAILED)
    tried(draft_of("waiting", import_), BenchState.PENDING)
    tried(draft_of("by-another", import_), BenchState.DONE, grader={"engine": "0"})
    draft_of("untried", import_)
    draft_of("no-exemplars", import_, exemplars=())
    both = draft_of("both", import_)
    tried(both, BenchState.DONE)
    tried(both, BenchState.PENDING)

    check = selectors.check_of_import(import_)

    assert [version.title for version in check.passed] == ["both", "passed"]
    assert [(version.title, version.reasons) for version in check.close] == [("close", [NEAR])]
    assert [version.title for version in check.failed] == ["failed"]
    assert [version.title for version in check.waiting] == ["waiting"]
    assert [version.title for version in check.untried] == ["by-another", "untried"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_summary_takes_the_same_queries(
    mentor: User, import_: Import, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        tried(draft_of(f"q{number}", import_), BenchState.PENDING)
    client = client_of(mentor)

    with django_assert_num_queries(7):
        response = client.get(reverse("bench_import", args=[import_.pk]), headers={"HX-Request": "true"})

    assert len(response.context["imported"].waiting) == count
    text = response.content.decode()
    assert f'hx-get="{reverse("bench_import", args=[import_.pk])}"' in text
    assert "<html" not in text


def test_it_stops_asking_once_nothing_waits_and_is_a_page_without_scripts(mentor: User, import_: Import) -> None:
    close = draft_of("close", import_)
    tried(close, BenchState.DONE, passed=False)

    text = client_of(mentor).get(reverse("bench_import", args=[import_.pk])).content.decode()

    assert "hx-get" not in text
    assert NEAR in text
    assert reverse("question_version", args=[close.question_id, 1]) in text
    assert reverse("import", args=[import_.pk]) in text


def test_only_what_has_exemplars_and_key_points_is_asked_for(import_: Import) -> None:
    exemplar = ExemplarContent("strong", "strong", "An answer.", 95, ())
    drafts = [
        draft_of("whole", import_),
        draft_of("no-exemplars", import_, exemplars=()),
        draft_of("unfinished", import_, key_points=(), misconceptions=(), exemplars=(exemplar,)),
    ]
    pks: list[UUID] = [draft.pk for draft in drafts]

    request_checks(versions=pks, now=database_now())

    assert [run.content_hash for run in BenchRun.objects.all()] == [drafts[0].content_hash]
