"""The bench's pages: beside the editor, as pages of their own, and on a version's page."""

import json
import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from grading.models import BenchPurpose, BenchRun, BenchState, WorkerHeartbeat
from grading.services import bench
from grading.verdict import MARGIN
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion
from questionbank.services import workflow
from questionbank.services.versions import create_question
from tests.conftest import client_of
from tests.factories import make_topic
from tests.grading.on_the_bench import LAZY, ONCE, OTHER, SMALL, exemplar, plain_content

pytestmark = pytest.mark.usefixtures("plain_worker")

SCRIPT = {"HX-Request": "true"}


def form(**changes: Any) -> dict[str, Any]:
    """What the editor sends of a question with one key point and two exemplars, with the answer beside it."""
    fields = {
        "title": "Generators",
        "prompt": "When would you write a generator?",
        "kind": "concept",
        "difficulty": "easy",
        "minutes": "4",
        "references-TOTAL_FORMS": "1",
        "references-INITIAL_FORMS": "0",
        "references-0-text": LAZY,
        "key_points-TOTAL_FORMS": "2",
        "key_points-INITIAL_FORMS": "0",
        "key_points-0-claim": LAZY,
        "key_points-0-weight": "1",
        "key_points-1-claim": SMALL,
        "key_points-1-weight": "1",
        "exemplars-TOTAL_FORMS": "2",
        "exemplars-INITIAL_FORMS": "0",
        "exemplars-0-kind": "strong",
        "exemplars-0-score": "90",
        "exemplars-0-text": LAZY,
        "exemplars-0-marks-0": "stated",
        "exemplars-0-marks-1": "stated",
        "exemplars-1-kind": "wrong",
        "exemplars-1-score": "0",
        "exemplars-1-text": OTHER,
        "sources-TOTAL_FORMS": "0",
        "sources-INITIAL_FORMS": "0",
        "bench-purpose": "answer",
        "bench-text": LAZY,
    }
    return {**fields, **changes}


@pytest.fixture
def client(mentor: User) -> Client:
    return client_of(mentor)


def ask(client: Client, **changes: Any) -> Any:
    return client.post(reverse("bench"), form(**changes), headers=SCRIPT)


def done(client: Client, **changes: Any) -> BenchRun:
    """Ask as the editor's script does, and let a worker do the run."""
    ask(client, **changes)
    run = BenchRun.objects.first()
    assert run is not None
    bench.run(run_id=run.pk)
    run.refresh_from_db()
    return run


def outcome(client: Client, run: BenchRun, since: BenchRun | None = None) -> str:
    query = f"?since={since.pk}" if since else ""
    reply = client.get(reverse("bench_run", args=[run.pk]) + query, headers=SCRIPT)
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def draft() -> QuestionVersion:
    return create_question(slug="on-the-bench", topic=make_topic(), content=plain_content(), author=None)


# --- An answer ----------------------------------------------------------------------------------------------


def test_an_answer_is_on_its_way_until_it_is_graded(client: Client) -> None:
    reply = ask(client)
    run = BenchRun.objects.get()

    assert (reply.status_code, run.text, run.state) == (200, LAZY, BenchState.PENDING)
    assert f'hx-get="{reverse("bench_run", args=[run.pk])}"' in reply.content.decode()
    early = client.get(reverse("bench_run", args=[run.pk]), headers=SCRIPT)
    assert (early.status_code, early.content) == (204, b"")

    bench.run(run_id=run.pk)

    page = outcome(client, run)
    assert '<span class="score__number">50</span>' in page
    assert "hx-get" not in page
    assert '<mark class="evidence evidence--stated">' in page


def test_a_slow_grader_is_said_and_asked_less_often(client: Client) -> None:
    run = BenchRun.objects.get(pk=done(client).pk)
    BenchRun.objects.update(state=BenchState.PENDING, created_at="2026-01-01T00:00Z")

    page = outcome(client, run)

    assert "The grader has not answered yet." in page
    assert 'hx-trigger="every 2s"' in page


def test_what_has_changed_since_the_run_before_is_said_in_words(client: Client) -> None:
    before = done(client)
    now = done(client, **{"key_points-0-claim": ONCE})

    page = outcome(client, now, since=before)

    assert "50 less than before" in page
    assert "Was stated" in page
    assert "Key point 1 is missing now, it was stated." in page
    assert "Key point 2" not in page


def test_another_answer_is_not_compared_with_the_one_before(client: Client) -> None:
    before = done(client)
    now = done(client, **{"bench-text": SMALL, "key_points-0-claim": ONCE})

    page = outcome(client, now, since=before)

    assert "than before" not in page
    assert "Was stated" not in page


def test_an_answer_can_be_kept_with_its_marks_and_no_score_of_the_graders(client: Client) -> None:
    page = outcome(client, done(client))

    (kept,) = re.findall(r'data-bench-keep="([^"]+)"', page)
    assert json.loads(unescape(kept)) == {"text": LAZY, "marks": ["stated", "missing"]}


