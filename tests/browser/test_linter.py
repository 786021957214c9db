"""The linter with the real grader: warnings while one writes, each with its evidence and the way to its field."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product

pytestmark = pytest.mark.browser

LONG = 60_000  # milliseconds: a bound against hanging
FRESH = "A cache answers repeated requests from memory instead of computing them again."
AGAIN = "A cache answers requests that are repeated from memory rather than computing them again."
JOINED = "A cached value may be stale, and every cache has to evict its oldest entries."


@pytest.fixture(autouse=True)
def _no_copies(product: Product) -> None:
    """What another test has left behind is not this one's to bring back."""
    product.sql("DELETE FROM questionbank_editorcopy RETURNING id")


def begin(page: Page, *claims: str) -> None:
    """Open the editor of a new question and write its key points."""
    page.goto("/questions/new/")
    for number, claim in enumerate(claims):
        page.get_by_label("Claim").nth(number).fill(claim)


def findings(page: Page) -> Locator:
    """What is found, once the worker has read it all."""
    return page.locator(".lint-report:not([data-lint-pending]) .lint-finding")


def test_warnings_come_and_go_as_one_writes(log_in: LogIn) -> None:
    page = log_in("mentor")
    begin(page, FRESH, AGAIN, JOINED)

    close = findings(page).filter(has_text="cannot tell this from another key point")
    expect(close).to_contain_text(FRESH, timeout=LONG)
    expect(findings(page).filter(has_text="two claims")).to_contain_text("every cache has to evict")
    expect(findings(page).filter(has_text="no exemplar of a wrong answer")).to_have_count(1)
    expect(page.locator("[data-lint-voice]")).to_contain_text("warnings")

    page.get_by_label("Claim").nth(1).fill("A cached value may differ from what is true by now.")

    expect(close).to_have_count(0, timeout=LONG)


def test_a_finding_leads_to_its_field_by_the_keyboard(log_in: LogIn) -> None:
    page = log_in("mentor")
    begin(page, FRESH, "", JOINED)

    link = findings(page).filter(has_text="two claims").get_by_role("link", name="Key point 2")
    expect(link).to_be_visible(timeout=LONG)
    link.press("Enter")

    # The row between them is blank and no key point.
    expect(page.get_by_label("Claim").nth(2)).to_be_focused()


def test_each_finding_says_why(log_in: LogIn) -> None:
    page = log_in("mentor")
    begin(page, FRESH, "", JOINED)

    why = findings(page).filter(has_text="two claims").get_by_role("link", name="Why")
    expect(why).to_be_visible(timeout=LONG)
    with page.context.expect_page() as opened:
        why.click()

    expect(opened.value.get_by_role("heading", name="Two claims in one key point")).to_be_in_viewport()


def test_a_draft_shows_what_is_found_beside_its_parts(
    log_in: LogIn, product: Product, shots: Callable[[Page, str], None]
) -> None:
    page = log_in("mentor")
    question = product.sql("SELECT question_id FROM questionbank_questionversion WHERE state = 'published' LIMIT 1")
    page.goto(f"/questions/{question[0][0]}/edit/")
    page.get_by_label("Claim").first.fill(JOINED)
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/versions/*/")

    checks = page.locator("#lint-version")
    button = checks.get_by_role("button", name="Check the question")
    expect(checks).to_contain_text("two claims")
    if button.count():
        button.click()
    expect(checks.get_by_text("The nearest questions of the bank")).to_be_visible(timeout=LONG)
    shots(page, "version")
    checks.get_by_role("link", name="Key point 1").first.click()

    expect(page.locator(":target")).to_be_in_viewport()
    assert look_here(page) == []
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    page.wait_for_url("**/questions/**")


def test_without_scripts_the_question_is_checked_in_another_tab(log_in: LogIn) -> None:
    here = log_in("mentor")
    page = log_in("", java_script_enabled=False, storage_state=here.context.storage_state())
    begin(page, JOINED)

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Check the question").click()

    expect(opened.value.get_by_text("These are two claims")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_panel_and_the_page_of_rules_are_accessible(
    log_in: LogIn, shots: Callable[[Page, str], None], theme: str, width: int
) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    begin(page, FRESH, AGAIN, JOINED)
    expect(findings(page).first).to_be_visible(timeout=LONG)
    page.locator(".lint").scroll_into_view_if_needed()
    shots(page, f"panel-{theme}-{width}")

    assert look_here(page) == []
    assert look(page, "/how-questions-are-checked/") == []
    shots(page, f"rules-{theme}-{width}")


@pytest.fixture
def shots() -> Callable[[Page, str], None]:
    folder = os.environ.get("SHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"G-{name}.png", full_page=True)

    return take
