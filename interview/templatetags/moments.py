"""Times as people say them."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def from_now(at: datetime, now: datetime) -> str:
    """Return when at is, seen from now, by the days of the present time zone: “tomorrow”, “in 3 days”, “yesterday”."""
    days = (timezone.localtime(at).date() - timezone.localtime(now).date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days == 0 and timedelta() < at - now < timedelta(hours=1):
        minutes = max((at - now) // timedelta(minutes=1), 1)
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    if days in near:
        return near[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"
