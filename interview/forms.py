"""Forms of an interview."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from interview.models import Mode, PracticePlan
from questionbank.models import Track


class StartForm(forms.Form):
    """What the track page sends. key names this start: a double click sends it twice, and starts once."""

    mode = forms.ChoiceField(choices=Mode.choices)
    key = forms.UUIDField(required=False)


class AnswerForm(forms.Form):
    """What the answer page sends without JavaScript. The text is taken as typed, indents and all."""

    text = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(min_value=0)
    idempotency_key = forms.UUIDField(required=False)
    action = forms.ChoiceField(
        choices=[(a, a) for a in ("save", "previous", "next", "review", "submit", "flag", "unflag")]
    )

    def clean_text(self) -> str:
        # A browser sends line ends as CRLF; offsets into the text count the LF that the page shows.
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean_idempotency_key(self) -> object:
        return self.cleaned_data["idempotency_key"] or uuid4()


class PlanForm(forms.Form):
    """What a candidate prepares for. today: the day that it is for them."""

    track = forms.ModelChoiceField(
        Track.objects.all(), required=False, empty_label="All topics", label="What you prepare for"
    )
    interview_on = forms.DateField(
        required=False,
        label="Day of your interview",
        help_text="Everything you have missed comes once more before it.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    minutes_a_day = forms.IntegerField(
        min_value=5,
        max_value=60,
        label="Minutes a day",
        help_text="From 5 to 60. Ten minutes on most days do more than an hour now and then.",
    )

    def __init__(self, data: Any = None, *, plan: PracticePlan, today: date) -> None:
        is_over = plan.interview_on is not None and plan.interview_on < today
        kept = {
            "track": plan.track_id,
            "interview_on": None if is_over else plan.interview_on,
            "minutes_a_day": plan.minutes_a_day,
        }
        super().__init__(data, initial=kept)
        self.fields["interview_on"].widget.attrs["min"] = today.isoformat()
