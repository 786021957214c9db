"""What next, in the browser: a plan, today's practice by one button, the chart of scores."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import look_here
from tests.product import Product

pytestmark = pytest.mark.browser

RIGHT = (
    "Repeated requests are answered faster because the slow work is skipped. The backend receives fewer requests and "
    "its load falls."
)
# How many points of the canvas are not clear.
DRAWN = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, index) => index % 4 === 3 && value > 0).length;
}"""


def _sign_up(page: Page, email: str) -> None:
    page.goto("/account/signup/")
    page.get_by_label("Your name").fill("Nora Newcomer")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("a long enough password")
    page.get_by_role("main").get_by_role("button", name=re.compile("Sign up|Create")).click()
    page.wait_for_url("**/practise/")


def _answer(page: Page, text: str) -> None:
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Submit for feedback").click()
    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=120_000)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_plan_is_set_followed_and_seen(log_in: LogIn, product: Product, theme: str, width: int) -> None:
    page = log_in(color_scheme=theme, viewport={"width": width, "height": 900})
    email = f"nora-{width}@example.com"
    _sign_up(page, email)
    day = datetime.now(UTC).date() + timedelta(days=9)

    # The plan.
    page.goto("/plan/")
    page.get_by_label("What you prepare for").select_option(label="Everyday engineering")
    page.get_by_label("Day of your interview").fill(day.isoformat())
    page.get_by_label("Minutes a day").fill("10")
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_text("Your plan is saved.")).to_be_visible()
    expect(page.get_by_text("Your interview is in 9 days.")).to_be_visible()
    expect(page.get_by_role("row", name="Caching not asked yet")).to_be_visible()
    wrong = look_here(page)

    # Today's practice, by one button.
    page.get_by_role("button", name="Start today’s 10 minutes").click()
    expect(page.get_by_text("Your team wants to put a cache in front of a slow service.")).to_be_visible()
    _answer(page, RIGHT)
    address = page.url
    page.goto("/practise/")
    page.get_by_role("button", name="Go on with today’s practice").click()
    assert page.url != address
    _answer(page, "No idea.")

    # What was missed is to be recalled, and the topic has a range.
    kept = (
        "SELECT count(*) FROM interview_pointtorecall p JOIN people_user u ON u.id = p.candidate_id WHERE u.email = %s"
    )
    assert product.eventually(lambda: product.sql(kept, email)[0][0] >= 2)
    page.goto("/plan/")
    expect(page.get_by_role("row", name=re.compile(r"Caching between \d+ and \d+, from 1 answer"))).to_be_visible()
    wrong += look_here(page)

    # The path.
    page.get_by_role("link", name="Topic by topic, with what to read").click()
    page.get_by_text("What it asks, and what to read").first.click()
    wrong += look_here(page)
    page.get_by_role("button", name="Practise Backups").click()
    expect(page.get_by_label("Your answer")).to_be_visible()

    # The chart, in either theme.
    page.goto("/interviews/")
    chart = page.get_by_role("img", name=re.compile("Chart of the scores of 2 answers"))
    assert product.eventually(lambda: chart.evaluate(DRAWN) > 1000)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert product.eventually(lambda: chart.evaluate(DRAWN) > 1000)
    wrong += look_here(page)
    page.get_by_role("link", name="Everyday engineering", exact=True).click()
    expect(page.get_by_role("heading", name="Your scores: Everyday engineering")).to_be_visible()

    assert wrong == []
