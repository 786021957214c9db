"""The forms in which candidates speak to mentors about a grade, and mentors set marks and reply."""

from typing import Any

from django import forms

from grading.models import BenchPurpose, GradingJob
from grading.selectors.grades import ShownGrade, ShownMark
from questionbank.forms.fields import ProseField
from questionbank.models import Mark


class ReviewForm(forms.Form):
    """A mark for each key point and the reason for the candidate.

    Marks are preset to those shown now, or, for a mentor who is to be blind to them, to none. typed: what was in the
    form when its page was asked for anew, not yet sent.
    """

    reason = forms.CharField(
        max_length=2000,
        label="Reason",
        help_text="The candidate reads it beside your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        marks: list[ShownMark],
        typed: dict[str, Any] | None = None,
        is_blind: bool = False,
    ) -> None:
        super().__init__(data, initial=typed)
        for shown in marks:
            self.fields[self._name(shown.key_point.pk)] = forms.TypedChoiceField(
                choices=Mark.choices,
                coerce=Mark,
                initial=None if is_blind else shown.mark,
                label=shown.key_point.claim,
                widget=forms.RadioSelect,
            )
        self._points = [shown.key_point.pk for shown in marks]
        self.order_fields([*(self._name(pk) for pk in self._points), "reason"])

    @staticmethod
    def _name(pk: int) -> str:
        return f"mark_{pk}"

    def marks(self) -> dict[int, Mark]:
        """Return the marks of a valid form by key point id."""
        return {pk: self.cleaned_data[self._name(pk)] for pk in self._points}

    def mark_field(self, pk: int) -> Any:
        return self[self._name(pk)]


class AppealForm(forms.Form):
    """What a candidate has to say to one mark: the sentence that was meant, and why."""

    reason = forms.CharField(
        max_length=1000,
        required=False,
        label="Why it says so",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, *, shown: ShownGrade) -> None:
        super().__init__(data)
        self._sentences = shown.sentences
        points = [(mark.key_point.pk, mark.key_point.claim) for mark in shown.marks]
        self.fields["key_point"] = forms.TypedChoiceField(
            coerce=int,
            choices=points,
            widget=forms.HiddenInput,
            error_messages={"invalid_choice": "The question has no such key point. Begin again beside the mark."},
        )
        self.fields["sentence"] = forms.TypedChoiceField(
            coerce=int,
            choices=[("", "Choose a sentence"), *enumerate(self._sentences)],
            label="The sentence you mean",
            error_messages={"required": "Choose the sentence of your answer in which you say it."},
        )
        self.order_fields(["sentence"])

    def said(self) -> str:
        """Return the sentence that a valid form names."""
        return self._sentences[self.cleaned_data["sentence"]]


class AskMentorForm(forms.Form):
    """A candidate's question about an answer."""

    text = forms.CharField(
        max_length=1000,
        label="Your question",
        help_text="Your mentors see it beside this answer.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReplyForm(forms.Form):
    """A mentor's answer to one question about job."""

    answer = forms.CharField(
        max_length=2000,
        label="Your answer",
        help_text="The candidate reads it beside your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, job: GradingJob) -> None:
        super().__init__(data, auto_id="reply_%s")
        asked = job.mentor_questions.all()
        self.fields["question"] = forms.ModelChoiceField(queryset=asked, widget=forms.HiddenInput)


class RegradeForm(forms.Form):
    """Why past answers are graded again."""

    reason = forms.CharField(
        max_length=1000,
        label="What candidates are told",
        help_text="They read it under their new score, beside the one they had before.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PhrasingForm(forms.Form):
    """Another wording of a key point, for everyone."""

    phrasing = forms.CharField(
        max_length=500,
        label="The wording to accept",
        help_text="Keep what says the point, and leave out what would tell who wrote it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BenchForm(forms.Form):
    """What is tried beside the editor: an answer, or all the exemplars. Its fields travel with the version's own."""

    purpose = forms.ChoiceField(choices=[(BenchPurpose.ANSWER, "An answer"), (BenchPurpose.EXEMPLARS, "Exemplars")])
    text = ProseField(
        required=False,
        label="Try an answer",
        widget=forms.Textarea(attrs={"rows": 6, "form": "version-form"}),
        help_text="What a candidate might write. Nothing of it is kept for longer than a day.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="bench")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("purpose") == BenchPurpose.ANSWER and not cleaned.get("text"):
            self.add_error("text", "Type an answer first.")
        return cleaned
