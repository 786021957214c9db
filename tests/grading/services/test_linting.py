"""The vectors of prompts, and who is near whom."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grading.grader import get_grader
from grading.models import PromptVector
from grading.selectors.prompts import nearest
from grading.services import linting
from people.clock import database_now
from people.models import User
from questionbank.formats.pack import Pack, PackQuestion, write_pack
from questionbank.models import Question, QuestionVersion, VersionState
from questionbank.services.versions import create_question, publish, save_draft
from tests.factories import make_content, make_topic, publish_question


def neighbours(prompt: str, **changes: Any) -> list[tuple[str, int]]:
    grader = get_grader()
    (vector,) = linting._vectors([f"Generators versus lists. {prompt}"], grader)  # noqa: SLF001 (as the linter asks)
    options = {"encoder": grader.identity["encoder"], "among": Question.objects.all(), **changes}
    found = nearest(vector, **options)
    return [(Question.objects.get(pk=similar.question).slug, similar.version) for similar in found]


def test_versions_without_a_vector_get_one_and_only_once() -> None:
    publish_question(slug="one")
    create_question(slug="two", topic=make_topic(), content=make_content(), author=None)

    assert [linting.read_prompts(), linting.read_prompts()] == [2, 0]


def test_a_draft_that_says_something_else_is_read_again() -> None:
    draft = create_question(slug="one", topic=make_topic(), content=make_content(), author=None)
    linting.read_prompts()
    before = list(PromptVector.objects.get().vector)

    save_draft(question=draft.question, content=make_content(prompt="Why do cats purr?"), author=None)

    assert linting.read_prompts() == 1
    assert list(PromptVector.objects.get().vector) != before


def test_another_encoder_reads_all_again() -> None:
    publish_question(slug="one")
    linting.read_prompts()
    PromptVector.objects.update(encoder="an older one")

    assert linting.read_prompts() == 1
    assert PromptVector.objects.get().encoder == get_grader().identity["encoder"]


def test_a_sweep_reads_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linting, "READ_AT_ONCE", 2)
    for number in range(3):
        publish_question(slug=f"question-{number}")

    assert [linting.read_prompts(), linting.read_prompts()] == [2, 1]


def test_the_nearest_come_first_and_no_more_than_asked_for() -> None:
    for slug, prompt in [
        ("cats", "Why do cats purr?"),
        ("dogs", "Why do dogs bark?"),
        ("same", "Why do cats purr now?"),
    ]:
        publish_question(slug=slug, prompt=prompt)
    linting.read_prompts()

    assert neighbours("Why do cats purr?", limit=2) == [("cats", 1), ("same", 1)]


def test_a_question_counts_once_and_retired_versions_not_at_all() -> None:
    version = publish_question(slug="one")
    newer = save_draft(question=version.question, content=make_content(title="Generators, lists"), author=None)
    linting.read_prompts()
    assert neighbours(make_content().prompt) == [("one", 1)]

    publish(version=newer, actor=None, now=database_now())
    linting.read_prompts()

    assert QuestionVersion.objects.filter(state=VersionState.RETIRED).exists()
    assert neighbours(make_content().prompt) == [("one", 2)]


def test_the_question_itself_and_what_one_may_not_read_are_left_out(candidate: User, mentor: User) -> None:
    version = publish_question(slug="one")
    linting.read_prompts()

    assert neighbours("x", besides=version.question_id) == []
    assert neighbours("x", among=Question.objects.visible_to(candidate)) == []
    assert neighbours("x", among=Question.objects.visible_to(mentor)) == [("one", 1)]


def test_vectors_of_another_encoder_are_not_compared() -> None:
    publish_question(slug="one")
    linting.read_prompts()

    assert neighbours("x", encoder="another") == []


def test_lint_questions_tells_what_is_wrong_with_the_bank_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    publish_question(slug="one")

    with pytest.raises(CommandError, match="1 of 1 questions have warnings"):
        call_command("lint_questions")

    assert "one: exemplars: warning: exemplars: There is no exemplar of a half answer" in capsys.readouterr().out


def test_lint_questions_reads_a_pack_and_writes_what_it_finds(tmp_path: Path) -> None:
    content = make_content()
    pack = Pack(
        "small",
        "Small",
        "For tests.",
        [{"id": "python", "title": "Python"}],
        [],
        [PackQuestion("one", "python", content), PackQuestion("two", "python", content)],
    )
    write_pack(pack, tmp_path / "pack.yaml")

    with pytest.raises(CommandError, match="2 of 2"):
        call_command("lint_questions", pack=tmp_path / "pack.yaml", json=tmp_path / "found.json")

    assert "nearly-equal" in (tmp_path / "found.json").read_text()


def test_lint_questions_says_why_a_pack_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("lint_questions", pack=tmp_path / "nothing.yaml")
