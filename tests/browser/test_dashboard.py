"""A cohort's dashboard in a browser: with the charts drawn, and on paper with tables alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look_here
from tests.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crowd(product: Product) -> None:
    """A cohort of its own with graded answers, which the demo admin leads."""
    product.manage("make_demo", "--candidates", "6", "--interviews", "2", "--yes")
    product.manage(
        "shell",
        "-c",
        "from people.services.cohorts import set_role\n"
        'set_role(cohort=Cohort.objects.get(name="Demo"), user=User.objects.get(email="admin@demo.test"),'
        ' role="admin", actor=None)',
    )


def _open(page: Page) -> None:
    page.goto("/cohorts/")
    page.get_by_role("link", name="Dashboard of Demo", exact=True).click()
    page.get_by_role("heading", name="Week by week").wait_for()


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_dashboard_is_accessible_and_its_filter_is_in_the_address(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("admin", color_scheme=theme, viewport={"width": width, "height": 900})
    _open(page)
    wrong = look_here(page)

    page.get_by_text("Filter").first.click()
    page.get_by_label("Mode").select_option("mock")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("first attempts, mock interviews only").first).to_be_visible()
    wrong += look_here(page)
    page.get_by_role("link", name="Assignments", exact=True).click()
    wrong += look_here(page)

    assert wrong == []
    assert page.url.endswith("/dashboard/assignments/?mode=mock")


@pytest.mark.usefixtures("crowd")
def test_on_paper_the_tables_stand_for_the_charts(log_in: LogIn) -> None:
    page = log_in("admin")
    _open(page)
    page.emulate_media(media="print")

    expect(page.locator("canvas").first).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator("#scores-table")).to_be_visible()
    expect(page.get_by_text("Shown: first attempts.")).to_be_visible()

    # Hatching took a megabyte for each few cells.
    page.goto(f"{page.url}topics/")
    expect(page.locator(".heat--few").first).to_be_attached()
    assert len(page.pdf()) < 1_000_000
