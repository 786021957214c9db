"""The linter's pages: beside the editor, and for a version."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from grading.linter import Rule
from grading.models import BenchPurpose, BenchRun, BenchState
from grading.services import bench
from grading.services.linting import read_prompts
from people.clock import database_now
from people.models import User
from questionbank.content import KeyPointContent
from questionbank.models import QuestionVersion
from questionbank.services.versions import create_question
from questionbank.signals import handed_in
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question
from tests.questionbank.conftest import posted

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def page(mentor: User) -> Client:
    return client_of(mentor)


@pytest.fixture
def draft(mentor: User) -> QuestionVersion:
    return create_question(slug="drafted", topic=make_topic(), content=make_content(), author=mentor)


def check(page: Client, data: dict[str, Any], **headers: str) -> Any:
    return page.post(reverse("lint"), data, headers=headers or FRAGMENT)


def ran() -> BenchRun:
    run = BenchRun.objects.get(purpose=BenchPurpose.LINT)
    bench.run(run_id=run.pk)
    run.refresh_from_db()
    return run


def test_what_words_alone_show_is_said_at_once_and_the_rest_is_asked_for(page: Client) -> None:
    response = check(page, posted(make_content()))

    run = BenchRun.objects.get(purpose=BenchPurpose.LINT)
    assert run.state == BenchState.PENDING
    assert "no exemplar of a wrong answer" in response.content.decode()
    assert reverse("lint_run", args=[run.pk]) in response.content.decode()
    assert "still reading" in response.content.decode()


def test_what_the_worker_finds_is_fetched_once_it_is_there(page: Client) -> None:
    publish_question(slug="the-same")
    read_prompts()
    check(page, posted(make_content()))
    address = reverse("lint_run", args=[BenchRun.objects.get().pk])

    early = page.get(address, headers=FRAGMENT)
    ran()
    late = page.get(address, headers=FRAGMENT).content.decode()

    assert early.status_code == 204
    assert "asks nearly the same" in late
    assert f'href="{reverse("how_questions_are_checked")}#nearly-equal"' in late
    assert "hx-get" not in late


def test_a_question_is_not_like_itself(page: Client, draft: QuestionVersion) -> None:
    read_prompts()
    check(page, {**posted(make_content()), "lint-question": str(draft.question_id)})

    assert ran().result["similar"] == []


def test_a_worker_that_is_slow_is_said_to_be(page: Client) -> None:
    check(page, posted(make_content()))
    BenchRun.objects.update(created_at=database_now() - timedelta(seconds=6))

    response = page.get(reverse("lint_run", args=[BenchRun.objects.get().pk]), headers=FRAGMENT)

    assert "has not answered yet" in response.content.decode()


def test_a_failure_is_said(page: Client) -> None:
    check(page, posted(make_content()))
    BenchRun.objects.update(state=BenchState.FAILED, trouble="OSError: no model.")

    response = page.get(reverse("lint_run", args=[BenchRun.objects.get().pk]), headers=FRAGMENT)

    assert "could not finish. OSError: no model." in response.content.decode()


def test_a_form_without_key_points_is_looked_at_as_far_as_it_goes(page: Client) -> None:
    response = check(page, {"title": "A title", "prompt": "Why?"})

    assert response.status_code == 200
    assert "Write a key point first" in response.content.decode()
    assert not BenchRun.objects.exists()


def test_a_newer_check_takes_the_place_of_one_that_waits(page: Client) -> None:
    check(page, posted(make_content()))
    first = BenchRun.objects.get()

    check(page, {**posted(make_content(title="Another")), "lint-replaces": str(first.pk)})

    assert [run.content["title"] for run in BenchRun.objects.all()] == ["Another"]


def test_without_scripts_the_button_leads_to_a_page(page: Client) -> None:
    response = page.post(reverse("lint"), posted(make_content()), follow=True)

    assert response.redirect_chain[-1][0] == reverse("lint_run", args=[BenchRun.objects.get().pk])
    assert "How the question reads" in response.content.decode()


def test_without_scripts_a_form_without_key_points_gets_a_page_too(page: Client) -> None:
    response = page.post(reverse("lint"), {"title": "A title"})

    assert response.status_code == 400
    assert "Write a key point first" in response.content.decode()


def test_a_question_that_there_is_not_is_not_found(page: Client) -> None:
    assert check(page, {**posted(make_content()), "lint-question": str(uuid4())}).status_code == 404
    assert check(page, {**posted(make_content()), "lint-question": "nonsense"}).status_code == 404


def test_runs_of_others_and_of_other_purposes_are_not_found(page: Client, other_mentor: User, mentor: User) -> None:
    now, content = database_now(), make_content()
    theirs = bench.request_run(purpose=BenchPurpose.LINT, content=content, actor=other_mentor, now=now)
    answer = bench.request_run(purpose=BenchPurpose.ANSWER, content=content, text="x", actor=mentor, now=now)

    assert page.get(reverse("lint_run", args=[theirs.pk])).status_code == 404
    assert page.get(reverse("lint_run", args=[answer.pk])).status_code == 404


def test_a_version_shows_what_the_editor_has_had_checked(page: Client, draft: QuestionVersion) -> None:
    check(page, {**posted(make_content(), exemplars=()), "lint-question": str(draft.question_id)})
    run = ran()
    BenchRun.objects.update(content_hash=draft.content_hash)

    response = page.get(reverse("lint_version", args=[draft.pk]), headers=FRAGMENT)

    assert run.text == str(draft.question_id)
    assert "Check the question" not in response.content.decode()


def test_a_version_that_nobody_has_checked_says_so_and_can_be(page: Client, draft: QuestionVersion) -> None:
    address = reverse("lint_version", args=[draft.pk])

    before = page.get(address, headers=FRAGMENT).content.decode()
    response = page.post(address)

    assert "The grader has not read this yet" in before
    assert response.status_code == 302
    assert BenchRun.objects.get().content_hash == draft.content_hash


def test_a_version_handed_in_is_checked_for_its_reviewer(
    draft: QuestionVersion, mentor: User, django_capture_on_commit_callbacks: Any
) -> None:
    handed_in.send(QuestionVersion, version=draft)

    assert BenchRun.objects.filter(purpose=BenchPurpose.LINT, content_hash=draft.content_hash).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_report_takes_the_same_queries_for_few_and_many_neighbours(
    page: Client, draft: QuestionVersion, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        publish_question(slug=f"same-{number}")
    read_prompts()
    page.post(reverse("lint_version", args=[draft.pk]))
    assert len(ran().result["similar"]) == count

    with django_assert_num_queries(13):
        page.get(reverse("lint_version", args=[draft.pk]), headers=FRAGMENT)


def test_the_page_has_a_section_for_every_rule() -> None:
    response = Client().get(reverse("how_questions_are_checked"))

    assert all(f'id="{rule.value}"' in response.content.decode() for rule in Rule)


def test_findings_name_the_row_in_which_their_field_stands(page: Client) -> None:
    points = (*make_content().key_points, KeyPointContent("short", "Too short.", 1))

    response = check(page, posted(make_content(key_points=points)))

    assert 'data-lint-group="key_points"' in response.content.decode()
    assert 'data-lint-row="3"' in response.content.decode()
    assert "Key point 4" in response.content.decode()
