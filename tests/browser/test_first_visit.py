"""A newcomer on a phone, with a keyboard alone: a graded answer, an account, the answer in its history."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
WRITTEN = "It is shared between all the calls, because Python makes it once, when the function is defined."


def press(page: Page, target: Locator) -> None:
    """Go to target by Tab alone and press Enter on it."""
    tab_to(page, target)
    page.keyboard.press("Enter")


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {target} by Tab")


def test_a_newcomer_has_a_graded_answer_after_two_activations(log_in: LogIn) -> None:
    page = log_in(viewport=PHONE)
    page.goto("/")

    press(page, page.get_by_role("button", name="Try a question"))
    answer = page.get_by_label("Your answer")
    answer.wait_for()
    assert look_here(page) == []
    tab_to(page, answer)
    page.keyboard.type(WRITTEN)
    press(page, page.get_by_role("button", name="Submit for feedback"))

    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=60_000)
    assert look_here(page) == []
    score = re.compile(r"\s*".join(page.locator(".score").first.inner_text().split()))

    # To keep it they sign up; the answer comes along.
    press(page, page.get_by_role("link", name="create an account"))
    expect(page.get_by_text("What you have written as a guest comes along.")).to_be_visible()
    for label, value in (
        ("Your name", "Nora"),
        ("Email", f"{uuid4()}@example.com"),
        ("Password", "seven green rooms in a row"),
    ):
        tab_to(page, page.get_by_label(label, exact=True))
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/practise/")
    press(page, page.get_by_role("link", name="History"))
    press(page, page.get_by_role("link", name=re.compile("A first question")))
    expect(page.get_by_text("You are trying Greenroom as a guest.")).to_have_count(0)
    expect(page.locator(".score").first).to_have_text(score)


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_example_is_graded_and_accessible(log_in: LogIn, product: Product, theme: str, width: int) -> None:
    page = log_in(color_scheme=theme, viewport={"width": width, "height": 900})
    product.eventually(lambda: "being graded" not in page.goto("/example/").text())

    assert look(page, "/example/") == []
    expect(page.locator(".question-result")).to_have_count(4)
    marks = {mark.lower() for mark in page.locator(".key-point .mark").all_text_contents()}
    assert all(any(word in mark for mark in marks) for word in ("stated", "missing", "contradicted"))


def test_a_graded_mock_is_announced_by_mail(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    page.goto("/practise/everyday/")
    page.get_by_role("radio", name=re.compile("Mock")).check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/questions/1/")
    interview = page.url.split("/")[4]
    page.goto(f"/interviews/{interview}/review/")
    page.get_by_role("button", name=re.compile("Finish")).last.click()

    query = "SELECT 1 FROM interview_interview WHERE id = %s AND announced_at IS NOT NULL"
    product.eventually(lambda: product.sql(query, interview))
    log = (Path(product.status()["GREENROOM_STATE"]) / "logs" / "worker.log").read_text()

    assert log.count(f"{product.url}/interviews/{interview}/") == 1
    assert "To: candidate@demo.test" in log
