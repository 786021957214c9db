"""The grader card: what attacks earn, how grades agree with raters, and where the grader is weak, for people to read.

manage.py grader_card writes it. Nothing in it is written by hand: each weak spot is named by a rule from the figures.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grading.attacks import ATTACKS, attack_text
from grading.engine import Grader
from grading.evaluation import CONFIDENCE_BANDS
from grading.grader import question_saying
from questionbank.content import QuestionContent

Floats = NDArray[np.float64]
Reports = Mapping[str, dict[str, Any]]
"""What evaluate_grader --json writes: the figures by file of graded answers."""

ABOVE = 0.20
"""The score (0..1) whose exceeding the table counts, for every attack alike."""
ANSWERS_AT_ONCE = 16

FURTHEST_KINDS = 3
FAR = 0.10
"""How far a kind's mean must be from the raters' mean to be a weak spot (0..1)."""
FEWEST_OF_KIND = 5
CHANCE = 0.5


class FiguresError(Exception):
    """A file of figures cannot be used; the message names it."""


@dataclass(frozen=True)
class AttackRow:
    """What an attack earned on count questions; all figures are 0..1.

    above: the share of questions on which it earned more than ABOVE; limits: the lowest and the highest; over: on how
    many questions it earned more than the limit there; excess: the 95th percentile of score less limit.
    """

    name: str
    count: int
    mean: float
    p95: float
    above: float
    limits: tuple[float, float]
    over: int
    excess: float

    @property
    def too_high(self) -> bool:
        return self.excess > 0


# --- Attacks ------------------------------------------------------------------------------------------------


def grade_attack(name: str, contents: Sequence[QuestionContent], grader: Grader) -> AttackRow | None:
    """Grade the attack name on each of contents that has what it takes; None where none has."""
    texts = [
        (content, text)
        for content in contents
        if (text := attack_text(name, content, [other for other in contents if other is not content]))
    ]
    if not texts:
        return None
    pairs = [(question_saying(content), text) for content, text in texts]
    scores = [
        result.score
        for start in range(0, len(pairs), ANSWERS_AT_ONCE)
        for result in grader.grade_many(pairs[start : start + ANSWERS_AT_ONCE])
    ]
    return attack_row(name, np.array(scores), np.array([ATTACKS[name].limit(content) for content, _ in texts]))


def attack_row(name: str, scores: Floats, limits: Floats) -> AttackRow:
    """Sum up the scores (n,) of an attack and its limits (n,) on the same questions."""
    excess = np.round(scores - limits, 6)  # rounded: .85 - .8 is a little less than .05
    return AttackRow(
        name=name,
        count=len(scores),
        mean=float(scores.mean()),
        p95=float(np.percentile(scores, 95)),
        above=float((scores > ABOVE).mean()),
        limits=(float(limits.min()), float(limits.max())),
        over=int((excess > 0).sum()),
        excess=float(np.percentile(excess, 95)),
    )


def limit_in_words(row: AttackRow) -> str:
    """Return the limit, or from where to where it goes over the questions."""
    low, high = (f"{limit:.2f}" for limit in row.limits)
    return low if low == high else f"{low}–{high}"


def verdict(row: AttackRow) -> str:
    return "too high" if row.too_high else "ok"


# --- Figures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A figure of evaluate_grader's reports: the keys that lead to it, what it says, and the name of its interval."""

    label: str
    path: tuple[str, ...]
    meaning: str
    interval: str = ""


