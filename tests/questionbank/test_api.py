"""The question bank's API, for mentors' programs."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from people.models import User
from questionbank.content import QuestionContent
from questionbank.models import QuestionVersion
from questionbank.services.versions import save_draft
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question

LIST = "/api/v1/questions/"


def version_path(version: QuestionVersion, number: int | None = None) -> str:
    return reverse("api_version", args=[version.question_id, version.number if number is None else number])


@pytest.fixture
def api(mentor: User) -> Client:
    """A program that speaks for `mentor`."""
    return client_of(mentor)


@pytest.mark.parametrize("who", ["candidate", "outsider", "admin", "stranger"])
def test_people_who_are_no_mentors_read_no_questions(
    request: pytest.FixtureRequest, published: QuestionVersion, who: str
) -> None:
    client = client_of(request.getfixturevalue(who))

    for path in (LIST, version_path(published)):
        response = client.get(path)
        assert (response.status_code, response.json()) == (
            403,
            {"detail": "Questions can be read by mentors; candidates meet them in interviews."},
        )


def test_programs_that_name_nobody_are_asked_to(published: QuestionVersion) -> None:
    for path in (LIST, version_path(published)):
        response = Client().get(path)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
        assert list(response.json()) == ["detail"]


def test_a_mentors_token_opens_the_bank(mentor: User, candidate: User, published: QuestionVersion) -> None:
    tokens = {user: AuthToken.objects.create(user=user)[1] for user in (mentor, candidate)}

    codes = {
        user: Client().get(LIST, headers={"Authorization": f"Token {token}"}).status_code
        for user, token in tokens.items()
    }

    assert codes == {mentor: 200, candidate: 403}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_only_reads(api: Client, published: QuestionVersion, method: str) -> None:
    for path in (LIST, version_path(published)):
        assert getattr(api, method)(path, {}, content_type="application/json").status_code == 405


def test_the_list_says_what_there_is(api: Client, published: QuestionVersion) -> None:
    def time(value: Any) -> Any:
        return value and value.isoformat().replace("+00:00", "Z")

    draft = save_draft(question=published.question, content=make_content(title="Next"), author=None)

    body = api.get(LIST).json()

    assert body == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(published.question_id),
                "slug": "generators",
                "topic": "python",
                "versions": [
                    {
                        "number": version.number,
                        "state": version.state,
                        "title": version.title,
                        "difficulty": "easy",
                        "minutes": 4,
                        "created_at": time(version.created_at),
                        "published_at": time(version.published_at),
                    }
                    for version in (draft, published)
                ],
            }
        ],
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_queries_for_any_number_of_questions(
    api: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        version = publish_question(f"question-{number}", topic=make_topic(f"topic-{number}"))
        save_draft(question=version.question, content=make_content(title="Next"), author=None)

    with django_assert_num_queries(7):
        body = api.get(LIST).json()

    assert body["count"] == count


def test_the_list_is_searched_by_words_and_topic(api: Client) -> None:
    publish_question("joins", topic=make_topic("sql"), title="Inner joins")
    publish_question("generators")

    def found(**query: str) -> list[str]:
        return [question["slug"] for question in api.get(LIST, query).json()["results"]]

    assert found(q="join") == ["joins"]
    assert found(topic="python") == ["generators"]
    assert found(q="join", topic="python") == []


def test_the_list_is_cut_into_pages(api: Client) -> None:
    for number in range(3):
        publish_question(f"question-{number}")

    body = api.get(LIST, {"page_size": "2", "page": "2"}).json()

    assert (body["count"], [question["slug"] for question in body["results"]]) == (3, ["question-2"])
    assert (body["previous"], body["next"]) == (f"http://testserver{LIST}?page_size=2", None)
    assert api.get(LIST, {"page": "9"}).status_code == 404


@pytest.mark.parametrize("state", ["published", "draft"])
def test_a_version_is_told_in_the_pack_format(api: Client, published: QuestionVersion, state: str) -> None:
    draft = save_draft(question=published.question, content=make_content(title="Next"), author=None)
    version, content = {"published": (published, make_content()), "draft": (draft, make_content(title="Next"))}[state]

    body = api.get(version_path(version)).json()

    assert (list(body), body["number"], body["state"]) == (["number", "state", "content"], version.number, state)
    assert QuestionContent.from_dict(body["content"]) == content


@pytest.mark.parametrize("number", [0, 2, 10**12])
def test_a_version_that_does_not_exist_is_not_found(api: Client, published: QuestionVersion, number: int) -> None:
    response = api.get(version_path(published, number))

    assert (response.status_code, list(response.json())) == (404, ["detail"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "nonsense"),
        ("kind", "nonsense"),
        ("difficulty", "easier"),
        ("author", "me"),
        ("sort", "random"),
        ("page_size", "0"),
        ("page_size", "many"),
        ("page_size", "9" * 5000),
    ],
)
def test_what_the_list_cannot_read_is_refused_by_its_name(api: Client, name: str, value: str) -> None:
    response = api.get(LIST, {name: value})

    assert (response.status_code, list(response.json())) == (400, [name])


def test_what_is_left_empty_asks_for_nothing(api: Client, published: QuestionVersion) -> None:
    empty = dict.fromkeys(["q", "topic", "state", "kind", "difficulty", "author", "sort"], "")

    assert api.get(LIST, empty).json()["count"] == 1


def test_more_than_200_a_page_are_200(api: Client, published: QuestionVersion) -> None:
    assert api.get(LIST, {"page_size": "100000"}).json()["count"] == 1
