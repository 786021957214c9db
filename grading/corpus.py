"""Whether the graded corpus keeps what docs/corpus.md promises: pure checks of packs and of contrast claims.

A check yields the problems that it finds. A problem's place is the pack or the file of claims, the question, and the
exemplar or the sentence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten

from grading.engine.scoring import score_of
from grading.engine.text import stem, words
from grading.training.claims import ContrastClaim
from questionbank.content import EXEMPLAR_KINDS, ExemplarContent, QuestionContent
from questionbank.formats.pack import Pack, PackQuestion, Problem

FEWEST_EXEMPLARS = 14
FEWEST_TWINS = 3
MIDDLE = range(30, 71)
LEAST_MIDDLE = 0.25

# Points of 100 between the score and what the marks earn. Raters give 95 and not 100 to a good answer, and take about
# twice as much off for a contradicted point as the formula does: of the shipped exemplars without one, the furthest is
# 10 off, and of those with one, all but a single one are within 15.
SCORE_BOUND = 10
SCORE_BOUND_CONTRADICTED = 15

# Twins may differ in length by a quarter of the shorter one or by this many words, whichever is more.
TWIN_LENGTH_SHARE = 0.25
TWIN_LENGTH_WORDS = 4
TWIN_JACCARD = 0.5
# A sentence of ten words that turns three of them round shares no more.
SENTENCE_JACCARD = 0.3

# The rarer side has at least this share of the other's negations per word.
NEGATION_BALANCE = 0.8
# How far right and wrong sentences of a file may differ in the share that holds a negation.
CLAIM_NEGATION_GAP = 0.06
CLAIMS_A_QUESTION = range(4, 8)

# The last part: as typed in a hurry. "Cant" and "wont" are words, but not of this field.
_NEGATION = re.compile(
    r"cannot|neither|never|nobody|none|nor?|not|nothing|nowhere|without|.+n't"
    r"|(?:are|ca|could|did|does|do|had|has|have|is|should|was|were|wo|would)nt"
)
# What comes and goes with a negation and says nothing itself: "works" and "does not work".
_HELPER = re.compile(r"an?|any|are|be|can|could|did|do|does|had|has|have|is|the|was|were|will|would")

Found = Iterator[tuple[str, str]]
"""Problems inside a question: the exemplar's id ("" for the question as a whole), and what is wrong."""

Figure = tuple[str, str]
"""A row of a table: what is counted, and the count."""

TwinPair = tuple[ExemplarContent, ExemplarContent]


def tokens(text: str) -> list[str]:
    """Return the words of text in lower case; every apostrophe is a straight one."""
    return [word.text.replace("’", "'") for word in words(text)]


def is_negation(token: str) -> bool:
    """Return whether a word of tokens() denies."""
    return bool(_NEGATION.fullmatch(token))


def twin_pairs(content: QuestionContent) -> list[TwinPair]:
    """Return each twin of a question as (original, twin)."""
    by_id = {exemplar.id: exemplar for exemplar in content.exemplars}
    return [(by_id[twin.twin_of], twin) for twin in content.exemplars if twin.twin_of]


def right_and_wrong(pairs: Iterable[TwinPair]) -> list[TwinPair]:
    """Return pairs as (the one that scores more, the other); a pair with equal scores has no right one."""
    ranked = [sorted(pair, key=lambda exemplar: -exemplar.score) for pair in pairs]
    return [(right, wrong) for right, wrong in ranked if right.score > wrong.score]


def worth(exemplar: ExemplarContent, content: QuestionContent) -> float:
    """Return what the engine's formula makes of an exemplar's marks, 0..100."""
    weights = {point.id: point.weight for point in content.key_points}
    return 100 * score_of((mark, weights[key]) for key, mark in exemplar.marks)


# --- packs --------------------------------------------------------------------------------------------------


