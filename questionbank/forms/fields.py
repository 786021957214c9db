"""Fields of the editor's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import URLValidator

from questionbank.models import Mark, Topic

MAX_TEXT = 20_000


class ProseField(forms.CharField):
    """A text whose lines end as they do everywhere else, not as browsers send them: a hash must not see browsers."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class TopicField(forms.ModelChoiceField):
    """A choice of topics, each under its parent's name: "Core language" alone could be anything's."""

    def label_from_instance(self, topic: Topic) -> str:
        return f"{topic.parent}: {topic}" if topic.parent else str(topic)


class WebAddressField(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]


@dataclass(frozen=True)
class PointRow:
    """A row of the key points as exemplars name it. row: its place in the formset, which never changes in a page;
    number: its place among those that stay, 0 for one that is being removed.
    """

    row: int
    number: int
    claim: str


class MarksInput(forms.Widget):
    """A choice of a mark for each key point's row: fields named <name>-<row>. Its value is the list of them by row."""

    template_name = "questionbank/_marks_input.html"
    points: Sequence[PointRow] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        marks = list(value or [])
        chosen = [(point, marks[point.row] if point.row < len(marks) else "") for point in self.points]
        return {**context, "rows": chosen, "marks": Mark.choices}

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[str]:
        most = max((point.row for point in self.points), default=-1)
        return [data.get(f"{name}-{row}", "") for row in range(most + 1)]


class MarksField(forms.Field):
    """The expected marks by key point row; "" for one that is not judged."""

    widget = MarksInput

    def to_python(self, value: Any) -> list[str]:
        marks = [str(mark) for mark in value or ()]
        if not set(marks) <= {"", *Mark.values}:
            raise forms.ValidationError("Choose one of the marks that are offered.")
        return marks
