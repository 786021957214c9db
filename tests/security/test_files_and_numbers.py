"""What leaves Greenroom otherwise than by whole pages: exported files, metrics, and parts that scripts ask for."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analytics.exports import EXPORTS
from analytics.services.facts import refresh
from tables.formats import FORMATS
from tests.security.private import ANSWER, DRAFT, QUESTION, kept_from, move_in, text_of, told
from tests.security.test_access_matrix import TABLE
from tests.security.world import ROLES, World

REFUSED = {"login", "401", "403", "404"}


def test_files_hold_numbers_and_names_and_no_words_of_anybodys(world: World) -> None:
    """Those who lead the cohort take them out: every table of the dashboard, and the audit log, in every format."""
    move_in(world)
    refresh()
    client = world.clients["admin"]
    dashboard, log = reverse("export_dashboard", args=[world.cohort.pk]), reverse("export_audit")
    asked = [(dashboard, {"table": table, "format": kind}) for table in EXPORTS for kind in FORMATS]
    asked += [(log, {"format": kind}) for kind in FORMATS]

    files = {str(data): client.post(address, data) for address, data in asked}

    assert {response.status_code for response in files.values()} == {200}
    assert {response["Content-Disposition"].split(";")[0] for response in files.values()} == {"attachment"}
    # Of a question's parts the dashboard names the key points by their claims.
    parts = {f"CANARY{part}" for part in ("REFERENCE", "HINT", "ACCEPTED", "MISCONCEPTION", "EXEMPLAR")}
    words = {DRAFT, ANSWER, QUESTION, world.invitation, world.token.digest, *parts}
    assert {(file, word) for file, said in files.items() for word in told(text_of(said.getvalue()), words)} == set()


def test_the_metrics_tell_nothing_of_anybody(world: World, settings: Any) -> None:
    settings.METRICS_TOKEN = "a token of forty characters or there about"
    move_in(world)
    world.clients["candidate"].get("/practise/")  # so that a request has been counted

    response = Client().get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})

    said = response.content.decode()
    assert response.status_code == 200
    assert "greenroom_requests_total" in said
    assert told(said, {DRAFT, ANSWER, QUESTION, "CANARY", "Candidate", "Taster"}) == set()
    assert "@" not in said
    assert str(world.people["candidate"].pk) not in said


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_who_is_refused_a_page_is_refused_its_parts(world: World, role: str) -> None:
    """Scripts ask for parts of pages by a query or a header; here all pages are asked for both."""
    move_in(world)
    refused = {route: cells["GET", role] for route, cells in TABLE.items() if cells["GET", role] in REFUSED}

    answers = {
        route: world.clients[role].get(
            world.address_of(route), {"fragment": "1"}, headers={"HX-Request": "true", "HX-Target": "main"}
        )
        for route in refused
    }

    expected = {route: 302 if answer == "login" else int(answer) for route, answer in refused.items()}
    assert {route: answer.status_code for route, answer in answers.items()} == expected
    private = kept_from(role, world.people)
    assert {
        (route, word) for route, said in answers.items() for word in told(text_of(said.getvalue()), private)
    } == set()
