"""manage.py check_bench: which questions do not pass, and what another grader has moved."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grading.grader import get_grader
from grading.models import BenchPurpose, BenchRun, BenchState
from people.clock import database_now
from questionbank.content import QuestionContent
from questionbank.formats.pack import Pack, PackQuestion, write_pack
from questionbank.services.versions import create_question, publish
from tests.factories import make_topic
from tests.grading.on_the_bench import LAZY, OTHER, exemplar, plain_content

pytestmark = pytest.mark.usefixtures("plain_worker")

Run = Callable[..., str]
WEAK = plain_content(exemplar("strong", 95, LAZY), exemplar("half", 50, LAZY), exemplar("wrong", 0, OTHER))


@pytest.fixture
def run() -> Run:
    """Run check_bench; return what it printed, and last why it failed."""

    def call(*options: Any) -> str:
        out = StringIO()
        try:
            call_command("check_bench", *map(str, options), stdout=out)
        except CommandError as error:
            out.write(f"failed: {error}")
        return out.getvalue()

    return call


def published(slug: str, content: QuestionContent) -> None:
    draft = create_question(slug=slug, topic=make_topic(), content=content, author=None)
    publish(version=draft, actor=None, now=database_now())


def stored(content: QuestionContent, scores: dict[str, float], *, passed: bool = True) -> None:
    """Leave what an older grader made of content."""
    now = database_now()
    BenchRun.objects.create(
        purpose=BenchPurpose.EXEMPLARS,
        content={},
        content_hash=content.content_hash,
        state=BenchState.DONE,
        result=_result(scores, passed=passed),
        grader={"engine": "an older one"},
        created_at=now,
        rung_at=now,
    )


def _result(scores: dict[str, float], *, passed: bool = True) -> dict[str, Any]:
    rows = [{"id": id_, "given": given} for id_, given in scores.items()]
    return {"exemplars": rows, "verdict": {"passed": passed}}


def test_a_bank_that_passes(run: Run) -> None:
    published("separate", plain_content())

    assert run().splitlines() == [
        "There is nothing to compare with: no other grader has left results.",
        "Every question passes: 1.",
    ]


def test_a_question_that_does_not_pass_fails_the_command_with_its_reason(run: Run) -> None:
    published("separate", plain_content())
    published("weak", WEAK)
    create_question(slug="a-draft", topic=make_topic(), content=WEAK, author=None)

    printed = run().splitlines()

    assert printed[1].startswith("weak: The half answers score 50 on average, the strong ones 50:")
    assert printed[2] == "failed: 1 of 2 questions do not pass."


def test_what_another_grader_gave_is_compared(run: Run) -> None:
    published("separate", plain_content())
    stored(plain_content(), {"strong": 100, "half": 80, "wrong": 0.4, "gone": 50}, passed=False)

    assert run() == (
        "Moved by 1 point or more: 1 of 3 exemplars.\n"
        "  separate: half: 80 then, 50 now\n"
        "  separate: passes now\n"
        "Every question passes: 1.\n"
    )


def test_its_own_results_are_kept_for_the_next_grader_once(run: Run) -> None:
    published("separate", plain_content())

    run()
    printed = run()

    kept = BenchRun.objects.get()
    assert (kept.content_hash, kept.grader) == (plain_content().content_hash, get_grader().identity)
    assert kept.result["verdict"]["passed"]
    assert "nothing to compare with" in printed


def test_a_pack_is_tried_without_the_database(run: Run, tmp_path: Path, django_assert_num_queries: Any) -> None:
    pack = Pack("small", "Small", "", [{"id": "python", "title": "Python"}], [])
    pack.questions.append(PackQuestion("weak", "python", WEAK))
    path = tmp_path / "pack.yaml"
    write_pack(pack, path)

    with django_assert_num_queries(0):
        printed = run("--pack", path, "--json", tmp_path / "out.json")

    assert "failed: 1 of 1 questions do not pass." in printed
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["grader"] == get_grader().identity
    assert [row["given"] for row in report["questions"]["weak"]["exemplars"]] == [50, 50, 0]


def test_a_baseline_file_is_compared_with(run: Run, tmp_path: Path) -> None:
    published("separate", plain_content())
    stored(plain_content(), {"half": 0})
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"questions": {"separate": _result({"strong": 90.0}), "gone": _result({})}}))

    assert "  separate: strong: 90 then, 100 now\n" in run("--baseline", path)
    run("--json", path)
    assert "Moved by 1 point or more: 0 of 3 exemplars.\n" in run("--baseline", path)


def test_many_moves_are_told_the_largest_first(run: Run) -> None:
    many = plain_content(*[exemplar(f"e{i}", 50, OTHER) for i in range(40)])
    published("many", many)
    stored(many, {f"e{i}": 10 + i for i in range(40)}, passed=False)

    lines = run().splitlines()

    assert lines[:2] == [
        "Moved by 1 point or more: 40 of 40 exemplars.",
        "  many: e39: 49 then, 0 now",
    ]
    assert lines[31] == "  and 10 more, by less"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"questions": 1}', "null"])
@pytest.mark.parametrize("option", ["--baseline", "--pack"])
def test_files_that_are_none_are_refused(run: Run, tmp_path: Path, option: str, text: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)

    assert run(option, path).startswith("failed: ")
    assert run(option, tmp_path / "missing.json").startswith("failed: ")
