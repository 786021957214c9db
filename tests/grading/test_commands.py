"""grade_file, evaluate_grader and verify_grade: the contracts that other tools rely on."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from grading.engine import Question
from grading.engine.calibration import Calibration
from grading.grader import get_grader, question_of
from grading.models import Grade, GradingJob
from grading.services.jobs import grade
from grading.tasks import grade_job
from questionbank.models import QuestionVersion
from questionbank.selectors import with_parts
from tests.grading.conftest import grade_by_hand, make_result, marked
from tests.grading.engine.plain import PLAIN

COOL = "Ice cools a warm drink quickly."
LEVER = "Levers multiply a small force."
QUESTION = {
    "question": "Tell me something true.",
    "references": [f"{COOL} {LEVER}"],
    "key_points": [{"id": "cool", "text": COOL, "weight": 1}, {"id": "lever", "text": LEVER, "weight": 1}],
}
Run = Callable[..., str]


def _record(id_: str | int, answer: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "qid": "q1", **QUESTION, "answer": answer, **fields}


# The stub encoder knows equal words alone, so a claim said word for word is stated and all else is missing.
BOTH, ONE, NONE = f"{COOL} {LEVER}", f"Well, this. {LEVER}", "Bananas ripen slowly in winter."


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Grade with round figures: what is said earns its whole weight, whatever the shipped calibration is."""
    monkeypatch.setattr(Calibration, "load", lambda: PLAIN)
    get_grader.cache_clear()
    yield
    get_grader.cache_clear()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write records into a file of this test's own; return where."""

    def write_records(*records: dict[str, Any]) -> Path:
        path = tmp_path / "in.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write_records


@pytest.fixture
def run() -> Run:
    """Run a command; return what it printed."""

    def call(*command: Any) -> str:
        out = StringIO()
        call_command(*map(str, command), stdout=out)
        return out.getvalue()

    return call


# --- grade_file ---------------------------------------------------------------------------------------------