def test_what_was_shown_stays_while_the_next_outcome_is_on_its_way(client: Client) -> None:
    before = done(client)

    reply = ask(client, **{"bench-text": SMALL, "bench-since": str(before.pk)})

    page = reply.content.decode()
    assert '<span class="score__number">50</span>' in page
    assert f'data-bench-shown="{before.pk}"' in page
    assert f"?since={before.pk}" in page


def test_a_newer_edit_takes_back_the_run_that_still_waits(client: Client) -> None:
    ask(client)
    waiting = BenchRun.objects.get()

    ask(client, **{"bench-text": SMALL, "bench-replaces": str(waiting.pk)})

    assert [run.text for run in BenchRun.objects.all()] == [SMALL]


def test_a_form_that_is_not_valid_yet_is_tried_as_far_as_it_goes(client: Client) -> None:
    run = done(
        client,
        **{
            "title": "",
            "prompt": "",
            "kind": "nonsense",
            "minutes": "soon",
            "references-0-text": "",
            "key_points-1-weight": "9",
            "exemplars-0-score": "900",
        },
    )

    assert [point["claim"] for point in run.content["key_points"]] == [LAZY]
    assert [one["score"] for one in run.content["exemplars"]] == [0]
    assert run.result["score"] == 100


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bench-text": " "}, "Type an answer first."),
        ({"key_points-0-claim": "", "key_points-1-claim": ""}, "Write a key point first"),
        ({"bench-text": "x" * 20_001}, "An answer has at most 20,000 characters."),
        ({"bench-purpose": "gossip"}, "Select a valid choice."),
        ({"key_points-TOTAL_FORMS": "many"}, "Write a key point first"),
    ],
)
@pytest.mark.parametrize("headers", [SCRIPT, {}], ids=["script", "page"])
def test_what_cannot_be_tried_is_said(client: Client, changes: dict[str, str], words: str, headers: Any) -> None:
    reply = client.post(reverse("bench"), form(**changes), headers=headers)

    assert reply.status_code == 400
    assert words in reply.content.decode()
    assert not BenchRun.objects.exists()


@pytest.mark.parametrize("raw", ["", "nonsense", "0", str(UUID(int=1))])
def test_a_run_before_that_is_none_of_ones_own_is_passed_over(client: Client, other_mentor: User, raw: str) -> None:
    theirs = done(client_of(other_mentor))
    mine = done(client)

    for since in (raw, str(theirs.pk)):
        reply = client.get(reverse("bench_run", args=[mine.pk]), {"since": since}, headers=SCRIPT)
        assert reply.status_code == 200
        assert b"than before" not in reply.content
    ask(client, **{"bench-replaces": raw, "bench-since": raw, "bench-text": SMALL})
    assert BenchRun.objects.count() == 3


def test_a_failure_is_said(client: Client) -> None:
    run = done(client)
    BenchRun.objects.update(state=BenchState.FAILED, trouble="It broke.", result=None)

    assert "The grader could not finish. It broke." in outcome(client, run)


def test_without_scripts_the_outcome_is_a_page(client: Client) -> None:
    reply = client.post(reverse("bench"), form(), follow=True)
    run = BenchRun.objects.get()

    assert reply.redirect_chain == [(reverse("bench_run", args=[run.pk]), 302)]
    assert "Look again" in reply.content.decode()
    bench.run(run_id=run.pk)
    page = client.get(reverse("bench_run", args=[run.pk])).content.decode()
    assert '<span class="score__number">50</span>' in page
    assert "<h1>Bench</h1>" in page


def test_nobody_else_sees_what_one_tries(client: Client, other_mentor: User, candidate: User) -> None:
    run = done(client, **{"bench-text": "CANARYTRIAL"})

    answers = [client_of(user).get(reverse("bench_run", args=[run.pk])) for user in (other_mentor, candidate)]

    assert [answer.status_code for answer in answers] == [404, 403]
    assert not any(b"CANARYTRIAL" in answer.content for answer in answers)


# --- All exemplars ------------------------------------------------------------------------------------------


