"""The whole bank goes out in each format and comes back through the pages and the worker into a bank without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionbank.formats.registry import FORMATS
from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product, running_product

pytestmark = pytest.mark.browser

SAID = """
import json
from questionbank.models import Question
from questionbank.selectors import to_export
items = to_export(Question.objects.all())
print(json.dumps({item.slug: [item.topic, item.content.to_dict()] for item in items}))
"""
TABLE = """Question,Level,Topic,Answer,Picture
What is a p-value and what is it not ({0})?,hard,everyday,It says how odd the data are if nothing is going on.,p.png
What is a confidence interval?,impossible,everyday,A range.,
What is the power of a test ({0})?,medium,not-there-{0},How likely it finds what is there.,
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


def choose(page: Page, path: Path) -> None:
    page.goto("/questions/import/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check the file").click()


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


@pytest.mark.slow
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


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_an_import_is_accessible_from_the_file_to_its_result(
    log_in: LogIn, product: Product, tmp_path: Path, theme: str, width: int
) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(TABLE.format(theme))
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    wrong = look(page, "/questions/import/")

    page.get_by_role("button", name="Check the file").click()  # without a file
    wrong += look_here(page)
    choose(page, path)
    wrong += look_here(page)
    page.get_by_role("button", name="Check the table").click()
    page.get_by_role("heading", name="What would be imported").wait_for(timeout=60_000)
    expect(page.get_by_role("cell", name="“impossible” is none of easy, medium, hard")).to_be_visible()
    wrong += look_here(page)
    page.get_by_role("button", name="Import as drafts").click()
    expect(page.get_by_role("alert")).to_contain_text("The file has problems.")
    wrong += look_here(page)
    page.get_by_label("Leave out what has problems").check()
    page.get_by_label("Create the topic that does not exist yet").check()
    page.get_by_role("button", name="Import as drafts").click()
    page.get_by_role("heading", name="What was imported").wait_for(timeout=60_000)
    page.get_by_role("heading", name="Their exemplars on the bench").wait_for()
    wrong += look_here(page)

    assert wrong == []


def test_ticked_questions_are_handed_in_together(log_in: LogIn, product: Product) -> None:
    page = log_in("mentor")
    page.goto("/questions/?state=published")
    boxes = page.locator("input[name=question]")
    page.get_by_label("All on this page").check()
    expect(page.get_by_text(f"{boxes.count()} ticked")).to_be_visible()
    page.get_by_label("All on this page").uncheck()
    boxes.first.check()
    expect(page.get_by_text("1 ticked")).to_be_visible()

    page.get_by_role("button", name="Hand in for review").click()

    expect(page.get_by_text("0 done, 1 not.")).to_be_visible()
    assert look_here(page) == []
