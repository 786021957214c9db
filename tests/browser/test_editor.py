"""The editor: a question written from nothing, saved as it is typed, brought back, and met by another mentor."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look_here, open_editor
from tests.product import PASSWORD, Product

pytestmark = pytest.mark.browser

CLAIMS = ["A queue decouples the sender from the receiver.", "A full queue slows its senders down."]


@pytest.fixture
def page(log_in: LogIn, product: Product) -> Page:
    """The editor of a new question, as nobody has left it."""
    opened = log_in("mentor")
    # Another test's page saves as it is closed: only now has it.
    product.sql("DELETE FROM questionbank_editorcopy RETURNING id")
    opened.goto("/questions/new/")
    return opened


def claims(page: Page) -> Locator:
    return page.get_by_label("Claim")


def words_of_state(page: Page) -> Locator:
    return page.locator("[data-save-state-words]")


def is_saved(page: Page) -> None:
    expect(words_of_state(page)).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=20_000)


def write(page: Page, title: str) -> None:
    """Fill a new question's form with what it needs."""
    page.get_by_label("Topic").select_option("Asked by no track")
    page.get_by_label("Title").first.fill(title)
    page.get_by_label("Prompt").fill("What does a **queue** buy you?")
    for number, claim in enumerate(CLAIMS):
        claims(page).nth(number).fill(claim)
    page.get_by_role("textbox", name="Reference answer").fill(
        "It decouples sender and receiver, and pushes back when it is full."
    )


# --- From nothing -------------------------------------------------------------------------------------------


def test_a_question_is_written_saved_and_read(page: Page) -> None:
    write(page, "What queues buy")
    expect(page.locator("[data-preview-place] strong")).to_have_text("queue")
    exemplar = page.locator("details.exemplar").nth(2)
    expect(exemplar.get_by_text(CLAIMS[1])).to_be_visible()
    exemplar.get_by_label("Answer").fill("It makes everything faster.")
    page.get_by_role("button", name="Save the draft").click()

    page.wait_for_url("**/versions/1/")
    expect(page.get_by_role("heading", name="What queues buy")).to_be_visible()
    expect(page.get_by_text(CLAIMS[1]).first).to_be_visible()


def test_what_is_typed_comes_back_after_a_reload(page: Page) -> None:
    page.get_by_label("Title").first.fill("Half a thou")
    page.get_by_role("button", name="Add a key point").click()
    claims(page).nth(3).fill("The fourth.")
    is_saved(page)

    page.reload()

    expect(page.get_by_text("Brought back what you typed at")).to_be_visible()
    expect(page.get_by_label("Title").first).to_have_value("Half a thou")
    expect(claims(page).nth(3)).to_have_value("The fourth.")

    page.get_by_role("button", name="Drop it").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop it").click()
    expect(page.get_by_label("Title").first).to_have_value("")