def test_exemplars_come_with_the_verdict_and_those_furthest_off_first(client: Client) -> None:
    run = done(client, **{"bench-purpose": "exemplars"})

    page = outcome(client, run)

    assert (run.purpose, run.text) == (BenchPurpose.EXEMPLARS, "")
    assert "The exemplars do not separate yet." in page
    assert "There is no half answer among the exemplars" in page
    assert page.index("<summary>Strong</summary>") < page.index("<summary>Wrong</summary>")
    assert '<td class="number">90</td> <td class="number">50</td> <td class="number">-40</td>' in page
    assert "Key point 2 should be stated and is missing." in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_database_as_often_for_one_as_for_three(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    rows = {f"exemplars-{i}-{name}": value for i in range(count) for name, value in _ROW.items()}
    run = done(client, **{**rows, "exemplars-TOTAL_FORMS": str(count), "bench-purpose": "exemplars"})
    assert len(run.result["exemplars"]) == count

    with django_assert_num_queries(5):
        outcome(client, run)


_ROW = {"kind": "half", "score": "50", "text": LAZY}


# --- A version's verdict ------------------------------------------------------------------------------------


def _verdict(client: Client, version: QuestionVersion) -> str:
    reply = client.get(reverse("bench_verdict", args=[version.pk]), headers=SCRIPT)
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def test_a_version_is_put_on_the_bench_by_a_button_alone(client: Client) -> None:
    version = draft()

    assert "have not been tried yet" in _verdict(client, version)
    assert not BenchRun.objects.exists()

    reply = client.post(reverse("bench_verdict", args=[version.pk]))

    assert reply.url == reverse("question_version", args=[version.question_id, 1])
    waiting = _verdict(client, version)
    assert "Being graded: 0 of 3" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    bench.run(run_id=BenchRun.objects.get().pk)
    page = _verdict(client, version)
    assert "Strong, half and wrong answers separate." in page
    assert "hx-get" not in page


def test_a_script_gets_the_part_alone_so_that_a_typed_reason_stays(client: Client) -> None:
    version = draft()

    for name, part in (("bench_verdict", "bench-verdict"), ("lint_version", "lint-version")):
        reply = client.post(reverse(name, args=[version.pk]), headers=SCRIPT)
        assert (reply.status_code, f'id="{part}"' in reply.content.decode()) == (200, True)
        assert "<html" not in reply.content.decode()
        BenchRun.objects.update(state=BenchState.FAILED, trouble="It broke.")
        again = client.get(reverse(name, args=[version.pk]), headers=SCRIPT).content.decode()
        assert f'hx-post="{reverse(name, args=[version.pk])}"' in again


def test_another_graders_verdict_is_history(client: Client) -> None:
    version = draft()
    bench.run(run_id=bench.request_check(version=version, now=database_now()).pk)
    BenchRun.objects.update(grader={"engine": "an older one"})

    page = _verdict(client, version)

    assert "were last tried by another grader" in page
    assert "Run the exemplars" in page
    assert "separate. This can" not in page


def test_a_version_without_key_points_cannot_go_on_the_bench(client: Client) -> None:
    content = plain_content(exemplar("one", 0, OTHER))
    bare = type(content)(**{**vars(content), "key_points": (), "exemplars": ()})
    version = create_question(slug="bare", topic=make_topic(), content=bare, author=None)

    reply = client.post(reverse("bench_verdict", args=[version.pk]))

    assert reply.status_code == 400
    assert "Write a key point first" in reply.content.decode()


def test_the_verdict_is_a_page_without_scripts(client: Client) -> None:
    page = client.get(reverse("bench_verdict", args=[draft().pk])).content.decode()

    assert "<h1>Bench</h1>" in page
    assert "Run the exemplars" in page


def test_the_button_to_approve_waits_for_the_bench_and_comes_back(
    client: Client, mentor: User, other_mentor: User
) -> None:
    version = draft()
    workflow.submit(version=version, actor=other_mentor)
    page = reverse("question_version", args=[version.question_id, 1])
    asks = f"{reverse('bench_verdict', args=[version.pk])}?approve"
    approves = f'action="{reverse("approve_version", args=[version.question_id, 1])}"'

    waiting = " ".join(client.get(page).content.decode().split())
    assert (f'hx-get="{asks}"' in waiting, approves in waiting) == (True, False)
    assert "The grader is trying its exemplars: 0 of 3. You can approve as soon as it is done." in waiting
    assert approves not in client.get(asks).content.decode()

    bench.run(run_id=BenchRun.objects.get(purpose=BenchPurpose.EXEMPLARS).pk)
    done = client.get(asks).content.decode()
    assert (approves in done, "hx-get" in done) == (True, False)
    assert approves in client.get(page).content.decode()

    workflow.approve(version=version, actor=mentor, now=database_now())
    assert "This version is published by now." in " ".join(client.get(asks).content.decode().split())


def test_the_button_to_approve_says_what_is_wrong_where_no_grader_runs(client: Client, other_mentor: User) -> None:
    version = draft()
    workflow.submit(version=version, actor=other_mentor)
    WorkerHeartbeat.objects.all().delete()

    reply = client.get(f"{reverse('bench_verdict', args=[version.pk])}?approve")

    assert "hx-get" not in reply.content.decode()


def test_the_panel_says_the_margin_that_publishing_asks_for() -> None:
    assert f"at least {MARGIN:.0f} points apart" in " ".join(render_to_string("grading/_bench_panel.html").split())
