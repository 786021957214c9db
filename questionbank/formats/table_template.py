"""The table that mentors begin with: columns enough for most questions, and one question as an example."""

from questionbank.content import KINDS, MARKS
from questionbank.formats.table import GROUPS, SINGLE, in_order

# Ids are left out: they are made of the claims, and a cell that means a key point can say its number.
NUMBERS = {"reference": 1, "key_point": 4, "misconception": 2, "exemplar": 3, "source": 1}
COLUMNS = [
    *SINGLE,
    *(
        f"{group}_{number}_{part}".removesuffix("_")
        for group, parts in GROUPS.items()
        for number in range(1, NUMBERS[group] + 1)
        for part in parts
        if part not in ("id", "twin_of")
    ),
]
EXAMPLE: dict[str, str | int] = {
    "slug": "bias-and-variance",
    "topic": "machine-learning",
    "title": "Bias and variance",
    "kind": KINDS[0],
    "difficulty": "easy",
    "minutes": 4,
    "prompt": "A model does well on the training data and badly on new data. "
    "What has happened, and what would you try?",
    "reference_1": "The model overfits: it has learnt the noise of the training data as well. "
    "Regularisation or more data would help it to do better on new data.",
    "key_point_1": "The model overfits the training data.",
    "key_point_1_weight": 3,
    "key_point_1_hint": "What is it called when a model fits its training data too closely?",
    "key_point_1_accepted": "it has learnt the noise\nits variance is too high",
    "key_point_2": "Regularisation reduces overfitting.",
    "key_point_2_weight": 2,
    "key_point_2_hint": "How can you hold a model back from fitting too closely?",
    "key_point_3": "More training data reduces overfitting.",
    "key_point_3_weight": 1,
    "key_point_3_hint": "What might you collect?",
    "misconception_1": "The model underfits the training data.",
    "misconception_1_contradicts": "1",
    "exemplar_1": "It overfits, so it knows the training set by heart. I would regularise it and collect more data.",
    "exemplar_1_kind": "strong",
    "exemplar_1_score": 95,
    "exemplar_1_marks": f"1: {MARKS[0]}\n2: {MARKS[0]}\n3: {MARKS[0]}",
    "exemplar_2": "I think it overfits, but I am not sure what one does about it.",
    "exemplar_2_kind": "half",
    "exemplar_2_score": 50,
    "exemplar_2_marks": f"1: {MARKS[0]}\n2: {MARKS[2]}\n3: {MARKS[2]}",
    "exemplar_3": "The model underfits: it is too simple, so I would make it larger.",
    "exemplar_3_kind": "wrong",
    "exemplar_3_score": 0,
    "exemplar_3_marks": f"1: {MARKS[3]}\n2: {MARKS[2]}\n3: {MARKS[2]}",
    "source_1": "Overfitting (Wikipedia)",
    "source_1_url": "https://en.wikipedia.org/wiki/Overfitting",
}


def template() -> tuple[list[str], list[list[str | int]]]:
    """Return the template's columns and its rows."""
    return COLUMNS, [in_order(EXAMPLE, COLUMNS)]
