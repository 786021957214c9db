"""Pack files: read and written, and every way in which one can be wrong."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionbank.content import (
    DIFFICULTIES,
    KINDS,
    MARKS,
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from questionbank.formats.pack import Pack, PackError, PackQuestion, Problem, read_pack, schema, write_pack
from questionbank.models import Difficulty, Kind, Mark
from tests.factories import make_content
from tests.questionbank.conftest import raw_pack, raw_question

Write = Callable[..., Path]


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(PackError) as caught:
        read_pack(path)
    return caught.value.problems


def places(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [(problem.file, problem.question, problem.field) for problem in problems]


# --- Reading what is right ----------------------------------------------------------------------------------


def test_read_pack_returns_what_the_file_says(write: Write) -> None:
    raw = raw_pack()

    assert read_pack(write(raw)) == Pack(
        slug="small",
        title="A small pack",
        description="For tests.",
        topics=raw["topics"],
        tracks=raw["tracks"],
        questions=[PackQuestion("generators", "core", make_content())],
    )


def test_read_pack_needs_no_more_than_a_name(write: Write) -> None:
    path = write({"format": "greenroom-pack", "version": 1, "id": "empty", "title": "Empty"})

    assert read_pack(path) == Pack("empty", "Empty", "", [], [], [])


def test_read_pack_takes_the_questions_of_included_files(write: Write) -> None:
    write({"questions": [raw_question("one")]}, "one.yaml")
    write({"questions": [raw_question("two"), raw_question("three")]}, "more.json")
    path = write(raw_pack(questions=[raw_question("zero")], include=["one.yaml", "more.json"]))

    assert [question.slug for question in read_pack(path).questions] == ["zero", "one", "two", "three"]


def test_read_pack_finds_included_files_beside_the_pack(write: Write, tmp_path: Path) -> None:
    (tmp_path / "questions").mkdir()
    write({"questions": [raw_question()]}, "questions/python.yaml")

    pack = read_pack(write(raw_pack(questions=[], include=["questions/python.yaml"])))

    assert [question.slug for question in pack.questions] == ["generators"]


def test_read_pack_reads_json_as_any_program_writes_it(write: Write) -> None:
    """YAML's reader knows neither JSON's surrogate pairs nor its raw control characters."""
    content = make_content(title="Emoji 😀 and DEL \x7f")
    raw = raw_pack(questions=[{"id": "generators", "topic": "core", **content.to_dict()}])

    escaped = read_pack(write(json.dumps(raw), "escaped.json"))
    plain = read_pack(write(json.dumps(raw, ensure_ascii=False, indent="\t"), "plain.json"))

    assert [pack.questions[0].content.title for pack in (escaped, plain)] == ["Emoji 😀 and DEL \x7f"] * 2


def test_the_example_of_the_documentation_is_a_pack(write: Write, tmp_path: Path) -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "pack-format.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", documentation, re.DOTALL)
    (tmp_path / "questions").mkdir()
    write({"questions": [raw_question(topic="numpy")]}, "questions/python.yaml")

    pack = read_pack(write(example))

    assert (pack.slug, len(pack.topics), len(pack.tracks), len(pack.questions)) == ("my-pack", 2, 1, 1)


# --- Files that cannot be read ------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    problems = problems_of(tmp_path / "gone.yaml")

    assert problems == [Problem("gone.yaml", "", "", "cannot be read: No such file or directory")]


def test_a_missing_included_file_is_named_as_the_pack_names_it(write: Write) -> None:
    problems = problems_of(write(raw_pack(include=["questions/gone.yaml"])))

    assert problems == [Problem("questions/gone.yaml", "", "", "cannot be read: No such file or directory")]


def test_a_file_that_is_not_utf8_is_named_with_the_byte(write: Write) -> None:
    problems = problems_of(write("title: na\u00efve".encode("latin-1")))

    assert problems == [Problem("pack.yaml", "", "", "is not UTF-8 text (byte 9)")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", "is not valid YAML"),
        ("title: 'open", "is not valid YAML"),
        ("title: a: b", "is not valid YAML"),
        ("\ttitle: tab", "is not valid YAML"),
        ("title: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("title: \x07", "is not valid YAML"),
        ("", "must hold fields"),
        ("- a list", "must hold fields"),
        ("only words", "must hold fields"),
    ],
)
def test_a_text_that_is_no_pack_is_named(write: Write, text: str, message: str) -> None:
    (problem,) = problems_of(write(text))

    assert (problem.file, problem.question, problem.field) == ("pack.yaml", "", "")
    assert problem.message.startswith(message)


def test_a_broken_json_file_is_named_with_the_line(write: Write) -> None:
    (problem,) = problems_of(write('{\n"title": }', "pack.json"))

    assert str(problem).startswith("pack.json: is not valid JSON: ")
    assert "line 2" in problem.message


def test_every_broken_included_file_is_named_in_one_go(write: Write) -> None:
    write({"questions": [raw_question(minutes=0)]}, "faulty.yaml")
    write("questions: [", "broken.yaml")
    path = write(raw_pack(include=["faulty.yaml", "gone.yaml", "broken.yaml"]))

    assert places(problems_of(path)) == [
        ("faulty.yaml", "generators", "minutes"),
        ("gone.yaml", "", ""),
        ("broken.yaml", "", ""),
    ]


# --- Faults that the schema finds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"format": "other-pack"}, "format", "'greenroom-pack' was expected"),
        ({"version": 2}, "version", "1 was expected"),
        ({"id": "Not A Slug"}, "id", "'Not A Slug' does not match '^[a-z0-9]+(-[a-z0-9]+)*$'"),
        ({"title": " "}, "title", "must not be blank"),
        ({"title": 7}, "title", "7 is not of type 'string'"),
        ({"extra": 1}, "", "Additional properties are not allowed ('extra' was unexpected)"),
        ({"topics": [{"id": "python"}]}, "topics.0", "'title' is a required property"),
        ({"include": ["what?.yaml"]}, "include.0", "'what?.yaml' does not match '^[A-Za-z0-9_./-]+$'"),
        ({"tracks": [{"id": "t", "title": "T", "description": "D", "sections": []}]}, "tracks.0.sections", None),
        ({"questions": {}}, "questions", "{} is not of type 'array'"),
        ({"description": "\0"}, "description", "holds a NUL or a broken character"),
    ],
)
def test_a_fault_outside_questions_is_named_with_its_field(
    write: Write, change: dict[str, Any], field: str, message: str | None
) -> None:
    (problem,) = problems_of(write(raw_pack(**change)))

    assert (problem.file, problem.question, problem.field) == ("pack.yaml", "", field)
    assert message in (problem.message, None)


POINT = {"id": "lazy", "claim": "Values are made on demand.", "weight": 2}
EXEMPLAR = {"id": "strong", "kind": "strong", "text": "On demand.", "score": 90, "marks": {"lazy": "stated"}}


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"topic": 3}, "topic", "3 is not of type 'string'"),
        ({"kind": "riddle"}, "kind", f"'riddle' is not one of {list(KINDS)}"),
        ({"difficulty": "evil"}, "difficulty", f"'evil' is not one of {list(DIFFICULTIES)}"),
        ({"minutes": 0}, "minutes", "0 is less than the minimum of 1"),
        ({"minutes": 61}, "minutes", "61 is greater than the maximum of 60"),
        ({"minutes": "5"}, "minutes", "'5' is not of type 'integer'"),
        ({"minutes": True}, "minutes", "True is not of type 'integer'"),
        ({"prompt": "\n"}, "prompt", "must not be blank"),
        ({"prompt": "Why\0?"}, "prompt", "holds a NUL or a broken character"),
        ({"references": []}, "references", "[] should be non-empty"),
        ({"references": ["Right.", ""]}, "references.1", "must not be blank"),
        ({"key_points": []}, "key_points", "[] should be non-empty"),
        ({"key_points": [{**POINT, "weight": 4}]}, "key_points.0.weight", "4 is greater than the maximum of 3"),
        ({"key_points": [{**POINT, "id": "A b"}]}, "key_points.0.id", None),
        ({"key_points": [{**POINT, "hint": "\0"}]}, "key_points.0.hint", "holds a NUL or a broken character"),
        ({"key_points": [{**POINT, "accepted": "text"}]}, "key_points.0.accepted", "'text' is not of type 'array'"),
        ({"key_points": [{**POINT, "wieght": 1}]}, "key_points.0", None),
        ({"misconceptions": [{"id": "m", "claim": "False."}]}, "misconceptions.0", None),
        ({"exemplars": [{**EXEMPLAR, "score": 101}]}, "exemplars.0.score", "101 is greater than the maximum of 100"),
        ({"exemplars": [{**EXEMPLAR, "score": -1}]}, "exemplars.0.score", "-1 is less than the minimum of 0"),
        ({"exemplars": [{**EXEMPLAR, "marks": {"lazy": "good"}}]}, "exemplars.0.marks.lazy", None),
        ({"sources": [{"title": "A page", "url": "javascript:alert(1)"}]}, "sources.0.url", None),
        ({"sources": [{"url": "https://example.org"}]}, "sources.0", "'title' is a required property"),
    ],
)
def test_a_fault_in_a_question_is_named_with_file_question_and_field(
    write: Write, change: dict[str, Any], field: str, message: str | None
) -> None:
    right = raw_question(key_points=[POINT], misconceptions=[], exemplars=[])
    write({"questions": [{**right, **change}]}, "faulty.yaml")

    (problem,) = problems_of(write(raw_pack(questions=[], include=["faulty.yaml"])))

    assert (problem.file, problem.question, problem.field) == ("faulty.yaml", "generators", field)
    assert message in (problem.message, None)


@pytest.mark.parametrize("name", ["topic", "kind", "difficulty", "minutes", "title", "prompt", "references"])
def test_a_field_that_a_question_lacks_is_named(write: Write, name: str) -> None:
    question = raw_question()
    del question[name]

    problems = problems_of(write(raw_pack(questions=[question])))

    assert problems == [Problem("pack.yaml", "generators", "", f"'{name}' is a required property")]


def test_a_question_without_a_name_is_named_by_its_place(write: Write) -> None:
    nameless = raw_question()
    del nameless["id"]

    problems = problems_of(write(raw_pack(questions=[raw_question(), nameless, "no question at all"])))

    assert [problem.question for problem in problems] == ["question 2", "question 3"]


def test_an_included_file_holds_questions_alone(write: Write) -> None:
    write({"questions": [], "tracks": []}, "more.yaml")
    write({}, "empty.yaml")

    problems = problems_of(write(raw_pack(include=["more.yaml", "empty.yaml"])))

    assert [(problem.file, problem.message) for problem in problems] == [
        ("more.yaml", "Additional properties are not allowed ('tracks' was unexpected)"),
        ("empty.yaml", "'questions' is a required property"),
    ]


def test_a_message_does_not_quote_a_whole_answer(write: Write) -> None:
    problems = problems_of(write(raw_pack(questions=[raw_question(references="word " * 500)])))

    assert [problem.field for problem in problems] == ["references"]
    assert problems[0].message == f"'{'word ' * 19}word … {('word ' * 500)[-26:]}' is not of type 'array'"


def test_a_broken_character_of_json_is_named(write: Write) -> None:
    text = json.dumps(raw_pack(questions=[raw_question(prompt="broken \ud800")]))

    assert problems_of(write(text, "pack.json")) == [
        Problem("pack.json", "generators", "prompt", "holds a NUL or a broken character")
    ]


# --- Names that are doubled or point nowhere ----------------------------------------------------------------


def test_a_question_that_stands_twice_is_named_with_both_files(write: Write) -> None:
    write({"questions": [raw_question()]}, "again.yaml")

    problems = problems_of(write(raw_pack(include=["again.yaml"])))

    assert problems == [Problem("again.yaml", "generators", "id", "stands twice, also in pack.yaml")]


def test_a_question_of_an_unknown_topic_is_named(write: Write) -> None:
    problems = problems_of(write(raw_pack(questions=[raw_question(topic="cobol")])))

    assert problems == [Problem("pack.yaml", "generators", "topic", "there is no topic “cobol” in the pack")]


def test_a_misconception_that_points_nowhere_is_named(write: Write) -> None:
    wrong = [{"id": "eager", "claim": "Everything is built.", "contradicts": "lasy"}]
    write({"questions": [raw_question(misconceptions=wrong)]}, "faulty.yaml")

    problems = problems_of(write(raw_pack(questions=[], include=["faulty.yaml"])))

    assert problems == [
        Problem("faulty.yaml", "generators", "misconceptions.eager.contradicts", "there is no key point “lasy”")
    ]


@pytest.mark.parametrize(
    ("topics", "problem"),
    [
        (
            [{"id": "python", "title": "Python"}, {"id": "core", "title": "Core"}, {"id": "core", "title": "Again"}],
            Problem("pack.yaml", "", "topics.core", "stands twice"),
        ),
        (
            [{"id": "python", "title": "Python"}, {"id": "core", "title": "Core", "parent": "pyhton"}],
            Problem("pack.yaml", "", "topics.core.parent", "no topic “pyhton” before it"),
        ),
        (
            [{"id": "core", "title": "Core", "parent": "python"}, {"id": "python", "title": "Python"}],
            Problem("pack.yaml", "", "topics.core.parent", "no topic “python” before it"),
        ),
        (
            [{"id": "python", "title": "Python"}, {"id": "core", "title": "Core", "parent": "core"}],
            Problem("pack.yaml", "", "topics.core.parent", "no topic “core” before it"),
        ),
    ],
    ids=["twice", "unknown parent", "parent after its child", "its own parent"],
)
def test_a_topic_that_is_out_of_place_is_named(write: Write, topics: list[dict[str, str]], problem: Problem) -> None:
    assert problems_of(write(raw_pack(topics=topics))) == [problem]


def test_a_track_that_stands_twice_is_named(write: Write) -> None:
    (track,) = raw_pack()["tracks"]

    problems = problems_of(write(raw_pack(tracks=[track, track])))

    assert problems == [Problem("pack.yaml", "", "tracks.taster", "stands twice")]


def test_a_track_of_an_unknown_topic_is_named(write: Write) -> None:
    (track,) = raw_pack()["tracks"]
    track["sections"][0]["topic"] = "cobol"

    problems = problems_of(write(raw_pack(tracks=[track])))

    assert problems == [Problem("pack.yaml", "", "tracks.taster.sections", "there is no topic “cobol” in the pack")]


def test_a_track_longer_than_a_day_at_work_is_named(write: Write) -> None:
    (track,) = raw_pack()["tracks"]
    track["sections"] = [{**track["sections"][0], "minutes": 240}] * 3

    problems = problems_of(write(raw_pack(tracks=[track])))

    assert problems == [
        Problem("pack.yaml", "", "tracks.taster.sections", "take 720 minutes; a track has at most 480")
    ]


def test_every_problem_of_every_file_is_told_at_once(write: Write) -> None:
    write({"questions": [raw_question(), raw_question("other", topic="cobol")]}, "more.yaml")
    twice = [{"id": "python", "title": "Python"}, {"id": "core", "title": "C"}, {"id": "core", "title": "C"}]

    error_text = "\n".join(str(p) for p in problems_of(write(raw_pack(topics=twice, include=["more.yaml"]))))

    assert error_text == (
        "more.yaml: generators: id: stands twice, also in pack.yaml\n"
        "more.yaml: other: topic: there is no topic “cobol” in the pack\n"
        "pack.yaml: topics.core: stands twice"
    )


# --- The words of pack, database and content are the same ---------------------------------------------------


def test_schema_models_and_contents_name_the_same_kinds_difficulties_and_marks() -> None:
    definitions = schema()["$defs"]

    assert definitions["question"]["properties"]["kind"]["enum"] == list(KINDS) == Kind.values
    assert definitions["difficulty"]["enum"] == list(DIFFICULTIES) == Difficulty.values
    marks = definitions["exemplar"]["properties"]["marks"]["additionalProperties"]["enum"]
    assert marks == list(MARKS) == Mark.values


# --- Writing ------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60).filter(
    lambda text: text.strip() == text
)
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


@st.composite
def contents(draw: st.DrawFn) -> QuestionContent:
    """Draw a content that contradicts nothing, with the strangest letters in its texts."""
    points = draw(st.lists(slugs, min_size=1, max_size=3, unique=True))
    exemplars = draw(st.lists(slugs, max_size=2, unique=True))
    return QuestionContent(
        title=draw(texts),
        prompt=draw(texts),
        kind=draw(st.sampled_from(KINDS)),
        difficulty=draw(st.sampled_from(DIFFICULTIES)),
        minutes=draw(st.integers(1, 60)),
        references=tuple(draw(st.lists(texts, min_size=1, max_size=2))),
        key_points=tuple(
            KeyPointContent(slug, draw(texts), draw(st.integers(1, 3)), draw(texts), (draw(texts),)) for slug in points
        ),
        misconceptions=tuple(
            MisconceptionContent(slug, draw(texts), draw(st.sampled_from(points)))
            for slug in draw(st.lists(slugs, max_size=2, unique=True))
        ),
        exemplars=tuple(
            ExemplarContent(
                slug,
                "strong",
                draw(texts),
                draw(st.integers(0, 100)),
                tuple(sorted((point, draw(st.sampled_from(MARKS))) for point in points)),
                exemplars[0] if slug != exemplars[0] else "",
            )
            for slug in exemplars
        ),
        sources=(SourceContent(draw(texts), "https://example.org/"), SourceContent(draw(texts))),
    )


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(content=contents(), title=texts)
def test_read_pack_gives_back_what_write_pack_wrote(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: QuestionContent, title: str
) -> None:
    raw = raw_pack()
    pack = Pack("small", title, title, raw["topics"], raw["tracks"], [PackQuestion("one", "core", content)])
    path = tmp_path_factory.mktemp("pack") / f"pack{suffix}"

    write_pack(pack, path)

    assert read_pack(path) == pack


@pytest.mark.parametrize(
    "text", ["a\x85b", "a\u2028b", "a\u2029b", "a\n\nb", "a\rb", "a \n b", "a\tb", "'a': b # c", "no"]
)
def test_line_breaks_and_signs_that_mean_something_in_yaml_stay_as_they_are(tmp_path: Path, text: str) -> None:
    pack = Pack("small", "Small", text, [], [])

    write_pack(pack, tmp_path / "pack.yaml")

    assert read_pack(tmp_path / "pack.yaml") == pack


def test_a_written_pack_is_pleasant_to_read(tmp_path: Path) -> None:
    """Letters stay letters, and fields stand in the order in which people think of them."""
    path = tmp_path / "pack.yaml"
    content = make_content(title="Naïve Bayes – 朴素")

    write_pack(Pack("small", "Small", "", [], [], [PackQuestion("bayes", "ml", content)]), path)

    lines = path.read_text("utf-8").splitlines()
    assert lines[:9] == [
        "format: greenroom-pack",
        "version: 1",
        "id: small",
        "title: Small",
        "description: ''",
        "topics: []",
        "tracks: []",
        "questions:",
        "- id: bayes",
    ]
    assert "  title: Naïve Bayes – 朴素" in lines
    assert "!!" not in path.read_text("utf-8")
