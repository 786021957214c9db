"""The bench's runs: asked for once, done whatever happens, forgotten in time; and what publishing asks of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.core.exceptions import ValidationError

from grading.grader import get_grader
from grading.models import BenchPurpose, BenchRun, BenchState, WorkerHeartbeat
from grading.services import bench
from grading.services.jobs import beat
from people.clock import database_now
from people.models import User
from questionbank.content import ExemplarContent
from questionbank.models import QuestionVersion, VersionState
from questionbank.services.versions import create_question
from questionbank.signals import handed_in, publishing
from tests.factories import make_content, make_topic
from tests.grading.on_the_bench import LAZY, OTHER, SMALL, exemplar, plain_content

pytestmark = pytest.mark.usefixtures("plain_worker")


def ask(purpose: BenchPurpose = BenchPurpose.ANSWER, **changes: Any) -> BenchRun:
    asked = {"content": plain_content(), "text": LAZY, "actor": None, "now": database_now(), **changes}
    if purpose == BenchPurpose.EXEMPLARS:
        asked["text"] = ""
    return bench.request_run(purpose=purpose, **asked)


def done(run: BenchRun) -> BenchRun:
    bench.run(run_id=run.pk)
    run.refresh_from_db()
    return run


def draft(*exemplars: ExemplarContent) -> QuestionVersion:
    content = plain_content(*exemplars)
    return create_question(slug="on-the-bench", topic=make_topic(), content=content, author=None)


def in_review(version: QuestionVersion) -> QuestionVersion:
    QuestionVersion.objects.filter(pk=version.pk).update(state=VersionState.IN_REVIEW)
    version.refresh_from_db()
    return version


# --- Asking -------------------------------------------------------------------------------------------------


def test_a_run_is_rung_for_after_the_commit(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch, mentor: User
) -> None:
    rung: list[tuple[str, Any]] = []
    monkeypatch.setattr(bench, "ring", lambda task, of: rung.append((task, of)) or True)

    with django_capture_on_commit_callbacks(execute=True):
        answer, all_, nobodys = (
            ask(actor=mentor),
            ask(BenchPurpose.EXEMPLARS, actor=mentor),
            ask(BenchPurpose.EXEMPLARS),
        )
        assert rung == []

    assert rung == [
        ("grading.run_bench", answer.pk),
        ("grading.run_bench", all_.pk),
        ("grading.run_bulk_bench", nobodys.pk),
    ]


def test_the_queues_are_those_that_settings_name() -> None:
    routes = current_app.conf.task_routes

    assert (routes[bench.RUN_BENCH], routes[bench.RUN_BULK_BENCH]) == ("bench", "bulk")


def test_the_same_trial_is_answered_from_the_record(mentor: User) -> None:
    first = ask(actor=mentor)

    assert ask(actor=mentor) == first  # while it waits
    done(first)
    assert ask(actor=mentor) == first


@pytest.mark.parametrize("change", ["text", "content", "grader", "time", "actor"])
def test_another_trial_is_another_run(mentor: User, other_mentor: User, change: str) -> None:
    first = done(ask(actor=mentor))
    changes: dict[str, Any] = {
        "text": {"text": SMALL},
        "content": {"content": plain_content(title="Another")},
        "time": {"now": database_now() + timedelta(hours=2)},
        "actor": {"actor": other_mentor},
    }
    if change == "grader":
        WorkerHeartbeat.objects.update(identity={"engine": "another"})

    assert ask(**{"actor": mentor, **changes.get(change, {})}) != first


def test_there_has_to_be_something_to_look_for() -> None:
    with pytest.raises(ValidationError, match="key point first"):
        ask(content=make_content(key_points=(), misconceptions=(), exemplars=()))
    many = make_content(key_points=make_content().key_points * 7)
    with pytest.raises(ValidationError, match="at most 20 key points"):
        ask(content=many)
    with pytest.raises(ValidationError, match="at most 20,000 characters"):
        ask(text="x" * 20_001)
    assert not BenchRun.objects.exists()


def test_one_takes_back_ones_own_run_while_it_waits(mentor: User, other_mentor: User) -> None:
    finished, waiting, theirs = done(ask(actor=mentor)), ask(actor=mentor, text=SMALL), ask(actor=other_mentor)

    for run in (finished, waiting, theirs):
        bench.withdraw_run(run_id=run.pk, actor=mentor)

    assert set(BenchRun.objects.values_list("pk", flat=True)) == {finished.pk, theirs.pk}


# --- Doing --------------------------------------------------------------------------------------------------


def test_an_answer_is_graded_with_its_evidence() -> None:
    run = done(ask(text=f"Well. {SMALL}"))

    assert (run.state, run.trouble, run.grader) == (BenchState.DONE, "", get_grader().identity)
    assert run.result["score"] == pytest.approx(33.33)
    assert (run.result["flags"], run.result["doubts"]) == ([], [])
    marks = {point["id"]: point for point in run.result["key_points"]}
    assert {key: point["mark"] for key, point in marks.items()} == {
        "lazy": "missing",
        "memory": "stated",
        "once": "missing",
    }
    assert run.text[marks["memory"]["start"] : marks["memory"]["end"]] == SMALL
    assert (marks["lazy"]["start"], marks["lazy"]["end"]) == (None, None)
    for point in marks.values():
        assert point["p_stated"] + point["p_missing"] + point["p_contradicted"] == pytest.approx(1)


def test_exemplars_are_graded_with_their_verdict() -> None:
    run = done(ask(BenchPurpose.EXEMPLARS))

    assert [(row["id"], row["expected"], row["given"]) for row in run.result["exemplars"]] == [
        ("strong", 95, 100),
        ("half", 50, 50),
        ("wrong", 5, 0),
    ]
    assert run.result["exemplars"][2]["marks"]["lazy"] == "missing"
    assert run.result["exemplars"][2]["expected_marks"] == {"lazy": "stated"}
    assert run.result["verdict"]["passed"] is True


def test_many_exemplars_are_graded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece that is told of twice gives the same: each goes on where the run stands."""
    rung: list[Any] = []
    monkeypatch.setattr(bench, "ring", lambda task, of: rung.append((task, of)) or True)
    monkeypatch.setattr(bench, "PIECE_SECONDS", -1.0)
    run = ask(BenchPurpose.EXEMPLARS, content=plain_content(*[exemplar(f"e{i}", i, LAZY) for i in range(20)]))

    sizes = []
    while done(run).is_pending:
        sizes.append(len(run.result["exemplars"]))

    assert sizes == [8, 16]
    assert rung == [("grading.run_bulk_bench", run.pk)] * 2
    assert [row["id"] for row in run.result["exemplars"]] == [f"e{i}" for i in range(20)]
    assert run.attempts == 0
    before = BenchRun.objects.values().get()
    bench.run(run_id=run.pk)
    assert BenchRun.objects.values().get() == before


