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
from tests.questionbank.conftest import posted, sent_by


def saved(content: QuestionContent | None, data: dict[str, Any]) -> QuestionContent:
    """Return what the form of content says after data was sent; data must be right."""
    forms = VersionForms(data, content=content)
    assert forms.is_valid(), errors_of(forms)
    return forms.content()


def errors_of(forms: VersionForms) -> dict[str, Any]:
    """Return the errors of all parts by their names in the page."""
    found = {form.add_prefix(name): list(errors) for form in [forms.version] for name, errors in form.errors.items()}
    for _, formset in forms.formsets:
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
        "exemplars-TOTAL_FORMS": "0",
        "exemplars-INITIAL_FORMS": "0",
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
    change = {
        "title": "",
        "key_points-2-claim": "",
        "references-0-text": "",
        "exemplars-0-score": "101",
        "sources-0-title": "",
    }
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
    assert [label for _, label in NewQuestionForm().fields["topic"].choices] == ["Choose a topic", f"{parent}: {leaf}"]
    assert NewQuestionForm({"topic": leaf.pk}).is_valid()
    assert not NewQuestionForm({"topic": parent.pk}).is_valid()


def test_the_form_does_not_change_the_content_it_was_made_of() -> None:
    content = make_content()
    before = replace(content)

    saved(content, posted(content, **{"title": "Another", "key_points-0-DELETE": "on"}))

    assert content == before


# --- Order --------------------------------------------------------------------------------------------------


def test_key_points_stand_as_their_places_say() -> None:
    content = make_content()
    places = {"key_points-0-ORDER": "3", "key_points-1-ORDER": "1", "key_points-2-ORDER": "2"}

    changed = saved(content, posted(content, **places))

    assert [point.id for point in changed.key_points] == ["memory", "once", "lazy"]
    assert changed.exemplars == content.exemplars
    assert changed.misconceptions == content.misconceptions


def test_a_form_with_faults_shows_the_key_points_in_their_new_order() -> None:
    content = make_content()
    forms = VersionForms(posted(content, title="", **{"key_points-0-ORDER": "9"}), content=content)

    assert not forms.is_valid()
    assert [form["slug"].value() for form in forms.key_points.in_order()] == ["memory", "once", "lazy"]


def test_a_place_that_is_no_number_is_shown_where_it_is() -> None:
    content = make_content()
    forms = VersionForms(posted(content, **{"key_points-1-ORDER": "first"}), content=content)

    assert not forms.is_valid()
    assert list(errors_of(forms)) == ["key_points-1-ORDER"]
    assert [form["slug"].value() for form in forms.key_points.in_order()] == ["lazy", "once", "memory"]


# --- Exemplars ----------------------------------------------------------------------------------------------


def new_exemplar(number: int, **fields: str) -> dict[str, str]:
    """Return what a browser sends for the exemplar that is added as row number (from 0)."""
    row = {"slug": "", "twin_of": "", "kind": "half", "score": "50", "text": "", **fields}
    return {
        "exemplars-TOTAL_FORMS": str(number + 1),
        **{f"exemplars-{number}-{name}": value for name, value in row.items()},
    }


def test_an_added_exemplar_has_the_marks_of_the_key_points_whose_rows_it_names() -> None:
    content = make_content()
    marks = {"marks-0": "partly", "marks-2": "stated", "marks-3": "missing"}
    data = posted(content, **new_row(3, claim="A new claim."), **new_exemplar(1, text="Half of it.", **marks))

    changed = saved(content, data)

    assert changed.exemplars[1] == ExemplarContent(
        "half", "half", "Half of it.", 50, (("a-new-claim", "missing"), ("lazy", "partly"), ("once", "stated"))
    )
    assert changed.problems() == []


def test_added_exemplars_of_one_kind_get_names_of_their_own() -> None:
    content = make_content()
    data = {**posted(content), **new_exemplar(1, text="One.", kind="strong"), **new_exemplar(2, text="Two.")}

    assert [exemplar.id for exemplar in saved(content, data).exemplars] == ["strong", "strong-2", "half"]


def test_an_added_exemplar_that_says_nothing_is_none() -> None:
    content = make_content()

    assert saved(content, posted(content, **new_exemplar(1, **{"marks-0": "stated"}))) == content


def test_a_removed_exemplar_is_no_other_ones_twin_any_more() -> None:
    (strong,) = make_content().exemplars
    twin = replace(strong, id="twin", kind="twin", text="Turned round.", twin_of="strong")
    content = make_content(exemplars=(strong, twin))

    changed = saved(content, posted(content, **{"exemplars-0-DELETE": "on"}))

    assert changed.exemplars == (replace(twin, twin_of=""),)
    assert changed.problems() == []


def test_exemplars_are_moved() -> None:
    (strong,) = make_content().exemplars
    half = replace(strong, id="half", kind="half", score=50)
    content = make_content(exemplars=(strong, half))

    changed = saved(content, posted(content, **{"exemplars-0-ORDER": "2", "exemplars-1-ORDER": "1"}))

    assert changed.exemplars == (half, strong)


def test_an_exemplar_is_the_twin_of_another_one_even_of_one_that_has_no_name_yet() -> None:
    content = make_content()
    new = {**new_exemplar(1, text="Half of it."), **new_exemplar(2, text="Turned.", kind="twin", twin_of="#1")}
    named = {**new_exemplar(1, text="Turned.", kind="twin", twin_of="strong")}

    assert [one.twin_of for one in saved(content, {**posted(content), **new}).exemplars] == ["", "", "half"]
    assert [one.twin_of for one in saved(content, {**posted(content), **named}).exemplars] == ["", "strong"]


