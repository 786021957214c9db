"""How fault tests tell the table what they measured. No test asserts on a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.faults.parts import Candidate
from tests.product import Product

Recovering = Callable[[], AbstractContextManager[None]]
Figure = Callable[[str], None]


@pytest.fixture
def recovering(record_property: Callable[[str, Any], None]) -> Recovering:
    """`with recovering(): …` measures from the end of the fault to the first good state, in seconds."""

    @contextmanager
    def measure() -> Iterator[None]:
        begun = time.monotonic()
        yield
        record_property("recovery", time.monotonic() - begun)

    return measure


@pytest.fixture
def figure(record_property: Callable[[str, Any], None]) -> Figure:
    """Puts another figure, said in words, beside the fault."""
    return lambda words: record_property("figure", words)


@pytest.fixture(scope="session")
def program(product: Product) -> Candidate:
    """A candidate who uses the API of the running product."""
    return Candidate(product)
