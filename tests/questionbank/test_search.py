"""Finding questions in the bank: by words, by words that are nearly spelt so, and by what they are."""

from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse

from people.clock import database_now
from people.models import User
from questionbank.content import KeyPointContent
from questionbank.models import Question, QuestionVersion, SearchEntry, VersionState
from questionbank.search import Search, Sort, without_markup
from questionbank.selectors import authors, find_questions, questions_for
from questionbank.services.versions import create_question, publish, save_draft
from questionbank.templatetags.matches import matches
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question


def _say(slug: str, title: str, prompt: str = "Say it.", claim: str = "It is so.", **changes: Any) -> QuestionVersion:
    """Publish a question of which nothing but these words is known."""
    parts = {"misconceptions": (), "exemplars": (), "references": ("So.",)}
    points = (KeyPointContent("point", claim, 1),)
    return publish_question(slug, **{"title": title, "prompt": prompt, "key_points": points, **parts, **changes})


def _found(mentor: User, words: str, **asked: str) -> list[str]:
    return [question.slug for question in questions_for(mentor, words=words, **asked)]


def test_words_are_found_in_any_form_in_title_prompt_and_key_points(mentor: User) -> None:
    _say("one", "Gradient descent")
    _say("two", "Steps", prompt="How do gradients shrink?")
    _say("three", "Depth", claim="The gradient vanishes in early layers.")
    _say("four", "Trees")

    assert sorted(_found(mentor, "gradients")) == ["one", "three", "two"]


def test_a_title_weighs_more_than_a_prompt_and_a_prompt_more_than_a_claim(mentor: User) -> None:
    _say("claim", "Depth", claim="The gradient vanishes in early layers.")
    _say("prompt", "Steps", prompt="How does a gradient shrink?")
    _say("title", "Gradient descent")

    assert _found(mentor, "gradient") == ["title", "prompt", "claim"]


def test_a_search_understands_phrases_and_what_is_not_wanted(mentor: User) -> None:
    _say("inner", "Inner joins in databases")
    _say("apart", "Joins of the inner kind")

    assert _found(mentor, '"inner joins"') == ["inner"]
    assert _found(mentor, "joins -databases") == ["apart"]


def test_a_question_is_found_by_its_name_in_packs(mentor: User) -> None:
    _say("why-joins-cost", "The price of a query")
    _say("other", "Joins of tables")
    _say("sparse", "TF-IDF or BM25")

    assert _found(mentor, "why-joins-cost") == ["why-joins-cost"]
    assert _found(mentor, "tf-idf") == ["sparse"]
    assert _found(mentor, "joins -tables") == ["why-joins-cost"]


@pytest.mark.parametrize("typed", ["gradiant desent", "overfittng", "regularisaton", "overfi"])
def test_a_typing_error_finds_what_is_spelt_alike(mentor: User, typed: str) -> None:
    _say("wanted", "Overfitting and regularisation by gradient descent")
    _say("other", "Joins of tables")

    found, is_alike = find_questions(mentor, Search(words=typed))

    assert ([question.slug for question in found], is_alike) == (["wanted"], True)


@pytest.mark.parametrize("typed", ["What", "what is", '"what is"', "WHAT - a", "the -what", "is the what " * 16])
def test_words_too_common_to_be_looked_for_are_found_in_titles(mentor: User, typed: str) -> None:
    _say("long", "What is the price of a cache?")
    _say("short", "What is the a in a*?")
    _say("whatever", "Whatever that is", prompt="What is the a?")

    found, is_alike = find_questions(mentor, Search(words=typed))

    assert ([question.slug for question in found], is_alike) == (["short", "long"], False)


@pytest.mark.parametrize(
    "typed", ["what is overfitting", "What about the overfitting?", "-what overfitting", "overfitting 🙂"]
)
def test_common_words_beside_others_do_not_count(mentor: User, typed: str) -> None:
    _say("wanted", "Overfitting")
    _say("what", "What is what")

    assert _found(mentor, typed) == ["wanted"]


