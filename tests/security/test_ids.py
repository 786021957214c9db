"""Addresses name things by random ids: whoever knows one address can count up to no other.

The access matrix is what keeps others out; this keeps them from knowing what there is, and how much of it.
"""

import re
import uuid

from django.apps import apps
from django.db import models

from tests.security.world import routes

OURS = ("people", "questionbank", "grading", "interview", "analytics")

WITHIN = "counts within what the random id before it names"
ONES_OWN = "is looked for among one's own alone"
# Numbers in addresses, by what they stand for; anything else has a random id.
NUMBERED = {
    "<uuid:pk>/questions/<int:position>": WITHIN,
    "<uuid:pk>/versions/<int:number>": WITHIN,
    "<uuid:question_pk>/<int:number>": WITHIN,
    "<uuid:pk>/comments/<int:comment>": "is looked for among the question's comments, and mentors read all of those",
    "<uuid:pk>/appeals/<int:appeal>": "is looked for among the answer's appeals",
    "profile/sessions/<int:pk>": ONES_OWN,
    "account/2fa/webauthn/keys/<int:pk>": ONES_OWN,
}


def test_no_address_counts_but_these() -> None:
    numbered = {route for route in routes() if "<int:" in route}

    known = {route for route in numbered for part in NUMBERED if part in route}

    assert numbered - known == set()
    assert {part for part in NUMBERED if not any(part in route for route in numbered)} == set()


def test_no_address_takes_any_word_but_these() -> None:
    """Words could be numbers as well. The staff site's are for site admins alone."""
    words = {
        part
        for route in routes()
        if not route.startswith("staff/")
        for part in re.findall(r"<(?:str|slug|path):\w+>|<\w+>", route)
    }

    assert words == {
        "<slug:slug>",  # a track's or key point's name in packs
        "<slug:format_name>",  # csv, xlsx, …
        "<str:digest>",  # of an API token
        "<str:token>",  # of an invitation
        "<key>",  # allauth's signed addresses
        "<uidb36>",
    }


def test_random_ids_are_random() -> None:
    """A UUID could hold a time or a machine's address; these hold chance alone."""
    keys = [model._meta.pk for label in OURS for model in apps.get_app_config(label).get_models()]  # noqa: SLF001

    random = [key for key in keys if isinstance(key, models.UUIDField)]

    assert len(random) > 10
    assert {key.default for key in random} == {uuid.uuid4}
