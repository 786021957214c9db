"""The pages on which a file of questions comes in: uploading, columns, what was found, and whose it is."""

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people.clock import database_now
from people.models import User
from questionbank.formats.registry import FORMATS
from questionbank.forms.imports import in_words
from questionbank.models import Import, ImportState, Question, QuestionVersion
from questionbank.services import imports
from questionbank.uploads import MAX_UPLOAD
from tests.conftest import client_of
from tests.factories import make_topic, publish_question
from tests.questionbank.conftest import raw_pack, raw_question

TABLE = b"Question,Level\nWhat is a p-value and what is it not?,easy\n"


@pytest.fixture
def client(mentor: User) -> Client:
    return client_of(mentor)


@pytest.fixture(autouse=True)
def core() -> Any:
    return make_topic("core")


def pack_of(*slugs: str) -> bytes:
    return json.dumps(raw_pack(questions=[raw_question(slug) for slug in slugs])).encode()


def upload(client: Client, data: bytes, name: str = "bank.json", **fields: Any) -> Any:
    sent = {"file": SimpleUploadedFile(name, data), "format": "by-name", **fields}
    return client.post(reverse("imports"), sent)


def taken(mentor: User, data: bytes, *, format_name: str = "pack-json", **given: Any) -> Import:
    """An import of mentor's that a worker has checked."""
    options = {"name": "bank", "topic": None, **given}
    made = imports.upload(format_name=format_name, data=data, actor=mentor, now=database_now(), **options)
    if made.state == ImportState.UPLOADED:
        imports.check(import_=made, mapping=made.mapping, now=database_now())
    imports.run(import_id=made.pk)
    return Import.objects.get(pk=made.pk)


