"""Forms by which a file of questions comes in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from questionbank.formats.common import Format, Peek
from questionbank.formats.registry import FORMATS
from questionbank.formats.table import fields
from questionbank.models import Topic
from questionbank.uploads import MAX_UPLOAD

BY_NAME = "by-name"
SAMPLES = 3
NAMED_TOPICS = 20
# A list to choose from beside each of 500 columns makes a page of megabytes: from here on they share one.
MANY_COLUMNS = 40


class UploadForm(forms.Form):
    """A file, its format, and the topic of questions that name none."""

    file = forms.FileField(
        label="File",
        widget=forms.FileInput(
            attrs={
                "accept": ",".join(sorted({ending for one in FORMATS.values() for ending in one.extensions})),
                "data-max-bytes": MAX_UPLOAD,
            }
        ),
        allow_empty_file=True,  # the service refuses it, in words of ours
        help_text="Up to 50 MB and 20,000 questions.",
        error_messages={"required": "Choose a file."},
    )
    format = forms.ChoiceField(
        choices=[(BY_NAME, "Tell by the file’s name"), *((f.name, f.title) for f in FORMATS.values())], label="Format"
    )
    topic = forms.ModelChoiceField(
        Topic.objects.filter(children=None).select_related("parent"),
        required=False,
        empty_label="None: every question names its own",
        label="Topic of questions that name none",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file: UploadedFile | None = data.get("file")
        if file and data.get("format") == BY_NAME:
            fitting = formats_of(file.name or "")
            if len(fitting) == 1:
                data["format"] = fitting[0].name
            else:
                self.add_error("format" if fitting else "file", _which(file.name or "", fitting))
        return data


def formats_of(name: str) -> list[Format]:
    """Return the formats whose files' names end like name."""
    return [format_ for format_ in FORMATS.values() if name.casefold().endswith(format_.extensions)]


def _which(name: str, fitting: list[Format]) -> str:
    if fitting:
        return f"“{name}” can be {' or '.join(format_.title for format_ in fitting)}. Choose which."
    endings = ", ".join(sorted({ending for format_ in FORMATS.values() for ending in format_.extensions}))
    return f"The end of “{name}” names no format. Choose one, or give the file one of these ends: {endings}."


def in_words(field: str) -> str:
    """Return what mentors call a field of a table, such as key_point_2_weight."""
    words = field.replace("_", " ").replace("reference ", "reference answer ")
    if words.endswith(" id"):
        return f"{words.removesuffix(' id')} name in packs"
    return "name in packs" if words == "slug" else words


class MappingForm(forms.Form):
    """Which field each column of a table is. shared: of a wide table, the fields that all columns suggest."""

    def __init__(self, data: Any = None, *, peek: Peek, mapping: dict[str, str]) -> None:
        super().__init__(data)
        self._headers = peek.headers
        # As many numbered parts as most tables have, and whatever this one was guessed to have beyond them.
        known = fields()
        names = [*known, *sorted({name for name in mapping.values() if name and name not in known})]
        choices = [("", "Leave out"), *((name, in_words(name)) for name in names)]
        self.shared = choices[1:] if len(peek.headers) > MANY_COLUMNS else []
        widget = forms.TextInput(attrs={"list": "column-names"}) if self.shared else forms.Select()
        for number, header in enumerate(peek.headers):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                widget=widget,
                initial=mapping.get(header, ""),
                label=header or "(no header)",
            )
        self._samples = [[row[number] for row in peek.samples[:SAMPLES]] for number in range(len(peek.headers))]

    def rows(self) -> list[tuple[Any, list[str]]]:
        """Return each column's field with its first cells."""
        return list(zip(self, self._samples, strict=True))

    def unsure(self) -> list[tuple[Any, list[str]]]:
        """Return the rows that wait for somebody to say what they are."""
        return [row for row in self.rows() if not row[0].initial or row[0].errors]

    def clear(self) -> list[tuple[Any, list[str]]]:
        """Return the rows whose field is known."""
        return [row for row in self.rows() if row[0].initial and not row[0].errors]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [field for field in data.values() if field]
        for field in sorted({field for field in chosen if chosen.count(field) > 1}):
            raise forms.ValidationError(f"Two columns are “{in_words(field)}”. Leave one of them out.")
        if not chosen:
            raise forms.ValidationError("Say of at least one column what it is.")
        return data

    def mapping(self) -> dict[str, str]:
        """Return header → field of a valid form."""
        return {header: self.cleaned_data[f"column_{number}"] for number, header in enumerate(self._headers)}


class ApplyForm(forms.Form):
    """What of a checked file is imported."""

    only_valid = forms.BooleanField(required=False, label="Leave out what has problems")
    create_topics = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, missing_topics: Mapping[str, str]) -> None:
        super().__init__(data)
        titles, field = list(missing_topics.values()), self.fields["create_topics"]
        field.label = f"Create the {len(titles)} topics that do not exist yet"
        if len(titles) == 1:
            field.label = "Create the topic that does not exist yet"
        more = f" and {len(titles) - NAMED_TOPICS} more" if len(titles) > NAMED_TOPICS else ""
        field.help_text = f"{', '.join(titles[:NAMED_TOPICS])}{more}"
