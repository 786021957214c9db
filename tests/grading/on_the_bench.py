"""A question for the bench whose claims are plain: the stub grader tells its exemplars apart."""

from typing import Any

from questionbank.content import ExemplarContent, QuestionContent
from tests.factories import make_content

LAZY, SMALL, ONCE = (
    "Generators produce values on demand.",
    "Memory stays small for long sequences.",
    "Generators can be consumed a single time.",
)
OTHER = "Bananas ripen slowly in winter."


def exemplar(id_: str, score: int, *said: str) -> ExemplarContent:
    return ExemplarContent(id_, "strong", " ".join(said), score, (("lazy", "stated"),))


def plain_content(*exemplars: ExemplarContent, **changes: Any) -> QuestionContent:
    """A question whose claims are plain; by default with exemplars that the stub tells apart."""
    plain = make_content()
    points = [
        type(point)(point.id, claim, point.weight)
        for point, claim in zip(plain.key_points, (LAZY, SMALL, ONCE), strict=True)
    ]
    separate = (
        exemplar("strong", 95, LAZY, SMALL, ONCE),
        exemplar("half", 50, LAZY),
        exemplar("wrong", 5, OTHER),
    )
    return make_content(key_points=tuple(points), misconceptions=(), exemplars=exemplars or separate, **changes)
