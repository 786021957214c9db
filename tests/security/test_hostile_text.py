"""Every field of every form and of the API meets text that means harm: it is refused in words, or is text for ever.

The fields are those of world.py's right requests, and some that those leave out.
"""

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.db import connection, transaction

from tests.security.test_access_matrix import TABLE
from tests.security.world import METHODS, World

# SQL, HTML, a template, LaTeX and a spreadsheet's formula at once, short enough for the shortest field.
HARM = "=\"'><svg onload=hostile()>{{90210|add:'1'}}';--\\input"
EVALUATED = "90211"
# A right-to-left override, a family of joined emojis, a storm of accents, both line ends, an indent, a noncharacter.
ODD = "  \u202eabc 👩‍👩‍👧 Z" + "\u0301" * 40 + "\r\n\tx\ufeff\u2028\uffff\n"
MORE: dict[str, dict[str, Any]] = {
    "account/signup/": {"email": "new@example.com", "name": "New", "password1": "a long enough password"},
    "account/login/": {"login": "new@example.com", "password": "a long enough password"},
    "profile/tokens/": {"name": "A program"},
    "cohorts/<uuid:pk>/invitations/": {"email": "new@example.com", "role": "mentor", "name": "New"},
    "cohorts/<uuid:pk>/settings/": {"name": "Changed", "description": "Changed."},
}
# What a page may be asked for in its address.
ASKED = ("q", "page", "sort", "state", "topic", "track", "flag", "from", "to", "by", "with", "since", "next", "role")
MAKES_ANOTHER = ("bench/", "checks/", "questions/new/")  # of what the world has one of, to be asked for
REVIEW = "answers/<uuid:pk>/"  # comes last, since it closes what the candidate may still say
FREE = {
    *("name", "description", "note", "reason", "text", "answer", "phrasing"),
    *("title", "prompt", "references-0-text", "key_points-0-claim"),
}
STORED = {
    "people_user",
    "people_cohort",
    "people_invitation",
    "people_auditentry",
    "questionbank_questionversion",
    "questionbank_keypoint",
    "questionbank_versioncomment",
    "grading_review",
    "grading_appeal",
    "grading_mentorquestion",
    "interview_draft",
    "interview_assignment",
}
READERS = ("candidate", "mentor", "admin")

Write = tuple[str, str, str]  # who may, method, route


def writes(world: World) -> Iterator[tuple[Write, dict[str, Any]]]:
    """Yield every request that may carry a text, as somebody whom the table lets write with it."""
    for route, body in {**world.bodies(), **MORE}.items():
        for method in METHODS[1:]:
            roles = [role for (named, role), answer in TABLE[route].items() if named == method and "+" in answer]
            if roles or (route in MORE and method == "POST"):
                yield (roles[0] if roles else "anonymous", method, route), body


def fields(body: dict[str, Any]) -> list[str]:
    return [name for name, value in body.items() if isinstance(value, str) and not name.endswith("_FORMS")]


def send(world: World, write: Write, body: dict[str, Any]) -> Any:
    """Send it as a browser or, to the API, as a program."""
    role, method, route = write
    client = world.clients[role]
    about: dict[str, Any] = {"data": body}
    if route.startswith("api/"):
        about |= {"content_type": "application/json", "headers": {"Idempotency-Key": str(world.running.pk)}}
    client.raise_request_exception = False
    return getattr(client, method.lower())(world.address_of(route), **about)


def answers(world: World, text: str) -> dict[tuple[str, str, str], int]:
    """Put text in each field, one at a time; return what was answered. Nothing of it stays."""
    said = {}
    for write, body in writes(world):
        for field in fields(body):
            undo = transaction.savepoint()
            said[write[1], write[2], field] = send(world, write, {**body, field: text}).status_code
            transaction.savepoint_rollback(undo)
    return said


def test_no_text_in_any_field_is_a_failure_of_ours(world: World) -> None:
    said = answers(world, HARM + ODD)

    assert len(said) > 50
    assert {field: status for field, status in said.items() if status >= 500} == {}


def test_a_nul_in_any_field_is_refused_and_stored_nowhere(world: World) -> None:
    said = answers(world, "a\0b")

    # A choice that is none is refused as such, and the rate limit of logging in counts wrong addresses.
    assert {field: status for field, status in said.items() if status != 400} == {}


def test_a_lone_surrogate_in_any_field_of_the_api_is_refused(world: World) -> None:
    api = {write: body for write, body in writes(world) if write[2].startswith("api/")}
    said = {
        (*write[1:], field): send(world, write, {**body, field: "a\ud800b"}).status_code
        for write, body in api.items()
        for field in fields(body)
    }

    assert len(said) > 5
    assert set(said.values()) == {400}


# --- what is shown ------------------------------------------------------------------------------------------


class Handlers(HTMLParser):
    """Collects what would run: attributes that hold a script of ours as their event, and our element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag} {name}>" for name, value in attrs if name.startswith("on") and "hostile" in str(value)]


def trouble_in(response: Any) -> str:
    """Say what is wrong with a reply that holds HARM; nothing is fine."""
    if response.status_code >= 500:
        return str(response.status_code)
    kind, text = response.headers.get("Content-Type", ""), b"".join(response).decode(errors="replace")
    if kind.startswith("text/html"):
        page = Handlers()
        page.feed(text)
        return " ".join(page.found) + (" evaluated" if EVALUATED in text else "")
    if kind.startswith("text/csv"):
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
        return " ".join(cell for row in rows for cell in row if cell.startswith("="))
    return ""


def holding(text: str) -> set[str]:
    """Return the tables with a row that holds text."""
    with connection.cursor() as cursor:
        held = set()
        for table in connection.introspection.table_names(cursor):
            query = f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)} t WHERE t::text LIKE %s)"  # noqa: S608 (our own tables)
            cursor.execute(query, [f"%{text}%"])
            held |= {table} if cursor.fetchone()[0] else set()
        return held


def test_what_means_harm_is_stored_and_shown_as_text(world: World) -> None:
    pages = [
        (role, route, world.address_of(route))
        for role in READERS
        for route, cells in TABLE.items()
        if cells["GET", role] == "200" and "logout" not in route
    ]
    for write, body in sorted(writes(world), key=lambda each: each[0][2] == REVIEW):
        if write[2] not in MAKES_ANOTHER:
            send(world, write, body | dict.fromkeys(FREE & body.keys(), HARM))

    query = dict.fromkeys(ASKED, HARM)
    replies = {(role, route): world.clients[role].get(address, query) for role, route, address in pages}

    assert holding("onload=hostile()") >= STORED
    assert {page: trouble for page, reply in replies.items() if (trouble := trouble_in(reply))} == {}
