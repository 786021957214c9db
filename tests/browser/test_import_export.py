"""Questions come in from a file and go on together: accessible from the file to the result."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here

pytestmark = pytest.mark.browser

TABLE = """Question,Level,Topic,Answer,Picture
What is a p-value and what is it not ({0})?,hard,everyday,It says how odd the data are if nothing is going on.,p.png
What is a confidence interval?,impossible,everyday,A range.,
What is the power of a test ({0})?,medium,not-there-{0},How likely it finds what is there.,
"""


def choose(page: Page, path: Path) -> None:
    page.goto("/questions/import/")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_an_import_is_accessible_from_the_file_to_its_result(
    log_in: LogIn, tmp_path: Path, theme: str, width: int
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


def test_ticked_questions_are_handed_in_together(log_in: LogIn) -> None:
    page = log_in("mentor")
    page.goto("/questions/?state=published")
    boxes = page.locator("input[name=question]")
    page.get_by_label("All on this page").check()
    expect(page.get_by_text(f"{boxes.count()} ticked")).to_be_visible()

    # One of which no test makes a draft.
    page.goto("/questions/?state=published&q=why-idempotency")
    boxes.first.check()
    expect(page.get_by_text("1 ticked")).to_be_visible()

    page.get_by_role("button", name="Hand in for review").click()

    expect(page.get_by_text("0 done, 1 not.")).to_be_visible()
    assert look_here(page) == []
