"""The form in which a mentor sets marks."""

from typing import Any

from django import forms

from grading.selectors import ShownMark
from questionbank.models import Mark


class ReviewForm(forms.Form):
    """A mark for each key point, preset to the one shown now, and the reason for the candidate."""

    reason = forms.CharField(
        max_length=2000,
        label="Reason",
        help_text="The candidate reads it beside your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, marks: list[ShownMark]) -> None:
        super().__init__(data)
        for shown in marks:
            self.fields[self._name(shown.key_point.pk)] = forms.TypedChoiceField(
                choices=Mark.choices,
                coerce=Mark,
                initial=shown.mark,
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
