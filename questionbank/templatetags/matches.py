"""What a search has found, marked in the text."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from questionbank.search import FOUND, FOUND_END

register = template.Library()


@register.filter
def matches(text: str) -> SafeString:
    """Escape text, with <mark> around what stands between FOUND and FOUND_END."""
    return mark_safe(re.sub(f"{FOUND}(.*?){FOUND_END}", r"<mark>\1</mark>", escape(text), flags=re.DOTALL))  # noqa: S308 (escaped)
