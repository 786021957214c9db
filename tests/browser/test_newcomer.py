"""A newcomer on a phone, with a keyboard and nothing else: from the first page to all that is theirs in one file."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn
from tests.product import Product

pytestmark = pytest.mark.browser

VAGUE = "I have seen this happen before, but I cannot say exactly why it does."
GRADED = 120_000  # a bound against hanging, in milliseconds, for what a worker has to do first

# Whether what has the focus can be seen: within the window, with nothing over it.
IN_SIGHT = """element => {
  const {left, top, width, height} = element.getClientRects()[0];
  const there = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
  return element.contains(there) || (element.labels ?? [])[0]?.contains(there) === true;
}"""


def reach(page: Page, role: str, name: str | re.Pattern[str]) -> Locator:
    """Go by Tab alone to the next element of that role and accessible name; it must be in sight there."""
    if role == "summary":  # which has no role of its own
        wanted = page.locator("summary", has_text=name)
    else:
        wanted = page.get_by_role(role, name=name, exact=isinstance(name, str))
    wanted.first.wait_for()
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate_all("elements => elements.includes(document.activeElement)"):
            Product.eventually(lambda: page.locator("*:focus").evaluate(IN_SIGHT), 5)
            return wanted
    pytest.fail(f"no way to the {role} {name} by Tab on {page.url}")


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    reach(page, role, name)
    page.keyboard.press("Enter")


def answer(page: Page, text: str) -> None:
    """Write an answer and send it from within; the marks come by themselves."""
    reach(page, "textbox", "Your answer")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=GRADED)


def read_missed_points(page: Page) -> str:
    """Read the hints, then unfold each key point that is not stated; return what they say."""
    expect(page.get_by_text("Ask yourself: ").first).to_be_visible()
    folded = page.locator("details:not([open])", has_text="Show the point")
    points = page.locator("details", has_text="Show the point").locator(".prose")
    count = folded.count()
    expect(points.first).to_be_hidden()
    for _ in range(count):
        press(page, "summary", "Show the point")
    assert (folded.count(), count > 0) == (0, True)
    return " ".join(points.all_inner_texts())


def sign_up(page: Page) -> None:
    press(page, "link", "create an account")
    expect(page.get_by_text("What you have written as a guest comes along.")).to_be_visible()
    for label, value in [
        ("Your name", "Nora Newcomer"),
        ("Email", f"{uuid4()}@example.com"),
        ("Password", "seven green rooms in a row"),
    ]:
        reach(page, "textbox", label)
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/practise/")


def set_plan(page: Page, day: str) -> None:
    """Plan for the taster and an interview on day, in digits as the date field of an English Chromium takes them."""
    press(page, "link", "Plan")
    track = reach(page, "combobox", re.compile("What you prepare for"))
    page.keyboard.type("A 20-minute")
    expect(track.locator("option:checked")).to_have_text("A 20-minute taster")
    reach(page, "textbox", re.compile("Day of your interview"))
    page.keyboard.type(day)
    reach(page, "spinbutton", "Minutes a day")
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    press(page, "button", "Save the plan")
    expect(page.get_by_text("Your plan is saved.")).to_be_visible()
    expect(page.get_by_text("Your interview is in 9 days.")).to_be_visible()


def practise_today(page: Page) -> None:
    """Flag, ask for help, go on and back; what was begun stays."""
    press(page, "button", re.compile("^Start today’s 20 minutes"))
    box = reach(page, "textbox", "Your answer")
    page.keyboard.type("Begun today")
    page.keyboard.press("Alt+f")
    expect(page.get_by_role("button", name="Flag", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(box).to_have_value("Begun today")

    submit = reach(page, "button", "Submit for feedback")
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_be_visible()
    page.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    expect(submit).to_be_focused()

    page.keyboard.press("Alt+n")
    expect(page.get_by_role("heading", level=1, name=re.compile("Question 2"))).to_be_focused()
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("heading", level=1, name=re.compile("Question 1"))).to_be_focused()
    expect(box).to_have_value("Begun today")
    expect(page.get_by_role("link", name="Question 1, draft, flagged", exact=True)).to_be_visible()


def take_mock(page: Page, text: str) -> None:
    """Answer the first question of the taster, leave the others, and finish."""
    press(page, "link", "Practise")
    press(page, "link", "A 20-minute taster")
    reach(page, "radio", re.compile("^Practice"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Mock interview"))).to_be_checked()
    press(page, "button", "Start")
    expect(page.get_by_role("timer")).to_contain_text("left")

    reach(page, "textbox", "Your answer")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Question 2"))).to_be_focused()
    press(page, "button", "Look over and finish")
    expect(page.get_by_text("3 questions are still open. An open question counts as 0.")).to_be_visible()
    press(page, "button", "Finish the interview")
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible(timeout=GRADED)


def test_a_newcomer_does_all_of_it_by_keyboard_on_a_phone(log_in: LogIn) -> None:
    page = log_in(viewport={"width": 390, "height": 844})
    interview_on = datetime.now(UTC).date() + timedelta(days=9)

    # As a guest: answered, marked, the missed points read, answered better.
    page.goto("/")
    press(page, "link", "Skip to the page’s content")
    expect(page.get_by_role("main")).to_be_focused()
    press(page, "button", "Try a question")
    answer(page, VAGUE)
    missed = read_missed_points(page)
    press(page, "button", re.compile("^Try again"))
    expect(page.get_by_label("Your answer")).to_have_value("")
    answer(page, missed)
    since = page.get_by_role("region", name="Since your last try")
    expect(since).to_contain_text(re.compile(r"gained \d key points?"))
    expect(since.locator("dd").first).to_contain_text(re.compile(r"Point \d\s+\w+"))

    # An account keeps both answers, with the chart and its table.
    sign_up(page)
    press(page, "link", "History")
    expect(page.get_by_role("img", name=re.compile("Chart of the scores of 2 answers"))).to_be_visible()
    table = reach(page, "region", re.compile("^Your latest answers"))
    expect(table.locator("tbody").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("link", name=re.compile("^Second try: "))).to_be_visible()

    set_plan(page, f"{interview_on:%m%d%Y}")
    practise_today(page)
    take_mock(page, missed)

    # The result unfolds and prints; all of it comes as one file.
    reach(page, "button", "Print")
    press(page, "summary", "of 100")
    expect(page.get_by_role("heading", name="Key points").first).to_be_visible()
    press(page, "button", "Nora Newcomer")
    press(page, "link", "Profile")
    press(page, "link", "Your data")
    with page.expect_download() as download:
        press(page, "link", "Download the file")
    with ZipFile(download.value.path()) as archive:
        held = json.loads(archive.read("everything.json"))
    answers = [asked["answer"]["text"] for one in held["interviews"] for asked in one["questions"] if asked["answer"]]
    assert (held["profile"]["name"], set(answers) >= {VAGUE, missed}) == ("Nora Newcomer", True)