def test_another_grader_begins_the_exemplars_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask(BenchPurpose.EXEMPLARS)
    old = {"exemplars": [{"id": "strong", "expected": 95, "given": 1, "marks": {}}]}
    BenchRun.objects.update(result=old, grader={"engine": "an older one"})

    assert [row["given"] for row in done(run).result["exemplars"]] == [100, 50, 0]


def test_no_exemplars_are_a_verdict_too() -> None:
    run = done(ask(BenchPurpose.EXEMPLARS, content=make_content(exemplars=())))

    assert len(run.result["verdict"]["reasons"]) == 3


def test_a_failure_is_written_down_and_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("The model broke")

    monkeypatch.setitem(bench.TRIALS, BenchPurpose.ANSWER, break_down)
    run = ask()

    with pytest.raises(RuntimeError):
        bench.run(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.trouble, run.result) == (BenchState.FAILED, "RuntimeError: The model broke.", None)
    assert run.finished_at is not None


def test_a_run_that_is_gone_is_nothing_to_do() -> None:
    bench.run(run_id=uuid4())

    assert not BenchRun.objects.exists()


# --- By the clock -------------------------------------------------------------------------------------------


def test_the_sweep_rings_again_for_what_nobody_took(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(bench, "ring", lambda _task, of: rung.append(of) or True)
    now = database_now()
    unheard, _fresh = ask(now=now - timedelta(minutes=1)), ask(text=SMALL, now=now)

    bench.sweep(now=now)
    bench.sweep(now=now)

    assert rung == [unheard.pk]


def test_a_run_that_no_worker_survives_is_given_up() -> None:
    run = ask()
    long_ago = database_now() - timedelta(minutes=1)
    BenchRun.objects.update(attempts=3, rung_at=long_ago)

    bench.run(run_id=run.pk)
    bench.sweep(now=database_now())

    run.refresh_from_db()
    assert (run.state, run.trouble) == (BenchState.FAILED, "The worker stopped before it could finish, each time.")


def test_the_sweep_tries_what_waits_for_its_review() -> None:
    """Also what another grader has tried: publishing asks the one that runs. What has failed waits for somebody."""
    version = in_review(draft())

    bench.sweep(now=database_now())
    bench.sweep(now=database_now())

    run = BenchRun.objects.get()
    assert (run.content_hash, run.purpose, run.requested_by) == (version.content_hash, BenchPurpose.EXEMPLARS, None)
    done(run)
    bench.sweep(now=database_now())
    assert BenchRun.objects.count() == 1
    BenchRun.objects.update(grader={"engine": "an older one"})
    bench.sweep(now=database_now())
    assert BenchRun.objects.count() == 2


def test_runs_are_forgotten_but_for_what_versions_need() -> None:
    version = draft()
    old = database_now() - timedelta(days=2)
    made = {
        "first": done(bench.request_check(version=version, now=old)),
        "latest": None,
        "other_grader": None,
        "nobodys": done(ask(BenchPurpose.EXEMPLARS, content=plain_content(title="Never saved"), now=old)),
        "answer": done(ask(now=old)),
        "fresh": done(ask(text=SMALL)),
    }
    first = BenchRun.objects.filter(pk=made["first"].pk).values().get()
    for name, change in (
        ("latest", {"created_at": old + timedelta(minutes=1)}),
        ("other_grader", {"grader": {"engine": "an older one"}}),
    ):
        made[name] = BenchRun.objects.create(**{**first, "id": uuid4(), **change})

    assert bench.forget_runs(now=database_now()) == 3

    kept = set(BenchRun.objects.values_list("pk", flat=True))
    assert kept == {made[name].pk for name in ("latest", "other_grader", "fresh")}


# --- Publishing ---------------------------------------------------------------------------------------------


def _refusal(version: QuestionVersion) -> str:
    with pytest.raises(ValidationError) as refused:
        publishing.send(sender=QuestionVersion, version=version)
    return " ".join(refused.value.messages)


def test_a_version_that_is_handed_in_goes_on_the_bench() -> None:
    version = draft()

    handed_in.send(sender=QuestionVersion, version=version)
    handed_in.send(sender=QuestionVersion, version=version)

    assert BenchRun.objects.get(purpose=BenchPurpose.EXEMPLARS).content_hash == version.content_hash


def test_what_has_passed_may_be_published() -> None:
    version = draft()
    done(bench.request_check(version=version, now=database_now()))

    publishing.send(sender=QuestionVersion, version=version)

    assert BenchRun.objects.get().result["verdict"]["passed"]


def test_what_has_not_been_tried_yet_may_not() -> None:
    version = draft()

    then = "Nothing is published yet: approve once they are done."
    assert _refusal(version) == f"The exemplars are still being graded on the bench. {then}"
    bench.request_check(version=version, now=database_now())
    assert _refusal(version) == f"The exemplars are still being graded on the bench (0 of 3). {then}"


def test_what_does_not_separate_may_not_and_the_reason_is_said() -> None:
    version = draft(exemplar("strong", 95, LAZY), exemplar("half", 50, LAZY), exemplar("no", 0, OTHER))
    done(bench.request_check(version=version, now=database_now()))

    assert _refusal(version).startswith("The half answers score 50 on average, the strong ones 50: at least 10 points")


def test_another_content_or_another_grader_has_to_be_tried_anew() -> None:
    version = draft()
    done(bench.request_check(version=version, now=database_now()))

    WorkerHeartbeat.objects.update(identity={"engine": "another"})
    assert "on the bench" in _refusal(version)
    beat(name="here", now=database_now())
    publishing.send(sender=QuestionVersion, version=version)
    version.content_hash = "0" * 64
    assert "on the bench" in _refusal(version)


def test_nothing_is_published_where_no_grader_runs() -> None:
    version = draft()
    done(bench.request_check(version=version, now=database_now()))
    WorkerHeartbeat.objects.all().delete()

    assert _refusal(version) == "No grader runs at the moment: the exemplars cannot be tried. Publish once it is back."


def test_a_trial_that_failed_is_said_and_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    version = draft()
    run = bench.request_check(version=version, now=database_now())
    BenchRun.objects.update(state=BenchState.FAILED, trouble="It broke.", grader=get_grader().identity)

    assert _refusal(version) == "The exemplars could not be tried: It broke. Run them again."
    again = bench.request_check(version=version, now=database_now())
    assert again != run
    done(again)
    publishing.send(sender=QuestionVersion, version=version)
