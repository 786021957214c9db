"""The whole bank goes out in each format and comes back through the pages and the worker into a bank without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionbank.formats.registry import FORMATS
from tests.browser.conftest import LogIn
from tests.browser.test_import_export import choose
from tests.product import Product, running_product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAID = """
import json
from questionbank.models import Question
from questionbank.selectors import to_export
items = to_export(Question.objects.all())
print(json.dumps({item.slug: [item.topic, item.content.to_dict()] for item in items}))
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of this module's own: other tests look questions up in a bank where each stands once."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


def said(product: Product) -> dict[str, Any]:
    """Return slug → topic and content of every question."""
    found: dict[str, Any] = json.loads(product.manage("shell", "-v", "0", "-c", SAID).splitlines()[-1])
    return found


def rename(product: Product, slugs: list[str], ending: str) -> None:
    """Give questions other names, so that the bank has none of these."""
    query = "UPDATE questionbank_question SET slug = slug || %s WHERE slug = ANY (%s) RETURNING id"
    assert len(product.sql(query, ending, slugs)) == len(slugs)


def export(page: Page, format_name: str, folder: Path) -> Path:
    """Take the whole bank out by the button below the list; return the file."""
    page.goto("/questions/")
    page.get_by_label("Export as").select_option(format_name)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    path = folder / format_name / download.value.suggested_filename
    download.value.save_as(path)
    return path


def bring_in(page: Page, path: Path) -> None:
    """Import a file without problems, from choosing it to its result."""
    choose(page, path)
    check = page.get_by_role("button", name="Check the table")
    found = page.get_by_role("heading", name="What would be imported")
    expect(check.or_(found)).to_be_visible(timeout=280_000)
    if check.is_visible():
        check.click()
    expect(found).to_be_visible(timeout=280_000)
    page.get_by_role("button", name="Import as drafts").click()
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible(timeout=280_000)


@pytest.mark.timeout(1200)  # six times the whole bank, beside a worker that others use too
def test_the_whole_bank_comes_back_from_each_format(log_in: LogIn, product: Product, tmp_path: Path) -> None:
    page = log_in("mentor")
    before = said(product)
    files = {name: export(page, name, tmp_path) for name in FORMATS}
    rename(product, list(before), "-0")

    for number, (name, path) in enumerate(files.items(), 1):
        bring_in(page, path)
        after = said(product)
        assert {slug: after.get(slug) for slug in before} == before, name
        rename(product, list(before), f"-{number}")
        # What the grader makes of their exemplars is another test's matter.
        product.sql("DELETE FROM grading_benchrun WHERE state = 'pending' RETURNING id")

    drafts = product.sql("SELECT count(*) FROM questionbank_questionversion WHERE state = 'draft'")
    assert drafts[0][0] >= len(FORMATS) * len(before)
