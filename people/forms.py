"""Forms about people."""

import zoneinfo
from typing import Any

from django import forms

from people.models import Cohort, Role, User


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


class InvitationForm(forms.Form):
    email = forms.EmailField(label="Email address")
    role = forms.ChoiceField(choices=Role.choices, label="Role", initial=Role.CANDIDATE)
