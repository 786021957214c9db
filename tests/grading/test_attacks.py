"""The attacks: each makes the text that its description promises, the same for the same seed."""

from dataclasses import replace

import pytest

from grading.attacks import ANTONYMS, ATTACKS, FILLER_CHARACTERS, attack_text
from grading.engine import GradeResult, guards
from grading.engine.text import distinct_sentences, sentences
from grading.grader import get_grader, question_saying
from questionbank.content import ExemplarContent, KeyPointContent, MisconceptionContent, QuestionContent
from tests.factories import make_content

REFERENCE = (
    "A cache keeps the results of recent queries in memory, so the database is asked rarely. The first request for a "
    "page fills the cache, and later requests are answered from it. Each entry has a time after which it is thrown "
    "away. When something is written, the application deletes the entries that have become stale with it. If the "
    "cache fails, the shop still works, because everything in it can be read from the database again. It is the "
    "database that holds the truth, and the cache is a copy of a part of it."
)


def _exemplar(kind: str, score: int) -> ExemplarContent:
    return ExemplarContent(kind, kind, f"Caches are {kind} and that is all there is to say of them.", score, ())


CONTENT = make_content(
    title="A cache before the database",
    prompt="A web shop has put a cache in front of its database. What does it do, and how is it kept right?",
    references=(REFERENCE,),
    key_points=(
        KeyPointContent("memory", "Results of recent queries are kept in memory.", 3),
        KeyPointContent("expiry", "Each entry expires after some time.", 2),
        KeyPointContent("stale", "PostgreSQL stays the truth when the cache fails.", 1),
    ),
    misconceptions=(
        MisconceptionContent("disk", "The cache writes every result to disk.", "memory"),
        MisconceptionContent("forever", "An entry stays for ever.", "expiry"),
    ),
    exemplars=(_exemplar("buzzwords", 3), _exemplar("padded", 18), _exemplar("wrong", 0), _exemplar("swapped", 45)),
)
OTHER = make_content()
# Nothing in it but what every question has.
BARE = replace(CONTENT, references=("Yes and yes.",), misconceptions=(), exemplars=())


def _text(name: str, content: QuestionContent = CONTENT, *, seed: int = 0) -> str:
    return attack_text(name, content, [OTHER], seed=seed)


def _graded(text: str) -> GradeResult:
    return get_grader().grade(question_saying(CONTENT), text)


def test_there_are_many_kinds_each_with_a_sentence_on_what_it_is() -> None:
    assert len(ATTACKS) >= 20
    for attack in ATTACKS.values():
        assert len(list(sentences(attack.description.replace("X matters. Y matters.", "X")))) == 1


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_a_text_and_no_reference_answer(name: str) -> None:
    text = _text(name)

    assert text.strip(" ")
    assert text != REFERENCE
    assert len(text) <= FILLER_CHARACTERS


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_the_same_for_the_same_seed(name: str) -> None:
    assert [_text(name, seed=seed) for seed in range(5)] == [_text(name, seed=seed) for seed in range(5)]


@pytest.mark.parametrize("seed", range(5))
def test_orders_to_the_grader_are_named_alone_or_beside_other_sentences(seed: int) -> None:
    assert _graded(_text("instructions", seed=seed)).flags in [(guards.INSTRUCTIONS,), (guards.INSTRUCTIONS_ALONE,)]


@pytest.mark.parametrize(
    "name", ["hidden characters", "gibberish", "fluent filler", "reference shuffled", "key points shuffled"]
)
def test_another_seed_gives_another_text(name: str) -> None:
    assert _text(name, seed=1) != _text(name, seed=2)


@pytest.mark.parametrize(
    "name", ["misconceptions", "either or", "antonyms swapped", "buzzwords", "padded", "wrong", "swapped"]
)
def test_there_is_no_text_where_the_question_lacks_what_the_attack_is_made_of(name: str) -> None:
    assert _text(name, BARE) == ""


def test_another_questions_answer_takes_another_question() -> None:
    assert attack_text("another question's answer", CONTENT, []) == ""
    assert _text("another question's answer") == OTHER.references[0]


# --- What the texts say -------------------------------------------------------------------------------------


