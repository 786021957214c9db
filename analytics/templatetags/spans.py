"""How long something takes or took, as people say it."""

from django import template

register = template.Library()

UNITS = [(86_400, "d"), (3_600, "h"), (60, "min")]


@register.filter
def span(seconds: float | None) -> str:
    """Return seconds in the largest unit of which there are two or more; "–" for None."""
    if seconds is None:
        return "–"
    for length, unit in UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
