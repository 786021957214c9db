"""The form in which mentors write a version, and its way to QuestionContent and back."""

from dataclasses import dataclass
from typing import Any

from django import forms

from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent, SourceContent
from questionbank.forms.fields import MAX_TEXT, PointRow, ProseField, TopicField
from questionbank.forms.initial import NEW, initial_of, typed_again
from questionbank.forms.names import lines_of, one_line, unique_slugs
from questionbank.forms.rows import ExemplarFormSet, KeyPointFormSet, ReferenceFormSet, Rows, SourceFormSet
from questionbank.models import Difficulty, Kind, Question, Topic


class VersionForm(forms.Form):
    """What the question says as a whole."""

    title = forms.CharField(max_length=120, help_text="Two to six words, for lists.")
    prompt = ProseField(
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the interviewer says. Markdown for `code` and emphasis.",
    )
    kind = forms.ChoiceField(choices=Kind.choices)
    difficulty = forms.ChoiceField(choices=Difficulty.choices, initial=Difficulty.MEDIUM)
    minutes = forms.IntegerField(min_value=1, max_value=60, initial=5, help_text="Time to think and to type.")


class NewQuestionForm(forms.Form):
    """The topic of a question, which is no part of what a version says."""

    topic = TopicField(Topic.objects.filter(children=None).select_related("parent"), empty_label="Choose a topic")


