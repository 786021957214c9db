"""The pages of item statistics in a browser: a chart with its table, sorting, and nothing for axe to find."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(product: Product) -> None:
    # Chance draws the questions: so many answers that some question has the five that its figures need.
    product.manage("make_demo", "--candidates", "40", "--interviews", "2", "--yes")


def _most_answered(page: Page) -> None:
    page.goto("/questions/statistics/?sort=-n")
    page.get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Key point by key point")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_pages_are_accessible(log_in: LogIn, demo: None, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})

    wrong = look(page, "/questions/statistics/") + look(page, "/questions/statistics/?flag=1")
    wrong += look(page, "/questions/?q=gradient+descent") + look(page, "/questions/?q=gradiant")
    _most_answered(page)

    assert wrong + look_here(page) == []


def test_the_histogram_is_drawn_from_its_table(log_in: LogIn, demo: None) -> None:
    page = log_in("mentor")
    _most_answered(page)

    rows = page.locator("#histogram-table [data-count]")
    drawn = page.evaluate("Chart.getChart(document.querySelector('[data-histogram]')).data.datasets[0].data")

    assert drawn == [int(rows.nth(n).get_attribute("data-count") or "") for n in range(10)]
    assert sum(drawn) >= 5
    expect(page.get_by_role("img", name="Histogram of the scores")).to_be_visible()


def test_a_heading_sorts_one_way_and_then_the_other(log_in: LogIn, demo: None) -> None:
    page = log_in("mentor")
    page.goto("/questions/statistics/?topic=python")

    heading = page.get_by_role("columnheader", name="Candidates").first  # the table of tracks has one too
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    heading.get_by_role("link").click()

    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert "topic=python" in page.url
