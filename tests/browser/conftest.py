"""Chromium against the whole product. A page fails its test on any console error or breach of the content policy."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.product import PASSWORD, Product

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LogIn = Callable[..., Page]

SECOND_MENTOR = f"""
from allauth.account.models import EmailAddress
from people.services.cohorts import set_role
User.objects.filter(email="second@demo.test").update(is_active=True)
user = User.objects.filter(email="second@demo.test").first()
if user is None:
    user = User.objects.create_user("second@demo.test", "{PASSWORD}", name="Sam Second")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    set_role(cohort=Cohort.objects.get(name="Demo cohort"), user=user, role="mentor", actor=None)
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Module by module: while Playwright's loop runs, Django refuses its ORM to other tests of this process.
    if not CHROMIUM.exists():
        assert "CI" not in os.environ, "the browser tests never skip in CI: Chromium is missing"
        pytest.skip("CHROMIUM IS MISSING: the browser tests are skipped (install Debian's chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def log_in(chromium: Browser, product: Product) -> Iterator[LogIn]:
    """Open a page of a browser of its own, logged in as candidate, mentor or admin ("" for nobody)."""
    complaints: list[str] = []
    contexts = []

    def open_page(role: str = "", **options: object) -> Page:
        context = chromium.new_context(base_url=product.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if role:
            page.goto("/account/login/")
            page.get_by_label("Email").fill(f"{role}@demo.test")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
            page.wait_for_url("**/practise/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def second_mentor(product: Product) -> Iterator[str]:
    """A colleague of the demo mentor's, for as long as this test takes; the name they log in by."""
    product.manage("shell", "-c", SECOND_MENTOR)
    yield "second"
    product.manage("shell", "-c", "User.objects.filter(email='second@demo.test').update(is_active=False)")


# What the browser itself says of an answer that a test provokes on purpose.
PROVOKED = (
    "status of 400",
    "status of 401",
    "status of 403",
    "status of 404",
    "status of 409",
    "status of 422",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_FAILED",
)


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error" and not any(provoked in message.text for provoked in PROVOKED):
        complaints.append(f"{message.text} at {message.location}")
