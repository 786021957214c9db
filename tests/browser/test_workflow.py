"""From a draft to publication: handed in, commented on by keyboard, sent back, mended, approved by another mentor."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product

pytestmark = pytest.mark.browser

QUESTION = "Embeddings in fewer bytes"


def open_question(page: Page) -> str:
    """Open the question in the list; return its address."""
    page.goto(f"/questions/?q={QUESTION}")
    page.get_by_role("link", name=QUESTION).first.click()
    return re.sub(r"versions/.*", "", page.url)


def test_a_version_goes_from_hand_to_hand_until_it_is_published(
    log_in: LogIn, second_mentor: str, product: Product
) -> None:
    author, reviewer = log_in("mentor"), log_in(second_mentor)
    question = open_question(author)
    title = author.get_by_role("heading", level=1).inner_text()

    author.goto(f"{question}edit/")
    author.get_by_label("Title", exact=True).first.fill(f"{title}, mended")
    author.get_by_role("button", name=re.compile("hand in", re.IGNORECASE)).click()
    expect(author.get_by_text("is handed in. Another mentor reads it")).to_be_visible()
    version = author.url
    expect(author.get_by_text("Your version waits for another mentor")).to_be_visible()
    expect(author.get_by_role("button", name="Approve and publish")).to_have_count(0)

    # The reviewer says something to the first key point, by keyboard alone.
    reviewer.goto(version)
    reviewer.get_by_text("Comment on key point 1").first.focus()
    for key in ("Enter", "Tab"):
        reviewer.keyboard.press(key)
    reviewer.keyboard.type("Is this one claim or two?")
    for key in ("Tab", "Enter"):
        reviewer.keyboard.press(key)
    expect(reviewer.get_by_text("Your comment is saved.")).to_be_visible()
    expect(reviewer.get_by_text("1 comment is open.")).to_be_visible()
    expect(reviewer.get_by_role("button", name="Approve and publish")).to_have_count(0)

    reviewer.get_by_text("Ask for changes").click()
    reviewer.get_by_label("What should change").fill("The title says too much.")
    reviewer.get_by_role("button", name="Send it back").click()
    expect(reviewer.get_by_text("is back with its author")).to_be_visible()

    author.goto(version)
    expect(author.get_by_text("Sam Second asked for changes on")).to_be_visible()
    expect(author.get_by_text("The title says too much.").first).to_be_visible()
    author.get_by_role("button", name="Resolve the comment by Sam Second on key point 1").click()
    author.get_by_role("link", name="Go on with the draft").click()
    author.get_by_label("Title", exact=True).first.fill(f"{title} at work")
    author.get_by_role("button", name=re.compile("hand in", re.IGNORECASE)).click()
    expect(author.get_by_text("is handed in. Another mentor reads it")).to_be_visible()

    # The button waits for the bench and comes back by itself; what is typed meanwhile stays.
    reviewer.goto(version)
    reviewer.get_by_text("Ask for changes").click()
    reviewer.get_by_label("What should change").fill("Nothing, I think.")
    expect(reviewer.get_by_text("Strong, half and wrong answers separate.")).to_be_visible(timeout=120_000)
    expect(reviewer.get_by_role("button", name="Approve and publish")).to_be_enabled()
    expect(reviewer.get_by_label("What should change")).to_have_value("Nothing, I think.")
    reviewer.get_by_role("button", name="Approve and publish").click()
    expect(reviewer.get_by_text("is published. Interviews that start now ask it.")).to_be_visible()
    expect(reviewer.get_by_role("heading", name=f"{title} at work")).to_be_visible()

    reviewer.get_by_role("link", name="Compare").click()
    expect(reviewer.get_by_text("1 difference between version 1 and version 2.")).to_be_visible()
    expect(reviewer.locator("ins")).to_contain_text("at work")
    assert _deeds(product, question) == ["submit", "comment", "ask_changes", "resolve_comment", "submit", "publish"]


def _deeds(product: Product, question: str) -> list[str]:
    """Return what the audit log says was done to the question's second version, the oldest first."""
    pk = question.rstrip("/").rpartition("/")[2]
    entries = product.sql(
        "SELECT action FROM people_auditentry WHERE object_id = %s AND detail->>'version' = '2' ORDER BY id", pk
    )
    return [action.removeprefix("question.") for (action,) in entries]


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_pages_of_the_workflow_are_accessible(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    page.goto("/questions/?q=why-idempotency")
    page.get_by_role("link", name="Why idempotency keys").click()
    question = re.sub(r"versions/.*", "", page.url)
    page.get_by_text("Retire this question").click()
    wrong = look_here(page)

    page.goto(f"{question}edit/")
    page.get_by_role("button", name=re.compile("hand in", re.IGNORECASE)).click()
    page.get_by_text("is handed in.").wait_for()
    wrong += look_here(page)
    page.get_by_text("Comment on the prompt", exact=True).click()
    page.get_by_label("Your comment on the prompt").fill("Well put.")
    page.get_by_role("button", name="Save the comment").first.click()
    page.get_by_text("Your comment is saved.").wait_for()
    wrong += look_here(page)
    page.get_by_role("button", name="Resolve").click()
    page.get_by_text("The comment is resolved.").wait_for()
    page.get_by_text("1 resolved comment").click()
    wrong += look_here(page)
    page.get_by_role("button", name="Take it back to change it").click()
    page.get_by_text("is a draft again.").wait_for()
    wrong += look_here(page)
    wrong += look(page, f"{question}compare/")
    wrong += look(page, f"{question}history/")
    page.goto(question)
    page.get_by_role("link", name="Read the draft").click()
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_text("The draft is discarded.").wait_for()

    assert wrong == []
