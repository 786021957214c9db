"""Forms about people."""

import zoneinfo
from decimal import Decimal
from typing import Any

from django import forms

from people.models import Cohort, Role, User

EXTRA_TIME = [
    (Decimal("1.00"), "None"),
    (Decimal("1.25"), "A quarter longer (× 1.25)"),
    (Decimal("1.50"), "Half as long again (× 1.5)"),
    (Decimal("2.00"), "Twice as long (× 2)"),
]


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
    extra_time_factor = forms.TypedChoiceField(
        choices=EXTRA_TIME,
        coerce=Decimal,
        label="Extra time",
        help_text="Lengthens every time limit of the interviews you start from now on.",
    )
    time_zone = forms.ChoiceField(label="Time zone", help_text="Times are shown in it.")

    class Meta:
        model = User
        fields = ["name", "time_zone", "extra_time_factor"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["extra_time_factor"].choices = self._extra_time()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            (zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())
        ]

    def _extra_time(self) -> list[tuple[Decimal, str]]:
        """Offer the usual factors, and the person's own where the staff site gave them another."""
        own = self.instance.extra_time_factor
        return sorted({own: f"As agreed with you (× {own.normalize():f})", **dict(EXTRA_TIME)}.items())


class CohortForm(forms.ModelForm):
    class Meta:
        model = Cohort
        fields = ["name"]
        help_texts = {"name": "For example “Data science, autumn 2026”."}


class InvitationForm(forms.Form):
    email = forms.EmailField(label="Email address")
    role = forms.ChoiceField(choices=Role.choices, label="Role", initial=Role.CANDIDATE)
