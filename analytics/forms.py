"""What a dashboard is narrowed to, read from the address."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from analytics.audit_words import choices
from analytics.filters import Attempts, Filters
from interview.models import Assignment, Mode
from people.models import Cohort, User
from questionbank.models import Topic, Track

# Days outside are slips of the hand, and some of them no instant can hold.
OUTSIDE = "Choose a day between 2000 and 2200."
DAYS = [MinValueValidator(date(2000, 1, 1), OUTSIDE), MaxValueValidator(date(2200, 1, 1), OUTSIDE)]
NOT_A_DAY = {"invalid": "Write a day such as 2026-11-23."}


class AssignmentChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Assignment) -> str:  # type: ignore[override]
        return f"{obj.track.title}, due {timezone.localtime(obj.due_at):%-d %B %Y}"

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:  # what is no UUID at all
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class TopicChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Topic) -> str:  # type: ignore[override]
        return f"{obj.parent.title}: {obj.title}" if obj.parent else obj.title


def _topics() -> QuerySet[Topic]:
    """Return the topics, each of the first level before those below it."""
    of_parent = (Coalesce("parent__position", "position"), Coalesce("parent__title", "title"))
    is_below = F("parent").asc(nulls_first=True)
    return Topic.objects.select_related("parent").order_by(*of_parent, is_below, "position", "title")


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        validators=DAYS,
        error_messages=NOT_A_DAY,
    )


class FilterForm(forms.Form):
    """Reads Filters from the address; days are those of the viewer's time zone (the current one)."""

    def __init__(self, data: Any, *, cohort: Cohort) -> None:
        super().__init__(data, auto_id="filter_%s")
        unknown = {"invalid_choice": "This is not one of the choices."}
        self.fields["from"] = _day("From")
        self.fields["to"] = _day("To")
        self.fields["track"] = forms.ModelChoiceField(
            Track.objects.order_by("title"),
            required=False,
            empty_label="Any track",
            to_field_name="slug",
            error_messages=unknown,
        )
        self.fields["assignment"] = AssignmentChoice(
            cohort.assignments.select_related("track"),
            required=False,
            empty_label="Any, or none",
            error_messages=unknown,
        )
        self.fields["mode"] = forms.ChoiceField(
            choices=[("", "Any mode"), *Mode.choices], required=False, error_messages=unknown
        )
        self.fields["attempts"] = forms.ChoiceField(
            label="Answers", choices=Attempts.choices, required=False, error_messages=unknown
        )
        self.fields["topic"] = TopicChoice(
            _topics(),
            required=False,
            empty_label="All topics",
            to_field_name="slug",
            error_messages=unknown,
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("from") and given.get("to") and given["from"] > given["to"]:
            self.add_error("to", "This day is before the first one.")
        return given

    @cached_property
    def filters(self) -> Filters:
        """What is asked for; where any of it is wrong, nothing is left out."""
        if not self.is_valid():
            return Filters()
        given = self.cleaned_data
        return Filters(
            since=_midnight(given["from"]) if given["from"] else None,
            until=_midnight(given["to"] + timedelta(days=1)) if given["to"] else None,
            track=given["track"],
            assignment=given["assignment"],
            mode=given["mode"],
            attempts=given["attempts"] or Attempts.FIRST,
            topic=given["topic"],
        )

    @property
    def query(self) -> dict[str, str]:
        """What the address says of filters, as it says it: links to other parts of the dashboard take it with them."""
        said = {name: self.data[name] for name in self.fields if self.data.get(name)}
        return {name: value for name, value in said.items() if (name, value) != ("attempts", Attempts.FIRST)}

    @property
    def is_narrowed(self) -> bool:
        return self.is_valid() and self.filters != Filters()

    @property
    def in_words(self) -> list[str]:
        """What is shown, for the head of the page and for paper."""
        given = self.cleaned_data if self.is_valid() else {}
        said = [Attempts(given.get("attempts") or Attempts.FIRST).label.lower()]
        if given.get("mode"):
            said.append({Mode.PRACTICE: "practice only", Mode.MOCK: "mock interviews only"}[Mode(given["mode"])])
        chosen = [name for name in ("track", "assignment", "topic") if given.get(name)]
        said += [self.fields[name].label_from_instance(given[name]) for name in chosen]  # type: ignore[attr-defined]
        if given.get("from"):
            said.append(f"from {given['from']:%-d %B %Y}")
        if given.get("to"):
            said.append(f"to {given['to']:%-d %B %Y}")
        return said


def day_of_change(address: QueryDict) -> date | None:
    """Return the day of a change of questions that the address asks for; None where it names no day."""
    try:
        return forms.DateField(input_formats=["%Y-%m-%d"], required=False).clean(address.get("change", ""))
    except ValidationError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class AuditForm(forms.Form):
    """What of the audit log is asked for."""

    who = forms.CharField(max_length=120, required=False, label="By whom")
    action = forms.ChoiceField(required=False, label="What")
    since = _day("From")
    until = _day("To")
    about = forms.CharField(max_length=130, required=False, widget=forms.HiddenInput)
    cohort = forms.ModelChoiceField(Cohort.objects.none(), required=False, label="Cohort", empty_label="All")

    field_order = ["who", "action", "cohort", "since", "until", "about"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", "Everything"), *choices()]  # type: ignore[attr-defined]
        self.fields["cohort"].queryset = Cohort.objects.administered_by(user)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Return what is asked for; nothing where the address cannot be understood."""
        return self.cleaned_data if self.is_valid() else {}
