"""Finding questions: what an address may ask of the bank's list, and how PostgreSQL answers it.

Words are looked for as a search engine does: all of them, in any form ("generators" finds "generator"), "as a phrase",
or -without one. Where no question has them, those are found whose title and prompt have words spelt nearly so. A
search engine knows no "what" and no "the": where nothing else is typed, titles are looked through for them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection, models, transaction
from django.db.models import Case, Exists, F, FloatField, Func, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Length

from questionbank.models import Difficulty, Kind, Question, QuestionVersion, VersionState

CONFIG = "english"
MAX_CHARACTERS = 200

# From here on a word counts as another one misspelt (pg_trgm's word similarity, 0..1): "gradiant" is 0.56 of
# "gradient" and "desent" 0.5 of "descent".
ALIKE = 0.5
# Short words are alike by chance, and many of them at once are no typing error.
ALIKE_WORD, ALIKE_WORDS = re.compile(r"(?<![-\w])\w{3,}"), 6
ALIKE_MOST = 50

WORD = re.compile(r"(?<![-\w])\w+")
# A minus before no word. PostgreSQL stacks them up, and has room for 32.
LONE_HYPHEN = re.compile(r'-(?!"?[^\W_])')
INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")

# A prompt's Markdown, which an excerpt shows as plain text: PostgreSQL's pattern → what stays. x**2 is no bold two.
MARKUP = [
    (r"(^|\W)\*\*([^*]+)\*\*(?!\w)", r"\1\2"),
    (r"(^|\n) *```[^\n`]*(?=\n|$)", r"\1"),
    (r"`([^`]+)`", r"\1"),
    (r"(^|\n) *(?:[-*>]|#+) ", r"\1"),
]

# What stands around a found word in an excerpt: private characters, so that all else can be escaped as usual.
FOUND, FOUND_END = "\ue000", "\ue001"
EXCERPT: dict[str, Any] = {"start_sel": FOUND, "stop_sel": FOUND_END, "config": CONFIG}


class Sort(models.TextChoices):
    """Orders of the list. BEST is that of the words found, and without words that of TOPIC."""

    BEST = "", "Best match"
    TOPIC = "topic", "Topic"
    NEWEST = "newest", "Newest first"
    TITLE = "title", "Title"


ORDERS: dict[str, list[Any]] = {
    Sort.TOPIC: ["topic__position", "slug"],
    Sort.NEWEST: [F("entry__newest__created_at").desc(nulls_last=True), "pk"],
    Sort.TITLE: ["entry__newest__title", "pk"],
}


def _one_of(choices: type[models.TextChoices]) -> Any:
    return field(default="", metadata={"allowed": set(choices.values)})


@dataclass(frozen=True)
class Search:
    """What is asked of the list; "" stands for all. author: the id of the newest version's."""

    words: str = ""
    topic: str = ""
    state: str = _one_of(VersionState)
    kind: str = _one_of(Kind)
    difficulty: str = _one_of(Difficulty)
    author: str = ""
    sort: str = _one_of(Sort)

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> "Search":
        """Read an address: q and the names of the fields. What is not among the possible values asks for nothing."""
        asked = {one.name: query.get(one.name, "") for one in fields(cls)}
        allowed = {one.name: one.metadata["allowed"] for one in fields(cls) if one.metadata}
        known = {name: value for name, value in asked.items() if value in allowed.get(name, {value})}
        words = query.get("q", "").strip()[:MAX_CHARACTERS]
        return cls(**{**known, "words": words, "author": _id(asked["author"])})

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves anything out."""
        return any(getattr(self, one.name) for one in fields(self) if one.name != "sort")


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def narrowed(questions: QuerySet[Question], search: Search, topics: list[int]) -> QuerySet[Question]:
    """Keep what search asks for, but for its words. topics: the ids of its topic and those below."""
    if search.topic:
        questions = questions.filter(topic__in=topics)
    if search.state:
        inside = QuestionVersion.objects.filter(question=OuterRef("pk"), state=search.state)
        questions = questions.filter(Exists(inside))
    newest = {"kind": search.kind, "difficulty": search.difficulty, "author": search.author}
    return questions.filter(**{f"entry__newest__{name}": value for name, value in newest.items() if value})


def with_words(questions: QuerySet[Question], words: str) -> tuple[QuerySet[Any], bool]:
    """Return the questions that have words, annotated with rank and excerpts, and whether they are only spelt alike.

    Annotated: rank (the higher the better), found_title and found_text, in which FOUND and FOUND_END stand around what
    was found.
    """
    words = LONE_HYPHEN.sub(" ", words)
    # PostgreSQL takes "why-idempotency-keys", a question's name in packs, for one word of its own.
    spaced = SearchQuery(INNER_HYPHEN.sub(" ", words), config=CONFIG, search_type="websearch")
    query = SearchQuery(words, config=CONFIG, search_type="websearch") | spaced
    exact = questions.filter(entry__words=query)
    if exact.exists():
        text = without_markup(F("entry__text"))
        return exact.annotate(
            rank=SearchRank(F("entry__words"), query),
            found_title=SearchHeadline("entry__newest__title", query, highlight_all=True, **EXCERPT),
            found_text=SearchHeadline(text, query, max_fragments=1, max_words=24, min_words=12, **EXCERPT),
        ), False
    if _asks_for_nothing(words):
        return _in_titles(questions, words), False
    return _spelt_alike(questions, words), True


def without_markup(text: Any) -> Any:
    """Return the database expression text without its Markdown."""
    for pattern, stays in MARKUP:
        text = Func(
            text, Value(pattern), Value(stays), Value("g"), function="regexp_replace", output_field=TextField()
        )
    return text


def _asks_for_nothing(words: str) -> bool:
    """Whether no word is left to look for: there are only words as common as "what", or only signs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(websearch_to_tsquery(%s::regconfig, %s)) = 0", [CONFIG, words])
        return bool(cursor.fetchone()[0])


def _in_titles(questions: QuerySet[Question], words: str) -> QuerySet[Any]:
    """Return the questions whose title has each of these words, a short title first; annotated with rank."""
    typed = WORD.findall(words)
    if not typed:
        questions = questions.none()
    for word in typed:
        questions = questions.filter(entry__newest__title__iregex=rf"\m{word}\M")
    return questions.annotate(rank=0.0 - Length("entry__newest__title"))


def _spelt_alike(questions: QuerySet[Question], words: str) -> QuerySet[Any]:
    """Return the questions with words like each of these in title or prompt, those most alike; annotated with rank."""
    typed = ALIKE_WORD.findall(words)[:ALIKE_WORDS]
    found: dict[Any, float] = {}
    if typed:
        alike = questions
        for word in typed:
            alike = alike.filter(entry__spelling__trigram_word_similar=word)
        likeness = [TrigramWordSimilarity(word, "entry__spelling") for word in typed]
        ranked = alike.annotate(rank=sum(likeness[1:], start=likeness[0])).order_by("-rank")
        # The index knows one threshold, that of the session.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
            found = dict(ranked.values_list("pk", "rank")[:ALIKE_MOST])
    ranks: list[When] = [When(pk=pk, then=value) for pk, value in found.items()]
    rank = Case(*ranks, default=0.0, output_field=FloatField())
    return questions.filter(pk__in=found).annotate(rank=rank)


def in_order(questions: QuerySet[Any], search: Search) -> QuerySet[Any]:
    """Sort questions as search asks; with_words has annotated those it has found."""
    if search.words and search.sort == Sort.BEST:
        return questions.order_by("-rank", "pk")
    return questions.order_by(*ORDERS.get(search.sort, ORDERS[Sort.TOPIC]))
