"""The second step in a browser: an authenticator app, then a passkey that the browser keeps; no policy is breached."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import look_here
from tests.people.totp import code_of
from tests.product import PASSWORD, Product

pytestmark = pytest.mark.browser

EMAIL = "second.step@demo.test"
# A passkey belongs to a name, never to a number.
BY_NAME = ("127.0.0.1", "localhost")


@pytest.fixture
def page(log_in: LogIn, product: Product) -> Page:
    """A browser with a place for passkeys, in which somebody of this test alone is logged in."""
    make = f"User.objects.create_user('{EMAIL}', '{PASSWORD}', name='Second Step')"
    product.manage("shell", "-c", make)
    page = log_in()
    page.goto(product.url.replace(*BY_NAME))
    _enter(page)
    page.wait_for_url("**/practise/")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    kept_here = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kept_here, "isUserVerified": True, "automaticPresenceSimulation": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def _open(page: Page, address: str) -> None:
    page.goto(urljoin(page.url, address))


def _enter(page: Page) -> None:
    _open(page, "/account/login/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def _leave(page: Page) -> None:
    _open(page, "/account/logout/")
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/localhost:*/")


def test_an_app_and_a_passkey_are_set_up_and_log_in(page: Page) -> None:
    _open(page, "/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    assert look_here(page) == []
    page.get_by_label("Authenticator code").fill(code_of(page.locator("#totp-key").inner_text().strip()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator(".recovery-codes li").count() == 10
    assert look_here(page) == []

    _open(page, "/account/2fa/webauthn/add/")
    page.get_by_label("Log in with it alone").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("You have 1 passkey.")).to_be_visible()

    _leave(page)
    _enter(page)
    expect(page.get_by_role("heading", name="Your second step")).to_be_visible()
    assert look_here(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/practise/")

    _leave(page)
    _open(page, "/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/practise/")
