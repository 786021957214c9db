"""What is typed is not lost: a killed browser, no connection, two tabs, a session that is over, a wrong clock.

Each test asks the product's own database what the server has, and the browser's what the device has.
"""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import CHROMIUM, FLAGS, LogIn
from tests.product import PASSWORD, Product

pytestmark = pytest.mark.browser

COPIES = """
() => new Promise((resolve) => {
  const request = indexedDB.open("greenroom", 1);
  request.onsuccess = () => {
    const all = request.result.transaction("copies").objectStore("copies").getAll();
    all.onsuccess = () => {
      request.result.close();
      resolve(all.result.map((copy) => copy.text));
    };
  };
})
"""
LOSE_ONE_REPLY = """
() => {
  const fetch = window.fetch;
  window.fetch = async (...request) => {
    window.fetch = fetch;
    await fetch(...request);
    throw new TypeError("The reply was lost.");
  };
}
"""
OFFLINE = "You are offline. What you type is kept on this device and saved when you are back."


def start(page: Page, *, mock: bool = False) -> str:
    """Start an interview of four questions; return the address of its first."""
    page.goto("/practise/everyday/")
    if mock:
        page.get_by_role("radio", name=re.compile("Mock")).check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/questions/1/")
    return page.url


def box(page: Page) -> Locator:
    return page.get_by_label("Your answer")


def type_more(page: Page, text: str) -> None:
    box(page).press("End")
    box(page).press_sequentially(text)


def cannot_send(page: Page) -> None:
    """Take from the page what it sends its last save with: a page that is killed has no such chance."""
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('killed')); }")


def is_saved(page: Page) -> None:
    expect(page.get_by_text(re.compile("Draft saved"))).to_be_visible()


def copies(page: Page) -> list[str]:
    """Return the texts that the device holds."""
    texts: list[str] = page.evaluate(COPIES)
    return texts


def place(url: str) -> tuple[str, int]:
    found = re.search(r"/interviews/([0-9a-f-]+)/questions/(\d+)/", url)
    assert found, url
    return found[1], int(found[2])


def draft(product: Product, url: str) -> str | None:
    """Return the draft that the server has for the question at url."""
    query = """
    SELECT d.text FROM interview_draft d JOIN interview_interviewquestion q ON q.id = d.question_id
    WHERE q.interview_id = %s AND q.position = %s
    """
    rows = product.sql(query, *place(url))
    return rows[0][0] if rows else None


def becomes(product: Product, url: str, text: str) -> None:
    """Wait until the server has this draft."""
    product.eventually(lambda: draft(product, url) == text, seconds=30)


# --- a killed browser ---------------------------------------------------------------------------------------

Open = Callable[[], tuple[Page, Callable[[], None]]]


