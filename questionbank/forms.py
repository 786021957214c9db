"""The form in which mentors write a version, and its way to QuestionContent and back."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.forms import BaseFormSet, formset_factory
from django.utils.text import slugify

from questionbank.content import (
    ExemplarContent,
    KeyPointContent,
    MisconceptionContent,
    QuestionContent,
    SourceContent,
)
from questionbank.models import Difficulty, Kind, Topic

MAX_TEXT = 20_000


def short_name(text: str, *, words: int = 6, length: int = 56) -> str:
    """Return the first words of text as a name that packs take, or "" when no letter of it is left."""
    return "-".join(slugify(text.replace("_", " ")).split("-")[:words])[:length].strip("-")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class ProseField(forms.CharField):
    """A text whose lines end as they do everywhere else, not as browsers send them: a hash must not see browsers."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class WebAddressField(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]


class VersionForm(forms.Form):
    """What the question says as a whole."""

    title = forms.CharField(max_length=120, help_text="Two to six words, for lists.")
    prompt = ProseField(
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the interviewer says. Markdown for `code` and emphasis.",
    )
    kind = forms.ChoiceField(choices=Kind.choices)
    difficulty = forms.ChoiceField(choices=Difficulty.choices, initial=Difficulty.MEDIUM)
    minutes = forms.IntegerField(min_value=1, max_value=60, initial=5, help_text="Time to think and to type.")


class NewQuestionForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.filter(children=None).select_related("parent"))


class ReferenceForm(forms.Form):
    text = ProseField(
        max_length=MAX_TEXT,
        label="Reference answer",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="States every key point, in 70 to 140 words.",
    )


class KeyPointForm(forms.Form):
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


class SourceForm(forms.Form):
    title = forms.CharField(max_length=200)
    url = WebAddressField(max_length=500, required=False, label="Address", assume_scheme="https")


class AtLeastOne(BaseFormSet):
    """A formset in which the first form must be filled."""

    def clean(self) -> None:
        if any(self.errors):
            return
        if not any(form.cleaned_data and not form.cleaned_data.get("DELETE") for form in self.forms):
            raise forms.ValidationError("Add at least one.")


ReferenceFormSet = formset_factory(ReferenceForm, AtLeastOne, extra=0, min_num=1, can_delete=True, max_num=5)
KeyPointFormSet = formset_factory(
    KeyPointForm, AtLeastOne, extra=0, min_num=1, can_delete=True, max_num=20, validate_max=True
)
SourceFormSet = formset_factory(SourceForm, extra=0, min_num=0, can_delete=True, max_num=10)


class VersionForms:
    """The form of a version with its formsets, as one thing: is_valid, content, and the parts for the template."""

    def __init__(self, data: Any = None, *, content: QuestionContent | None = None) -> None:
        initial = _initial(content) if content else {}
        self.version = VersionForm(data, initial=initial.get("version"))
        self.references = ReferenceFormSet(data, prefix="references", initial=initial.get("references"))
        self.key_points = KeyPointFormSet(data, prefix="key_points", initial=initial.get("key_points"))
        self.sources = SourceFormSet(data, prefix="sources", initial=initial.get("sources"))
        self._exemplars = content.exemplars if content else ()
        self._slugs = {m.claim: m.id for m in content.misconceptions} if content else {}

    def is_valid(self) -> bool:
        """Check every part, so that all errors are shown at once."""
        outcomes = [part.is_valid() for part in (self.version, self.references, self.key_points, self.sources)]
        return all(outcomes)

    def content(self) -> QuestionContent:
        """Return what the valid forms say. Exemplars stay, without the marks of key points that are gone."""
        filled = [row for row in self.key_points.cleaned_data if row and not row["DELETE"]]
        slugs = _unique_slugs([(row["slug"], row["claim"]) for row in filled])
        whole = self.version.cleaned_data
        return QuestionContent(
            title=whole["title"],
            prompt=whole["prompt"],
            kind=whole["kind"],
            difficulty=whole["difficulty"],
            minutes=whole["minutes"],
            references=tuple(row["text"].strip() for row in _kept(self.references)),
            key_points=tuple(
                KeyPointContent(
                    slug, row["claim"].strip(), row["weight"], row["hint"].strip(), _lines(row["accepted"])
                )
                for slug, row in zip(slugs, filled, strict=True)
            ),
            misconceptions=self._misconceptions(slugs, filled),
            exemplars=tuple(_with_marks_of(exemplar, set(slugs)) for exemplar in self._exemplars),
            sources=tuple(SourceContent(row["title"].strip(), row["url"]) for row in _kept(self.sources)),
        )

    def _misconceptions(self, slugs: list[str], rows: list[dict[str, Any]]) -> tuple[MisconceptionContent, ...]:
        pairs = [
            (slug, claim) for slug, row in zip(slugs, rows, strict=True) for claim in _lines(row["misconceptions"])
        ]
        ids = _unique_slugs([(self._slugs.get(claim, ""), claim) for _, claim in pairs])
        return tuple(MisconceptionContent(id_, claim, slug) for id_, (slug, claim) in zip(ids, pairs, strict=True))


def _kept(formset: Any) -> list[dict[str, Any]]:
    return [row for row in formset.cleaned_data if row and not row["DELETE"]]


def _with_marks_of(exemplar: ExemplarContent, slugs: set[str]) -> ExemplarContent:
    marks = tuple((slug, mark) for slug, mark in exemplar.marks if slug in slugs)
    return ExemplarContent(exemplar.id, exemplar.kind, exemplar.text, exemplar.score, marks, exemplar.twin_of)


def _unique_slugs(named: list[tuple[str, str]]) -> list[str]:
    """Return the name of each (name, text): the one it has, else one made of the text; no two alike."""
    kept = {name for name, _ in named}
    slugs: list[str] = []
    for name, text in named:
        base = short_name(text) or "point"
        slug = name or base
        number = 2
        while slug in slugs or (not name and slug in kept):
            slug = f"{base}-{number}"
            number += 1
        slugs.append(slug)
    return slugs


def _initial(content: QuestionContent) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    for misconception in content.misconceptions:
        wrong.setdefault(misconception.contradicts, []).append(misconception.claim)
    return {
        "version": {name: getattr(content, name) for name in ("title", "prompt", "kind", "difficulty", "minutes")},
        "references": [{"text": text} for text in content.references],
        "key_points": [
            {
                "slug": point.id,
                "claim": point.claim,
                "weight": point.weight,
                "hint": point.hint,
                "accepted": "\n".join(point.accepted),
                "misconceptions": "\n".join(wrong.get(point.id, [])),
            }
            for point in content.key_points
        ],
        "sources": [{"title": source.title, "url": source.url} for source in content.sources],
    }
