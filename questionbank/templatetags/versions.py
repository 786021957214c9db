"""What the pages of versions say: comments beside a part, what was done, and both sides of a difference."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from people.models import AuditEntry
from questionbank.diff import Difference

register = template.Library()


@register.filter
def anchor(part: str) -> str:
    """Return the id of the place where comments on a part stand."""
    return f"on-{part or 'question'}"


@register.inclusion_tag("questionbank/_comments.html", takes_context=True)
def comments(context: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Show what is said to a part of the version (a key of the context's parts, or "gone"), and a form to say more."""
    said = context["comments"].get(part, [])
    sent = context["comment_form"]
    return {
        "version": context["version"],
        "part": part,
        "words": context["parts"].get(part, "a part that is gone"),
        "open": [comment for comment in said if not comment.resolved_at],
        "resolved": [comment for comment in said if comment.resolved_at],
        "can_comment": context["can_comment"] and part != "gone",
        "form": sent if sent and sent["field"].value() == part else None,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def open_comments(context: Mapping[str, Any], part: str) -> int:
    """Return how many comments on a part wait for somebody."""
    return sum(1 for comment in context["comments"].get(part, []) if not comment.resolved_at)


DEEDS = {
    "question.submit": "handed version {version} in for review",
    "question.take_back": "took version {version} back to a draft",
    "question.ask_changes": "asked for changes to version {version}",
    "question.publish": "published version {version}",
    "question.retire": "retired version {version}",
    "question.comment": "commented on version {version}",
    "question.resolve_comment": "resolved a comment on version {version}",
    "question.discard_draft": "discarded the draft",
    "question.change_topic": "moved the question from {before} to {after}",
    "calibration.put_in_force": "put a calibration of version {version} in force",
    "calibration.withdraw": "withdrew a calibration of version {version}",
}


@register.filter
def deed(entry: AuditEntry) -> str:
    """Say what an entry of a question's history records, to stand behind a name. Deeds of others keep their name."""
    words = DEEDS.get(entry.action)
    if words is None:
        return entry.action.rpartition(".")[2].replace("_", " ")
    said = words.format(**{"version": "", **entry.detail})
    return f"{said}, their own: there was no other mentor" if entry.detail.get("own") else said


@register.filter
def old_side(difference: Difference) -> SafeString:
    """Return what the old content says, with the words marked that the new one does not have."""
    return _side(difference, "removed", format_html("<del>{}{{}}{}</del>", _aside("removed:"), _aside("until here.")))


@register.filter
def new_side(difference: Difference) -> SafeString:
    """Return what the new content says, with the words marked that the old one does not have."""
    return _side(difference, "added", format_html("<ins>{}{{}}{}</ins>", _aside("added:"), _aside("until here.")))


def _aside(words: str) -> SafeString:
    """Return words for those who cannot see the colour."""
    return format_html('<span class="visually-hidden"> {} </span>', words)


def _side(difference: Difference, kind: str, marked: SafeString) -> SafeString:
    shown = [segment for segment in difference.segments if segment.kind in ("same", kind)]
    parts = (format_html(marked if segment.kind == kind else "{}", segment.text) for segment in shown)
    return format_html_join("", "{}", ((part,) for part in parts))
