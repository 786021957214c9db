"""A walk through all of Greenroom as each role: along every link of every page, and to every address there is.

Each page is read twice. Afterwards every table holds the rows that it held before, and nobody was shown, and no line
of the log holds, what somebody else has written or where they can be reached.
"""

import logging
import re
from collections import Counter, deque
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tests.security.private import ANSWER, DRAFT, QUESTION, kept_from, move_in, text_of, told
from tests.security.test_access_matrix import all_rows
from tests.security.world import ROLES, World, routes

LINKS = re.compile(r'(?:href|hx-get|data-[\w-]*(?:url|href|src))="([^"]+)"')
# Of pages that differ by what they are asked for, such as a sorted table, so many are walked through.
MOST_QUERIES = 4
# allauth logs out whoever opens the confirmation of another person's address.
LEFT_OUT = "confirm-email/"


def walk(client: Client, starts: list[str]) -> dict[str, str]:
    """Return what each address says that can be reached from starts, these among them, read twice, by address."""
    waiting, found, asked = deque(starts), {}, Counter[str]()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        if address in found or LEFT_OUT in path or asked[path] > MOST_QUERIES:
            continue
        asked[path] += 1
        client.get(address)
        found[address] = said = _said(client.get(address))
        waiting += _links(address, said)
    return found


def _said(response: Any) -> str:
    """Return all that a response says: its headers, its text, the texts of an archive."""
    return f"{response.headers}\n{text_of(response.getvalue())}"


def _links(address: str, said: str) -> list[str]:
    """Return the addresses of Greenroom that a page leads to, in their order."""
    targets = (urlsplit(urljoin(address, unescape(link))) for link in LINKS.findall(said))
    inside = (target._replace(fragment="").geturl() for target in targets if not target.netloc and not target.scheme)
    return [link for link in dict.fromkeys(inside) if link.startswith("/") and not link.startswith("/static/")]


def test_links_are_followed_inside_greenroom_alone() -> None:
    page = """<a href="b/?x=1&amp;y=2#z">1</a> <div hx-get="/c/"></div> <a href="https://example.com/">2</a>
    <link href="/static/css/app.css"> <a href="mailto:somebody@example.com">3</a> <a href="b/?x=1&amp;y=2">4</a>"""

    assert _links("/a/", page) == ["/a/b/?x=1&y=2", "/c/"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_whoever_walks_about_changes_nothing_and_reads_no_more_than_is_theirs(
    world: World, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    move_in(world)
    everywhere = [world.address_of(route) for route in routes()]
    before = all_rows()
    caplog.set_level(logging.INFO)

    found = walk(world.clients[role], ["/", *everywhere])

    assert all_rows() == before
    assert set(found) >= {address for address in everywhere if LEFT_OUT not in address}
    private = kept_from(role, world.people)
    assert {(address, word) for address, said in found.items() for word in told(said, private)} == set()
    assert [word for word in (DRAFT, ANSWER, QUESTION, "@example.com") if word in caplog.text] == []
