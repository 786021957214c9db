"""The grader card: its arithmetic on results made by hand, its rules, and the command that writes it."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from grading.attacks import ATTACKS
from grading.grader import get_grader
from grading.grader_card import (
    FIGURES,
    AttackRow,
    FiguresError,
    attack_row,
    card,
    figure_in_words,
    grade_attack,
    limit_in_words,
    read_figures,
    verdict,
    weak_spots,
)
from questionbank.content import ExemplarContent
from questionbank.formats.pack import Pack, PackQuestion, write_pack
from tests.factories import make_content

IDENTITY = {"engine": "by-hand-1", "encoder": "none"}


def _row(name: str = "gibberish", scores: tuple[float, ...] = (0.0,), limits: tuple[float, ...] = (0.2,)) -> AttackRow:
    return attack_row(name, np.array(scores), np.broadcast_to(np.array(limits), len(scores)))


def _report(**figures: Any) -> dict[str, Any]:
    return {"n": 40, "questions": 4, **figures}


def _kind(mean: float, raters: float, n: int = 5) -> dict[str, float]:
    return {"mean": mean, "raters": raters, "n": n}


def _table_rows(text: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]


# --- Attacks ------------------------------------------------------------------------------------------------


def test_a_row_sums_up_what_an_attack_earned() -> None:
    row = _row(scores=(0.0, 0.1, 0.2, 0.3, 0.4))

    assert (row.count, row.over, row.limits) == (5, 2, (0.2, 0.2))
    assert row.mean == pytest.approx(0.2)
    assert row.p95 == pytest.approx(0.38)  # a fifth of the way from the fourth score to the fifth, the other way round
    assert row.above == pytest.approx(0.4)  # .3 and .4; .2 is not above
    assert row.excess == pytest.approx(0.18)


@pytest.mark.parametrize(
    ("scores", "limits", "expected"),
    [
        ((0.2,) * 4, (0.2,), "ok"),
        ((0.85,), (0.85,), "ok"),
        ((0.0,) * 39 + (1.0,), (0.2,), "ok"),  # 1 of 40
        ((0.0,) * 9 + (1.0,), (0.2,), "too high"),  # 1 of 10
        ((0.5, 0.1), (0.55, 0.2), "ok"),  # high where it may be
        ((0.5, 0.3), (0.55, 0.2), "too high"),
    ],
)
def test_an_attack_is_too_high_where_its_95th_percentile_is_above_its_limits(
    scores: tuple[float, ...], limits: tuple[float, ...], expected: str
) -> None:
    assert verdict(_row(scores=scores, limits=limits)) == expected


def test_a_limit_that_depends_on_the_question_is_told_from_where_to_where() -> None:
    assert limit_in_words(_row(scores=(0.0, 0.0), limits=(0.2,))) == "0.20"
    assert limit_in_words(_row(scores=(0.0, 0.0), limits=(0.3, 0.25))) == "0.25–0.30"


def test_an_attack_is_graded_on_the_questions_that_have_what_it_takes() -> None:
    wrong = (ExemplarContent("wrong", "wrong", "Bananas ripen slowly in winter.", 30, ()),)
    contents = [make_content(prompt="Why?"), make_content(prompt="When?", exemplars=wrong)]

    everywhere = grade_attack("hidden characters", contents, get_grader())
    once = grade_attack("wrong", contents, get_grader())

    assert everywhere == _row("hidden characters", scores=(0.0, 0.0))
    assert once is not None
    assert (once.count, once.limits) == (1, (0.35, 0.35))
    assert grade_attack("padded", contents, get_grader()) is None


# --- Figures ------------------------------------------------------------------------------------------------


def _said(label: str, report: dict[str, Any]) -> str:
    return figure_in_words(next(figure for figure in FIGURES if figure.label == label), report)


def test_a_figure_is_told_with_its_interval() -> None:
    report = _report(
        pearson=0.8312,
        within_answer={"stated_missing": {"auc": 0.912, "n": 30}},
        twins={"share": 0.7, "n": 20, "sure": {"share": 0.9, "n": 5}},
        confidence={"<.5": {"n": 3, "mean": 0.4, "close": 0.25}},
        intervals={"pearson": [0.8, 0.8567], "stated_missing": [0.9, 0.93]},
    )

    assert _said("answers", report) == "40"
    assert _said("Pearson r", report) == "0.83 (0.80 to 0.86)"
    assert _said("stated before missing", report) == "0.91 (0.90 to 0.93)"
    assert _said("twins told apart", report) == "0.70"  # too few questions for an interval
    assert _said("twins, both sure", report) == "0.90"
    assert _said("close at confidence <.5", report) == "0.25"
    assert _said("macro F1", report) == "–"


def _write(path: Path, reports: Any) -> Path:
    path.write_text(json.dumps(reports), encoding="utf-8")
    return path


def test_figures_of_several_files_are_read_together(tmp_path: Path) -> None:
    one = _write(tmp_path / "one.json", {"a.jsonl": _report(), "b.jsonl": _report()})
    two = _write(tmp_path / "two.json", {"c.jsonl": _report()})

    assert list(read_figures([one, two])) == ["a.jsonl", "b.jsonl", "c.jsonl"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is not JSON"),
        ("[]", "does not hold what evaluate_grader"),
        ('{"a.jsonl": 1}', "does not hold what evaluate_grader"),
        ('{"a.jsonl": {"n": 1}}', "has figures of a.jsonl, as a file before it has"),
    ],
)
def test_figures_that_cannot_be_used_are_named(tmp_path: Path, content: str | None, message: str) -> None:
    good, bad = _write(tmp_path / "good.json", {"a.jsonl": _report()}), tmp_path / "bad.json"
    if content is not None:
        bad.write_text(content)

    with pytest.raises(FiguresError, match=rf"bad.json: {message}"):
        read_figures([good, bad])


# --- Weak spots ---------------------------------------------------------------------------------------------


def test_there_are_no_weak_spots_where_no_rule_finds_one() -> None:
    report = _report(
        by_kind={
            "near": _kind(0.59, 0.5),
            "rare": _kind(0.9, 0.1, n=4),
        },
        twins={"share": 0.7, "n": 20},
        intervals={"twins": [0.51, 0.8]},
    )

    assert weak_spots([_row()], {"a.jsonl": report}) == []


def test_attacks_that_are_too_high_are_named_the_worst_first() -> None:
    rows = [
        _row("gibberish", (0.0, 0.3)),
        _row("padded", (0.1, 0.1)),
        _row("wrong", (0.6, 0.7), (0.2, 0.25)),
    ]

    assert weak_spots(rows, {}) == [
        "Attack “wrong”: 95th percentile 0.69, limit 0.20–0.25, above its limit on 2 of 2 questions.",
        "Attack “gibberish”: 95th percentile 0.28, limit 0.20, above its limit on 1 of 2 questions.",
    ]


def test_the_three_kinds_furthest_from_the_raters_are_named() -> None:
    by_kind = {
        "a": _kind(0.5, 0.1),
        "b": _kind(0.2, 0.9),
        "c": _kind(0.4, 0.3),  # the least far of four
        "d": _kind(0.8, 0.6),
    }

    assert weak_spots([], {"x.jsonl": _report(by_kind=by_kind)}) == [
        "x.jsonl: answers of the kind “b” get too little: 0.20 on average, the raters gave 0.90 (5 answers).",
        "x.jsonl: answers of the kind “a” get too much: 0.50 on average, the raters gave 0.10 (5 answers).",
        "x.jsonl: answers of the kind “d” get too much: 0.80 on average, the raters gave 0.60 (5 answers).",
    ]


def test_twins_that_may_be_told_apart_by_chance_are_named() -> None:
    report = _report(twins={"share": 0.6, "n": 20}, intervals={"twins": [0.5, 0.7]})

    assert weak_spots([], {"x.jsonl": report}) == [
        "x.jsonl: twins may be told apart by chance: 0.60, between 0.50 and 0.70."
    ]


# --- The card -----------------------------------------------------------------------------------------------


def test_the_card_names_the_grader_and_has_a_row_for_each_attack_and_each_figure_there_is() -> None:
    rows = [_row("gibberish", (0.0, 0.3)), _row("padded", (0.1, 0.2), (0.2, 0.25))]
    reports = {"a|b.jsonl": _report(rmse=0.2), "c.jsonl": _report(rmse=0.3, pearson=0.5)}

    text = card(IDENTITY, {"Small": 2}, rows, reports)

    assert "- engine: `by-hand-1`\n- encoder: `none`" in text
    assert "Small (2 questions)" in text
    attacks, padded, *figures = [row for row in _table_rows(text) if row[0] not in ("attack", "---")]
    description = ATTACKS["gibberish"].description
    assert attacks == ["gibberish", description, "2", "0.15", "0.28", "50%", "0.20", "too high"]
    assert padded[2:] == ["2", "0.15", "0.20", "0%", "0.20–0.25", "ok"]
    assert [row[:3] for row in figures] == [
        ["figure", "a&#124;b.jsonl", "c.jsonl"],
        ["answers", "40", "40"],
        ["questions", "4", "4"],
        ["Pearson r", "–", "0.50"],
        ["RMSE", "0.20", "0.30"],
    ]
    assert "- Attack “gibberish”" in text


def test_a_card_without_figures_says_nothing_of_raters() -> None:
    text = card(IDENTITY, {"Small": 1}, [_row()], {})

    assert "raters" not in text
    assert text.endswith("By these rules there are none.\n")


# --- The command --------------------------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "pack.yaml"
    questions = [PackQuestion(slug, "core", make_content(prompt=f"{slug}?")) for slug in ("when", "why")]
    write_pack(Pack("small", "A small pack", "", [{"id": "core", "title": "Core"}], [], questions), path)
    return path


def _run(*arguments: Any) -> str:
    out = StringIO()
    call_command("grader_card", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_grader_card_writes_a_card_of_the_packs_and_figures_given(pack: Path, tmp_path: Path) -> None:
    figures = _write(tmp_path / "figures.json", {"rated.jsonl": _report(pearson=0.75)})

    _run(pack, "--figures", figures, "--output", tmp_path / "card.md")

    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert all(f"- {name}: `{value}`" in text for name, value in get_grader().identity.items())
    assert "A small pack (2 questions)" in text
    rows = {row[0]: row for row in _table_rows(text)}
    assert set(ATTACKS) - set(rows) == {"buzzwords", "padded", "wrong", "swapped"}  # the pack has no such exemplars
    assert rows["hidden characters"][2:] == ["2", "0.00", "0.00", "0%", "0.20", "ok"]
    assert rows["Pearson r"][1] == "0.75"


def test_grader_card_can_print_the_attacks_alone(pack: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())

    lines = _run(pack, "--attacks-only").splitlines()

    assert "hidden characters           mean 0.00  95th percentile 0.00  above 0%  ok" in lines
    assert all(line.startswith(tuple(ATTACKS)) for line in lines)
    assert set(tmp_path.iterdir()) == before


def test_grader_card_says_before_grading_what_it_cannot_use(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere/card.md: there is no such folder$"):
        _run(pack, "--output", tmp_path / "nowhere" / "card.md")
    with pytest.raises(CommandError, match=r"nowhere.json: cannot be read"):
        _run(pack, "--output", tmp_path / "card.md", "--figures", tmp_path / "nowhere.json")
    with pytest.raises(CommandError, match=r"nowhere.yaml: cannot be read"):
        _run(tmp_path / "nowhere.yaml", "--output", tmp_path / "card.md")
    assert not (tmp_path / "card.md").exists()