def _grade_file(run: Run, path: Path) -> list[dict[str, Any]]:
    run("grade_file", path, path.with_name("out.jsonl"))
    return [json.loads(line) for line in path.with_name("out.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_grade_file_writes_a_line_a_record_in_the_same_order(run: Run, write: Callable[..., Path]) -> None:
    ids = [f"r{number}" for number in range(40)]  # more than are graded at once
    path = write(*[_record(id_, BOTH if number % 3 else NONE) for number, id_ in enumerate(ids)])

    lines = _grade_file(run, path)

    assert [line["id"] for line in lines] == ids
    assert [line["score"] for line in lines] == [1.0 if number % 3 else 0.0 for number in range(40)]


def test_grade_file_keeps_its_contract(run: Run, write: Callable[..., Path]) -> None:
    path = write(_record("text", BOTH), _record(7, ONE), _record("n", NONE), _record("e", ""))

    lines = _grade_file(run, path)

    for line in lines:
        assert list(line) == ["id", "score", "confidence", "flags", "key_points"]
        assert 0 <= line["score"] <= 1
        assert 0 <= line["confidence"] <= 1
        assert list(line["key_points"]) == ["cool", "lever"]
        for point in line["key_points"].values():
            assert list(point) == ["mark", "p", "similarity", "evidence"]
            assert point["mark"] in ("stated", "partly", "missing", "contradicted")
            assert list(point["p"]) == ["stated", "missing", "contradicted"]
            assert min(point["p"].values()) >= 0
            assert sum(point["p"].values()) == pytest.approx(1, abs=1e-9)
    assert [(line["id"], line["score"], line["flags"]) for line in lines] == [
        ("text", 1.0, []),
        (7, 0.5, []),
        ("n", 0.0, ["off_topic"]),
        ("e", 0.0, ["empty"]),
    ]
    assert [[(p["mark"], p["evidence"]) for p in line["key_points"].values()] for line in lines] == [
        [("stated", COOL), ("stated", LEVER)],
        [("missing", ""), ("stated", LEVER)],
        [("missing", ""), ("missing", "")],
        [("missing", ""), ("missing", "")],
    ]


def test_grade_file_grades_by_the_references_clauses_where_there_are_no_key_points(
    run: Run, write: Callable[..., Path]
) -> None:
    record = _record("a", COOL)
    del record["key_points"]

    (line,) = _grade_file(run, write(record))

    assert {key: point["mark"] for key, point in line["key_points"].items()} == {"c1": "stated", "c2": "missing"}


def test_grade_file_gives_the_same_bytes_again(run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(_record("a", BOTH), _record("b", ONE))

    for name in ("one", "two"):
        run("grade_file", path, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_grade_file_needs_no_database(
    run: Run, write: Callable[..., Path], tmp_path: Path, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        printed = run("grade_file", write(_record("a", BOTH)), tmp_path / "out")

    assert printed == f"1 records graded into {tmp_path / 'out'}.\n"


@pytest.mark.parametrize("text", ["caf\u00e9 \u2028 \U0001f600", "broken \ud800 half", "nul \x00 and \u202e turned"])
def test_grade_file_writes_any_text_back(run: Run, write: Callable[..., Path], text: str) -> None:
    answer = f"{LEVER[:-1]} {text}."

    (line,) = _grade_file(run, write(_record(text, answer)))

    assert line["id"] == text
    assert line["key_points"]["lever"]["evidence"] == answer


def test_grade_file_grades_an_empty_file(run: Run, write: Callable[..., Path]) -> None:
    assert _grade_file(run, write()) == []


def test_grade_file_names_line_and_field_and_writes_nothing(
    run: Run, write: Callable[..., Path], tmp_path: Path
) -> None:
    path = write(_record("a", BOTH), {**_record("b", ""), "answer": None})

    with pytest.raises(CommandError, match=r"^in.jsonl, line 2: “answer” is missing"):
        run("grade_file", path, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_grade_file_says_which_file_cannot_be_read_or_written(
    run: Run, write: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"nowhere.jsonl: cannot be read: No such file"):
        run("grade_file", tmp_path / "nowhere.jsonl", tmp_path / "out")
    with pytest.raises(CommandError, match=r"nowhere/out: cannot be written: No such file"):
        run("grade_file", write(_record("a", BOTH)), tmp_path / "nowhere" / "out")


# --- evaluate_grader ----------------------------------------------------------------------------------------


RATED = (
    _record("a", BOTH, score=0.8, kind="good", marks={"cool": 1, "lever": 1}),
    _record("b", ONE, score=0.6, kind="good", marks={"cool": 0, "lever": 1}),
    _record("c", NONE, score=0.2, kind="weak", marks={"cool": 0, "lever": -1}),
)
# The grader gives 1, .5 and 0. Deviations from the means: .2667 .0667 -.3333 and .5 0 -.5. How sure it is, and with it
# the figures by confidence, is a matter of its calibration.
FIGURES = {
    "n": 3,
    "questions": 1,
    "rmse": 0.1732,  # √((.2² + .1² + .2²) / 3)
    "qwk": 0.8302,  # levels 4 3 1 and 5 2 0 (2.5 goes to the even one): 3 against 53 / 3
    "pearson": 0.982,  # .3 / √(.18667 × .5)
    "spearman": 1.0,
    "calibration_error": 0.1667,  # (.2 + .1 + .2) / 3
    "without_empty": {"n": 3, "pearson": 0.982, "rmse": 0.1732},
    "by_kind": {"good": {"n": 2, "mean": 0.75, "raters": 0.7}, "weak": {"n": 1, "mean": 0.0, "raters": 0.2}},
    "key_points": {
        "by_mark": {
            "stated": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 3},
            "partly": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 0},
            "missing": {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "n": 2},
            "contradicted": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1},
        },
        "macro_f1": 0.6,
    },
    "within_answer": {"stated_missing": {"auc": 1.0, "n": 1}},  # of b: what is said word for word, what is not said
}


def test_evaluate_grader_computes_the_figures_of_each_file(
    run: Run, write: Callable[..., Path], tmp_path: Path
) -> None:
    path = write(*RATED)
    again = path.rename(tmp_path / "again.jsonl")

    run("evaluate_grader", write(*RATED), again, "--json", tmp_path / "figures.json")

    reports = json.loads((tmp_path / "figures.json").read_text())
    assert [report.pop("answers_per_second") > 0 for report in reports.values()] == [True, True]
    assert [sum(row["n"] for row in report.pop("confidence").values()) for report in reports.values()] == [3, 3]
    assert reports == {"in.jsonl": FIGURES, "again.jsonl": FIGURES}


def test_evaluate_grader_prints_the_figures(run: Run, write: Callable[..., Path]) -> None:
    lines = run("evaluate_grader", write(*RATED)).splitlines()

    assert lines[1] == "in.jsonl: 3 answers to 1 questions"
    rows = [line.split() for line in lines[2:]]
    assert rows[:5] == [
        ["pearson", "0.982"],
        ["spearman", "1.0"],
        ["qwk", "0.8302"],
        ["rmse", "0.1732"],
        ["calibration_error", "0.1667"],
    ]
    assert rows[5][0] == "answers_per_second"
    assert [" ".join(row) for row in rows[6:15]] == [
        "4 words and more pearson 0.982 rmse 0.1732 n 3",
        "good 0.75 raters 0.70 n 2",
        "weak 0.00 raters 0.20 n 1",
        "stated precision 1.00 recall 1.00 F1 1.00 n 3",
        "partly precision 0.00 recall 0.00 F1 0.00 n 0",
        "missing precision 0.67 recall 1.00 F1 0.80 n 2",
        "contradicted precision 0.00 recall 0.00 F1 0.00 n 1",
        "macro F1 0.6",
        "stated/missing 1.0 n 1",
    ]
    assert [row[0] for row in rows[15:]] == ["confidence"] * len(rows[15:])


def test_evaluate_grader_prints_intervals_and_twins(run: Run, write: Callable[..., Path]) -> None:
    records = [{**record, "id": f"{qid}-{record['id']}", "qid": qid} for qid in ("q1", "q2", "q3") for record in RATED]
    for better, worse in zip(records[0::3], records[1::3], strict=True):
        worse["twin_of"] = better["id"]

    lines = run("evaluate_grader", write(*records)).splitlines()

    printed = {line[:22].strip(): line[22:].split() for line in lines[2:]}
    assert " ".join(printed["pearson"]) == "0.982 95 % 0.98 to 0.98"
    assert " ".join(printed["rmse"]) == "0.1732 95 % 0.17 to 0.17"
    assert " ".join(printed["qwk"]) == "0.8302 95 % 0.83 to 0.83"
    assert " ".join(printed["macro F1"]) == "0.6 95 % 0.60 to 0.60"
    assert " ".join(printed["stated/missing"]) == "1.0 95 % 1.00 to 1.00 n 3"
    assert " ".join(printed["twins"]) == "1.0 95 % 1.00 to 1.00 n 3"


def test_evaluate_grader_leaves_out_what_a_file_does_not_have(
    run: Run, write: Callable[..., Path], tmp_path: Path
) -> None:
    run("evaluate_grader", write(_record("a", BOTH, score=0.8)), "--json", tmp_path / "figures.json")

    (report,) = json.loads((tmp_path / "figures.json").read_text()).values()
    assert set(report) == {
        *("n", "questions", "rmse", "qwk", "calibration_error", "confidence", "without_empty", "answers_per_second")
    }


def test_evaluate_grader_names_the_line_that_has_no_score(run: Run, write: Callable[..., Path]) -> None:
    with pytest.raises(CommandError, match=r"^in.jsonl, line 2: “score” must be a number from 0 to 1$"):
        run("evaluate_grader", write(_record("a", BOTH, score=1), _record("b", BOTH)))


def test_evaluate_grader_names_the_line_whose_twin_is_not_there(run: Run, write: Callable[..., Path]) -> None:
    with pytest.raises(CommandError, match=r"^in.jsonl, line 1: “twin_of” names no record: z$"):
        run("evaluate_grader", write(_record("a", BOTH, score=1, twin_of="z"), _record("b", BOTH, score=1)))


def test_evaluate_grader_names_a_file_without_records(run: Run, write: Callable[..., Path]) -> None:
    with pytest.raises(CommandError, match=r"in.jsonl: has no records$"):
        run("evaluate_grader", write())


# --- verify_grade -------------------------------------------------------------------------------------------


def test_verify_grade_says_that_a_grade_comes_out_the_same(run: Run, job: GradingJob) -> None:
    written = grade(job_id=job.pk)
    assert written is not None

    assert run("verify_grade", written.pk) == f"Verified: {written.score:.0f} of 100, 3 marks, the same again.\n"


def _forge(job: GradingJob, **changes: Any) -> Grade:
    """Write a grade that bears this grader's name and is not its own."""
    job = grade_by_hand(job, make_result(receipt=get_grader().identity, **changes))
    return job.grade


def test_verify_grade_names_each_difference(run: Run, job: GradingJob) -> None:
    forged = _forge(job, score=0.99)

    with pytest.raises(CommandError) as error:
        run("verify_grade", forged.pk)

    message = str(error.value)
    assert message.startswith("The grade differs: score 99.0 then, ")
    assert [key in message for key in ("lazy: stated (0.8) then", "memory: partly (0.69) then")] == [True, True]


def test_verify_grade_tells_a_figure_that_moved_under_the_same_score(run: Run, job: GradingJob) -> None:
    honest = get_grader().grade(_question(job), job.text)
    first, *others = honest.key_points
    moved = marked(first.id, first.mark, similarity=first.similarity + 0.01)
    forged = grade_by_hand(
        job,
        make_result(moved, *others, score=honest.score, confidence=honest.confidence, receipt=honest.receipt),
    ).grade

    with pytest.raises(CommandError, match=r"^The grade differs: lazy: [^;]+ now$"):
        run("verify_grade", forged.pk)


def _question(job: GradingJob) -> Question:
    return question_of(with_parts(QuestionVersion.objects.filter(pk=job.version_id)).get())


@pytest.mark.parametrize("part", ["engine", "encoder", "calibration"])
def test_verify_grade_does_not_compare_with_another_engine(run: Run, job: GradingJob, part: str) -> None:
    written = grade_by_hand(job, make_result(receipt={**get_grader().identity, part: "another"})).grade

    with pytest.raises(CommandError, match=r"^This grade was made by another engine: .*'another'"):
        run("verify_grade", written.pk)


def test_verify_grade_says_that_there_is_no_such_grade(run: Run, job: GradingJob) -> None:
    unknown = uuid4()

    with pytest.raises(CommandError, match=f"^There is no grade {unknown}.$"):
        run("verify_grade", unknown)


def test_verify_grade_says_what_is_not_an_id(run: Run) -> None:
    with pytest.raises(CommandError, match=r"^“twelve” is not an id of a grade.$"):
        run("verify_grade", "twelve")


def test_verifying_changes_nothing(run: Run, job: GradingJob) -> None:
    grade_job(str(job.pk))
    before = (list(Grade.objects.values()), list(GradingJob.objects.values()))

    run("verify_grade", Grade.objects.get().pk)

    assert (list(Grade.objects.values()), list(GradingJob.objects.values())) == before
