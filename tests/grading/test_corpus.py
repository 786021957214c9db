"""check_corpus and its checks: each finds what it is for in a small corpus, and nothing in one that is in order."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grading.corpus import claim_problems, is_negation, merely_negated, pack_problems, repeated_texts, unlike
from grading.engine.scoring import score_of
from grading.style_probe import FEWEST_QUESTIONS
from grading.training.claims import ContrastClaim
from questionbank.content import ExemplarContent, QuestionContent
from questionbank.formats.pack import Pack, write_pack
from tests.grading.corpora import CLAIM, CONTENT, EXEMPLARS, KEY_POINTS, MISCONCEPTIONS, claims_of, exemplar, pack_of


def _problems(content: QuestionContent) -> list[str]:
    return [str(problem) for problem in pack_problems(pack_of(content))]


def _without(*ids: str) -> QuestionContent:
    """Return the question without these exemplars."""
    return replace(CONTENT, exemplars=tuple(e for e in EXEMPLARS if e.id not in ids))


def _with(id_: str, **changes: Any) -> QuestionContent:
    """Return the question with one exemplar changed."""
    exemplars = (replace(e, **changes) if e.id == id_ else e for e in EXEMPLARS)
    return replace(CONTENT, exemplars=tuple(exemplars))


def _and(*more: ExemplarContent) -> QuestionContent:
    """Return the question with more exemplars."""
    return replace(CONTENT, exemplars=(*EXEMPLARS, *more))


def _text_of(id_: str) -> str:
    return next(e.text for e in EXEMPLARS if e.id == id_)


def _remarked(key: str, mark: str, instead: str) -> QuestionContent:
    """Return the question with another mark for a key point wherever it had this one, and the scores that follow."""
    weights = {point.id: point.weight for point in KEY_POINTS}

    def changed(e: ExemplarContent) -> ExemplarContent:
        marks = tuple((k, instead if (k, m) == (key, mark) else m) for k, m in e.marks)
        return replace(e, marks=marks, score=round(100 * score_of((m, weights[k]) for k, m in marks)))

    return replace(CONTENT, exemplars=tuple(map(changed, EXEMPLARS)))


# --- exemplars ----------------------------------------------------------------------------------------------


def test_a_corpus_in_order_has_no_problems() -> None:
    assert _problems(CONTENT) == []


@pytest.mark.parametrize(("count", "complains"), [(13, True), (14, False)])
def test_a_question_has_14_exemplars(count: int, *, complains: bool) -> None:
    problems = _problems(replace(CONTENT, exemplars=EXEMPLARS[:count]))

    assert (f"small: q0: has {count} exemplars; 14 are needed" in problems) == complains


def test_every_kind_that_is_missing_is_named() -> None:
    assert _problems(_without("hedged", "padded")) == ["small: q0: has no exemplar of kind padded, hedged"]


def test_two_halves_state_different_key_points() -> None:
    same = _with("half-rest", marks=next(e.marks for e in EXEMPLARS if e.id == "half-lazy"))

    assert _problems(same) == ["small: q0: has no second half that states other key points"]


def test_one_half_is_not_two() -> None:
    assert _problems(_without("half-rest")) == ["small: q0: has no second half that states other key points"]


def test_a_question_has_three_pairs_of_twins() -> None:
    assert _problems(_with("twin-messy", twin_of="")) == ["small: q0: has 2 pairs of twins; 3 are needed"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            # 13 words in the original: four more are allowed, and a quarter would be three.
            "Values on demand. RAM constant, no matter the length. Many passes, each one full once more.",
            [],
            id="two words longer",
        ),
        pytest.param(
            "Values on demand. RAM constant, no matter the length. One pass, then empty, then one pass on demand.",
            ["the twins have 13 and 18 words (twin of terse)"],
            id="five words longer",
        ),
        pytest.param(
            "It is lazy, light, no burden for anybody, and lets you loop again.",
            ["the twins share only 1 of their 25 words (twin of terse)"],
            id="other words",
        ),
        pytest.param(
            "Values not on demand. RAM constant, no matter the length. One pass, then empty.",
            ["differs from terse by a mere negation"],
            id="a mere negation",
        ),
    ],
)
def test_twins_are_alike_but_for_more_than_a_negation(text: str, problems: list[str]) -> None:
    assert _problems(_with("twin-terse", text=text)) == [f"small: q0: twin-terse: {what}" for what in problems]


def test_twins_have_different_scores() -> None:
    even = _with("twin-strong", score=96, marks=EXEMPLARS[0].marks)

    assert _problems(even) == ["small: q0: twin-strong: scores 96 as strong, whose twin it is"]


def test_every_key_point_has_a_mark() -> None:
    marked = _with("hedged", marks=(("lazy", "partly"), ("memory", "partly")))

    assert _problems(marked) == ["small: q0: hedged: has no mark for once"]


@pytest.mark.parametrize(
    ("id_", "score", "problems"),
    [
        ("partial", 74, []),
        ("partial", 73, ["small: q0: partial: scores 73; the marks earn 83.3, and 10 off is the most"]),
        ("denied", 30, []),  # a contradicted point may cost more than the formula takes
        ("denied", 29, ["small: q0: denied: scores 29; the marks earn 45.0, and 15 off is the most"]),
    ],
)
def test_scores_are_near_what_the_marks_earn(id_: str, score: int, problems: list[str]) -> None:
    assert _problems(_with(id_, score=score)) == problems


@pytest.mark.parametrize(
    ("mark", "instead", "said"),
    [
        ("stated", "partly", "stated by"),
        ("missing", "partly", "missing from"),
        ("contradicted", "missing", "contradicted by"),
    ],
)
@pytest.mark.parametrize("key", ["lazy", "memory", "once"])
def test_every_key_point_is_stated_missing_and_contradicted(key: str, mark: str, instead: str, said: str) -> None:
    problems = _problems(_remarked(key, mark, instead))

    assert [problem for problem in problems if "key point" in problem] == [
        f"small: q0: key point {key} is {said} no exemplar"
    ]


def test_every_key_point_has_a_misconception() -> None:
    assert _problems(replace(CONTENT, misconceptions=MISCONCEPTIONS[:2])) == [
        "small: q0: key point once has no misconception"
    ]


@pytest.mark.parametrize(
    ("more", "problems"), [(10, []), (11, ["small: q0: 24% of the scores are 30 to 70; 25% are needed"])]
)
def test_a_quarter_of_the_scores_is_in_the_middle(more: int, problems: list[str]) -> None:
    nothing = [exemplar(f"more-{n}", 0, "mmm", f"Well, {n} times well.", "padded") for n in range(more)]

    assert _problems(replace(CONTENT, exemplars=(*EXEMPLARS, *nothing))) == problems


def test_right_and_wrong_twins_deny_alike() -> None:
    never = _with("twin-messy", text=_text_of("twin-messy").replace("only one time", "not never only"))

    assert _problems(never) == [
        "small: right twins have 6.58 negations per 100 words, wrong ones 8.97",
    ]


def test_twins_that_are_the_right_ones_count_as_right() -> None:
    """The same texts with original and twin exchanged: nothing changes in what right ones and wrong ones say."""
    exchanged = replace(
        CONTENT,
        exemplars=tuple(
            replace(e, twin_of="twin-strong")
            if e.id == "strong"
            else replace(e, twin_of="")
            if e.id == "twin-strong"
            else e
            for e in EXEMPLARS
        ),
    )

    assert _problems(exchanged) == []


@pytest.mark.parametrize(
    ("one", "other", "mere"),
    [
        ("It works.", "It does not work.", True),
        ("It needs a key.", "It needs no key.", True),
        ("It can wait.", "It can’t wait.", True),
        ("It waits.", "it doesnt wait", True),
        ("It waits never.", "It waits.", True),
        ("It waits.", "It waits.", False),
        ("It blocks reads, not writes.", "It blocks writes, not reads.", False),
        ("Reads do not wait for writes.", "Writes do not wait for reads.", False),
        ("It raises recall.", "It lowers recall.", False),
        ("It raises recall.", "It does not raise precision.", False),
        ("Nobody waits.", "Everybody waits.", False),
    ],
)
def test_a_mere_negation_is_told_from_a_claim_turned_round(one: str, other: str, *, mere: bool) -> None:
    assert merely_negated(one, other) == merely_negated(other, one) == mere


def test_negations_are_known_however_they_are_typed() -> None:
    assert [word for word in ("not", "nor", "don't", "cant", "cannot", "no") if not is_negation(word)] == []
    assert [word for word in ("note", "know", "want", "nothings", "restaurant", "know") if is_negation(word)] == []


def test_the_same_words_in_another_order_are_alike() -> None:
    assert (
        list(unlike("The encoder reads what the decoder writes.", "The decoder reads what the encoder writes.", 1))
        == []
    )


# --- contrast claims ----------------------------------------------------------------------------------------


def _claim_problems(*claims: ContrastClaim) -> list[str]:
    return [str(problem) for problem in claim_problems({"sql.jsonl": list(claims)})]


PLACE = f"sql.jsonl: {CLAIM.question}"


def test_claims_in_order_have_no_problems() -> None:
    assert _claim_problems(*claims_of(4)) == []


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (
            "so with index the search is slow, you dont skip any, you read on and on and on",
            "the twins have 12 and 18 words",
        ),
        ("nobody has time for that, dont even try it once", "the twins share only 1 of their 21 words"),
    ],
)
def test_sentences_of_claims_are_alike(wrong: str, what: str) -> None:
    first, *others = claims_of(4)

    problems = _claim_problems(replace(first, wrong=(first.wrong[0], wrong, first.wrong[2])), *others)

    assert problems == [f"{PLACE}: {first.claim}: wrong 1: {what}"]


def test_right_and_wrong_sentences_deny_alike() -> None:
    claims = claims_of(7)
    sly = [
        replace(c, wrong=(c.wrong[0], c.wrong[1], "index on a column -> never quick lookups there")) for c in claims
    ]

    assert _claim_problems(sly[0], *claims[1:]) == []  # 1 of 21: a gap of .048
    assert _claim_problems(*sly[:2], *claims[2:]) == [
        "sql.jsonl: 33.3% of the right sentences hold a negation and 42.9% of the wrong ones"
    ]


@pytest.mark.parametrize(("count", "fits"), [(3, False), (4, True), (7, True), (8, False)])
def test_a_question_has_four_to_seven_claims(count: int, *, fits: bool) -> None:
    assert _claim_problems(*claims_of(count)) == (
        [] if fits else [f"{PLACE}: has {count} claims; it should have 4 to 7"]
    )


def test_the_claims_of_a_question_are_counted_over_all_files() -> None:
    claims = claims_of(8)

    found = claim_problems({"a.jsonl": claims[:5], "b.jsonl": claims[5:]})

    assert [problem.file for problem in found] == ["a.jsonl"]


# --- the whole corpus ---------------------------------------------------------------------------------------


def test_no_text_stands_twice_in_packs() -> None:
    packs = [pack_of(CONTENT), pack_of(_with("partial", text="It is.\n  IT really is."), slug="other")]
    alone = _with("partial", text="it is. It really is.")

    assert list(repeated_texts(packs[:1], {})) == []
    found = [str(problem) for problem in repeated_texts([pack_of(alone), packs[1]], {})]
    assert "other: q0: partial: says the same as small: q0: partial" in found
    assert len(found) == len(EXEMPLARS)


def test_no_text_stands_twice_in_claims() -> None:
    first, second, *others = claims_of(4)
    same = replace(second, wrong=(*second.wrong[:2], first.right[2]))

    assert list(repeated_texts([], {"sql.jsonl": [first, second, *others]})) == []
    assert [str(problem) for problem in repeated_texts([], {"a.jsonl": [first, *others], "b.jsonl": [same]})] == [
        (
            f"b.jsonl: {CLAIM.question}: {same.claim}: wrong 2: says the same as "
            f"a.jsonl: {CLAIM.question}: {first.claim}: right 2"
        )
    ]


def test_signs_tell_formulas_apart() -> None:
    first, *others = claims_of(4)
    formulas = replace(first, right=(*first.right[:2], "W + R > N"), wrong=(*first.wrong[:2], "W + R < N"))

    assert list(repeated_texts([], {"sql.jsonl": [formulas, *others]})) == []


# --- check_corpus -------------------------------------------------------------------------------------------

Check = Callable[..., tuple[list[str], str]]


@pytest.fixture
def check() -> Check:
    """Run check_corpus; return the lines that it printed and its complaint, "" where it had none."""

    def call(*arguments: Any) -> tuple[list[str], str]:
        out, complaint = StringIO(), ""
        try:
            call_command("check_corpus", *map(str, arguments), stdout=out)
        except CommandError as error:
            complaint = str(error)
        return out.getvalue().splitlines(), complaint

    return call


def _write_pack(folder: Path, pack: Pack) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_pack(pack, folder / "pack.yaml")
    return folder / "pack.yaml"


def _write_claims(folder: Path, *claims: ContrastClaim, name: str = "sql.jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"q": raw.pop("question"), **raw} for raw in map(asdict, claims)]
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_check_corpus_prints_the_figures_of_a_corpus_in_order(check: Check, tmp_path: Path) -> None:
    pack = _write_pack(tmp_path, pack_of(CONTENT))

    lines, complaint = check(pack, "--claims", _write_claims(tmp_path, *claims_of(4)))

    assert complaint == ""
    assert [" ".join(line.split()) for line in lines] == [
        "",
        "small",
        "questions 1",
        "exemplars 18, 18 to 18 a question",
        "pairs of twins 3, 3 to 3 a question",
        "scores 30 to 70 38.9%",
        "score off the formula 3.1 points on average",
        "negations in right twins 6.58 per 100 words",
        "negations in wrong twins 6.41 per 100 words",
        "",
        "sql.jsonl",
        "questions 1",
        "claims 4",
        "right sentences that deny 33.3%",
        "wrong sentences that deny 33.3%",
        "",
        "what style alone tells (AUC; .5 is chance)",
        "twins needs 20 questions (limit 0.60, 6 texts)",
        "exemplars needs 20 questions (limit 0.70, 9 texts)",
        "sentences of claims needs 20 questions (limit 0.60, 24 texts)",
        "",
        "No problems.",
    ]


def test_check_corpus_prints_a_problem_a_line_and_fails(check: Check, tmp_path: Path) -> None:
    pack = _write_pack(tmp_path, pack_of(_with("partial", score=20, text=_text_of("strong"))))

    lines, complaint = check(pack, "--claims", _write_claims(tmp_path, *claims_of(3)))

    assert lines[lines.index("") :][-3:] == [
        "small: q0: partial: scores 20; the marks earn 83.3, and 10 off is the most",
        f"{PLACE}: has 3 claims; it should have 4 to 7",
        "small: q0: partial: says the same as small: q0: strong",
    ]
    assert complaint == "3 problems."


def test_check_corpus_probes_the_style_of_all_packs_and_files(check: Check, tmp_path: Path) -> None:
    claims = [
        replace(claim, question=f"What of table {number}?", wrong=tuple(f"I guess {text}" for text in claim.wrong))
        for number in range(FEWEST_QUESTIONS)
        for claim in claims_of(4, replace(CLAIM, claim=f"{CLAIM.claim} {number}"))
    ]
    half = len(claims) // 2
    _write_claims(tmp_path, *claims[:half], name="a.jsonl")
    _write_claims(tmp_path, *claims[half:], name="b.jsonl")

    lines, complaint = check(_write_pack(tmp_path, pack_of(CONTENT)), "--claims", tmp_path)

    assert complaint
    assert lines[-1] == "sentences of claims: style alone tells right from wrong: AUC 1.000, limit 0.60"


def test_check_corpus_checks_the_packs_of_the_project(check: Check, tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    packs = tmp_path / "questionbank" / "packs"
    _write_pack(packs / "first", pack_of(_with("partial", text="One."), slug="first"))

    claims = tmp_path / "claims"
    claims.mkdir()
    alone = check("--claims", claims)
    _write_pack(packs / "second", pack_of(_without("partial"), slug="second"))
    _write_claims(claims, *claims_of(4))
    lines, complaint = check("--claims", claims)

    assert alone[1] == ""
    assert [line for line in lines if line in ("first", "second", "sql.jsonl")] == ["first", "second", "sql.jsonl"]
    assert "second: q0: has no exemplar of kind partial" in lines
    assert complaint == f"{len(EXEMPLARS)} problems."  # one kind missing, and all texts but one twice


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        (["--claims", "nowhere"], "nowhere: is not a folder"),
    ],
)
def test_check_corpus_says_what_cannot_be_read(
    check: Check, tmp_path: Path, settings: Any, arguments: list[str], message: str
) -> None:
    settings.BASE_DIR = tmp_path

    assert check(*arguments) == ([], message)
