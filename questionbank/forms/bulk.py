"""The form around the list of questions: what is to be done with those that are ticked."""

from typing import Any
from uuid import UUID

from django import forms
from django.db import models

from people.models import User
from questionbank.formats.registry import FORMATS
from questionbank.models import Question


class Deed(models.TextChoices):
    """What is done with many questions at once."""

    EXPORT = "export", "Export"
    HAND_IN = "hand-in", "Hand in for review"
    APPROVE = "approve", "Approve and publish"


class BulkForm(forms.Form):
    """A deed and the questions that are ticked; an export without any is of all that the list has found."""

    deed = forms.ChoiceField(choices=Deed.choices)
    format = forms.ChoiceField(choices=[(f.name, f.title) for f in FORMATS.values()], required=False)
    question = forms.ModelMultipleChoiceField(
        Question.objects.none(),
        required=False,
        error_messages={"invalid_choice": "A question is gone meanwhile. Look at the list again."},
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        questions = Question.objects.visible_to(user).select_related("entry__newest")
        self.fields["question"].queryset = questions  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("deed") == Deed.EXPORT and not data.get("format"):
            self.add_error("format", "Choose a format.")
        if data.get("deed") in (Deed.HAND_IN, Deed.APPROVE) and "question" in data and not data["question"]:
            self.add_error("question", "Tick the questions first.")
        return data

    def seen(self) -> dict[UUID, str]:
        """Return the content hash of each ticked question's newest version as the list showed it."""
        given = {one.pk: str(self.data.get(f"seen-{one.pk}", "")) for one in self.cleaned_data["question"]}
        return {pk: content_hash for pk, content_hash in given.items() if content_hash}
