"""manage.py load_pack and dump_pack, as an operator meets them."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questionbank.formats.pack import read_pack
from questionbank.models import Question, QuestionVersion, Topic, Track
from questionbank.services.versions import save_draft
from tests.factories import make_content
from tests.questionbank.conftest import raw_pack, raw_question

Write = Callable[..., Path]


def run(*command: str | Path) -> str:
    """Run manage.py with these words; return what it prints."""
    printed = StringIO()
    call_command(*map(str, command), stdout=printed)
    return printed.getvalue()


def test_load_pack_says_what_it_did(write: Write) -> None:
    path = write(raw_pack(questions=[raw_question(), raw_question("other")]))

    first = run("load_pack", path)
    write(raw_pack(questions=[raw_question(minutes=9), raw_question("other")]))
    second = run("load_pack", path)

    assert first == "A small pack: 2 new questions, 0 with a new version, 0 unchanged.\n"
    assert second == "A small pack: 0 new questions, 1 with a new version, 1 unchanged.\n"
    assert QuestionVersion.objects.count() == 3


def test_load_pack_tells_every_fault_and_loads_nothing(write: Write) -> None:
    faulty = [raw_question(), raw_question("one", topic="cobol"), raw_question()]

    with pytest.raises(CommandError) as refused:
        run("load_pack", write(raw_pack(questions=faulty)))

    assert str(refused.value) == (
        "Nothing was loaded.\n"
        "pack.yaml: one: topic: there is no topic “cobol” in the pack\n"
        "pack.yaml: generators: id: stands twice, also in pack.yaml"
    )
    assert [model for model in (Question, Topic, Track) if model.objects.exists()] == []


def test_load_pack_tells_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Nothing was loaded\.\ngone\.yaml: cannot be read"):
        run("load_pack", tmp_path / "gone.yaml")


def test_load_pack_names_what_waits_for_a_mentors_draft(write: Write) -> None:
    path = write(raw_pack())
    run("load_pack", path)
    save_draft(question=Question.objects.get(), content=make_content(title="Unfinished"), author=None)
    write(raw_pack(questions=[raw_question("new"), raw_question(minutes=9)]))

    said = run("load_pack", path)

    assert "1 new questions, 0 with a new version, 0 unchanged." in said
    assert "Mentors are writing drafts of: generators." in said


@pytest.mark.parametrize("name", ["bank.yaml", "bank.json"])
def test_dump_pack_writes_what_load_pack_brought(write: Write, tmp_path: Path, name: str) -> None:
    path = write(raw_pack())
    run("load_pack", path)

    printed = run("dump_pack", tmp_path / name, "--id", "small", "--title", "A small pack")

    dumped, loaded = read_pack(tmp_path / name), read_pack(path)
    assert printed == f"1 questions written to {tmp_path / name}.\n"
    assert (dumped.slug, dumped.title) == (loaded.slug, loaded.title)
    assert (dumped.topics, dumped.tracks, dumped.questions) == (loaded.topics, loaded.tracks, loaded.questions)


def test_dump_pack_of_an_empty_bank_is_a_pack(tmp_path: Path) -> None:
    run("dump_pack", tmp_path / "bank.yaml")

    pack = read_pack(tmp_path / "bank.yaml")
    assert (pack.slug, pack.title, pack.questions) == ("question-bank", "Question bank", [])


def test_dump_pack_tells_where_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "no such folder" / "bank.yaml"

    with pytest.raises(CommandError, match=r"bank\.yaml cannot be written: No such file or directory"):
        run("dump_pack", path)
