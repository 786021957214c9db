"""Answers that pages of every app give."""

from django.http import HttpResponse


def attachment(name: str, media_type: str) -> HttpResponse:
    """Return the beginning of a response that browsers keep as a file of this name (ASCII, without quotes)."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content_type=media_type, headers={"Content-Disposition": disposition})