class ChangeTopicForm(NewQuestionForm):
    """The topic of a question that there is. Its field stands beside the form of a version, and is sent with it."""

    def __init__(self, data: Any = None, *, question: Question | None = None) -> None:
        super().__init__(data, initial={"topic": question and question.topic_id}, auto_id="change_%s")
        self.fields["topic"].widget.attrs["form"] = "version-form"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent. anchor: the id of its field in the page."""

    anchor: str
    where: str
    message: str


# What a version is taken to say where nothing valid is said yet.
UNSAID = {"title": "", "prompt": "", "kind": "concept", "difficulty": "medium", "minutes": 5}


class VersionForms:
    """The form of a version with its formsets, as one thing: is_valid, content, and the parts for the template.

    data: what was sent; content: what the version says that it is based on, for the names of misconceptions; typed: an
    earlier form's data as it was sent, to be shown again without judging it.
    """

    def __init__(self, data: Any = None, *, content: QuestionContent | None = None, typed: Any = None) -> None:
        initial = initial_of(content) if content else {}
        if typed is not None:
            initial = typed_again(typed)
        elif data is None and content is None:
            initial = NEW
        self.version = VersionForm(data, initial=initial.get("version"))
        self.references = ReferenceFormSet(data, prefix="references", initial=initial.get("references"))
        self.key_points = KeyPointFormSet(data, prefix="key_points", initial=initial.get("key_points"))
        self.exemplars = ExemplarFormSet(
            data, prefix="exemplars", initial=initial.get("exemplars"), form_kwargs={"points": self._point_rows()}
        )
        self.sources = SourceFormSet(data, prefix="sources", initial=initial.get("sources"))
        self._misconceptions_before = content.misconceptions if content else ()

    @property
    def formsets(self) -> list[tuple[str, Rows]]:
        """The formsets with what one row of each is called, in the order of the page."""
        return [
            ("Key point", self.key_points),
            ("Reference answer", self.references),
            ("Exemplar", self.exemplars),
            ("Source", self.sources),
        ]

    def is_valid(self) -> bool:
        """Check every part, so that all errors are shown at once."""
        outcomes = [self.version.is_valid(), *(formset.is_valid() for _, formset in self.formsets)]
        return all(outcomes)

    def faults(self, about: forms.Form | None = None) -> list[Fault]:
        """Return all that is wrong with what was sent, in the order of the page; [] while nothing was.

        about: a form that stands above these.
        """
        found = [*(_faults_of(about, "") if about else ()), *_faults_of(self.version, "")]
        for name, formset in self.formsets:
            anchor = f"{formset.prefix}-title"
            found += [Fault(anchor, f"{name}s", str(message)) for message in formset.non_form_errors()]
            for number, form in enumerate(formset.in_order(), start=1):
                found += _faults_of(form, f"{name} {number}: ")
        return found

    def content(self) -> QuestionContent:
        """Return what the forms say. Exemplars lose the marks of key points that are gone.

        Where is_valid() has said no, that is what they say so far: fields and rows with errors are left out.
        """
        points = self.key_points.kept()
        slugs = unique_slugs([(data["slug"], data["claim"]) for _, data in points])
        whole = {**UNSAID, **self.version.cleaned_data}
        return QuestionContent(
            title=whole["title"],
            prompt=whole["prompt"],
            kind=whole["kind"],
            difficulty=whole["difficulty"],
            minutes=whole["minutes"],
            references=tuple(data["text"].strip() for _, data in self.references.kept()),
            key_points=tuple(
                KeyPointContent(
                    slug, data["claim"].strip(), data["weight"], data["hint"].strip(), lines_of(data["accepted"])
                )
                for slug, (_, data) in zip(slugs, points, strict=True)
            ),
            misconceptions=self._misconceptions(slugs, [data for _, data in points]),
            exemplars=self._exemplars({row: slug for slug, (row, _) in zip(slugs, points, strict=True)}),
            sources=tuple(SourceContent(data["title"].strip(), data["url"]) for _, data in self.sources.kept()),
        )

    def _point_rows(self) -> list[PointRow]:
        rows = {form: row for row, form in enumerate(self.key_points.forms)}
        forms_in_order = self.key_points.in_order()
        staying = [form for form in forms_in_order if not form["DELETE"].value()]
        return [
            PointRow(rows[form], staying.index(form) + 1 if form in staying else 0, form["claim"].value() or "")
            for form in forms_in_order
        ]

    def _misconceptions(self, slugs: list[str], rows: list[dict[str, Any]]) -> tuple[MisconceptionContent, ...]:
        """Return the misconceptions under the names they had, in the order they had; new ones come last."""
        before = self._misconceptions_before
        names = {one_line(m.claim): m.id for m in before} | {(m.contradicts, one_line(m.claim)): m.id for m in before}
        pairs = [
            (slug, claim) for slug, row in zip(slugs, rows, strict=True) for claim in lines_of(row["misconceptions"])
        ]
        ids = unique_slugs([(names.get(pair) or names.get(pair[1], ""), pair[1]) for pair in pairs])
        places = {m.id: place for place, m in enumerate(before)}
        found = [MisconceptionContent(id_, claim, slug) for id_, (slug, claim) in zip(ids, pairs, strict=True)]
        return tuple(sorted(found, key=lambda m: places.get(m.id, len(places))))

    def _exemplars(self, slug_of_row: dict[int, str]) -> tuple[ExemplarContent, ...]:
        kept = self.exemplars.kept()
        rows = [data for _, data in kept]
        ids = unique_slugs([(data["slug"], data["kind"]) for data in rows])
        named = {f"#{row}": id_ for (row, _), id_ in zip(kept, ids, strict=True)} | {id_: id_ for id_ in ids}
        return tuple(
            ExemplarContent(
                id=id_,
                kind=data["kind"],
                text=data["text"].strip(),
                score=data["score"],
                marks=tuple(
                    sorted(
                        (slug_of_row[row], mark)
                        for row, mark in enumerate(data["marks"])
                        if mark and row in slug_of_row
                    )
                ),
                twin_of=_twin(named.get(data["twin_of"], ""), id_),
            )
            for id_, data in zip(ids, rows, strict=True)
        )


def _twin(named: str, own: str) -> str:
    """Return whose twin an exemplar is; its own it cannot be."""
    return "" if named == own else named


def _faults_of(form: forms.Form, where: str) -> list[Fault]:
    fields = [form[name] for name in form.errors if name in form.fields]
    return [
        Fault(field.id_for_label, f"{where}{field.label}", str(message))
        for field in fields
        for message in field.errors
    ]
