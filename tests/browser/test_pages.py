"""Every page, per role, theme and width: axe finds nothing, nothing overflows, the console stays silent."""

import re
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn

pytestmark = pytest.mark.browser

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
QUESTION = re.compile("/questions/[0-9a-f-]{36}/")
SHAPES = [("light", 1280), ("dark", 390)]

ANYBODY = [
    "/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/how-marks-are-made/",
    "/how-questions-are-checked/",
    "/nowhere/",
]
CANDIDATE = [
    "/practise/",
    "/practise/taster/",
    "/plan/",
    "/prepare/taster/",
    "/interviews/",
    "/profile/",
    "/profile/my-data/",
    "/account/email/",
    "/account/2fa/",
    "/account/2fa/webauthn/",
    "/account/sessions/",
    "/cohorts/",
]
MENTOR = [
    "/questions/",
    "/questions/?q=transformer",
    "/questions/new/",
    "/answers/",
    "/answers/agreement/",
    "/cohorts/",
]
ADMIN = ["/cohorts/", "/answers/", "/audit/"]


def look(page: Page, address: str) -> list[str]:
    """Open address; return what is wrong with the page there."""
    page.goto(address)
    return look_here(page)


def look_here(page: Page) -> list[str]:
    # Half way from one theme to the other no colour is what it will be.
    page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")
    found = Axe().run(page, options=AXE).response["violations"]
    wrong = [f"{page.url}: {v['id']} at {[node['target'] for node in v['nodes']][:3]}" for v in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append(f"{page.url}: wider than the window")
    return wrong


def open_question(page: Page, title: str) -> Page:
    page.goto(f"/questions/?q={quote(title)}")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url(QUESTION)
    return page


def open_editor(page: Page, title: str) -> Page:
    found = QUESTION.search(open_question(page, title).url)
    assert found
    page.goto(f"{found[0]}edit/")
    return page


@pytest.mark.parametrize(("theme", "width"), SHAPES)
@pytest.mark.parametrize(
    ("role", "addresses"), [("", ANYBODY), ("candidate", CANDIDATE), ("mentor", MENTOR), ("admin", ADMIN)]
)
def test_pages_are_accessible(log_in: LogIn, role: str, addresses: list[str], theme: str, width: int) -> None:
    page = log_in(role, color_scheme=theme, viewport={"width": width, "height": 900})

    assert [wrong for address in addresses for wrong in look(page, address)] == []


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_an_interview_is_accessible_from_start_to_result(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("candidate", color_scheme=theme, viewport={"width": width, "height": 900})
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()
    wrong = look_here(page)

    page.get_by_label("Your answer").fill("Repeated requests are answered faster, but values can be stale.")
    page.get_by_role("button", name="Submit for feedback").click()
    page.get_by_role("heading", name="Key points").wait_for(timeout=60_000)
    wrong += look_here(page)
    interview = page.url.split("/questions/")[0]
    wrong += look(page, f"{interview}/review/")
    page.get_by_role("button", name=re.compile("Finish")).last.click()
    page.locator(".score").first.wait_for(timeout=60_000)
    wrong += look_here(page)

    assert wrong == []


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_a_question_is_accessible_to_read_and_to_write(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    wrong = look_here(open_question(page, "What a cache costs"))
    wrong += look_here(open_editor(page, "What a cache costs"))

    assert wrong == []


def test_a_mentor_adds_and_removes_key_points_in_place(log_in: LogIn) -> None:
    page = log_in("mentor")
    open_editor(page, "Backups that work")
    before = page.get_by_label("Claim").count()

    page.get_by_role("button", name=re.compile("Add .*key point", re.IGNORECASE)).click()
    page.get_by_label("Claim").nth(before).fill("Somebody must own the restore procedure.")
    page.get_by_role("button", name=re.compile("hand in", re.IGNORECASE)).click()

    expect(page.get_by_text("is handed in.")).to_be_visible()
    expect(page.get_by_text("Somebody must own the restore procedure.").first).to_be_visible()
