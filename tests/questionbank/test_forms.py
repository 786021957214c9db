"""The form in which mentors write a version: what it makes of a content, and what it refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from questionbank.content import (
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from questionbank.formats.pack import Pack, PackQuestion, read_pack, write_pack
from questionbank.forms import NewQuestionForm, VersionForms
from tests.factories import make_content, make_topic
from tests.questionbank.conftest import posted


def saved(content: QuestionContent | None, data: dict[str, Any]) -> QuestionContent:
    """Return what the form of content says after data was sent; data must be right."""
    forms = VersionForms(data, content=content)
    assert forms.is_valid(), errors_of(forms)
    return forms.content()


def errors_of(forms: VersionForms) -> dict[str, Any]:
    """Return the errors of all parts by their names in the page."""
    found = {form.add_prefix(name): list(errors) for form in [forms.version] for name, errors in form.errors.items()}
    for formset in (forms.references, forms.key_points, forms.sources):
        for form in formset.forms:
            found |= {form.add_prefix(name): list(errors) for name, errors in form.errors.items()}
        if formset.non_form_errors():
            found[formset.prefix] = list(formset.non_form_errors())
    return found


def new_row(number: int, **fields: str) -> dict[str, str]:
    """Return what a browser sends for the key point that is added as row number (from 0)."""
    row = {"slug": "", "claim": "", "weight": "2", "accepted": "", "misconceptions": "", "hint": "", **fields}
    return {
        "key_points-TOTAL_FORMS": str(number + 1),
        **{f"key_points-{number}-{name}": value for name, value in row.items()},
    }


# --- What stays ---------------------------------------------------------------------------------------------


def test_saving_the_form_as_it_stands_keeps_the_content() -> None:
    content = make_content()

    assert saved(content, posted(content)) == content


def test_lines_and_indents_of_texts_stay_as_they_are() -> None:
    content = make_content(
        prompt="What does this print?\n\n```\nfor x in y:\n    print(x)\n```",
        references=("First line.\nSecond line.",),
    )

    assert saved(content, posted(content)) == content


def test_key_points_and_misconceptions_keep_their_names_however_long() -> None:
    """Exemplars' marks and past grades rest on these names."""
    long = "a-name-that-has-many-more-than-six-words-and-is-sixty-four-long-"[:63] + "x"
    content = make_content(
        key_points=(KeyPointContent(long, "Values are made on demand.", 2), KeyPointContent("b", "It runs once.", 1)),
        misconceptions=(MisconceptionContent(f"not-{long[4:]}", "All values are made at once.", long),),
        exemplars=(ExemplarContent("strong", "strong", "Text", 90, ((long, "stated"), ("b", "missing"))),),
    )

    assert saved(content, posted(content)) == content


def test_a_changed_claim_keeps_its_key_points_name() -> None:
    content = make_content()

    changed = saved(content, posted(content, **{"key_points-0-claim": "Wholly other words."}))

    assert [point.id for point in changed.key_points] == ["lazy", "memory", "once"]
    assert changed.key_points[0].claim == "Wholly other words."
    assert changed.exemplars == content.exemplars


# --- What changes -------------------------------------------------------------------------------------------


def test_a_whole_new_content_is_what_the_fields_say() -> None:
    data = {
        "title": " Broadcasting ",
        "prompt": "What is broadcasting?",
        "kind": "concept",
        "difficulty": "hard",
        "minutes": "7",
        "references-TOTAL_FORMS": "1",
        "references-INITIAL_FORMS": "0",
        "references-0-text": "Shapes are stretched.\r\nNo copy is made.",
        "key_points-INITIAL_FORMS": "0",
        **new_row(
            0,
            claim="Shapes are compared from the right.",
            weight="3",
            accepted="trailing axes first\r\n\r\n  from the last axis ",
            misconceptions="from the left",
            hint="Which end comes first?",
        ),
        "sources-TOTAL_FORMS": "1",
        "sources-INITIAL_FORMS": "0",
        "sources-0-title": "NumPy",
        "sources-0-url": "numpy.org/doc",
    }

    assert saved(None, data) == QuestionContent(
        title="Broadcasting",
        prompt="What is broadcasting?",
        kind="concept",
        difficulty="hard",
        minutes=7,
        references=("Shapes are stretched.\nNo copy is made.",),
        key_points=(
            KeyPointContent(
                "shapes-are-compared-from-the-right",
                "Shapes are compared from the right.",
                3,
                "Which end comes first?",
                ("trailing axes first", "from the last axis"),
            ),
        ),
        misconceptions=(MisconceptionContent("from-the-left", "from the left", "shapes-are-compared-from-the-right"),),
        sources=(SourceContent("NumPy", "https://numpy.org/doc"),),
    )


def test_a_removed_key_point_takes_its_misconceptions_and_marks_along() -> None:
    content = make_content()

    changed = saved(content, posted(content, **{"key_points-0-DELETE": "on"}))

    assert [point.id for point in changed.key_points] == ["memory", "once"]
    assert changed.misconceptions == ()
    assert changed.exemplars[0].marks == (("memory", "missing"), ("once", "missing"))
    assert changed.problems() == []


