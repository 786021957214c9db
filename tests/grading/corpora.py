"""A small corpus in which nothing is wrong: one question with exemplars of every kind, and the claims of another."""

from dataclasses import replace

from grading.training.claims import ContrastClaim
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent
from questionbank.formats.pack import Pack, PackQuestion
from tests.factories import make_content

KEY_POINTS = (
    KeyPointContent("lazy", "Generators produce values on demand.", 3),
    KeyPointContent("memory", "Memory stays small for long sequences.", 2),
    KeyPointContent("once", "Generators can be consumed a single time.", 1),
)
MISCONCEPTIONS = (
    MisconceptionContent("eager", "Generators build everything before the loop.", "lazy"),
    MisconceptionContent("heavy", "A generator's memory grows with its length.", "memory"),
    MisconceptionContent("again", "A generator starts anew in every loop.", "once"),
)


def exemplar(id_: str, score: int, marks: str, text: str, kind: str = "", twin_of: str = "") -> ExemplarContent:
    """Return an exemplar; marks: a letter each for lazy, memory and once (s, p, m or c)."""
    names = {name[0]: name for name in ("stated", "partly", "missing", "contradicted")}
    marked = tuple((point.id, names[letter]) for point, letter in zip(KEY_POINTS, marks, strict=True))
    return ExemplarContent(id_, kind or id_, text, score, marked, twin_of)


EXEMPLARS = (
    exemplar(
        "strong",
        96,
        "sss",
        "Each value is made when the loop asks for it, not sooner. So a long file needs room for one line. "
        "After the last value there is nothing left, and a second loop gets none.",
    ),
    exemplar(
        "twin-strong",
        36,
        "css",
        "Each value is made before the loop asks for it, not later. So a long file needs room for one line. "
        "After the last value there is nothing left, and a second loop gets none.",
        "twin",
        "strong",
    ),
    exemplar("terse", 95, "sss", "Values on demand. RAM constant, no matter the length. One pass, then empty."),
    exemplar(
        "twin-terse",
        76,
        "ssc",
        "Values on demand. RAM constant, no matter the length. Many passes, each one full.",
        "twin",
        "terse",
    ),
    exemplar(
        "messy",
        94,
        "sss",
        "so generater it gives you one by one when you ask, dont take much memory even for milion rows, "
        "and only one time you can go thru it",
    ),
    exemplar(
        "twin-messy",
        56,
        "scs",
        "so generater it gives you one by one when you ask, dont save you memory and grows with milion rows, "
        "and only one time you can go thru it",
        "twin",
        "messy",
    ),
    exemplar("partial", 82, "ssm", "It computes an item as soon as next is called, hence a tiny footprint."),
    exemplar("half-lazy", 50, "smm", "The body runs up to the next yield whenever somebody wants an item.", "half"),
    exemplar("half-rest", 50, "mss", "Its footprint is tiny, and it is used up after one traversal.", "half"),
    exemplar("shallow", 33, "msm", "I use them for big files since they are light on RAM."),
    exemplar("padded", 20, "pmm", "There is much to say, and values come somewhat later, as one often hears."),
    exemplar("buzzwords", 0, "mmm", "Pythonic idioms unlock scalable pipelines and clean code."),
    exemplar(
        "swapped", 2, "ccs", "A list waits for the loop; a generator is filled up front and heavier, for one use."
    ),
    exemplar("denied", 41, "scm", "Items appear when asked for, and all of them pile up in RAM."),
    exemplar("wrong", 15, "csc", "It runs to its end at once. It stays small, and any loop may start it anew."),
    exemplar("parroted", 0, "mmm", "The question is when one would write a generator rather than a list."),
    exemplar("other", 0, "mmm", "An index lets the database find rows without reading the table.", "off_topic"),
    exemplar("hedged", 55, "smp", "I think it works step by step when asked; maybe you cannot always reuse it."),
)
CONTENT = make_content(key_points=KEY_POINTS, misconceptions=MISCONCEPTIONS, exemplars=EXEMPLARS)

CLAIM = ContrastClaim(
    question="What does an index of a table cost and give?",
    topic="sql",
    claim="An index speeds up finding rows by its column.",
    right=(
        "Looking a row up by that column takes fewer page reads once the index is there.",
        "so with index the search is fast, you dont scan all",
        "index on a column -> quick lookups there",
    ),
    wrong=(
        "Looking a row up by that column takes more page reads once the index is there.",
        "so with index the search is slow, you dont skip any",
        "index on a column -> slow lookups there",
    ),
    near=("An index is often a B-tree.",),
    vague=("Indexes and columns are at the heart of every lookup strategy.",),
)


def pack_of(*contents: QuestionContent, slug: str = "small") -> Pack:
    """Return a pack that asks contents as q0, q1 and so on."""
    questions = [PackQuestion(f"q{number}", "core", content) for number, content in enumerate(contents)]
    return Pack(slug, "A small pack", "", [{"id": "core", "title": "Core"}], [], questions)


def claims_of(count: int, claim: ContrastClaim = CLAIM) -> list[ContrastClaim]:
    """Return count claims like claim, of the same question, each in words of its own."""

    def own(texts: tuple[str, ...], number: int) -> tuple[str, ...]:
        return tuple(f"{text} {number}" for text in texts)

    return [
        replace(
            claim,
            claim=f"{claim.claim} {number}",
            right=own(claim.right, number),
            wrong=own(claim.wrong, number),
            near=own(claim.near, number),
            vague=own(claim.vague, number),
        )
        for number in range(count)
    ]