@pytest.fixture
def open_killable(chromium: Browser, product: Product, tmp_path: Path) -> Iterator[Open]:
    """Start a Chromium with a profile that stays; give its page and what kills it at once, unasked."""
    started: list[subprocess.Popen[bytes]] = []

    def open_page() -> tuple[Page, Callable[[], None]]:
        port = tmp_path / "DevToolsActivePort"
        port.unlink(missing_ok=True)
        flags = [*FLAGS, "--remote-debugging-port=0", f"--user-data-dir={tmp_path}", "about:blank"]
        process = subprocess.Popen(
            [str(CHROMIUM), *flags], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        product.eventually(lambda: port.exists() and port.read_text().count("\n"), seconds=60)
        browser = chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{port.read_text().split()[0]}")
        return browser.contexts[0].pages[0], lambda: _kill(process)

    yield open_page
    for process in started:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def _visit(page: Page, address: str) -> None:
    """Open address; log in where it asks for that. A killed browser may have forgotten the session, too."""
    page.goto(address)
    if "/account/login/" in page.url:
        page.get_by_label("Email").fill("candidate@demo.test")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url(lambda url: "/account/login/" not in url)


def test_a_browser_killed_while_typing_has_the_text_when_it_opens_again(open_killable: Open, product: Product) -> None:
    page, kill = open_killable()
    _visit(page, f"{product.url}/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/questions/1/")
    address = page.url
    type_more(page, "A cache answers faster.")
    is_saved(page)
    page.context.set_offline(True)  # so that only the device can have what follows
    type_more(page, " It can be stale.")
    page.wait_for_timeout(1000)  # the promise: a second
    kill()
    assert draft(product, address) == "A cache answers faster."

    page, _ = open_killable()
    _visit(page, address)

    expect(box(page)).to_have_value("A cache answers faster. It can be stale.")
    expect(page.get_by_text("Restored from this device.")).to_be_visible()
    becomes(product, address, "A cache answers faster. It can be stale.")
    product.eventually(lambda: copies(page) == [], seconds=30)


# --- no connection ------------------------------------------------------------------------------------------


def test_ninety_seconds_offline_lose_nothing(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    page.clock.install()
    address = start(page, mock=True)
    before = page.get_by_role("timer").inner_text()

    page.context.set_offline(True)
    type_more(page, "Typed in a tunnel.")
    page.clock.run_for(90_000)
    type_more(page, " And on.")
    page.clock.run_for(1000)

    expect(page.get_by_text(OFFLINE)).to_be_visible()
    assert (copies(page), draft(product, address)) == (["Typed in a tunnel. And on."], None)
    assert _minutes(before) - _minutes(page.get_by_role("timer").inner_text()) in (1, 2)

    page.get_by_role("button", name="Next question").click()
    expect(box(page)).to_have_value("Typed in a tunnel. And on.")
    assert page.url == address

    page.context.set_offline(False)
    becomes(product, address, "Typed in a tunnel. And on.")
    expect(page.get_by_text(OFFLINE)).to_be_hidden()
    product.eventually(lambda: copies(page) == [], seconds=30)


def _minutes(words: str) -> int:
    return int(words.split(maxsplit=1)[0])


def test_next_stays_while_offline_even_with_nothing_to_save(log_in: LogIn) -> None:
    page = log_in("candidate")
    address = start(page)
    type_more(page, "Saved before.")
    is_saved(page)

    page.context.set_offline(True)
    page.get_by_role("button", name="Leave for later").click()
    expect(page.get_by_text("other pages open when you are back")).to_be_visible()
    page.get_by_role("link", name=re.compile("Question 2")).click()

    expect(box(page)).to_have_value("Saved before.")
    assert page.url == address


def test_texts_of_closed_pages_are_sent_in_order_from_another_question(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    first = start(page)
    second, third = (first.replace("/questions/1/", f"/questions/{number}/") for number in (2, 3))
    pages = [page.context.new_page() for _ in range(2)]
    for tab, address in zip(pages, (first, second), strict=True):
        tab.goto(address)
    page.goto(third)

    page.context.set_offline(True)
    for tab, text in zip(pages, ("To the first.", "To the second."), strict=True):
        cannot_send(tab)
        type_more(tab, text)
        product.eventually(lambda text=text: text in copies(page), seconds=10)
        tab.close()
    sent: list[str] = []
    page.on("request", lambda request: request.method == "PUT" and sent.append(request.url))
    page.context.set_offline(False)

    becomes(product, second, "To the second.")
    assert draft(product, first) == "To the first."
    product.eventually(lambda: copies(page) == [], seconds=10)
    notice = page.locator(".notice", has_text="question 1 of “Everyday engineering”")
    expect(notice).to_contain_text("It is saved now.")


def test_a_text_left_here_meets_a_newer_one_from_elsewhere(log_in: LogIn, product: Product) -> None:
    here = log_in("candidate")
    address = start(here)
    type_more(here, "Begun.")
    is_saved(here)
    cannot_send(here)
    type_more(here, " Here.")
    product.eventually(lambda: copies(here) == ["Begun. Here."], seconds=10)
    here.close()
    there = log_in("candidate")
    there.goto(address)
    type_more(there, " There.")
    becomes(product, address, "Begun. There.")

    here = here.context.new_page()
    here.goto(address)

    expect(here.get_by_role("heading", name=re.compile("changed in another tab"))).to_be_visible()
    assert draft(product, address) == "Begun. There."
    here.get_by_role("button", name="Keep both").click()
    becomes(product, address, "Begun. There.\n\nBegun. Here.")


def test_a_deadline_that_passes_offline_keeps_both_texts(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    page.clock.install()
    address = start(page, mock=True)
    type_more(page, "In time.")
    is_saved(page)
    becomes(product, address, "In time.")

    page.context.set_offline(True)
    type_more(page, " Too late.")
    product.sql(
        "UPDATE interview_interview SET started_at = started_at - interval '1 day', "
        "deadline_at = deadline_at - interval '1 day' + interval '23 hours' WHERE id = %s RETURNING id",
        place(address)[0],
    )
    page.clock.fast_forward("02:00:00")
    expect(page.get_by_text("The time is over", exact=False).first).to_be_visible()
    expect(box(page)).to_have_value("In time. Too late.")  # no error page of the browser's in its place
    query = """
    SELECT a.text, q.late_text, i.finished_at = i.deadline_at FROM interview_interviewquestion q
    JOIN interview_interview i ON i.id = q.interview_id LEFT JOIN interview_answer a ON a.question_id = q.id
    WHERE q.interview_id = %s AND q.position = %s
    """

    def rows() -> list[tuple[Any, ...]]:
        return product.sql(query, *place(address))

    product.eventually(lambda: rows() == [("In time.", "", True)], seconds=60)

    page.context.set_offline(False)
    product.eventually(lambda: rows() == [("In time.", "In time. Too late.", True)], seconds=60)
    expect(page.get_by_text(re.compile("kept and shown beside your result, but not graded"))).to_be_visible()
    page.get_by_role("link", name="See the result").click()
    expect(page).to_have_url(address.split("questions/")[0])


def test_a_save_whose_reply_was_lost_is_no_other_tab(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    address = start(page)

    page.evaluate(LOSE_ONE_REPLY)
    type_more(page, "It arrived.")
    expect(page.get_by_text(re.compile("Not saved yet"))).to_be_visible()
    assert draft(product, address) == "It arrived."
    type_more(page, " And on.")

    becomes(product, address, "It arrived. And on.")
    is_saved(page)
    expect(page.locator("[data-draft-conflict]")).to_be_hidden()


# --- two tabs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ("Keep mine", "From the right."),
        ("Use the other", "From the left."),
        ("Keep both", "From the left.\n\nFrom the right."),
    ],
)
def test_two_tabs_meet_in_a_choice(log_in: LogIn, product: Product, choice: str, text: str) -> None:
    left = log_in("candidate")
    address = start(left)
    right = left.context.new_page()
    right.goto(address)
    type_more(left, "From the left.")
    becomes(product, address, "From the left.")

    type_more(right, "From the right.")
    for both in ("From the left.", "From the right."):
        expect(right.locator("[data-draft-conflict]").get_by_text(both, exact=True)).to_be_visible()
    assert (draft(product, address), copies(right)) == ("From the left.", ["From the right."])

    right.get_by_role("button", name=choice).click()
    becomes(product, address, text)
    expect(box(right)).to_have_value(text)
    product.eventually(lambda: copies(right) == [], seconds=10)


# --- a session that is over ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["sessionid", "every cookie"])
def test_a_session_that_ends_is_begun_again_in_place(log_in: LogIn, product: Product, lost: str) -> None:
    page = log_in("candidate")
    address = start(page)
    page.context.clear_cookies(**({"name": lost} if lost == "sessionid" else {}))

    type_more(page, "Typed without a session.")
    dialog = page.get_by_role("dialog", name="You are logged out")
    expect(dialog).to_be_visible()
    expect(box(page)).to_be_focused()  # nobody's letters go into a password
    type_more(page, " And on.")
    dialog.get_by_label("Password").fill("not the password")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not correct")
    assert draft(product, address) is None

    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_be_hidden()
    becomes(product, address, "Typed without a session. And on.")

    # The page's other forms have the new login's token, too.
    page.get_by_role("button", name="Leave for later").click()
    page.wait_for_url("**/questions/2/")


# --- a wrong clock ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_moved_by_a_day_moves_no_deadline(log_in: LogIn, product: Product, days: int) -> None:
    page = log_in("candidate")
    page.clock.install()
    address = start(page, mock=True)
    before = _minutes(page.get_by_role("timer").inner_text())

    page.clock.set_system_time(page.evaluate("Date.now()") + days * 86_400_000)
    page.clock.run_for(3000)
    type_more(page, "On another day.")
    page.clock.run_for(3000)

    becomes(product, address, "On another day.")
    assert before - _minutes(page.get_by_role("timer").inner_text()) in (0, 1)
    assert product.sql("SELECT finished_at FROM interview_interview WHERE id = %s", place(address)[0]) == [(None,)]


def _seconds_left(product: Product, url: str, seconds: float) -> None:
    """Move the deadline of the mock at url to so many seconds from now, by the database's clock."""
    deadline = "clock_timestamp() + %s * interval '1 second'"
    move = f"UPDATE interview_interview SET deadline_at = {deadline} WHERE id = %s RETURNING id"  # noqa: S608 (our own)
    assert product.sql(move, seconds, place(url)[0])


def _is_right(page: Page, product: Product, url: str) -> bool:
    """Whether the page says, to two seconds, how long is left by the database's clock; it counts the last seconds."""
    shown = page.get_by_role("timer").inner_text()
    ((left,),) = product.sql(
        "SELECT extract(epoch FROM deadline_at - clock_timestamp())::float FROM interview_interview WHERE id = %s",
        place(url)[0],
    )
    return "second" in shown and abs(int(shown.split()[0]) - left) <= 2


def test_the_countdown_is_right_after_a_sleep_and_through_the_change_to_summer_time(
    log_in: LogIn, product: Product
) -> None:
    page = log_in("candidate", timezone_id="Europe/Berlin")
    page.clock.install(time="2026-03-29T00:59:30Z")
    address = start(page, mock=True)

    # Ten minutes in a hidden tab, or a closed computer: the page hears of them when it goes on.
    _seconds_left(product, address, 50)
    page.clock.fast_forward("10:00")
    product.eventually(lambda: _is_right(page, product, address), seconds=30)

    _seconds_left(product, address, 58)
    page.reload()
    page.clock.set_system_time("2026-03-29T00:59:59Z")
    product.eventually(lambda: page.evaluate("new Date().getHours()") == 3, seconds=30)
    product.eventually(lambda: _is_right(page, product, address), seconds=30)
    for moved in ("2026-03-30T01:00:00Z", "2026-03-27T01:00:00Z"):  # and by a day, while it counts
        page.clock.set_system_time(moved)
        product.eventually(lambda: _is_right(page, product, address), seconds=30)


# --- whose computer it is -----------------------------------------------------------------------------------


def test_a_shared_computer_keeps_no_copy(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    address = start(page)
    page.context.set_offline(True)
    type_more(page, "Kept")
    product.eventually(lambda: copies(page) == ["Kept"], seconds=10)

    page.get_by_label(re.compile("shared computer")).check()
    product.eventually(lambda: copies(page) == [], seconds=10)
    type_more(page, " nowhere.")
    page.wait_for_timeout(1000)

    assert copies(page) == []
    page.context.set_offline(False)
    becomes(product, address, "Kept nowhere.")
    _log_out(page)
    page = _log_in_again(page)
    page.goto(address)
    expect(page.get_by_label(re.compile("shared computer"))).to_be_checked()


def _log_out(page: Page) -> None:
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def _log_in_again(page: Page) -> Page:
    _visit(page, "/practise/")
    return page


def test_logging_out_saves_what_it_can_and_leaves_no_copy(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    address = start(page)
    page.route("**/draft/", lambda route: route.abort())
    type_more(page, "Unsaved when I leave.")
    product.eventually(lambda: copies(page) == ["Unsaved when I leave."], seconds=10)
    page.unroute("**/draft/")

    _log_out(page)

    assert (copies(page), draft(product, address)) == ([], "Unsaved when I leave.")


def test_a_browser_without_a_store_says_so_and_saves(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate")
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    address = start(page)

    expect(page.get_by_text("This browser keeps no copy of what you type.")).to_be_visible()
    type_more(page, "On the server alone.")
    becomes(product, address, "On the server alone.")