def page(client: Client, import_: Import) -> str:
    response = client.get(reverse("import", args=[import_.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def notices(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- Uploading ----------------------------------------------------------------------------------------------


def test_an_uploaded_file_has_a_page_of_its_own_where_it_is_being_checked(client: Client, mentor: User) -> None:
    response = upload(client, pack_of("one"))

    import_ = Import.objects.get()
    assert response["Location"] == reverse("import", args=[import_.pk])
    assert (import_.uploaded_by, import_.name, import_.format) == (mentor, "bank.json", "pack-json")
    text = page(client, import_)
    assert "The file is being checked" in text
    assert f'hx-get="{reverse("import", args=[import_.pk])}?fragment"' in text


@pytest.mark.parametrize(
    ("data", "name", "fields", "field", "message"),
    [
        (b"", "bank.json", {}, "file", "The file is empty."),
        (b"%PDF-1.7 ...", "bank.csv", {"format": "csv"}, "file", "The file is a PDF."),
        (b"PK not quite", "bank.xlsx", {}, "file", "The file "),
        (b"x", "bank.docx", {}, "file", "The end of “bank.docx” names no format."),
        (b"x", "bank.txt", {}, "format", "“bank.txt” can be CSV or GIFT. Choose which."),
        (b"x", "bank.json", {"format": "nonsense"}, "format", "Select a valid choice."),
        (b"x", "bank.json", {"topic": "999"}, "topic", "Select a valid choice."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_at_its_field(
    client: Client, data: bytes, name: str, fields: dict[str, str], field: str, message: str
) -> None:
    response = upload(client, data, name, **fields)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"].errors[field][0].startswith(message)
    assert f'aria-describedby="id_{field}' in response.content.decode()
    assert not Import.objects.exists()


def test_sending_no_file_at_all_says_so(client: Client) -> None:
    response = client.post(reverse("imports"), {"format": "by-name"})

    assert (response.status_code, response.context["form"].errors["file"]) == (400, ["Choose a file."])


@pytest.mark.parametrize("checks_csrf", [True, False])
def test_a_body_that_says_five_gigabytes_is_refused_unread(mentor: User, checks_csrf: bool) -> None:  # noqa: FBT001
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError(f"{size} bytes were asked for")

    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(mentor)
    says = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(5 * 1024**3)}

    response = client.post(reverse("imports"), **says, **{"wsgi.input": Unread()})

    assert response.status_code == 413
    assert "The file has 5120 MB; 50 MB are the most that can be imported." in response.content.decode()


def test_a_file_over_the_limit_is_refused_while_it_is_read(client: Client) -> None:
    data = b"x" * (MAX_UPLOAD + 1)  # the body about it is small enough to be let in

    response = upload(client, data, "bank.csv")

    assert response.status_code == 413
    assert "50 MB are the most" in response.content.decode()
    assert not Import.objects.exists()


def test_the_same_file_again_leads_to_the_earlier_import_unless_that_was_given_up(
    client: Client, mentor: User
) -> None:
    earlier, later = taken(mentor, pack_of("one")), taken(mentor, pack_of("one"))

    assert reverse("import", args=[earlier.pk]) in page(client, later)
    assert reverse("import", args=[later.pk]) not in page(client, earlier).replace(f"{later.pk}/", "", 0)
    imports.cancel(import_=earlier, actor=mentor, now=database_now())
    assert "The very same file" not in page(client, later)


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_a_template_can_be_filled_in_and_uploaded(client: Client, mentor: User, format_name: str) -> None:
    response = client.get(reverse("import_template", args=[format_name]))

    assert response["Content-Disposition"] == f'attachment; filename="questions{FORMATS[format_name].extensions[0]}"'
    assert taken(mentor, response.content, format_name=format_name).problems == []


@pytest.mark.parametrize("format_name", ["pack", "nonsense"])
def test_there_are_templates_of_tables_alone(client: Client, format_name: str) -> None:
    assert client.get(reverse("import_template", args=[format_name])).status_code == 404


# --- Columns ------------------------------------------------------------------------------------------------


def test_the_columns_of_a_table_are_guessed_and_shown_with_their_first_cells(client: Client) -> None:
    upload(client, TABLE, "bank.csv")

    import_ = Import.objects.get()
    response = client.get(reverse("import", args=[import_.pk]))
    rows = response.context["mapping"].rows()
    assert [(field.label, field.initial, samples) for field, samples in rows] == [
        ("Question", "prompt", ["What is a p-value and what is it not?"]),
        ("Level", "difficulty", ["easy"]),
    ]


def test_only_columns_that_could_not_be_guessed_are_asked_about(client: Client) -> None:
    upload(client, b"Question,Level,Picture,slug\nWhat is a p-value?,easy,p.png,p-value\n", "bank.csv")
    import_ = Import.objects.get()

    text = page(client, import_)

    asked, folded = text.split("<details", 1)
    assert ("Say what this column is." in asked, "3 columns are clear: show them" in folded) == (True, True)
    assert [name for name in ("Question", "Level", "Picture", "slug") if f">{name}</label>" in asked] == ["Picture"]
    assert '<option value="slug" selected>name in packs</option>' in folded
    assert "Waiting for its columns" in client.get(reverse("imports")).content.decode()


def test_where_every_column_is_clear_none_is_asked_about(client: Client) -> None:
    upload(client, TABLE, "bank.csv")
    import_ = Import.objects.get()

    assert "It is clear what each column is." in page(client, import_)
    wrong = client.post(reverse("check_import", args=[import_.pk]), {"column_0": "prompt", "column_1": "prompt"})
    assert '<details class="more" open>' in " ".join(wrong.content.decode().split())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("slug", "name in packs"),
        ("key_point_2_id", "key point 2 name in packs"),
        ("reference_1", "reference answer 1"),
        ("exemplar_3_twin_of", "exemplar 3 twin of"),
    ],
)
def test_fields_have_words_for_mentors(field: str, words: str) -> None:
    assert in_words(field) == words


def test_the_columns_that_were_chosen_count(client: Client, core: Any) -> None:
    upload(client, TABLE, "bank.csv", topic=core.pk)
    import_ = Import.objects.get()

    response = client.post(reverse("check_import", args=[import_.pk]), {"column_0": "prompt", "column_1": ""})

    import_.refresh_from_db()
    assert response["Location"] == reverse("import", args=[import_.pk])
    assert (import_.state, import_.mapping) == (ImportState.CHECKING, {"Question": "prompt", "Level": ""})


def test_the_columns_of_a_wide_table_share_one_list_of_fields(client: Client) -> None:
    parts = [f"key_point_{number}" for number in range(1, 500)]
    upload(client, f"prompt,{','.join(parts)}\nWhat is it?{',a' * len(parts)}\n".encode(), "bank.csv")
    import_ = Import.objects.get()

    response = client.get(reverse("import", args=[import_.pk]))

    text = response.content.decode()
    assert text.count("<datalist") == 1
    assert '<option value="key_point_499">key point 499</option>' in text
    assert len(response.content) < 500_000
    sent = {name: field.initial for name, field in response.context["mapping"].fields.items()}
    client.post(reverse("check_import", args=[import_.pk]), sent)
    assert Import.objects.get().mapping == {name: name for name in ["prompt", *parts]}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (("prompt", "prompt"), "Two columns are “prompt”. Leave one of them out."),
        (("", ""), "Say of at least one column what it is."),
        (("prompt", "nonsense"), "Select a valid choice."),
    ],
)
def test_columns_that_cannot_be_are_refused_with_what_was_chosen(
    client: Client, chosen: tuple[str, str], message: str
) -> None:
    upload(client, TABLE, "bank.csv")
    import_ = Import.objects.get()

    sent = {f"column_{number}": field for number, field in enumerate(chosen)}
    response = client.post(reverse("check_import", args=[import_.pk]), sent)

    assert response.status_code == 400
    assert message in response.content.decode()
    import_.refresh_from_db()
    assert import_.state == ImportState.UPLOADED


def test_a_pack_has_no_columns_to_name(client: Client, mentor: User) -> None:
    import_ = taken(mentor, pack_of("one"))

    response = client.post(reverse("check_import", args=[import_.pk]), {"column_0": "prompt"})

    assert notices(response) == ["This import is checked by now."]


# --- What was found -----------------------------------------------------------------------------------------


def test_what_would_become_of_the_questions_is_counted_and_then_done(client: Client, mentor: User, core: Any) -> None:
    publish_question("same", topic=core)
    import_ = taken(mentor, pack_of("same", "fresh"))

    text = page(client, import_)
    assert "<dt>New questions</dt> <dd> 1 </dd>" in text
    assert "<dt>Said already, left alone</dt> <dd> 1 </dd>" in text
    client.post(reverse("apply_import", args=[import_.pk]))
    imports.run(import_id=import_.pk)

    draft = QuestionVersion.objects.get(question__slug="fresh")
    text = page(client, import_)
    assert "What was imported" in text
    assert reverse("question_version", args=[draft.question_id, 1]) in text
    assert f'hx-get="{reverse("bench_import", args=[import_.pk])}"' in text


def test_problems_have_to_be_left_out_on_purpose(client: Client, mentor: User) -> None:
    raw = raw_pack(questions=[raw_question("good"), raw_question("bad", difficulty="impossible")])
    import_ = taken(mentor, json.dumps(raw).encode())

    refused = client.post(reverse("apply_import", args=[import_.pk]))
    assert refused.status_code == 400
    assert "The file has problems." in refused.content.decode()
    client.post(reverse("apply_import", args=[import_.pk]), {"only_valid": "on"})
    imports.run(import_id=import_.pk)

    assert list(Question.objects.values_list("slug", flat=True)) == ["good"]


def test_topics_that_are_missing_are_counted_and_named(client: Client, mentor: User) -> None:
    raw = raw_pack(
        topics=[{"id": "sql", "title": "SQL"}, {"id": "joins", "title": "Joins", "parent": "sql"}],
        tracks=[],
        questions=[raw_question("one", "joins")],
    )
    import_ = taken(mentor, json.dumps(raw).encode())

    text = page(client, import_)
    assert "Create the 2 topics that do not exist yet" in text
    assert "SQL, Joins" in text
    refused = client.post(reverse("apply_import", args=[import_.pk]))
    assert "Some topics do not exist yet." in refused.content.decode()


def test_a_file_of_which_nothing_can_be_read_says_why(client: Client, mentor: User) -> None:
    text = page(client, taken(mentor, b"{not json"))

    assert "Nothing in this file can be imported." in text
    assert "Import as drafts" not in text


def test_the_fragment_is_the_part_that_changes(client: Client, mentor: User) -> None:
    import_ = taken(mentor, pack_of("one"))

    response = client.get(reverse("import", args=[import_.pk]), {"fragment": ""})

    text = response.content.decode()
    assert "What would be imported" in text
    assert "<html" not in text


def test_cancelling_leaves_nothing(client: Client, mentor: User) -> None:
    import_ = taken(mentor, pack_of("one"))

    response = client.post(reverse("cancel_import", args=[import_.pk]))
    again = client.post(reverse("cancel_import", args=[import_.pk]))

    assert response["Location"] == reverse("imports")
    assert notices(again)[-1] == "This import is over already."
    assert "This import is cancelled." in page(client, import_)
    assert not Question.objects.exists()


def test_the_list_of_problems_cannot_become_formulas(client: Client, mentor: User) -> None:
    table = b'title,prompt,difficulty\nOne,What is a p-value and what is it not?,"-1+cmd|calc"\n'
    import_ = taken(mentor, table, format_name="csv", topic=make_topic("core"))
    Import.objects.filter(pk=import_.pk).update(
        problems=[["row 2", "=HYPERLINK(1)", "@SUM(1)"]], notes=[["row 3", "+1 picture"]]
    )

    response = client.get(reverse("import_problems", args=[import_.pk]))

    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert rows == [
        ["what", "place", "field", "message"],
        ["problem", "row 2", "'=HYPERLINK(1)", "'@SUM(1)"],
        ["note", "row 3", "", "'+1 picture"],
    ]


# --- Whose it is, and what it costs -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["import", "import_problems", "bench_import"])
def test_the_import_of_another_mentor_is_not_found(mentor: User, other_mentor: User, name: str) -> None:
    import_ = taken(mentor, pack_of("one"))

    assert client_of(other_mentor).get(reverse(name, args=[import_.pk])).status_code == 404


@pytest.mark.parametrize("name", ["check_import", "apply_import", "cancel_import"])
def test_the_import_of_another_mentor_cannot_be_gone_on_with(mentor: User, other_mentor: User, name: str) -> None:
    import_ = taken(mentor, pack_of("one"))

    assert client_of(other_mentor).post(reverse(name, args=[import_.pk])).status_code == 404
    assert Import.objects.get(pk=import_.pk).state == ImportState.CHECKED


def test_only_ones_own_imports_are_listed(client: Client, mentor: User, other_mentor: User) -> None:
    mine, theirs = taken(mentor, pack_of("one")), taken(other_mentor, pack_of("two"))

    text = client.get(reverse("imports")).content.decode()

    assert reverse("import", args=[mine.pk]) in text
    assert reverse("import", args=[theirs.pk]) not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_imports_takes_the_same_queries(
    client: Client, mentor: User, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        taken(mentor, pack_of(f"q{number}"))

    with django_assert_num_queries(6):
        response = client.get(reverse("imports"))

    assert len(response.context["recent"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_an_import_takes_the_same_queries_whatever_is_in_it(
    client: Client, mentor: User, django_assert_num_queries: Any, count: int
) -> None:
    import_ = taken(mentor, pack_of(*(f"q{number}" for number in range(count))))
    imports.apply(import_=import_, only_valid=False, create_topics=False, now=database_now())
    imports.run(import_id=import_.pk)

    with django_assert_num_queries(7):
        response = client.get(reverse("import", args=[import_.pk]))

    assert len(response.context["drafts"]) == count
