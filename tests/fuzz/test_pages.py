"""Whatever stands in an address or a form, a page answers: it says what is wrong, and never fails.

Each page that reads its address gets every name that any page reads, with values that mean something somewhere and
values that mean nothing; each form its right values, some of which are changed. It takes a minute or two:
script/test -m slow tests/fuzz. FUZZ_CASES: see test_api.py.
"""

import os
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.security.test_access_matrix import TABLE
from tests.security.world import World

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("FUZZ_CASES", "5"))
bounded = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# What pages read of their address by, and forms of their fields.
NAMES = """
    about action archived as assignment attempts author before blind by change cohort difficulty flag format fragment
    from kept kind mark mode next order page point q question role show since sort state table to topic track until
    with who after theirs
    """.split()  # noqa: SIM905 as a list it would be a line a word
MEANT = """
    first all mock practice published draft easy name -name score csv xlsx pack taster python stated true 1 2 0 -1
    2026-11-23 9999-12-31 0001-01-01 2026-02-30 00000000-0000-0000-0000-000000000000 99999999999999999999 1e400 NaN
    """.split()  # noqa: SIM905
ODD = ["", " ", "%", "_", "\\", "'", '"', "'; DROP TABLE people_user; --", "<script>", "a" * 5000, "\0", "\ud800", "²"]
ODD += ["\u202e", "\ue000", "( & | !", "a <-> b", '-"', ":*", "((((", "[", "2026-11-23T", "١٢", "Infinity"]
values = st.sampled_from(MEANT) | st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


OTHERS = ("staff/", "account/")  # Django's and allauth's own pages
WHO = ("anonymous", "candidate", "mentor", "admin", "site_admin")  # the least power first


def test_no_address_makes_a_page_fail(world: World) -> None:
    readers = {route: _least(route, "GET", "200") for route in TABLE if not route.startswith(OTHERS)}

    failed = [
        said
        for route, role in readers.items()
        if role
        for said in _sent(world, role, "GET", route, st.dictionaries(st.sampled_from(NAMES), values, max_size=8))
    ]

    assert failed == []


def test_no_form_makes_a_page_fail(world: World) -> None:
    failed = []
    for route, body in world.bodies().items():
        if not route.startswith("api/"):
            role = _least(route, "POST", "+") or "site_admin"
            changed = st.dictionaries(st.sampled_from(sorted(body)), values, max_size=4)
            failed += _sent(world, role, "POST", route, changed.map(lambda odd, body=body: {**body, **odd}))

    assert failed == []


def _least(route: str, method: str, answer: str) -> str | None:
    """Return the role of least power whose answer ends so."""
    return next((role for role in WHO if TABLE[route][method, role].endswith(answer)), None)


def _sent(world: World, role: str, method: str, route: str, said: st.SearchStrategy[dict[str, Any]]) -> list[str]:
    """Send what said draws to route as role, undoing what it does; return what has failed and why."""
    failed: dict[str, None] = {}
    client, address = world.clients[role], world.address_of(route)
    client.raise_request_exception = False

    def send(fields: dict[str, Any]) -> None:
        sent = urlencode(fields, errors="surrogatepass")
        with transaction.atomic():
            if method == "GET":
                response = client.get(f"{address}?{sent}")
            else:
                response = client.post(address, sent, content_type="application/x-www-form-urlencoded")
            response.getvalue()  # files are made as they are read
            transaction.set_rollback(True)
        if response.status_code >= 500:
            failed[f"{method} {address}: {sent} as {role}: {response.exc_info and response.exc_info[1]!r}"] = None

    bounded(given(said)(send))()
    return list(failed)
