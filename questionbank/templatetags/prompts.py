"""Shows a prompt's Markdown as safe HTML."""

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()

# CommonMark, in time that grows with the text alone, however tangled it is.
MARKDOWN = MarkdownIt("commonmark")
TAGS = {"p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote"}


@register.filter
def prompt(text: str) -> SafeString:
    """Return the Markdown text as HTML with the few tags a prompt needs; everything else is dropped."""
    html = MARKDOWN.render(text).rstrip()
    return mark_safe(nh3.clean(html, tags=TAGS, attributes={}))  # noqa: S308 (nh3 has just cleaned it)
