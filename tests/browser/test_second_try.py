"""Answered badly, read, answered again: the worker says what was gained. And what can be taken away of it all."""

import json
import re
from itertools import pairwise
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import look_here
from tests.product import Product

pytestmark = pytest.mark.browser

BADLY = "A cache makes things faster for the people who use it, because the slow work is skipped the second time."
WELL = (
    "Mainly speed: if somebody asked the same thing a moment ago, the answer comes back faster, because the slow work "
    "is skipped. As a side effect the service behind it gets hit far less often, so its load goes down. The "
    "catch is that what we hand back may be out of date, because the real value can have changed since it was saved. "
    "And it eats memory, so at some point old entries have to be thrown out."
)
NARROW = {"color_scheme": "dark", "viewport": {"width": 390, "height": 900}}


def submit(page: Page, text: str) -> int:
    """Answer the question that is open; return the score shown when the worker has graded it."""
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Submit for feedback").click()
    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=60_000)
    return int(page.locator(".score").first.inner_text().split()[0])


def press(page: Page, name: str) -> None:
    """Press a button as somebody without a mouse does."""
    button = page.get_by_role("button", name=re.compile(name))
    button.focus()
    page.keyboard.press("Enter")


def test_a_second_try_says_what_it_gained(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate", **NARROW)
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()
    first = page.url
    badly = submit(page, BADLY)

    press(page, "^Try again")
    expect(page.get_by_label("Your answer")).to_have_value("")
    second = page.url
    page.goto(first)
    press(page, "^Try again")
    page.wait_for_url(second)

    well = submit(page, WELL)
    since = page.get_by_role("region", name="Since your last try")
    expect(since).to_contain_text(re.compile(rf"\({badly} on .*\): gained \d key points?"))
    expect(since).to_contain_text("Cached values can be stale")
    tops = since.get_by_role("link").evaluate_all("links => links.map((link) => link.getBoundingClientRect().top)")
    assert min(after - before for before, after in pairwise(tops)) >= 24
    assert well > badly + 30
    assert look_here(page) == []

    # It is over with its only answer; its result says the same, and what was worth a third try.
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second try: What a cache costs")
    page.locator(".question-result__title").click()
    expect(page.get_by_role("region", name="Since your last try")).to_be_visible()
    assert look_here(page) == []
    running = "SELECT count(*) FROM interview_interview WHERE title LIKE 'Second try%%' AND finished_at IS NULL"
    assert product.sql(running) == [(0,)]


def test_the_result_leads_to_the_weakest_and_prints_all_that_is_folded(log_in: LogIn) -> None:
    page = log_in("candidate")
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()
    interview = page.url.split("/questions/")[0]
    submit(page, WELL)
    page.goto(f"{interview}/questions/4/")
    submit(page, "I would copy the files by hand now and then.")
    page.goto(f"{interview}/review/")
    page.get_by_role("button", name=re.compile("Finish")).last.click()

    # What the button does, short of the printer: Chromium's dialogue cannot be answered from here.
    page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
    press(page, "^Print$")
    assert page.locator("main details:not([open])").count() == 0
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_text("Backups must be tested by restoring").first).to_be_visible()
    assert page.locator("main form:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0
    page.emulate_media(media="screen")

    press(page, "^Try the weakest again")
    expect(page.get_by_label("Your answer")).to_be_visible()
    expect(page.get_by_text("How do you make sure that your database backups")).to_be_visible()


def test_everything_that_is_mine_comes_as_one_file(log_in: LogIn) -> None:
    page = log_in("candidate", **NARROW)
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()
    submit(page, WELL)

    page.goto("/profile/")
    page.get_by_role("link", name="Your data").click()
    assert look_here(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").click()
    with ZipFile(download.value.path()) as archive:
        held = json.loads(archive.read("everything.json"))

    assert re.fullmatch(r"greenroom-\d{4}-\d\d-\d\d\.zip", download.value.suggested_filename)
    texts = [asked["answer"]["text"] for one in held["interviews"] for asked in one["questions"] if asked["answer"]]
    assert (held["profile"]["email"], WELL in texts) == ("candidate@demo.test", True)
