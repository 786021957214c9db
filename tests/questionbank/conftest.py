"""What several tests of the question bank write into pack files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from questionbank.content import QuestionContent
from questionbank.forms import VersionForms
from tests.factories import make_content


def raw_question(slug: str = "generators", topic: str = "core", **changes: Any) -> dict[str, Any]:
    """Return a right question in the pack format's form."""
    return {"id": slug, "topic": topic, **make_content().to_dict(), **changes}


def raw_pack(**changes: Any) -> dict[str, Any]:
    """Return a right pack of one question in the pack format's form."""
    return {
        "format": "greenroom-pack",
        "version": 1,
        "id": "small",
        "title": "A small pack",
        "description": "For tests.",
        "topics": [{"id": "python", "title": "Python"}, {"id": "core", "title": "Core", "parent": "python"}],
        "tracks": [
            {
                "id": "taster",
                "title": "A taster",
                "description": "One question.",
                "sections": [
                    {"title": "Python", "topic": "python", "count": 1, "minutes": 10, "difficulties": ["easy"]}
                ],
            }
        ],
        "questions": [raw_question()],
        **changes,
    }


def posted(content: QuestionContent, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends when a mentor saves the form of content as it stands, apart from changes."""
    return {**sent_by(VersionForms(content=content)), **changes}


def sent_by(forms: VersionForms) -> dict[str, str]:
    """Return what a browser sends of forms as they stand in the page."""
    parts = [forms.version]
    for _, formset in forms.formsets:
        parts += [formset.management_form, *formset.forms]
    fields = {field.html_name: field.value() for part in parts for field in part}
    marks = {name: value for name, value in fields.items() if name.endswith("-marks")}
    for name, value in marks.items():
        del fields[name]
        fields |= {f"{name}-{row}": mark for row, mark in enumerate(value or ())}
    # Browsers leave out boxes that are not ticked, and break lines as the web's standard says.
    sent = {name: value for name, value in fields.items() if value is not None and value is not False}
    return {name: str(value).replace("\n", "\r\n") for name, value in sent.items()}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a raw pack (as JSON where the name says so), a text or bytes into this test's own folder; return where."""

    def write_file(raw: Any, name: str = "pack.yaml") -> Path:
        path = tmp_path / name
        if isinstance(raw, bytes):
            path.write_bytes(raw)
        elif isinstance(raw, str):
            path.write_text(raw, "utf-8")
        else:
            as_text = json.dumps(raw) if path.suffix == ".json" else yaml.safe_dump(raw, allow_unicode=True)
            path.write_text(as_text, "utf-8")
        return path

    return write_file
