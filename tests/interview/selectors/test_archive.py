"""The ZIP of everything about a person: what is in it, and that spreadsheets take nothing in it for a formula."""

import csv
import io
import json
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from interview.models import Interview, InterviewQuestion
from interview.selectors.archive import archive_of
from interview.selectors.mine import everything_of
from interview.services.interviews import submit_answer
from people.clock import database_now
from people.models import User
from questionbank.models import QuestionVersion
from tests.interview.lives import answered


def packed(user: User) -> ZipFile:
    return ZipFile(io.BytesIO(archive_of(user, now=database_now())))


def rows_of(archive: ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")))


def test_it_holds_everything_and_says_what_is_what(lived: User) -> None:
    with packed(lived) as archive:
        names = archive.namelist()
        readme = archive.read("README.txt").decode()
        everything = json.loads(archive.read("everything.json"))

    expected: Any = json.loads(json.dumps(everything_of(lived), cls=DjangoJSONEncoder))
    assert {name: everything[name] for name in expected} == expected
    assert [name for name in names if name != "README.txt" and name not in readme] == []


def test_the_tables_are_what_the_pages_show(lived: User) -> None:
    with packed(lived) as archive:
        tables = {name: rows_of(archive, name) for name in archive.namelist() if name.endswith(".csv")}

    (answer,) = tables["answers.csv"]
    assert (answer["question"], answer["score"], answer["state"]) == ("Generators versus lists", "100.0", "graded")
    assert answer["answer"].startswith("Values come on demand")
    assert [(row["mark"], row["by"]) for row in tables["marks.csv"]] == [
        ("stated", "Greenroom"),
        ("partly", "Greenroom"),
        ("contradicted", "Greenroom"),
        ("stated", "Mentor"),
        ("stated", "Mentor"),
        ("stated", "Mentor"),
    ]
    assert (len(tables["interviews.csv"]), tables["interviews.csv"][0]["title"]) == (1, "Chosen")
    assert [row["slug"] for row in tables["to-recall.csv"]] == ["lazy"]
    assert "cohort.create" in {row["action"] for row in tables["acts.csv"]}


def test_a_formula_is_kept_as_text_and_nothing_is_lost(candidate: User, asked: InterviewQuestion) -> None:
    text = '=HYPERLINK("http://evil.example")\nand "quotes", commas;\tand tabs'
    submit_answer(asked=asked, text=text, idempotency_key=uuid4(), now=database_now())

    with packed(candidate) as archive:
        told = rows_of(archive, "answers.csv")[0]["answer"]

    assert told == f"'{text}"


def test_somebody_new_gets_one_too(stranger: User) -> None:
    with packed(stranger) as archive:
        assert rows_of(archive, "answers.csv") == []


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_the_same_queries_whatever_it_holds(
    lived: User, published: QuestionVersion, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count - 1):
        answered(lived, published)
    assert Interview.objects.filter(candidate=lived).count() == count

    now = database_now()

    with django_assert_num_queries(31):
        archive_of(lived, now=now)
