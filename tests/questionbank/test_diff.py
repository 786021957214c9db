"""What two contents say differently: nothing for equal ones, else each thing once, where it is."""

from dataclasses import replace

import pytest

from questionbank.content import ExemplarContent, KeyPointContent, QuestionContent, SourceContent
from questionbank.diff import Difference, Segment, differences, word_segments
from tests.factories import make_content

POINT = KeyPointContent("lazy", "Values are made on demand.", 3, "When?", ("made when asked for",))
OTHER = KeyPointContent("once", "It runs once.", 1)
STRONG = ExemplarContent("strong", "strong", "On demand, once.", 95, (("lazy", "stated"), ("once", "stated")))


def content(**changes: object) -> QuestionContent:
    return make_content(
        **{"key_points": (POINT, OTHER), "misconceptions": (), "exemplars": (STRONG,), **changes}  # type: ignore[arg-type]
    )


def short(found: list[Difference]) -> list[tuple[str, str]]:
    return [(difference.field, difference.kind) for difference in found]


def test_equal_contents_do_not_differ() -> None:
    assert differences(content(), content()) == []


@pytest.mark.parametrize(
    ("field", "label", "old", "new"),
    [
        ("title", "Title", "Generators versus lists", "Lists"),
        ("prompt", "Prompt", "When would you write a generator rather than a list?", "Why?"),
        ("kind", "Kind", "comparison", "concept"),
        ("difficulty", "Difficulty", "easy", "hard"),
        ("minutes", "Minutes", 4, 5),
    ],
)
def test_a_changed_field_is_shown_with_both_texts(field: str, label: str, old: object, new: object) -> None:
    assert differences(content(), content(**{field: new})) == [Difference(field, label, "changed", str(old), str(new))]


def test_a_key_point_is_known_by_its_id_wherever_it_stands() -> None:
    reworded = replace(POINT, claim="Values come on demand.", weight=2)

    found = differences(content(), content(key_points=(OTHER, reworded)))

    assert found == [
        Difference("key_points.lazy.claim", "Key point 2: claim", "changed", POINT.claim, reworded.claim),
        Difference("key_points.lazy.weight", "Key point 2: weight", "changed", "3", "2"),
        Difference(
            "key_points",
            "Order of the key points",
            "changed",
            "Values are made on demand.\nIt runs once.",
            "It runs once.\nValues come on demand.",
        ),
    ]


def test_whole_parts_that_come_and_go_are_said_as_a_whole() -> None:
    added = replace(POINT, id="new")

    found = differences(content(), content(key_points=(OTHER, added)))

    assert found == [
        Difference(
            "key_points.new",
            "Key point 2",
            "added",
            "",
            "Values are made on demand.\nWeight: 3\nAlso accepted: made when asked for\nHint: When?",
        ),
        Difference(
            "key_points.lazy",
            "Key point 1 (before)",
            "removed",
            "Values are made on demand.\nWeight: 3\nAlso accepted: made when asked for\nHint: When?",
            "",
        ),
    ]


def test_a_field_that_is_filled_or_emptied_is_added_or_removed() -> None:
    hinted = content(key_points=(POINT, replace(OTHER, hint="How often?")))

    assert short(differences(content(), hinted)) == [("key_points.once.hint", "added")]
    assert short(differences(hinted, content())) == [("key_points.once.hint", "removed")]


def test_the_marks_of_an_exemplar_are_said_by_their_claims() -> None:
    other_marks = replace(STRONG, marks=(("lazy", "partly"), ("once", "stated")))

    (found,) = differences(content(), content(exemplars=(other_marks,)))

    assert (found.field, found.label) == ("exemplars.strong.marks", "Exemplar 1: marks")
    assert found.old == "Stated: Values are made on demand.\nStated: It runs once."
    assert found.new == "Partly: Values are made on demand.\nStated: It runs once."


def test_a_reworded_key_point_changes_no_exemplar() -> None:
    found = differences(content(), content(key_points=(replace(POINT, claim="Reworded."), OTHER)))

    assert short(found) == [("key_points.lazy.claim", "changed")]


def test_reference_answers_are_found_again_by_what_they_say() -> None:
    old, new = content(references=("First.", "Second.")), content(references=("Second.", "Third."))

    assert differences(old, new) == [
        Difference("references.0", "Reference answer 1 (before)", "removed", "First.", ""),
        Difference("references.1", "Reference answer 2", "added", "", "Third."),
    ]
    assert short(differences(old, content(references=("First, reworded.", "Second.")))) == [
        ("references.0.text", "changed")
    ]


def test_a_source_is_compared_by_title_and_address() -> None:
    old, new = (content(sources=(SourceContent("Tutorial", url),)) for url in ("https://a.test/", "https://b.test/"))

    assert [d.label for d in differences(old, new)] == ["Source 1: address"]


def test_the_two_contents_are_never_equal_without_their_hashes_being_so() -> None:
    """Whatever a hash sees, a mentor sees too."""
    changed = [
        content(title="Other"),
        content(references=("Other.",)),
        content(key_points=(OTHER, POINT)),
        content(exemplars=()),
        content(exemplars=(replace(STRONG, twin_of="other"),)),
        content(sources=()),
    ]

    assert [other for other in changed if not differences(content(), other)] == []


# --- Words --------------------------------------------------------------------------------------------------


def test_words_that_change_are_shown_between_those_that_stay() -> None:
    assert word_segments("Memory stays small here", "Memory stays quite small") == [
        Segment("same", "Memory stays "),
        Segment("added", "quite "),
        Segment("same", "small"),
        Segment("removed", "here"),
    ]


@pytest.mark.parametrize(
    ("old", "new"), [("", "New words"), ("Old words", ""), ("One  two\nthree", "One two\n\nfour"), (" a", "a ")]
)
def test_no_word_of_either_text_is_missing(old: str, new: str) -> None:
    segments = word_segments(old, new)

    assert "".join(s.text for s in segments if s.kind != "added").split() == old.split()
    assert "".join(s.text for s in segments if s.kind != "removed").split() == new.split()
