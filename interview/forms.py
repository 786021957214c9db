"""Forms of an interview."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from interview.models import Assignment, Mode, PracticePlan
from interview.services.assignments import Terms
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


class MomentField(forms.DateTimeField):
    """A day and a time, in the time zone of whoever fills it in."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)


class AssignmentForm(forms.Form):
    """What is assigned, and until when. assignment: the one to change; what cannot change any more has no field."""

    track = forms.ModelChoiceField(Track.objects.all(), label="Track", empty_label="Choose a track")
    mode = forms.ChoiceField(choices=Mode.choices, label="Practice or mock interview", widget=forms.RadioSelect)
    opens_at = MomentField(label="Opens", required=False, help_text="Leave it empty to open it at once.")
    due_at = MomentField(label="Due", help_text="Finished later counts as late.")
    closes_at = MomentField(
        label="Closes",
        help_text="Nobody can start it from then on. What runs can be finished. At the earliest when due.",
    )
    attempts = forms.IntegerField(
        min_value=1,
        max_value=99,
        required=False,
        label="Attempts",
        help_text="How often a candidate may start it. Leave it empty for no limit.",
    )
    reminds = forms.BooleanField(
        required=False,
        label="Remind candidates by email",
        help_text="When it opens, before it is due and once when it is overdue; only who has not finished.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        label="A word to the candidates",
        help_text="What they should know. They see it where they start.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, now: datetime, assignment: Assignment | None = None) -> None:
        self.kept = Terms.of(assignment).values() if assignment else {}
        super().__init__(data, initial=self.kept or _suggested(now))
        if assignment and assignment.opens_at <= now:
            for name in ("track", "mode", "opens_at"):
                del self.fields[name]

    def terms(self) -> Terms:
        """Return what the valid form says."""
        return Terms(**{**self.kept, **self.cleaned_data, **self._mode()})

    def _mode(self) -> dict[str, Mode]:
        return {"mode": Mode(self.cleaned_data.get("mode") or self.kept["mode"])}


def _suggested(now: datetime) -> dict[str, Any]:
    """Return what a new assignment begins with: a week to do it, and another for those who come late."""
    evening = timezone.localtime(now).replace(hour=18, minute=0, second=0, microsecond=0)
    return {
        "mode": Mode.MOCK,
        "due_at": evening + timedelta(days=7),
        "closes_at": evening + timedelta(days=14),
        "attempts": 1,
        "reminds": True,
    }