def pack_problems(pack: Pack) -> Iterator[Problem]:
    """Yield what is wrong with a pack's exemplars, question by question, then with the pack as a whole."""
    for question in pack.questions:
        yield from question_problems(pack.slug, question)
    right, wrong = twin_negations(pack)
    if min(right, wrong) < NEGATION_BALANCE * max(right, wrong):
        message = f"right twins have {right:.2f} negations per 100 words, wrong ones {wrong:.2f}"
        yield Problem(pack.slug, "", "", message)


def question_problems(pack: str, question: PackQuestion) -> Iterator[Problem]:
    """Yield what is wrong with a question's exemplars. pack is only named."""
    for check in QUESTION_CHECKS:
        for exemplar, message in check(question.content):
            yield Problem(pack, question.slug, exemplar, message)


def number_of_exemplars(content: QuestionContent) -> Found:
    """A question has enough exemplars."""
    if len(content.exemplars) < FEWEST_EXEMPLARS:
        yield "", f"has {len(content.exemplars)} exemplars; {FEWEST_EXEMPLARS} are needed"


def kinds_of_exemplars(content: QuestionContent) -> Found:
    """Every kind is there, and two halves that are not the same half."""
    missing = [kind for kind in EXEMPLAR_KINDS if all(exemplar.kind != kind for exemplar in content.exemplars)]
    if missing:
        yield "", f"has no exemplar of kind {', '.join(missing)}"
    halves = {_stated(exemplar) for exemplar in content.exemplars if exemplar.kind == "half"}
    if len(halves) == 1:
        yield "", "has no second half that states other key points"


def _stated(exemplar: ExemplarContent) -> frozenset[str]:
    return frozenset(key for key, mark in exemplar.marks if mark == "stated")


def number_of_twins(content: QuestionContent) -> Found:
    """A question has enough pairs of twins."""
    pairs = len(twin_pairs(content))
    if pairs < FEWEST_TWINS:
        yield "", f"has {pairs} pairs of twins; {FEWEST_TWINS} are needed"


def twins(content: QuestionContent) -> Found:
    """Twins are alike, worth something else, and apart by more than a "not"."""
    for original, twin in twin_pairs(content):
        for message in unlike(original.text, twin.text, TWIN_JACCARD):
            yield twin.id, f"{message} (twin of {original.id})"
        if original.score == twin.score:
            yield twin.id, f"scores {twin.score} as {original.id}, whose twin it is"
        if merely_negated(original.text, twin.text):
            yield twin.id, f"differs from {original.id} by a mere negation"


def unlike(one: str, other: str, jaccard: float) -> Iterator[str]:
    """Yield in what two texts are less alike than twins are: length, and words (jaccard 0..1: the share in common)."""
    first, second = tokens(one), tokens(other)
    shorter, longer = sorted((len(first), len(second)))
    if longer - shorter > max(TWIN_LENGTH_WORDS, TWIN_LENGTH_SHARE * shorter):
        yield f"the twins have {shorter} and {longer} words"
    common, all_ = set(first) & set(second), set(first) | set(second)
    if len(common) < jaccard * len(all_):
        yield f"the twins share only {len(common)} of their {len(all_)} words"


def merely_negated(one: str, other: str) -> bool:
    """Return whether one of two texts has a negation more and nothing else is different in them.

    Where a negation only moves ("A, not B" and "B, not A"), roles are exchanged, and that is more.
    """
    first, second = Counter(tokens(one)), Counter(tokens(other))
    added, removed = list((second - first).elements()), list((first - second).elements())
    negations = sum(map(is_negation, added)) - sum(map(is_negation, removed))
    return negations != 0 and _claiming(added) == _claiming(removed)


def _claiming(differing: list[str]) -> Counter[str]:
    """Return the roots of the words that are neither negations nor helpers of one."""
    return Counter(stem(token) for token in differing if not is_negation(token) and not _HELPER.fullmatch(token))


def marks_complete(content: QuestionContent) -> Found:
    """Each exemplar has a mark for each key point."""
    for exemplar in content.exemplars:
        missing = [point.id for point in content.key_points if point.id not in dict(exemplar.marks)]
        if missing:
            yield exemplar.id, f"has no mark for {', '.join(missing)}"


