"""What demo candidates can be asked, and the exemplars that they answer with."""

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from grading.engine import score_of
from interview.services.interviews import NotEnoughQuestions
from questionbank.models import Exemplar, QuestionVersion, Track, TrackSection
from questionbank.selectors import published_in, with_parts

# How the difficulty of questions differs, in points of the score.
DIFFICULTY = 8
NEAREST = 3


@dataclass(frozen=True)
class Ready:
    """An exemplar as an answer, in what COPY reads. marks: (key point's id, mark). Empty where nothing is written."""

    slug: str
    text: str
    score: float
    marks: tuple[tuple[int, str], ...]


class Asked:
    """A published version that can be asked. difficulty: by how many points (0–100) it is harder than others."""

    def __init__(self, version: QuestionVersion, seed: int) -> None:
        self.version = version
        self.question: UUID = version.question_id
        self.difficulty = random.Random(f"{seed} {version.question.slug}").gauss(0, DIFFICULTY)  # noqa: S311
        self._points = list(version.key_points.all())
        self._answers = [self._ready(e) for e in sorted(version.exemplars.all(), key=lambda e: e.score)]
        self._scores = [answer.score for answer in self._answers]
        self.empty = Ready("", "", 0, tuple((point.pk, "missing") for point in self._points))

    def _ready(self, exemplar: Exemplar) -> Ready:
        marks = tuple((point.pk, exemplar.marks.get(point.slug, "missing")) for point in self._points)
        return Ready(exemplar.slug, escaped(exemplar.text), exemplar.score, marks)

    def answer(self, chance: random.Random, score: float) -> Ready:
        """Return one of the exemplars whose scores are nearest to score; the empty answer where there is none."""
        at = bisect_left(self._scores, score)
        near = self._answers[max(at - NEAREST, 0) : at + NEAREST]
        return chance.choice(sorted(near, key=lambda one: abs(one.score - score))[:NEAREST]) if near else self.empty

    def score(self, marks: Iterable[tuple[int, str]]) -> float:
        """Return the score (0–100) of marks by the engine's formula, as a mentor's review has it."""
        weights = {point.pk: point.weight for point in self._points}
        return round(100 * score_of((mark, weights[point]) for point, mark in marks), 2)


@dataclass(frozen=True)
class Section:
    """How many of which questions a section of a track asks."""

    title: str
    count: int
    possible: Sequence[Asked]


class Bank:
    """All tracks with the questions that each section can draw. Raises NotEnoughQuestions, as starting one would."""

    def __init__(self, *, seed: int) -> None:
        versions: dict[UUID, Asked] = {}
        self.tracks = list(Track.objects.order_by("position", "slug"))
        self._sections = {
            track.pk: [self._section(section, versions, seed) for section in track.sections.select_related("topic")]
            for track in self.tracks
        }

    def _section(self, section: TrackSection, versions: dict[UUID, Asked], seed: int) -> Section:
        possible = list(with_parts(published_in(section.topic, section.difficulties)))
        for version in possible:
            versions.setdefault(version.pk, Asked(version, seed))
        return Section(section.title, section.count, [versions[version.pk] for version in possible])

    def draw(self, track: int, met: Counter[UUID], chance: random.Random) -> list[tuple[str, Asked]]:
        """Return (section's title, question) for a track as start_interview does, those met least often first."""
        drawn: list[tuple[str, Asked]] = []
        for section in self._sections[track]:
            taken = {asked.question for _, asked in drawn}
            possible = [asked for asked in section.possible if asked.question not in taken]
            if len(possible) < section.count:
                raise NotEnoughQuestions(
                    f"“{section.title}” needs {section.count} questions and the bank has {len(possible)}. "
                    "Ask a mentor to publish more."
                )
            chance.shuffle(possible)
            possible.sort(key=lambda asked: met[asked.question])
            drawn += [(section.title, asked) for asked in possible[: section.count]]
        return drawn


def escaped(text: str) -> str:
    """Return text as a field of COPY's text format."""
    for plain, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, written)
    return text
