"""Rows of the editor's form that are added, moved and removed: key points, reference answers, exemplars, sources."""

import math
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.forms import BaseFormSet, formset_factory

from questionbank.content import EXEMPLAR_KINDS
from questionbank.forms.fields import MAX_TEXT, MarksField, PointRow, ProseField, WebAddressField


class RowForm(forms.Form):
    """One row of a formset. A row in which nothing but the fields of `preset` is filled counts as blank."""

    preset: tuple[str, ...] = ("ORDER",)

    def has_changed(self) -> bool:
        return any(name not in self.preset for name in self.changed_data)


class ReferenceForm(RowForm):
    text = ProseField(
        max_length=MAX_TEXT,
        label="Reference answer",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="States every key point, in 70 to 140 words.",
    )


class KeyPointForm(RowForm):
    preset = ("ORDER", "weight")

    slug = forms.SlugField(max_length=64, required=False, widget=forms.HiddenInput)
    claim = ProseField(
        max_length=1000,
        label="Claim",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One claim of 6 to 20 words that stands without the prompt.",
    )
    weight = forms.TypedChoiceField(
        choices=[(1, "1: nice to have"), (2, "2: important"), (3, "3: the heart of it")], coerce=int, initial=2
    )
    accepted = forms.CharField(
        max_length=MAX_TEXT,
        required=False,
        label="Also accepted",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Other wordings of the same claim, one a line.",
    )
    misconceptions = forms.CharField(
        max_length=MAX_TEXT,
        required=False,
        label="Misconceptions",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What people who have it wrong say, one a line.",
    )
    hint = forms.CharField(
        max_length=500, required=False, help_text="A question that points at the gap without giving it away."
    )


NO_TWIN = ("", "None")


class ExemplarForm(RowForm):
    preset = ("ORDER", "kind", "score", "marks")

    slug = forms.SlugField(max_length=64, required=False, widget=forms.HiddenInput)
    kind = forms.CharField(
        max_length=32, initial="strong", widget=forms.Select, validators=[RegexValidator("^[a-z_]+$")]
    )
    score = forms.IntegerField(min_value=0, max_value=100, initial=90, label="Score it should get, of 100")
    text = ProseField(
        max_length=MAX_TEXT,
        label="Answer",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the answer, or remove this exemplar. Only an answer worth 0 may be blank."},
    )
    marks = MarksField(required=False, label="Marks it should get")
    # The name of an exemplar, or "#" and the row of one that has no name yet.
    twin_of = forms.CharField(
        max_length=64,
        required=False,
        label="Twin of",
        widget=forms.Select,
        validators=[RegexValidator(r"^(#[0-9]{1,3}|[-a-zA-Z0-9_]+)$")],
        help_text="An answer alike in voice, length and words, in which a claim or two are turned round.",
    )

    def __init__(self, *args: Any, points: Sequence[PointRow] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["twin_of"].widget.choices = [NO_TWIN]
        self.fields["marks"].widget.points = points
        own = str(self["kind"].value() or "")
        kinds = dict.fromkeys([*EXEMPLAR_KINDS, own] if own else EXEMPLAR_KINDS)
        self.fields["kind"].widget.choices = [(kind, kind_in_words(kind)) for kind in kinds]
        self.fields["text"].required = str(self["score"].value()) != "0"

    @property
    def summary(self) -> str:
        """Its kind and score, for the head of its row while that is folded."""
        return f"{kind_in_words(str(self['kind'].value()))}, {self['score'].value()} of 100"


def kind_in_words(kind: str) -> str:
    """Return an exemplar's kind as a page says it: off_topic is "Off topic"."""
    return kind.replace("_", " ").capitalize()


class SourceForm(RowForm):
    title = forms.CharField(max_length=200)
    url = WebAddressField(max_length=500, required=False, label="Address", assume_scheme="https")


class Rows(BaseFormSet):
    """A formset whose added rows may stay blank, and whose rows can be moved (where it has ORDER)."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        # Not Django's rule, which looks at how many rows the page began with: a copy that is brought back begins with
        # rows that were added and left blank.
        if index is not None and index >= max(self.min_num, len(self.initial or ())):
            kwargs["empty_permitted"] = True
        return kwargs

    def in_order(self) -> list[Any]:
        """Return the forms as they stand in the page."""
        return sorted(self.forms, key=_order_of) if self.can_order else list(self.forms)

    def kept(self) -> list[tuple[int, dict[str, Any]]]:
        """Return (row, its cleaned data) of the valid rows that are filled and not removed, in their order."""
        rows = [(row, form.cleaned_data) for row, form in enumerate(self.forms) if form.is_valid()]
        filled = [(row, data) for row, data in rows if data and not data["DELETE"]]
        return sorted(filled, key=lambda pair: _place(pair[1].get("ORDER")))


def _order_of(form: forms.Form) -> float:
    return _place(form["ORDER"].value())


def _place(order: Any) -> float:
    """Return a row's place by its ORDER; a row without one stands last."""
    try:
        return float(int(order))
    except (TypeError, ValueError, OverflowError):
        return math.inf


class AtLeastOne(Rows):
    """A formset in which the first form must be filled."""

    def clean(self) -> None:
        if any(self.errors):
            return
        if not any(form.cleaned_data and not form.cleaned_data.get("DELETE") for form in self.forms):
            raise forms.ValidationError("Add at least one.")


class ExemplarRows(Rows):
    """A formset in which each row can be the twin of any other that stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {form: row for row, form in enumerate(self.forms)}
        staying = [form for form in self.in_order() if not form["DELETE"].value()]
        named = [
            (form, form["slug"].value() or f"#{rows[form]}", f"Exemplar {number}: {form.summary}")
            for number, form in enumerate(staying, start=1)
        ]
        for form in self.forms:
            others = [(name, words) for other, name, words in named if other is not form]
            form.fields["twin_of"].widget.choices = [NO_TWIN, *others]


def _formset(form: type[RowForm], rows: type[Rows], **options: Any) -> type[Rows]:
    return cast("type[Rows]", formset_factory(form, rows, extra=0, can_delete=True, **options))


ReferenceFormSet = _formset(ReferenceForm, AtLeastOne, min_num=1, max_num=5)
KeyPointFormSet = _formset(KeyPointForm, AtLeastOne, min_num=1, can_order=True, max_num=20, validate_max=True)
ExemplarFormSet = _formset(ExemplarForm, ExemplarRows, min_num=0, can_order=True, max_num=60)
SourceFormSet = _formset(SourceForm, Rows, min_num=0, max_num=10)