def scores_fit_marks(content: QuestionContent) -> Found:
    """Each exemplar's score is near what the formula makes of its marks."""
    for exemplar in content.exemplars:
        earned = worth(exemplar, content)
        contradicted = any(mark == "contradicted" for _, mark in exemplar.marks)
        bound = SCORE_BOUND_CONTRADICTED if contradicted else SCORE_BOUND
        if abs(exemplar.score - earned) > bound:
            yield exemplar.id, f"scores {exemplar.score}; the marks earn {earned:.1f}, and {bound} off is the most"


def key_points_marked_every_way(content: QuestionContent) -> Found:
    """Each key point is stated by an exemplar, missing from one, and contradicted by one."""
    for point in content.key_points:
        given = {dict(exemplar.marks).get(point.id) for exemplar in content.exemplars}
        for mark, said in (("stated", "stated by"), ("missing", "missing from"), ("contradicted", "contradicted by")):
            if mark not in given:
                yield "", f"key point {point.id} is {said} no exemplar"


def misconceptions_complete(content: QuestionContent) -> Found:
    """Each key point has a misconception against it."""
    contradicted = {misconception.contradicts for misconception in content.misconceptions}
    for point in content.key_points:
        if point.id not in contradicted:
            yield "", f"key point {point.id} has no misconception"


def middle_filled(content: QuestionContent) -> Found:
    """The middle of the scale has its share of the exemplars."""
    share = _mean(exemplar.score in MIDDLE for exemplar in content.exemplars)
    if share < LEAST_MIDDLE:
        yield "", f"{share:.0%} of the scores are {MIDDLE[0]} to {MIDDLE[-1]}; {LEAST_MIDDLE:.0%} are needed"


def twin_negations(pack: Pack) -> tuple[float, float]:
    """Return the negations per 100 words of a pack's right twins and of its wrong twins."""
    pairs = right_and_wrong(pair for question in pack.questions for pair in twin_pairs(question.content))
    return (
        100 * _negations_a_word(right.text for right, _ in pairs),
        100 * _negations_a_word(wrong.text for _, wrong in pairs),
    )


def _negations_a_word(texts: Iterable[str]) -> float:
    return _mean(is_negation(token) for text in texts for token in tokens(text))


def _mean(values: Iterable[float]) -> float:
    """Return the mean of values; 0 where there are none."""
    found = list(values)
    return sum(found) / max(1, len(found))


def pack_figures(pack: Pack) -> list[Figure]:
    """Return how much there is of what in a pack."""
    contents = [question.content for question in pack.questions]
    exemplars = [(exemplar, content) for content in contents for exemplar in content.exemplars]
    pairs = [len(twin_pairs(content)) for content in contents]
    right, wrong = twin_negations(pack)
    return [
        ("questions", f"{len(contents)}"),
        ("exemplars", f"{len(exemplars)}, {_range([len(content.exemplars) for content in contents])} a question"),
        ("pairs of twins", f"{sum(pairs)}, {_range(pairs)} a question"),
        ("scores 30 to 70", f"{_mean(exemplar.score in MIDDLE for exemplar, _ in exemplars):.1%}"),
        ("score off the formula", f"{_mean(abs(e.score - worth(e, c)) for e, c in exemplars):.1f} points on average"),
        ("negations in right twins", f"{right:.2f} per 100 words"),
        ("negations in wrong twins", f"{wrong:.2f} per 100 words"),
    ]


def _range(counts: Sequence[int]) -> str:
    return f"{min(counts, default=0)} to {max(counts, default=0)}"


QUESTION_CHECKS = (
    number_of_exemplars,
    kinds_of_exemplars,
    number_of_twins,
    twins,
    marks_complete,
    scores_fit_marks,
    key_points_marked_every_way,
    misconceptions_complete,
    middle_filled,
)


