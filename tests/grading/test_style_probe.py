"""The style-only probe: what it is shown, that a leak of style is found, and that content it cannot know is not."""

from dataclasses import replace

import pytest

from grading.style_probe import FEWEST_QUESTIONS, Sample, probe, samples_of
from questionbank.content import ExemplarContent
from questionbank.formats.pack import Pack, PackQuestion
from tests.factories import make_content
from tests.grading.corpora import CLAIM

SAID = "The {0} of an engine turns before the {1} does, and neither of them waits."


def _sample(right: str, wrong: str, questions: int = FEWEST_QUESTIONS) -> Sample:
    """Return questions that have one right and one wrong text each; {} and {} are words of that question alone."""
    texts, truths, groups = [], [], []
    for number in range(questions):
        for truth, text in ((True, right), (False, wrong)):
            texts.append(text.format(f"crank{number}", f"valve{number}"))
            truths.append(truth)
            groups.append(f"q{number}")
    return Sample("parts", 0.6, texts, truths, groups)


def test_roles_exchanged_among_words_of_one_question_are_chance() -> None:
    probed = probe(_sample(SAID, "The {1} of an engine turns before the {0} does, and neither of them waits."))

    assert probed.auc == pytest.approx(0.5)
    assert list(probed.problems()) == []


def test_what_a_question_teaches_about_itself_does_not_count() -> None:
    """Each question's right text has a word that no wrong one has: only a text of the same question would tell."""
    assert probe(_sample(SAID + " So {0}.", SAID + " So {1}.")).auc == pytest.approx(0.5)


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param("I guess " + SAID, id="a phrase of the wrong ones"),
        # What follows uses no word that another question has, so that the figure alone can tell.
        pytest.param(SAID.replace("{0}", "{0}n't"), id="negations"),
        pytest.param(SAID.replace(", and", ". And"), id="sentences"),
        pytest.param(SAID + " {1}a {1}b {1}c {1}d", id="length"),
    ],
)
def test_style_that_gives_wrong_ones_away_is_found(leak: str) -> None:
    probed = probe(_sample(SAID, leak))

    assert probed.auc is not None
    assert probed.auc > 0.95
    assert [str(problem) for problem in probed.problems()] == [
        f"parts: style alone tells right from wrong: AUC {probed.auc:.3f}, limit 0.60"
    ]
    assert probed.figure == ("parts", f"{probed.auc:.3f} (limit 0.60, {2 * FEWEST_QUESTIONS} texts)")


def test_too_few_questions_are_not_judged() -> None:
    probed = probe(_sample(SAID, "I guess " + SAID, questions=FEWEST_QUESTIONS - 1))

    assert probed.auc is None
    assert list(probed.problems()) == []
    assert probed.figure == (
        "parts",
        f"needs {FEWEST_QUESTIONS} questions (limit 0.60, {2 * FEWEST_QUESTIONS - 2} texts)",
    )


def test_nothing_at_all_is_not_judged() -> None:
    assert [probe(sample).auc for sample in samples_of([], [])] == [None, None, None]


def _exemplar(id_: str, score: int, kind: str = "strong", twin_of: str = "") -> ExemplarContent:
    return ExemplarContent(id_, kind, f"text of {id_}", score, (), twin_of)


def test_twins_exemplars_and_sentences_are_shown_with_their_questions() -> None:
    content = make_content(
        exemplars=(
            _exemplar("good", 70),
            _exemplar("less", 69, "twin", "good"),
            _exemplar("better", 90, "twin", "less"),
            _exemplar("even", 90, "twin", "better"),
            _exemplar("middle", 41),
            _exemplar("low", 40),
            *(_exemplar(kind, 0, kind) for kind in ("buzzwords", "padded", "parroted", "off_topic", "wrong")),
        )
    )
    packs = [Pack(slug, "", "", [], [], [PackQuestion("engines", "core", content)]) for slug in ("small", "other")]

    twins, exemplars, sentences = samples_of(packs, [CLAIM, replace(CLAIM, question="Another?")])

    assert list(zip(twins.texts, twins.right, twins.groups, strict=True))[:4] == [
        ("text of good", True, "small engines"),
        ("text of less", False, "small engines"),
        ("text of better", True, "small engines"),
        ("text of less", False, "small engines"),
    ]
    assert list(zip(exemplars.texts, exemplars.right, strict=True))[:5] == [
        ("text of good", True),
        ("text of better", True),
        ("text of even", True),
        ("text of low", False),
        ("text of wrong", False),
    ]
    assert [set(sample.groups) for sample in (twins, exemplars)] == [{"small engines", "other engines"}] * 2
    assert list(zip(sentences.texts, sentences.right, sentences.groups, strict=True))[:2] == [
        (CLAIM.right[0], True, CLAIM.question),
        (CLAIM.wrong[0], False, CLAIM.question),
    ]
    assert len(sentences.texts) == 12
    assert set(sentences.groups) == {CLAIM.question, "Another?"}