@pytest.mark.parametrize("twin_of", ["#0", "strong", "#7", "nobody"])
def test_no_exemplar_is_the_twin_of_itself_or_of_nobody(twin_of: str) -> None:
    content = make_content()

    assert saved(content, posted(content, **{"exemplars-0-twin_of": twin_of})) == content


def test_a_twin_is_chosen_among_the_other_exemplars() -> None:
    content = make_content()
    forms = VersionForms({**posted(content), **new_exemplar(1, text="Half of it.")}, content=content)

    choices = [form.fields["twin_of"].widget.choices for form in forms.exemplars.forms]

    assert choices == [
        [("", "None"), ("#1", "Exemplar 2: Half, 50 of 100")],
        [("", "None"), ("strong", f"Exemplar 1: {forms.exemplars.forms[0].summary}")],
    ]


def test_a_twin_that_is_no_name_is_refused() -> None:
    content = make_content()
    forms = VersionForms(posted(content, **{"exemplars-0-twin_of": "<b>"}), content=content)

    assert not forms.is_valid()
    assert list(errors_of(forms)) == ["exemplars-0-twin_of"]


def test_a_kind_of_exemplar_that_only_a_pack_names_stays() -> None:
    (strong,) = make_content().exemplars
    content = make_content(exemplars=(replace(strong, kind="own_kind"),))

    assert saved(content, posted(content)) == content


def test_only_an_answer_worth_nothing_may_be_blank() -> None:
    (strong,) = make_content().exemplars
    blank = make_content(exemplars=(replace(strong, text="", score=0, marks=()),))
    worth_something = VersionForms(posted(blank, **{"exemplars-0-score": "5"}), content=blank)

    assert saved(blank, posted(blank)) == blank
    assert not worth_something.is_valid()
    assert list(errors_of(worth_something)) == ["exemplars-0-text"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"exemplars-0-score": "101"}, "exemplars-0-score"),
        ({"exemplars-0-kind": "Off topic"}, "exemplars-0-kind"),
        ({"exemplars-0-text": "x" * 20_001}, "exemplars-0-text"),
        ({"exemplars-0-marks-1": "brilliant"}, "exemplars-0-marks"),
    ],
)
def test_a_fault_of_an_exemplar_is_shown_where_it_is(change: dict[str, str], where: str) -> None:
    content = make_content()
    forms = VersionForms(posted(content, **change), content=content)

    assert not forms.is_valid()
    assert list(errors_of(forms)) == [where]
    assert [fault.where.split(":")[0] for fault in forms.faults()] == ["Exemplar 1"]


# --- Nothing is lost on the way -----------------------------------------------------------------------------

SHIPPED = Path("questionbank/packs/generative-ai-engineer/pack.yaml")


def test_every_shipped_question_comes_through_the_form_as_it_is() -> None:
    """Each of them: its misconceptions' order, its exemplars' twins, every mark, every line."""
    questions = read_pack(SHIPPED).questions

    changed = [q.slug for q in questions if saved(q.content, posted(q.content)) != q.content]

    assert (len(questions) > 50, changed) == (True, [])


def test_a_copy_that_is_brought_back_is_what_was_typed() -> None:
    content = make_content()
    data = posted(content, **new_row(3, claim="One more."), **new_exemplar(1, text="Half.", **{"marks-3": "stated"}))

    again = sent_by(VersionForms(typed=data, content=content))

    assert saved(content, again) == saved(content, data)


def test_a_copy_that_is_brought_back_is_not_judged_yet() -> None:
    forms = VersionForms(typed={"title": "", "minutes": "five", "key_points-TOTAL_FORMS": "2"})

    assert forms.faults() == []
    assert (forms.version["minutes"].value(), len(forms.key_points.forms)) == ("five", 2)


@pytest.mark.parametrize("rows", ["many", "-1", "", "1e9", "9" * 30])
def test_a_copy_of_nonsense_is_brought_back_without_harm(rows: str) -> None:
    forms = VersionForms(typed={"exemplars-TOTAL_FORMS": rows})

    assert len(forms.exemplars.forms) <= 200
    assert not VersionForms({"exemplars-TOTAL_FORMS": rows}).is_valid()


def test_the_form_of_a_new_question_needs_no_row_that_it_begins_with() -> None:
    data = sent_by(VersionForms())
    filled = {
        "title": "Slices",
        "prompt": "What is a slice?",
        "kind": "concept",
        "references-0-text": "A part.",
        "key_points-0-claim": "A slice is a part of a sequence.",
        "exemplars-2-text": "It is a kind of cake.",
    }

    content = saved(None, {**data, **filled})

    assert [point.id for point in content.key_points] == ["a-slice-is-a-part-of"]
    assert content.exemplars == (
        ExemplarContent("wrong", "wrong", "It is a kind of cake.", 10, (("a-slice-is-a-part-of", "missing"),)),
    )


def test_lines_within_a_wording_become_one_line() -> None:
    """One wording a line is how the form has them."""
    (lazy, *others) = make_content().key_points
    content = make_content(key_points=(replace(lazy, accepted=("made\nwhen asked for",)), *others))

    assert saved(content, posted(content)).key_points[0].accepted == ("made when asked for",)