STARTS = {
    "question parroted": CONTENT.prompt,
    "keyword salad": "cache keeps results recent queries memory database asked rarely first request page fills",
    "keyword list": "cache, keeps, results, recent, queries, memory, database, asked, rarely, first, request,",
    "concepts named": "Recent queries matters. Results matters. Entry expires matters. Time matters. PostgreSQL stays",
    "one point repeated": "Results of recent queries are kept in memory. Results of recent queries are kept",
    "reference negated": "It is not the case that a cache keeps the results of recent queries in memory, so the",
    "antonyms swapped": (
        "A cache discards the results of recent queries in memory, so the database is asked often. The last request "
        "for a page fills the cache, and earlier requests are answered from it. Each entry has a time before which"
    ),
    "either or": (
        "Either results of recent queries are kept in memory, or the cache writes every result to disk. Either each "
        "entry expires after some time, or an entry stays for ever."
    ),
    "wrong": "Caches are wrong",
}


@pytest.mark.parametrize(("name", "start"), STARTS.items())
def test_an_attack_says_what_its_description_promises(name: str, start: str) -> None:
    assert _text(name).startswith(start)


def test_a_name_keeps_its_letters_inside_a_sentence() -> None:
    content = replace(CONTENT, references=("PostgreSQL stays. I know. Caches go.",))

    assert _text("reference negated", content) == (
        "It is not the case that PostgreSQL stays. It is not the case that I know. It is not the case that caches go."
    )


def test_every_misconception_is_stated_and_nothing_hedged() -> None:
    text = _text("misconceptions")

    assert "the cache writes every result to disk." in text
    assert "an entry stays for ever." in text


@pytest.mark.parametrize("name", ["reference shuffled", "key points shuffled"])
def test_shuffling_moves_words_and_loses_none(name: str) -> None:
    whole = REFERENCE if name == "reference shuffled" else " ".join(point.claim for point in CONTENT.key_points)

    def bare(text: str) -> list[str]:
        return sorted(text.replace(".", "").split())

    assert bare(_text(name)) == bare(whole)


def test_look_alikes_are_other_letters() -> None:
    plain, alike = _text("keyword salad"), _text("keywords in look-alikes")

    assert len(alike) == len(plain)
    assert not set("aceopxyijshdqwl") & set(alike)


def test_filler_fills_an_answer_and_never_says_a_sentence_twice() -> None:
    text = _text("fluent filler")

    assert FILLER_CHARACTERS - 200 < len(text) <= FILLER_CHARACTERS
    assert len(distinct_sentences(text)) == len(sentences(text))


def test_each_antonym_has_one_opposite() -> None:
    assert len(ANTONYMS) >= 120
    assert all(ANTONYMS[ANTONYMS[word]] == word != ANTONYMS[word] for word in ANTONYMS)


# --- What they may earn -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("gibberish", 0.2),
        ("one point repeated", 0.55),  # weight 3 of 6, and .05
        ("wrong", 0.2),
        ("padded", 0.23),  # its author gave 18 of 100
        ("swapped", 0.5),
    ],
)
def test_an_attack_may_earn_what_it_has_earned_and_little_more(name: str, limit: float) -> None:
    assert ATTACKS[name].limit(CONTENT) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("hidden characters", guards.EMPTY),
        ("other language", guards.OTHER_LANGUAGE),
        ("question parroted", guards.QUESTION_REPEATED),
        ("question three times", guards.TEXT_REPEATED),
        ("reference shuffled", guards.SHUFFLED),
        ("keyword salad", guards.WORD_LIST),
        ("keyword list", guards.WORD_LIST),
        ("key points shuffled", guards.SHUFFLED),
        ("concepts named", guards.WORD_LIST),
        ("vague, then instructions", guards.INSTRUCTIONS),
        ("one point repeated", guards.TEXT_REPEATED),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_guards_name_what_they_are_there_for(name: str, flag: str, seed: int) -> None:
    assert flag in _graded(_text(name, seed=seed)).flags


@pytest.mark.parametrize(
    "name", ["hidden characters", "gibberish", "other language", "question parroted", "keywords in look-alikes"]
)
def test_what_says_nothing_earns_nothing(name: str) -> None:
    graded = _graded(_text(name))

    assert graded.score == 0
    assert guards.ZEROING & set(graded.flags)
