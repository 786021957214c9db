"""What a version says: its hash, its way to the pack format and back, and what contradicts itself."""

from dataclasses import replace
from typing import Any

import pytest

from questionbank.content import (
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from tests.factories import make_content

# Fixed for ever: it uses every field, and letters beyond ASCII.
GOLDEN = QuestionContent(
    title="Naïve Bayes",
    prompt="What does “naïve” mean here?",
    kind="concept",
    difficulty="medium",
    minutes=5,
    references=("Features are taken as independent given the class.", "A second reference – 朴素贝叶斯."),
    key_points=(
        KeyPointContent("independence", "Features are independent.", 3, "What of pairs?", ("no correlation", "0·ρ")),
        KeyPointContent("prior", "The prior is a class frequency.", 1),
    ),
    misconceptions=(MisconceptionContent("no-prior", "Priors are ignored.", "prior"),),
    exemplars=(
        ExemplarContent("strong", "strong", "They are independent.", 60, (("independence", "stated"),)),
        ExemplarContent("turned", "twin", "They depend.", 0, (("independence", "contradicted"),), "strong"),
    ),
    sources=(SourceContent("A book"), SourceContent("A page", "https://example.org/")),
)
GOLDEN_HASH = "10aabf0bc554181b8b0e7055f07c9e79f2bb70cbb40fd78261f9f98410436a49"


def test_the_content_hash_never_changes() -> None:
    """When this fails, every stored hash is wrong: load_pack would publish the whole bank again."""
    assert GOLDEN.content_hash == GOLDEN_HASH


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Naive Bayes"},
        {"prompt": "What does “naive” mean here?"},
        {"kind": "design"},
        {"difficulty": "hard"},
        {"minutes": 6},
        {"references": GOLDEN.references[::-1]},
        {"key_points": (replace(GOLDEN.key_points[0], id="independent"), GOLDEN.key_points[1])},
        {"key_points": (replace(GOLDEN.key_points[0], claim="Features are dependent."), GOLDEN.key_points[1])},
        {"key_points": (replace(GOLDEN.key_points[0], weight=2), GOLDEN.key_points[1])},
        {"key_points": (replace(GOLDEN.key_points[0], hint=""), GOLDEN.key_points[1])},
        {"key_points": (replace(GOLDEN.key_points[0], accepted=("no correlation",)), GOLDEN.key_points[1])},
        {"key_points": GOLDEN.key_points[::-1]},
        {"misconceptions": ()},
        {"misconceptions": (replace(GOLDEN.misconceptions[0], contradicts="independence"),)},
        {"exemplars": GOLDEN.exemplars[:1]},
        {"exemplars": (GOLDEN.exemplars[0], replace(GOLDEN.exemplars[1], twin_of=""))},
        {"exemplars": (GOLDEN.exemplars[0], replace(GOLDEN.exemplars[1], marks=(("independence", "missing"),)))},
        {"sources": GOLDEN.sources[:1]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_content_hash_tells_contents_apart(change: dict[str, Any]) -> None:
    assert replace(GOLDEN, **change).content_hash != GOLDEN_HASH


def test_the_content_hash_does_not_depend_on_the_order_of_marks() -> None:
    one = ExemplarContent("strong", "strong", "Text", 60, (("lazy", "stated"), ("once", "missing")))
    other = replace(one, marks=one.marks[::-1])

    assert make_content(exemplars=(one,)).content_hash == make_content(exemplars=(other,)).content_hash


@pytest.mark.parametrize("content", [GOLDEN, make_content()], ids=["golden", "small"])
def test_from_dict_undoes_to_dict(content: QuestionContent) -> None:
    assert QuestionContent.from_dict(content.to_dict()) == content


def test_to_dict_leaves_out_what_nobody_wrote() -> None:
    raw = GOLDEN.to_dict()

    assert raw["exemplars"][0] == {
        "id": "strong",
        "kind": "strong",
        "text": "They are independent.",
        "score": 60,
        "marks": {"independence": "stated"},
    }
    assert raw["exemplars"][1]["twin_of"] == "strong"
    assert raw["sources"] == [{"title": "A book"}, {"title": "A page", "url": "https://example.org/"}]


def test_from_dict_fills_in_what_may_be_left_out() -> None:
    raw = {
        "title": "Short",
        "prompt": "Why?",
        "kind": "concept",
        "difficulty": "easy",
        "minutes": 3,
        "references": ["Because."],
        "key_points": [{"id": "because", "claim": "There is a reason.", "weight": 1}],
    }

    assert QuestionContent.from_dict(raw) == QuestionContent(
        "Short", "Why?", "concept", "easy", 3, ("Because.",), (KeyPointContent("because", "There is a reason.", 1),)
    )


def test_from_dict_drops_the_space_around_texts() -> None:
    """A folded block of YAML ends in a line break, which is no part of what was written."""
    raw = GOLDEN.to_dict()
    spaced = {
        **raw,
        "title": f" {raw['title']}\n",
        "prompt": f"{raw['prompt']}\n",
        "references": [f"{text}\n" for text in raw["references"]],
        "key_points": [
            {**p, "claim": f"{p['claim']}\n", "hint": f"{p['hint']}\n", "accepted": [f"{a}\n" for a in p["accepted"]]}
            for p in raw["key_points"]
        ],
        "misconceptions": [{**m, "claim": f"{m['claim']}\n"} for m in raw["misconceptions"]],
        "exemplars": [{**e, "text": f"{e['text']}\n"} for e in raw["exemplars"]],
        "sources": [{**s, "title": f"{s['title']}\n"} for s in raw["sources"]],
    }

    assert QuestionContent.from_dict(spaced) == GOLDEN


def test_whole_numbers_are_the_same_content_in_either_spelling() -> None:
    """JSON Schema takes 4.0 for an integer; the database gives 4 back, and the hash must not see a difference."""
    raw = GOLDEN.to_dict()
    spelled = {
        **raw,
        "minutes": 5.0,
        "key_points": [{**p, "weight": float(p["weight"])} for p in raw["key_points"]],
        "exemplars": [{**e, "score": float(e["score"])} for e in raw["exemplars"]],
    }

    assert QuestionContent.from_dict(spelled).content_hash == GOLDEN_HASH


def test_a_right_content_has_no_problems() -> None:
    assert GOLDEN.problems() == []


POINT = KeyPointContent("lazy", "Values are made on demand.", 1)
WRONG = MisconceptionContent("eager", "Everything is built at once.", "lazy")
STRONG = ExemplarContent("strong", "strong", "On demand.", 100, (("lazy", "stated"),))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"key_points": (POINT, POINT)}, ("key_points", "the id “lazy” stands twice")),
        ({"misconceptions": (WRONG, WRONG)}, ("misconceptions", "the id “eager” stands twice")),
        ({"exemplars": (STRONG, STRONG)}, ("exemplars", "the id “strong” stands twice")),
        (
            {"misconceptions": (replace(WRONG, contradicts="lasy"),)},
            ("misconceptions.eager.contradicts", "there is no key point “lasy”"),
        ),
        (
            {"exemplars": (replace(STRONG, marks=(("lasy", "stated"),)),)},
            ("exemplars.strong.marks", "there is no key point “lasy”"),
        ),
        (
            {"exemplars": (replace(STRONG, twin_of="weak"),)},
            ("exemplars.strong.twin_of", "there is no exemplar “weak”"),
        ),
        (
            {"exemplars": (replace(STRONG, twin_of="strong"),)},
            ("exemplars.strong.twin_of", "there is no exemplar “strong”"),
        ),
    ],
    ids=["key point", "misconception", "exemplar", "contradicts", "marks", "twin_of", "twin of itself"],
)
def test_problems_name_the_field_and_the_fault(change: dict[str, Any], problem: tuple[str, str]) -> None:
    right = {"key_points": (POINT,), "misconceptions": (WRONG,), "exemplars": (STRONG,)}

    assert make_content(**{**right, **change}).problems() == [problem]


def test_an_exemplar_without_a_mark_for_a_later_key_point_is_no_problem() -> None:
    content = make_content(
        key_points=(POINT, KeyPointContent("once", "It runs once.", 1)), misconceptions=(), exemplars=(STRONG,)
    )

    assert content.problems() == []


def test_problems_lists_every_fault() -> None:
    content = make_content(
        key_points=(POINT, POINT),
        misconceptions=(replace(WRONG, contradicts="x"), replace(WRONG, id="other", contradicts="y")),
        exemplars=(replace(STRONG, marks=(("z", "stated"), ("w", "missing"))),),
    )

    assert [field for field, _ in content.problems()] == [
        "key_points",
        "misconceptions.eager.contradicts",
        "misconceptions.other.contradicts",
        "exemplars.strong.marks",
        "exemplars.strong.marks",
    ]