# PostgreSQL has a stack for signs that stand before nothing; more than 32 of them once broke the page.
SIGNS = ["-", "--", '"', '""', '"-"', "🙂", "(((", "&|!", "\\", "%", "_", ":*", "' OR 1=1", "or", "-what", "\ue000"]


@pytest.mark.parametrize("sort", Sort.values)
@pytest.mark.parametrize(
    "typed", [*SIGNS, "x" * 500, "what " * 100, "🙂" * 500, '"' * 500, "- " * 250, "-" * 500, '-"' * 250, "-_ " * 99]
)
def test_whatever_is_typed_is_answered(mentor: User, typed: str, sort: str) -> None:
    _say("one", "What a cache costs", prompt="What?")
    client = client_of(mentor)

    answers = [client.get(reverse(name), {"q": typed, "sort": sort}) for name in ("questions", "api_questions")]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_what_is_spelt_right_is_not_mixed_with_what_is_alike(mentor: User) -> None:
    _say("right", "Caching")
    _say("alike", "Cachings of old: a catching thing")

    found, is_alike = find_questions(mentor, Search(words="a catching"))

    assert ([question.slug for question in found], is_alike) == (["alike"], False)


def test_the_published_version_and_the_newest_are_searched_but_no_older_one(
    mentor: User, without_the_bench: None
) -> None:
    first = _say("question", "Alpaca")
    publish(
        version=save_draft(question=first.question, content=make_content(title="Buffalo"), author=None),
        actor=None,
        now=database_now(),
    )
    draft = save_draft(question=first.question, content=make_content(title="Chameleon"), author=None)

    assert [_found(mentor, word) for word in ("alpaca", "buffalo", "chameleon")] == [[], ["question"], ["question"]]
    assert SearchEntry.objects.get().newest == draft


def test_a_draft_that_is_changed_or_discarded_is_searched_no_more(mentor: User) -> None:
    published = _say("question", "Buffalo")
    save_draft(question=published.question, content=make_content(title="Chameleon"), author=None)
    draft = save_draft(question=published.question, content=make_content(title="Dormouse"), author=None)
    changed = [_found(mentor, word) for word in ("chameleon", "dormouse")]

    draft.delete()

    assert changed == [[], ["question"]]
    assert _found(mentor, "dormouse") == []
    assert SearchEntry.objects.get().newest == published


def test_a_question_whose_only_version_goes_has_no_entry(mentor: User) -> None:
    draft = create_question(slug="gone", topic=make_topic(), content=make_content(), author=None)

    draft.delete()
    Question.objects.get(slug="gone").delete()

    assert SearchEntry.objects.count() == 0


def test_every_filter_keeps_what_it_names(mentor: User) -> None:
    _say("easy", "Easy", difficulty="easy", kind="concept")
    _say("hard", "Hard", difficulty="hard", kind="design")
    create_question(
        slug="mine", topic=make_topic("sql"), content=make_content(difficulty="hard", kind="design"), author=mentor
    )

    def listed(**asked: str) -> list[str]:
        return sorted(question.slug for question in questions_for(mentor, **asked))

    assert listed(difficulty="hard") == ["hard", "mine"]
    assert listed(kind="concept") == ["easy"]
    assert listed(state="draft") == ["mine"]
    assert listed(state="published") == ["easy", "hard"]
    assert listed(author=str(mentor.pk)) == ["mine"]
    assert listed(difficulty="hard", topic="python") == ["hard"]
    assert list(authors()) == [mentor]


def test_a_question_in_two_states_is_listed_in_both(mentor: User, published: QuestionVersion) -> None:
    save_draft(question=published.question, content=make_content(title="Next"), author=None)

    states = [state for state in VersionState.values if questions_for(mentor, state=state).exists()]

    assert states == ["draft", "published"]


