"""How far style alone tells right from wrong in the graded corpus: a probe that sees answers, but no question.

A logistic regression reads how an answer sounds and nothing of what was asked. The closer to chance it stays on
questions that it has not seen, the less a grader trained on the corpus can gain from style.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from grading.corpus import Figure, is_negation, right_and_wrong, tokens, twin_pairs
from grading.engine.text import STOP_WORDS, sentences
from grading.training.claims import ContrastClaim
from questionbank.formats.pack import Pack, Problem

FOLDS = 5
SEED = 0
# Below that many questions, chance alone goes over the limits now and then.
FEWEST_QUESTIONS = 20

RIGHT_FROM = 70
WRONG_TO = 40
# They are right or wrong by what they leave out, whatever their style.
KINDS_LEFT_OUT = ("buzzwords", "padded", "parroted", "off_topic")

TWINS_LIMIT = 0.60
EXEMPLARS_LIMIT = 0.70
SENTENCES_LIMIT = 0.60


@dataclass(frozen=True)
class Sample:
    """n texts to tell apart: whether each is right, the question (group) it answers, and the AUC allowed (0..1)."""

    name: str
    limit: float
    texts: list[str]
    right: list[bool]
    groups: list[str]


@dataclass(frozen=True)
class Probed:
    """The AUC (0..1; .5 is chance) at which the style of a sample tells right from wrong; None: too few questions."""

    sample: Sample
    auc: float | None

    @property
    def figure(self) -> Figure:
        """The AUC as a row of a table, with the limit and the number of texts."""
        auc = f"needs {FEWEST_QUESTIONS} questions" if self.auc is None else f"{self.auc:.3f}"
        return self.sample.name, f"{auc} (limit {self.sample.limit:.2f}, {len(self.sample.texts)} texts)"

    def problems(self) -> Iterator[Problem]:
        """Yield that the limit is not met, where it is not."""
        if self.auc is not None and self.auc > self.sample.limit:
            figures = f"AUC {self.auc:.3f}, limit {self.sample.limit:.2f}"
            yield Problem(self.sample.name, "", "", f"style alone tells right from wrong: {figures}")


def samples_of(packs: Sequence[Pack], claims: Sequence[ContrastClaim]) -> list[Sample]:
    """Return what is probed: right and wrong twins, right and wrong exemplars, right and wrong sentences of claims."""
    return [
        _sample("twins", TWINS_LIMIT, _twins(packs)),
        _sample("exemplars", EXEMPLARS_LIMIT, _exemplars(packs)),
        _sample("sentences of claims", SENTENCES_LIMIT, _sentences(claims)),
    ]


Row = tuple[str, bool, str]
"""A text, whether it is right, and its question."""


def _sample(name: str, limit: float, rows: Iterator[Row]) -> Sample:
    found = list(rows)
    return Sample(name, limit, [text for text, _, _ in found], [r for _, r, _ in found], [g for _, _, g in found])


def _twins(packs: Sequence[Pack]) -> Iterator[Row]:
    for pack in packs:
        for question in pack.questions:
            for right, wrong in right_and_wrong(twin_pairs(question.content)):
                yield right.text, True, f"{pack.slug} {question.slug}"
                yield wrong.text, False, f"{pack.slug} {question.slug}"


def _exemplars(packs: Sequence[Pack]) -> Iterator[Row]:
    for pack in packs:
        for question in pack.questions:
            for exemplar in question.content.exemplars:
                decided = exemplar.score >= RIGHT_FROM or exemplar.score <= WRONG_TO
                if decided and exemplar.kind not in KINDS_LEFT_OUT:
                    yield exemplar.text, exemplar.score >= RIGHT_FROM, f"{pack.slug} {question.slug}"


def _sentences(claims: Sequence[ContrastClaim]) -> Iterator[Row]:
    for claim in claims:
        for right, wrong in zip(claim.right, claim.wrong, strict=True):
            yield right, True, claim.question
            yield wrong, False, claim.question


def probe(sample: Sample) -> Probed:
    """Return how well style tells a sample's right texts from its wrong ones, on questions that were not fitted to.

    Each question's texts are held out together, in five seeded folds; the AUC is that of all held-out decisions.
    """
    right, groups = np.array(sample.right, dtype=bool), np.array(sample.groups)
    if len(set(groups[right]) & set(groups[~right])) < FEWEST_QUESTIONS:
        return Probed(sample, None)
    features = _Features(sample.texts)
    decisions = np.zeros(len(right))
    for fitted, held_out in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(right, right, groups):
        seen, unseen = features.of(fitted, held_out)
        model = LogisticRegression(max_iter=2000).fit(seen, right[fitted])
        decisions[held_out] = model.decision_function(unseen)
    return Probed(sample, float(roc_auc_score(right, decisions)))


class _Features:
    """What the probe sees of texts: their words and pairs of words, weighted by TF-IDF, and figures of style."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._terms = [_terms(text) for text in texts]
        self._figures = np.array([_figures(text) for text in texts])

    def of(self, fitted: np.ndarray, held_out: np.ndarray) -> tuple[csr_matrix, csr_matrix]:
        """Return the features of two sets of rows; weights and scales come from the first alone."""
        vectoriser = TfidfVectorizer(analyzer=list, sublinear_tf=True)
        scaler = StandardScaler()
        seen = vectoriser.fit_transform(self._terms_of(fitted)), scaler.fit_transform(self._figures[fitted])
        unseen = vectoriser.transform(self._terms_of(held_out)), scaler.transform(self._figures[held_out])
        return hstack(seen).tocsr(), hstack(unseen).tocsr()

    def _terms_of(self, rows: np.ndarray) -> list[list[str]]:
        return [self._terms[row] for row in rows]


def _terms(text: str) -> list[str]:
    """Return the words of text and its pairs of neighbouring words."""
    said = tokens(text)
    return said + [f"{first} {second}" for first, second in pairwise(said)]


def _figures(text: str) -> tuple[float, float, float, float]:
    """Return log length in words, sentences, and the shares of negations and of function words."""
    said = tokens(text)
    count = max(1, len(said))
    function_words = sum(token in STOP_WORDS for token in said)
    return np.log(count), len(sentences(text)), sum(map(is_negation, said)) / count, function_words / count
