"""Forms of an interview."""

from uuid import uuid4

from django import forms

from interview.models import Mode


class StartForm(forms.Form):
    mode = forms.ChoiceField(choices=Mode.choices)


class AnswerForm(forms.Form):
    """What the answer page sends without JavaScript. The text is taken as typed, indents and all."""

    text = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(min_value=0)
    idempotency_key = forms.UUIDField(required=False)
    action = forms.ChoiceField(choices=[(a, a) for a in ("save", "previous", "next", "review", "submit")])

    def clean_text(self) -> str:
        # A browser sends line ends as CRLF; offsets into the text count the LF that the page shows.
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean_idempotency_key(self) -> object:
        return self.cleaned_data["idempotency_key"] or uuid4()