# --- contrast claims ----------------------------------------------------------------------------------------


def claim_problems(files: dict[str, list[ContrastClaim]]) -> Iterator[Problem]:
    """Yield what is wrong with the claims of files, by the files' names."""
    for file, claims in files.items():
        yield from _sentence_twins(file, claims)
        right, wrong = negation_shares(claims)
        if abs(right - wrong) > CLAIM_NEGATION_GAP:
            message = f"{right:.1%} of the right sentences hold a negation and {wrong:.1%} of the wrong ones"
            yield Problem(file, "", "", message)
    yield from _claims_a_question(files)


def _sentence_twins(file: str, claims: Sequence[ContrastClaim]) -> Iterator[Problem]:
    for claim in claims:
        for number, (right, wrong) in enumerate(zip(claim.right, claim.wrong, strict=True)):
            for message in unlike(right, wrong, SENTENCE_JACCARD):
                yield Problem(file, _short(claim.question), f"{_short(claim.claim)}: wrong {number}", message)


def _short(text: str) -> str:
    return shorten(text, 70, placeholder=" …")


def negation_shares(claims: Sequence[ContrastClaim]) -> tuple[float, float]:
    """Return the shares (0..1) of the right sentences and of the wrong ones that hold a negation."""
    return (
        _share_with_negation([text for claim in claims for text in claim.right]),
        _share_with_negation([text for claim in claims for text in claim.wrong]),
    )


def _share_with_negation(texts: Sequence[str]) -> float:
    return _mean(any(map(is_negation, tokens(text))) for text in texts)


def claim_figures(claims: Sequence[ContrastClaim]) -> list[Figure]:
    """Return how much there is of what in a file of claims."""
    right, wrong = negation_shares(claims)
    return [
        ("questions", f"{len({claim.question for claim in claims})}"),
        ("claims", f"{len(claims)}"),
        ("right sentences that deny", f"{right:.1%}"),
        ("wrong sentences that deny", f"{wrong:.1%}"),
    ]


def _claims_a_question(files: dict[str, list[ContrastClaim]]) -> Iterator[Problem]:
    """Files share questions: a question's claims are counted over all of them, and its first file is named."""
    counts = Counter(claim.question for claims in files.values() for claim in claims)
    first = {claim.question: file for file, claims in reversed(files.items()) for claim in claims}
    for question, count in counts.items():
        if count not in CLAIMS_A_QUESTION:
            needed = f"{CLAIMS_A_QUESTION[0]} to {CLAIMS_A_QUESTION[-1]}"
            yield Problem(first[question], _short(question), "", f"has {count} claims; it should have {needed}")


# --- the whole corpus ---------------------------------------------------------------------------------------


def repeated_texts(packs: Sequence[Pack], files: dict[str, list[ContrastClaim]]) -> Iterator[Problem]:
    """Yield each text that an earlier one of the corpus says word for word; case and spaces do not count."""
    first: dict[str, tuple[str, str, str]] = {}
    for place, text in [*_texts_of_packs(packs), *_texts_of_claims(files)]:
        key = " ".join(text.casefold().split())
        if key in first:
            yield Problem(*place, f"says the same as {': '.join(first[key])}")
        first.setdefault(key, place)


def _texts_of_packs(packs: Sequence[Pack]) -> Iterator[tuple[tuple[str, str, str], str]]:
    for pack in packs:
        for question in pack.questions:
            for exemplar in question.content.exemplars:
                yield (pack.slug, question.slug, exemplar.id), exemplar.text


def _texts_of_claims(files: dict[str, list[ContrastClaim]]) -> Iterator[tuple[tuple[str, str, str], str]]:
    for file, claims in files.items():
        for claim in claims:
            place = _short(claim.claim)
            yield (file, _short(claim.question), place), claim.claim
            for name in ("right", "wrong", "near", "vague"):
                for number, text in enumerate(getattr(claim, name)):
                    yield (file, _short(claim.question), f"{place}: {name} {number}"), text