FIGURES = (
    Figure("answers", ("n",), "How many answers have been rated."),
    Figure("questions", ("questions",), "How many questions they answer."),
    Figure("Pearson r", ("pearson",), "How closely scores follow the raters. 1 is perfect, 0 is chance.", "pearson"),
    Figure("Spearman ρ", ("spearman",), "The same for the order of the answers from worst to best."),
    Figure("weighted κ", ("qwk",), "Agreement beyond chance on six levels. Far misses count more.", "qwk"),
    Figure("RMSE", ("rmse",), "The typical distance from the raters' score. 0.15 is 15 of 100 points.", "rmse"),
    Figure("calibration error", ("calibration_error",), "How far scores are too high or too low. 0 is perfect."),
    Figure("r, not empty", ("without_empty", "pearson"), "Pearson r of the answers of four words and more."),
    Figure("RMSE, not empty", ("without_empty", "rmse"), "RMSE of the same answers."),
    Figure(
        "macro F1",
        ("key_points", "macro_f1"),
        "How often the marks of key points are right. 1 is perfect.",
        "macro_f1",
    ),
    Figure(
        "stated before missing",
        ("within_answer", "stated_missing", "auc"),
        "Of two key points, how often the one that the answer states ranks before the one it lacks. 0.5 is chance.",
        "stated_missing",
    ),
    Figure(
        "stated before contradicted",
        ("within_answer", "stated_contradicted", "auc"),
        "The same for a key point that is stated and one that the answer has wrong. 0.5 is chance.",
        "stated_contradicted",
    ),
    Figure(
        "twins told apart",
        ("twins", "share"),
        "Twins differ in a claim or two. How often the better one scores higher. 0.5 is chance.",
        "twins",
    ),
    Figure("twins, both sure", ("twins", "sure", "share"), "The same where the grader is sure of both."),
    *(
        Figure(f"close at confidence {band}", ("confidence", band, "close"), "How many scores are within 15 points.")
        for band in CONFIDENCE_BANDS
    ),
)