def test_a_valid_change_goes_into_the_draft_by_itself(log_in: LogIn, product: Product) -> None:
    page = log_in("mentor")
    open_editor(page, "What a cache costs")
    page.get_by_label("Minutes").fill("7")
    is_saved(page)

    (row,) = product.sql(
        "SELECT minutes FROM questionbank_questionversion WHERE title = %s AND state = 'draft'", "What a cache costs"
    )
    assert row == (7,)
    page.get_by_label("Minutes").fill("8")
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/versions/*/")
    expect(page.get_by_text("8 minutes").first).to_be_visible()


# --- The keyboard, and what is said -------------------------------------------------------------------------


def test_key_points_are_moved_by_keyboard_and_it_is_said(page: Page) -> None:
    for number in range(3):
        claims(page).nth(number).fill(f"Claim {number}")
    voice = page.locator('[data-formset="key_points"] [data-formset-voice]')

    page.get_by_role("button", name="Move down key point 1", exact=True).focus()
    page.keyboard.press("Enter")
    expect(voice).to_have_text("Key point 1 is now 2 of 3.")
    page.keyboard.press("Enter")
    expect(voice).to_have_text("Key point 2 is now 3 of 3.")

    assert [claims(page).nth(n).input_value() for n in range(3)] == ["Claim 1", "Claim 2", "Claim 0"]
    # At the end there is no way down; the focus waits where the way back is.
    expect(page.get_by_role("button", name="Move up key point 3", exact=True)).to_be_focused()
    first = page.locator("details.exemplar").first
    expect(first.locator(".exemplar-mark:visible [data-mark-claim]")).to_have_text(["Claim 1", "Claim 2", "Claim 0"])


def test_exemplars_are_moved_and_paired_with_twins(page: Page) -> None:
    exemplars = page.locator("details.exemplar")
    exemplars.nth(0).get_by_label("Answer").fill("The strong one.")
    exemplars.nth(2).get_by_label("Answer").fill("Its twin.")
    exemplars.nth(2).get_by_label("Twin of").select_option(label="Exemplar 1: Strong, 90 of 100")

    page.get_by_role("button", name="Move up exemplar 3", exact=True).click()

    voice = page.locator('[data-formset="exemplars"] [data-formset-voice]')
    expect(voice).to_have_text("Exemplar 3 is now 2 of 3.")
    twin = exemplars.nth(1)
    expect(twin.get_by_label("Answer")).to_have_value("Its twin.")
    page.get_by_role("button", name="Move down exemplar 1", exact=True).click()
    expect(exemplars.first.get_by_label("Twin of").locator("option:checked")).to_have_text(
        "Exemplar 2: Strong, 90 of 100"
    )
    write(page, "Twins and their order")
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/versions/1/")
    page.goto(page.url.replace("versions/1/", "edit/"))
    exemplars.first.locator("summary").click()
    expect(exemplars.first.get_by_label("Answer")).to_have_value("Its twin.")
    expect(exemplars.first.get_by_label("Twin of").locator("option:checked")).to_have_text(
        "Exemplar 2: Strong, 90 of 100"
    )


def test_the_topic_is_changed_from_the_editor(log_in: LogIn, product: Product) -> None:
    page = log_in("mentor")
    open_editor(page, "Spotting overfitting")  # what is typed stays kept aside: no other test opens this one
    page.get_by_label("Title", exact=True).first.fill("How overfitting is spotted")

    page.get_by_role("button", name="Change the topic").click()
    page.locator("#change-topic").get_by_label("Topic").select_option(label="Asked by no track")
    page.get_by_role("button", name="Change it").click()

    expect(page.get_by_text("nobody could start “Everyday engineering” without this question")).to_be_visible()
    expect(page.get_by_label("Title", exact=True).first).to_have_value("How overfitting is spotted")


def test_marks_follow_the_key_points(page: Page) -> None:
    exemplar = page.locator("details.exemplar").first
    exemplar.get_by_label("2.").select_option("partly")

    page.get_by_role("button", name="Add a key point").click()
    claims(page).nth(3).fill("The fourth.")
    claims(page).nth(3).blur()
    expect(exemplar.get_by_label("4. The fourth.")).to_have_value("stated")

    page.get_by_role("button", name="Remove key point 1", exact=True).click()
    expect(exemplar.locator(".exemplar-mark:visible")).to_have_count(3)
    expect(exemplar.locator(".exemplar-mark:visible select").first).to_have_value("partly")
    expect(claims(page).nth(1)).to_be_visible()


def test_errors_are_listed_with_links_and_nothing_typed_is_lost(page: Page) -> None:
    write(page, "Queues that say no")
    page.get_by_label("Minutes").fill("99")
    page.get_by_role("button", name="Save the draft").click()

    summary = page.get_by_role("alert").filter(has_text="not saved yet")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Minutes").click()
    expect(page.get_by_label("Minutes")).to_be_focused()
    expect(claims(page).nth(1)).to_have_value(CLAIMS[1])


# --- Trouble ------------------------------------------------------------------------------------------------


def test_offline_it_says_so_and_saves_when_the_connection_is_back(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_label("Title").first.fill("Typed in a tunnel")
    expect(page.get_by_text("What you type is kept in this page")).to_be_visible()
    expect(words_of_state(page)).to_contain_text("there is no connection", timeout=20_000)

    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_label("Title").first).to_have_value("Typed in a tunnel")

    page.context.set_offline(False)
    is_saved(page)


def test_a_session_that_ends_is_begun_again_in_place(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").first.fill("Typed without a session")
    dialog = page.get_by_role("dialog", name="You are logged out")
    expect(dialog).to_be_visible(timeout=20_000)
    expect(page.get_by_label("Title").first).to_be_focused()

    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()

    expect(dialog).to_be_hidden()
    is_saved(page)


def test_two_mentors_get_a_clear_choice(log_in: LogIn, product: Product) -> None:
    left, right = log_in("mentor"), log_in("mentor")
    for page in (left, right):
        open_editor(page, "What a p-value is")
    left.get_by_label("Minutes").fill("11")
    is_saved(left)

    right.get_by_label("Minutes").fill("12")
    expect(words_of_state(right)).to_contain_text("it has changed meanwhile", timeout=20_000)
    right.get_by_role("button", name="Save the draft").click()
    clash = right.locator("#clash")
    expect(clash).to_be_focused()
    expect(clash.locator("del")).to_contain_text("11")
    expect(clash.locator("ins")).to_contain_text("12")
    assert look_here(right) == []

    clash.get_by_role("link", name="Take the other").click()
    expect(right.get_by_label("Minutes")).to_have_value("11")
    right.get_by_role("link", name="Bring mine back").click()
    expect(right.get_by_label("Minutes")).to_have_value("12")
    right.get_by_role("button", name="Keep mine").click()

    right.wait_for_url("**/versions/*/")
    query = "SELECT minutes FROM questionbank_questionversion WHERE title = %s AND state = 'draft'"
    assert product.sql(query, "What a p-value is") == [(12,)]


# --- Accessible ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_editor_is_accessible(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    page.goto("/questions/new/")
    wrong = look_here(page)
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("alert").filter(has_text="not saved yet").wait_for()
    wrong += look_here(page)
    open_editor(page, "What a cache costs")
    for exemplar in page.locator("details.exemplar").all():
        exemplar.locator("summary").click()
    wrong += look_here(page)

    assert wrong == []
