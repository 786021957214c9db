"""Questions go out: all, those that a search finds, or those that are ticked."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from people.models import User
from questionbank.formats.registry import FORMATS
from questionbank.services.versions import save_draft
from tests.conftest import client_of
from tests.factories import make_content, make_topic, publish_question


@pytest.fixture
def client(mentor: User) -> Client:
    return client_of(mentor)


def exported(client: Client, format_name: str = "pack-json", **query: Any) -> list[str]:
    response = client.get(reverse("export"), {"format": format_name, **query})
    assert response.status_code == 200
    return [read.question.slug for read in FORMATS[format_name].read(response.content).questions]


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_is_kept_as_a_file(client: Client, format_name: str) -> None:
    publish_question("one")

    response = client.get(reverse("export"), {"format": format_name})

    format_ = FORMATS[format_name]
    assert response["Content-Type"] == format_.media_type
    assert response["Content-Disposition"] == f'attachment; filename="questions{format_.extensions[0]}"'
    assert [read.question.slug for read in format_.read(response.content).questions] == ["one"]


def test_what_is_published_goes_out_before_what_is_drafted(client: Client) -> None:
    published = publish_question("one", title="As published")
    save_draft(question=published.question, content=make_content(title="As drafted"), author=None)

    response = client.get(reverse("export"), {"format": "csv"})

    assert "As published" in response.content.decode()
    assert "As drafted" not in response.content.decode()


def test_a_selection_goes_out(client: Client) -> None:
    one, _, three = (publish_question(slug).question for slug in ("one", "two", "three"))

    assert exported(client, question=[one.pk, three.pk, "nonsense"]) == ["one", "three"]
    assert exported(client, question=["nonsense"]) == []


def test_a_search_goes_out_as_the_list_shows_it(client: Client) -> None:
    publish_question("one", title="Gradient descent")
    publish_question("two", title="Hash tables", topic=make_topic("core"))

    assert exported(client, q="gradient") == ["one"]
    assert exported(client, topic="core") == ["two"]
    assert exported(client, state="draft") == []
    assert exported(client, q="gradiant") == ["one"]  # found by spelling


def test_a_format_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get(reverse("export"), {"format": "docx"}).status_code == 404


def test_what_a_format_has_no_room_for_is_named(client: Client) -> None:
    publish_question("long", references=("word " * 8000,))

    response = client.get(reverse("export"), {"format": "xlsx"})

    assert response["Location"] == reverse("imports")
    (message,) = map(str, get_messages(response.wsgi_request))
    assert message.startswith("Excel (XLSX) has no room for this: ")
    assert "long" in message


@pytest.mark.parametrize("count", [1, 3])
def test_an_export_takes_the_same_queries(client: Client, django_assert_num_queries: Any, count: int) -> None:
    for number in range(count):
        publish_question(f"q{number}")

    with django_assert_num_queries(11):
        assert len(exported(client)) == count