def test_the_list_is_sorted_by_title_by_age_and_by_topic(mentor: User) -> None:
    _say("b", "Alpha")
    _say("a", "Gamma")
    _say("c", "Beta")

    assert [_found(mentor, "", sort=sort) for sort in ("title", "newest", "topic")] == [
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_an_address_asks_for_nothing_by_what_is_not_possible() -> None:
    query = {"q": f" {'x' * 300} ", "state": "burnt", "kind": "", "difficulty": "easy", "author": "me", "sort": "size"}

    assert Search.from_query(query) == Search(words="x" * 200, difficulty="easy")


def test_found_words_are_marked_and_all_else_is_escaped(mentor: User) -> None:
    _say("one", "Gradients <b>descend</b>", claim="A gradient & its <script>")

    page = client_of(mentor).get(reverse("questions"), {"q": "gradient"}).content.decode()

    assert "<mark>Gradients</mark> &lt;b&gt;descend&lt;/b&gt;" in page
    assert ("<script>" in page.split('class="rows"')[1].split("</ul>")[0], "<b>" in page) == (False, False)
    assert matches("a \ue001 lone \ue000 sign") == "a \ue001 lone \ue000 sign"


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [
        ("State **two** gradient *rules*.", "State two gradient *rules*."),
        ("**A gradient** of `np.gradient`", "A gradient of np.gradient"),
        ("The gradient of x**2 + y**2", "The gradient of x**2 + y**2"),
        ("A gradient:\n\n```python\nf(x)\n```\n\n- so\n- or so", "A gradient:\n\n\nf(x)\n\n\nso\nor so"),
    ],
)
def test_markdown_is_made_plain(mentor: User, prompt: str, plain: str) -> None:
    _say("one", "Depth", prompt=prompt)

    assert SearchEntry.objects.values_list(without_markup(F("text"))).get() == (f"{plain} It is so. ",)


def test_an_excerpt_shows_no_markup(mentor: User) -> None:
    _say("one", "Depth", prompt="You have seen **the `gradient`** vanish in the first layers of a network.")

    (found,) = questions_for(mentor, words="gradient")

    assert "seen the <mark>gradient</mark> vanish" in matches(found.found_text)


def test_the_page_says_where_words_are_only_alike(mentor: User) -> None:
    _say("one", "Gradients")

    page = client_of(mentor).get(reverse("questions"), {"q": "gradiants"}).content.decode()

    assert "No question has “gradiants”. These have words that are spelt alike." in page


@pytest.mark.parametrize("count", [1, 3, 30])
@pytest.mark.parametrize(
    ("asked", "queries"), [({}, 12), ({"q": "gradient", "topic": "python"}, 15), ({"q": "gradiant"}, 18)]
)
def test_the_list_takes_the_same_queries_for_any_number_of_questions(
    mentor: User, asked: dict[str, str], queries: int, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        _say(f"question-{number}", f"Gradient {number}")
    client = client_of(mentor)

    with django_assert_num_queries(queries):
        response = client.get(reverse("questions"), asked)

    assert response.context["page"].paginator.count == count


def test_an_export_of_the_list_takes_what_the_list_shows(mentor: User) -> None:
    _say("one", "Gradients", difficulty="hard")
    _say("two", "Gradients", difficulty="easy")

    def exported(**asked: str) -> list[str]:
        text = client_of(mentor).get(reverse("export"), {"format": "pack-json", **asked}).content.decode()
        return [slug for slug in ("one", "two") if f'"id": "{slug}"' in text]

    chosen = str(Question.objects.get(slug="one").pk)
    assert exported(q="gradiant", difficulty="easy") == ["two"]
    assert exported(q="gradient", question=chosen) == ["one"]


def test_the_api_searches_as_the_page_does(mentor: User) -> None:
    _say("one", "Gradients", difficulty="hard")
    _say("two", "Gradients", difficulty="easy")

    found = client_of(mentor).get(reverse("api_questions"), {"q": "gradient", "difficulty": "hard"}).json()

    assert [question["slug"] for question in found["results"]] == ["one"]
