"""Forms about people."""

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms

from people.models import Cohort, Role, User
from people.services.member_imports import LABELS, MOST_BYTES, MOST_ROWS


class SignupExtraForm(forms.Form):
    """What sign-up asks beside address and password."""

    name = forms.CharField(
        max_length=120,
        label="Your name",
        help_text="Mentors and admins of your cohorts see it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]

    def signup(self, request: Any, user: User) -> None:
        """Required by allauth; the adapter has saved the name already."""


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(label="Time zone", help_text="Times are shown in it.")

    class Meta:
        model = User
        fields = ["name", "time_zone", "mail_when_graded"]
        labels = {"mail_when_graded": "Email me when a mock interview is graded"}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            (zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())
        ]


class CohortForm(forms.ModelForm):
    class Meta:
        model = Cohort
        fields = ["name"]
        help_texts = {"name": "For example “Data science, autumn 2026”."}


class DuplicateForm(CohortForm):
    """A cohort's name for its copy, and whether the assignments come along."""

    with_assignments = forms.BooleanField(required=False, label="Copy the assignments")
    weeks_later = forms.IntegerField(
        min_value=0,
        max_value=520,
        required=False,
        label="Weeks later",
        help_text="All dates of the assignments move by so many weeks. What would be due before today is left out.",
    )
    weeks_later.widget.attrs["inputmode"] = "numeric"

    def later_by(self) -> timedelta | None:
        """Return by how much the assignments move, None where they stay behind."""
        if not self.cleaned_data["with_assignments"]:
            return None
        return timedelta(weeks=self.cleaned_data["weeks_later"] or 0)


class TimeLimitsForm(forms.Form):
    """What is agreed with a person about time limits."""

    extra_time_factor = forms.DecimalField(
        min_value=Decimal(1),
        max_value=Decimal(3),
        max_digits=3,
        decimal_places=2,
        required=False,
        label="Extra time, as a factor",
        help_text="1 is the usual time, 1.25 a quarter more, 3 the most.",
    )
    untimed = forms.BooleanField(required=False, label="No time limit at all")

    def clean_extra_time_factor(self) -> Decimal:
        return self.cleaned_data["extra_time_factor"] or Decimal(1)


class MemberForm(TimeLimitsForm):
    """A member's role and time limits."""

    role = forms.ChoiceField(choices=Role.choices, label="Role")
    field_order = ["role", "extra_time_factor", "untimed"]


class InvitationForm(TimeLimitsForm):
    email = forms.EmailField(label="Email address")
    role = forms.ChoiceField(choices=Role.choices, label="Role", initial=Role.CANDIDATE)
    name = forms.CharField(max_length=120, required=False, label="Name")
    link_only = forms.BooleanField(
        required=False, label="Send no email", help_text="You get a link and pass it on yourself."
    )
    field_order = ["email", "role", "name", "extra_time_factor", "untimed", "link_only"]


class MemberUploadForm(forms.Form):
    file = forms.FileField(
        label="CSV or XLSX file",
        help_text=f"At most {MOST_ROWS:,} rows. The first row names the columns.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "data-max-bytes": MOST_BYTES}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"The file has more than {MOST_BYTES // 1024**2} MB. Split it.")
        return file


class ColumnsForm(forms.Form):
    """Which column of a table holds what."""

    def __init__(self, *args: Any, header: Sequence[str], mapping: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(position, name or f"Column {position + 1}") for position, name in enumerate(header)]
        for field, label in LABELS.items():
            self.fields[field] = forms.TypedChoiceField(
                choices=[("", "Not in the file"), *columns],
                coerce=int,
                empty_value=None,
                required=field == "email",
                label=label,
                initial=mapping.get(field, ""),
            )

    def mapping(self) -> dict[str, int]:
        return {field: position for field, position in self.cleaned_data.items() if position is not None}
