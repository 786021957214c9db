"""How the editor's form begins: from a content, from a copy of what was typed, or from nothing."""

from typing import Any

from questionbank.content import QuestionContent
from questionbank.forms.names import one_line
from questionbank.forms.rows import ExemplarForm, KeyPointForm, ReferenceForm, SourceForm

WHOLE = ("title", "prompt", "kind", "difficulty", "minutes")
MOST_ROWS = 200  # of a formset in a copy that is brought back; the forms themselves take fewer

# A new question begins with what most need: three key points, and an answer of each sort that publishing asks for.
NEW = {
    "key_points": [{}, {}, {}],
    "exemplars": [
        {"kind": "strong", "score": 90, "marks": ["stated"] * 3},
        {"kind": "half", "score": 50},
        {"kind": "wrong", "score": 10, "marks": ["missing"] * 3},
    ],
}


def initial_of(content: QuestionContent) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    for misconception in content.misconceptions:
        wrong.setdefault(misconception.contradicts, []).append(one_line(misconception.claim))
    return {
        "version": {name: getattr(content, name) for name in WHOLE},
        "references": [{"text": text} for text in content.references],
        "key_points": [
            {
                "slug": point.id,
                "claim": point.claim,
                "weight": point.weight,
                "hint": point.hint,
                "accepted": "\n".join(one_line(text) for text in point.accepted),
                "misconceptions": "\n".join(wrong.get(point.id, [])),
            }
            for point in content.key_points
        ],
        "exemplars": [
            {
                "slug": exemplar.id,
                "twin_of": exemplar.twin_of,
                "kind": exemplar.kind,
                "score": exemplar.score,
                "text": exemplar.text,
                "marks": [dict(exemplar.marks).get(point.id, "") for point in content.key_points],
            }
            for exemplar in content.exemplars
        ],
        "sources": [{"title": source.title, "url": source.url} for source in content.sources],
    }


def typed_again(data: Any) -> dict[str, Any]:
    """Return the initial values under which the forms look as they did when data was sent."""
    points = _count(data, "key_points")
    rows = {
        prefix: [
            {name: data.get(f"{prefix}-{row}-{name}", "") for name in (*form.base_fields, "ORDER", "DELETE")}
            for row in range(_count(data, prefix))
        ]
        for prefix, form in (
            ("references", ReferenceForm),
            ("key_points", KeyPointForm),
            ("exemplars", ExemplarForm),
            ("sources", SourceForm),
        )
    }
    for row, exemplar in enumerate(rows["exemplars"]):
        exemplar["marks"] = [data.get(f"exemplars-{row}-marks-{point}", "") for point in range(points)]
    return {"version": {name: data.get(name, "") for name in WHOLE}, **rows}


def _count(data: Any, prefix: str) -> int:
    """Return how many rows of a formset were sent; 0 for nonsense."""
    sent = str(data.get(f"{prefix}-TOTAL_FORMS", ""))
    return min(int(sent), MOST_ROWS) if sent.isdecimal() else 0