def test_a_removed_key_point_may_hold_a_fault() -> None:
    content = make_content()

    changed = saved(content, posted(content, **{"key_points-0-DELETE": "on", "key_points-0-claim": ""}))

    assert [point.id for point in changed.key_points] == ["memory", "once"]


def test_an_added_key_point_stands_last_under_a_name_of_its_own() -> None:
    content = make_content()

    changed = saved(content, posted(content, **new_row(3, claim="Lazy.")))

    assert [point.id for point in changed.key_points] == ["lazy", "memory", "once", "lazy-2"]
    assert changed.exemplars == content.exemplars


def test_an_added_row_that_stays_blank_is_no_key_point() -> None:
    content = make_content()

    assert saved(content, posted(content, **new_row(3))) == content


def test_one_misconception_of_two_key_points_gets_two_names() -> None:
    content = make_content()
    (wrong,) = content.misconceptions

    changed = saved(content, posted(content, **{"key_points-1-misconceptions": wrong.claim}))

    assert [(m.contradicts, m.claim) for m in changed.misconceptions] == [
        ("lazy", wrong.claim),
        ("memory", wrong.claim),
    ]
    assert changed.problems() == []


@pytest.mark.parametrize(
    "claim",
    [
        "`__init__` sets up what `__new__` has made",
        "gc_collect() runs over 3 generations, not 2",
        "朴素贝叶斯",
        "— — —",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen and more words",
    ],
)
def test_whatever_the_form_takes_a_pack_takes(tmp_path: Path, claim: str) -> None:
    content = make_content()
    data = posted(content, **new_row(3, claim=claim, misconceptions=f"{claim}\n{claim} again"))
    pack = Pack(
        "one",
        "One",
        "",
        [{"id": "python", "title": "Python"}],
        [],
        [PackQuestion("one", "python", saved(content, data))],
    )

    write_pack(pack, tmp_path / "pack.yaml")

    assert read_pack(tmp_path / "pack.yaml") == pack


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"prompt": " \r\n "}, "prompt"),
        ({"prompt": "x" * 20_001}, "prompt"),
        ({"kind": "riddle"}, "kind"),
        ({"difficulty": ""}, "difficulty"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "61"}, "minutes"),
        ({"minutes": "five"}, "minutes"),
        ({"references-0-text": ""}, "references-0-text"),
        ({"references-0-DELETE": "on"}, "references"),
        ({"key_points-1-claim": ""}, "key_points-1-claim"),
        ({"key_points-1-weight": "4"}, "key_points-1-weight"),
        ({"key_points-1-hint": "x" * 501}, "key_points-1-hint"),
        ({f"key_points-{i}-DELETE": "on" for i in range(3)}, "key_points"),
        ({"key_points-0-slug": "two words"}, "key_points-0-slug"),
        ({"sources-0-title": ""}, "sources-0-title"),
        ({"sources-0-url": "javascript:alert(1)"}, "sources-0-url"),
        ({"sources-0-url": "ftp://example.org/paper.pdf"}, "sources-0-url"),
        ({"key_points-TOTAL_FORMS": "many"}, "key_points"),
    ],
)
def test_a_fault_is_shown_where_it_is(change: dict[str, str], where: str) -> None:
    content = make_content()
    forms = VersionForms(posted(content, **change), content=content)

    assert not forms.is_valid()
    assert list(errors_of(forms)) == [where]


def test_faults_of_all_parts_are_shown_at_once() -> None:
    content = make_content()
    change = {"title": "", "references-0-text": "", "key_points-2-claim": "", "sources-0-title": ""}
    forms = VersionForms(posted(content, **change), content=content)

    assert not forms.is_valid()
    assert list(errors_of(forms)) == list(change)


def test_twenty_key_points_are_enough() -> None:
    points = tuple(KeyPointContent(f"point-{i}", f"Claim number {i}.", 1) for i in range(20))
    content = make_content(key_points=points, misconceptions=(), exemplars=())
    one_more = VersionForms(posted(content, **new_row(20, claim="One more.")), content=content)

    assert saved(content, posted(content)) == content
    assert not one_more.is_valid()
    assert list(errors_of(one_more)) == ["key_points"]


def test_new_questions_belong_to_topics_without_topics_below_them() -> None:
    parent, leaf = make_topic("python"), make_topic("core")
    leaf.parent = parent
    leaf.save(update_fields=["parent"])

    assert list(NewQuestionForm().fields["topic"].queryset) == [leaf]
    assert NewQuestionForm({"topic": leaf.pk}).is_valid()
    assert not NewQuestionForm({"topic": parent.pk}).is_valid()


def test_the_form_does_not_change_the_content_it_was_made_of() -> None:
    content = make_content()
    before = replace(content)

    saved(content, posted(content, **{"title": "Another", "key_points-0-DELETE": "on"}))

    assert content == before