def read_figures(paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Return the reports of all paths by their names. Raises FiguresError for what evaluate_grader did not write."""
    reports: dict[str, dict[str, Any]] = {}
    for path in paths:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FiguresError(f"{path}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise FiguresError(f"{path}: is not JSON: {error}") from error
        if not isinstance(found, dict) or not all(isinstance(r, dict) and "n" in r for r in found.values()):
            raise FiguresError(f"{path}: does not hold what evaluate_grader --json writes")
        if double := sorted(set(found) & set(reports)):
            raise FiguresError(f"{path}: has figures of {', '.join(double)}, as a file before it has")
        reports |= found
    return reports


def figure_in_words(figure: Figure, report: Mapping[str, Any]) -> str:
    """Return the figure with its 95 % interval where there is one; "–" where the report does not have it."""
    value: Any = report
    for key in figure.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return "–"
    ends = report.get("intervals", {}).get(figure.interval)
    interval = f" ({ends[0]:.2f} to {ends[1]:.2f})" if ends else ""
    return f"{value}" if isinstance(value, int) else f"{value:.2f}{interval}"


# --- Weak spots ---------------------------------------------------------------------------------------------


def weak_spots(rows: Sequence[AttackRow], reports: Reports) -> list[str]:
    """Return a sentence for each weak spot that the rules of the card find."""
    return [*_attacks_too_high(rows), *_kinds_far_off(reports), *_twins_by_chance(reports)]


def _attacks_too_high(rows: Sequence[AttackRow]) -> Iterator[str]:
    for row in sorted(rows, key=lambda row: row.excess, reverse=True):
        if row.too_high:
            where = f"above its limit on {row.over} of {row.count} questions"
            yield f"Attack “{row.name}”: 95th percentile {row.p95:.2f}, limit {limit_in_words(row)}, {where}."


def _kinds_far_off(reports: Reports) -> Iterator[str]:
    for name, report in reports.items():
        gaps = [
            (round(row["mean"] - row["raters"], 6), kind, row)
            for kind, row in report.get("by_kind", {}).items()
            if row["n"] >= FEWEST_OF_KIND
        ]
        far = sorted((gap for gap in gaps if abs(gap[0]) >= FAR), key=lambda gap: abs(gap[0]), reverse=True)
        for gap, kind, row in far[:FURTHEST_KINDS]:
            direction = "too much" if gap > 0 else "too little"
            figures = f"{row['mean']:.2f} on average, the raters gave {row['raters']:.2f} ({row['n']} answers)"
            yield f"{name}: answers of the kind “{kind}” get {direction}: {figures}."


def _twins_by_chance(reports: Reports) -> Iterator[str]:
    for name, report in reports.items():
        ends = report.get("intervals", {}).get("twins")
        if ends and ends[0] <= CHANCE:
            share = report["twins"]["share"]
            yield f"{name}: twins may be told apart by chance: {share:.2f}, between {ends[0]:.2f} and {ends[1]:.2f}."


# --- The card -----------------------------------------------------------------------------------------------


def card(
    identity: Mapping[str, str], graded_on: Mapping[str, int], rows: Sequence[AttackRow], reports: Reports
) -> str:
    """Return the card in Markdown. graded_on: the questions of each pack, by its title."""
    sections = [
        _introduction(identity),
        _attack_section(graded_on, rows),
        *([_figure_section(reports)] if reports else []),
        _weak_section(rows, reports),
    ]
    return "\n\n".join(sections) + "\n"


def _introduction(identity: Mapping[str, str]) -> str:
    parts = "\n".join(f"- {name}: `{value}`" for name, value in identity.items())
    return f"""# Grader card

How far this grader can be trusted, and where it cannot. `manage.py grader_card` writes this page from what it has
measured; change nothing here by hand. Scores go from 0 to 1: 0.20 is 20 of 100 points.

## Which grader

A grade names these in its receipt. The card is about grades that name the same.

{parts}"""


def _attack_section(graded_on: Mapping[str, int], rows: Sequence[AttackRow]) -> str:
    packs = ", ".join(f"{title} ({count} questions)" for title, count in graded_on.items())
    head = ("attack", "what it is", "questions", "mean", "95th percentile", f"above {ABOVE:.2f}", "limit", "verdict")
    body = [
        (
            row.name,
            ATTACKS[row.name].description,
            str(row.count),
            f"{row.mean:.2f}",
            f"{row.p95:.2f}",
            f"{row.above:.0%}",
            limit_in_words(row),
            verdict(row),
        )
        for row in rows
    ]
    return f"""## Attacks

An attack is a text that tries to earn points without knowing the answer. Each was graded on the questions of:
{packs}.

- **questions**: on how many it was graded. Some questions lack what an attack is made of.
- **mean**: what it earns on average.
- **95th percentile**: on 19 of 20 questions it earns this or less.
- **above {ABOVE:.2f}**: the share of questions on which it earns more than {ABOVE:.2f}.
- **limit**: the most that such a text should earn. Two numbers mean that it depends on the question.
- **verdict**: *too high* where the 95th percentile is above the limit. Where the limit depends on the question, each
  score is held against its own limit: *too high* if more than about 1 in 20 is above it.

{_table(head, body)}"""


def _figure_section(reports: Reports) -> str:
    cells = [(figure, [figure_in_words(figure, report) for report in reports.values()]) for figure in FIGURES]
    body = [(figure.label, *found, figure.meaning) for figure, found in cells if set(found) != {"–"}]
    return f"""## Agreement with raters

Each file holds answers that raters have scored. In brackets is the 95 % interval: where the figure might lie had other
questions been asked. A wide one means that there are few questions. “–” means that a file does not have the figure.

{_table(("figure", *reports, "what it says"), body)}"""


def _weak_section(rows: Sequence[AttackRow], reports: Reports) -> str:
    spots = weak_spots(rows, reports)
    found = "\n".join(f"- {spot}" for spot in spots) or "By these rules there are none."
    of_reports = f"""
- in each file, the kinds of answers whose mean is furthest from the raters': {FURTHEST_KINDS} at most, of
  {FEWEST_OF_KIND} answers or more, {FAR:.2f} or more away;
- twins, where the interval of the share told apart reaches down to chance, {CHANCE:.2f}."""
    return f"""## Weak spots

They are named by rule:

- attacks that are too high, the worst first{";" + of_reports if reports else "."}

What was found:

{found}"""


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)
