"""The pack that Greenroom brings along keeps the promises of docs/pack-format.md about good questions."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from interview.models import Mode
from people.models import User
from questionbank.content import DIFFICULTIES
from questionbank.formats.pack import Pack, PackQuestion, read_pack
from questionbank.models import Track
from questionbank.services.packs import PackReport, load_pack
from tests.factories import make_interview

SHIPPED = Path(__file__).parents[2] / "questionbank" / "packs" / "generative-ai-engineer" / "pack.yaml"
CREDIT = {"stated": 1.0, "partly": 0.5, "missing": 0.0, "contradicted": 0.0}

shipped = cache(lambda: read_pack(SHIPPED))


def faults(of_question: Callable[[PackQuestion], list[object]]) -> dict[str, list[object]]:
    """Return what is wrong with each question that has something wrong."""
    return {question.slug: wrong for question in shipped().questions if (wrong := of_question(question))}


def words(text: str) -> int:
    return len(text.split())


def first_level(pack: Pack) -> dict[str, str]:
    """Return the first-level topic of each topic."""
    above: dict[str, str] = {}
    for topic in pack.topics:
        above[topic["id"]] = above[topic["parent"]] if topic.get("parent") else topic["id"]
    return above


def test_there_are_121_questions_or_more() -> None:
    assert len(shipped().questions) >= 121


def test_each_of_the_seven_topics_has_15_questions_or_more() -> None:
    above = first_level(shipped())
    asked = Counter(above[question.topic] for question in shipped().questions)

    assert set(asked) == {
        "python",
        "statistics",
        "nlp",
        "machine-learning",
        "llm",
        "databases",
        "deployment",
    }
    assert {topic: count for topic, count in asked.items() if count < 15} == {}


def test_no_topic_stays_empty() -> None:
    above = first_level(shipped())
    used = {question.topic for question in shipped().questions}

    assert set(above) - set(above.values()) == used


def test_questions_have_four_to_six_key_points() -> None:
    assert faults(lambda q: [] if 4 <= len(q.content.key_points) <= 6 else [len(q.content.key_points)]) == {}


def test_claims_have_6_to_20_words() -> None:
    assert faults(lambda q: [p.claim for p in q.content.key_points if not 6 <= words(p.claim) <= 20]) == {}


def test_key_points_have_a_hint_and_other_wordings() -> None:
    assert faults(lambda q: [p.id for p in q.content.key_points if not (p.hint and p.accepted)]) == {}


def test_no_wording_stands_for_two_key_points() -> None:
    def doubled(question: PackQuestion) -> list[object]:
        wordings = Counter(
            text.lower() for point in question.content.key_points for text in {point.claim, *point.accepted}
        )
        return [text for text, times in wordings.items() if times > 1]

    assert faults(doubled) == {}


def test_questions_have_a_misconception_or_more() -> None:
    assert faults(lambda q: [] if q.content.misconceptions else ["none"]) == {}


def test_references_have_65_to_150_words() -> None:
    assert faults(lambda q: [words(text) for text in q.content.references if not 65 <= words(text) <= 150]) == {}


def test_questions_have_four_exemplars_or_more() -> None:
    assert faults(lambda q: [] if len(q.content.exemplars) >= 4 else [len(q.content.exemplars)]) == {}


def test_exemplars_show_what_is_right_half_right_empty_wrong_and_turned_round() -> None:
    wanted = {"strong", "half", "buzzwords", "wrong", "twin"}

    assert faults(lambda q: sorted(wanted - {exemplar.kind for exemplar in q.content.exemplars})) == {}


def test_exemplars_mark_every_key_point() -> None:
    def unmarked(question: PackQuestion) -> list[object]:
        points = {point.id for point in question.content.key_points}
        return [exemplar.id for exemplar in question.content.exemplars if {key for key, _ in exemplar.marks} != points]

    assert faults(unmarked) == {}


def test_scores_of_exemplars_follow_from_their_marks() -> None:
    """An examiner takes off up to 10 for each contradicted key point, and is otherwise within 10 of the marks."""

    def astray(question: PackQuestion) -> list[object]:
        weights = {point.id: point.weight for point in question.content.key_points}
        by_marks = {
            exemplar.id: 100 * sum(weights[key] * CREDIT[mark] for key, mark in exemplar.marks) / sum(weights.values())
            for exemplar in question.content.exemplars
        }
        wrong = {e.id: sum(mark == "contradicted" for _, mark in e.marks) for e in question.content.exemplars}
        return [
            e.id for e in question.content.exemplars if not -10 - 10 * wrong[e.id] <= e.score - by_marks[e.id] <= 10
        ]

    assert faults(astray) == {}


def test_strong_exemplars_state_everything() -> None:
    def weak(question: PackQuestion) -> list[object]:
        strong = [exemplar for exemplar in question.content.exemplars if exemplar.kind == "strong"]
        return [e.id for e in strong if {mark for _, mark in e.marks} != {"stated"} or e.score < 90]

    assert faults(weak) == {}


def test_no_answer_is_told_in_another_place() -> None:
    """A text that stands in two places would make a test of the grader easy."""

    def doubled(question: PackQuestion) -> list[object]:
        told = Counter([*question.content.references, *(exemplar.text for exemplar in question.content.exemplars)])
        return [text for text, times in told.items() if times > 1]

    assert faults(doubled) == {}


def test_questions_take_3_to_8_minutes_and_have_something_to_read() -> None:
    assert faults(lambda q: [] if 3 <= q.content.minutes <= 8 and q.content.sources else [q.content.minutes]) == {}


def drawn_from(section: dict[str, Any]) -> list[PackQuestion]:
    """Return the questions that a section of a track may draw."""
    above = {topic["id"]: topic.get("parent") for topic in shipped().topics}
    return [
        question
        for question in shipped().questions
        if section["topic"] in (question.topic, above[question.topic])
        and question.content.difficulty in (section.get("difficulties") or DIFFICULTIES)
    ]


def test_sections_have_twice_as_many_questions_as_they_draw() -> None:
    sections = [(track["id"], section) for track in shipped().tracks for section in track["sections"]]

    assert [few for few in sections if len(drawn_from(few[1])) < 2 * few[1]["count"]] == []


def test_an_average_draw_fits_the_time_of_its_track() -> None:
    def needed(track: dict[str, Any]) -> float:
        return sum(s["count"] * mean(q.content.minutes for q in drawn_from(s)) for s in track["sections"])

    tracks = {track["id"]: (needed(track), sum(s["minutes"] for s in track["sections"])) for track in shipped().tracks}

    assert {name: minutes for name, minutes in tracks.items() if minutes[0] > minutes[1]} == {}


@pytest.mark.parametrize(
    ("slug", "count"), [("taster", 4), ("full-mock", 10), ("data-scientist", 9), ("nlp-and-llm", 9)]
)
def test_each_track_can_be_interviewed(candidate: User, slug: str, count: int) -> None:
    load_pack(pack=shipped(), actor=None)

    interview = make_interview(candidate, Track.objects.get(slug=slug), mode=Mode.MOCK)

    questions = interview.questions.values_list("version__question", flat=True)
    assert len(set(questions)) == len(questions) == count


def test_loading_it_again_changes_nothing() -> None:
    first = load_pack(pack=shipped(), actor=None)
    again = load_pack(pack=shipped(), actor=None)

    total = len(shipped().questions)
    assert (first, again) == (PackReport(total, 0, 0), PackReport(0, 0, total))
