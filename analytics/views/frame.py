"""What the pages of a cohort's dashboard share: who may see it, the filter, the tabs."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from analytics.exports import EXPORTS
from analytics.filters import Filters
from analytics.forms import FilterForm
from people.access import get_led_cohort
from people.models import Cohort
from people.requests import LoggedInRequest
from tables.formats import FORMATS

TABS = [
    ("Overview", "cohort_dashboard"),
    ("Topics", "cohort_topics"),
    ("Key points", "cohort_points"),
    ("Assignments", "cohort_progress"),
    ("Compare", "cohort_compare"),
]


@dataclass(frozen=True)
class Frame:
    """A page of a cohort's dashboard. context: what analytics/_dashboard.html needs."""

    cohort: Cohort
    form: FilterForm
    current: str

    @property
    def filters(self) -> Filters:
        return self.form.filters

    @property
    def context(self) -> dict[str, Any]:
        query = urlencode(self.form.query)
        return {
            "cohort": self.cohort,
            "form": self.form,
            "filters": self.filters,
            # To put behind an address with a query of its own: the filter goes along.
            "filter_query": query,
            "tabs": [
                {
                    "label": label,
                    "address": reverse(name, args=[self.cohort.pk]) + (f"?{query}" if query else ""),
                    "is_current": name == self.current,
                }
                for label, name in TABS
            ],
            "exports": [export for export in EXPORTS.values() if export.page == self.current],
            "formats": FORMATS.values(),
            "here": reverse(self.current, args=[self.cohort.pk]),
        }


def frame(request: LoggedInRequest, pk: UUID, current: str) -> Frame:
    """Return the frame of the page current (the name of its address) of cohort pk, else raise Http404.

    The view itself is behind leader_required and require_GET.
    """
    cohort = get_led_cohort(request.user, pk)
    return Frame(cohort, FilterForm(request.GET, cohort=cohort), current)
