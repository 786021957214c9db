"""The answer page, used by keyboard alone on a narrow screen: flags, shortcuts, words, clocks, dictation."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import look_here
from tests.product import Product

pytestmark = pytest.mark.browser

NARROW = {"viewport": {"width": 390, "height": 800}}


def start(log_in: LogIn, mode: str = "practice", **options: object) -> Page:
    page = log_in("candidate", **NARROW, **options)
    page.goto("/practise/everyday/")
    page.locator(f"#mode-{mode}").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Start", exact=True).press("Enter")
    page.wait_for_url("**/questions/1/")
    return page


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText.replace(/\\s+/g, ' ').trim()")


def test_an_interview_by_keyboard_alone(log_in: LogIn, product: Product) -> None:
    page = start(log_in)
    interview = page.url.split("/")[-4]
    assert page.evaluate("document.activeElement.tagName") == "BODY"

    # Flagged from within the answer; the letter is not typed.
    box = page.get_by_label("Your answer")
    box.focus()
    page.keyboard.type("A cache gives back faster what was asked before?")
    page.keyboard.press("Alt+f")
    expect(page.get_by_role("button", name="Flag", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("link", name="Question 1, draft, flagged", exact=True)).to_have_attribute(
        "aria-current", "step"
    )
    expect(page.get_by_text("1 of 4 answered")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0

    # On and back: saved first, the focus on the heading, the title and the address of the question.
    page.keyboard.type(" More.")
    page.keyboard.press("Alt+n")
    page.wait_for_url("**/questions/2/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert (focused(page), page.title().split(" · ")[0]) == ("Question 2 of 4", "Question 2 of 4")
    saved = "SELECT text FROM interview_draft d JOIN interview_interviewquestion q ON q.id = d.question_id "
    typed = "A cache gives back faster what was asked before? More."
    assert product.sql(saved + "WHERE interview_id = %s", interview) == [(typed,)]

    page.reload()
    assert page.url.endswith("/questions/2/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("Alt+p")
    page.wait_for_url("**/questions/1/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(box).to_have_value(typed)

    # The last look names what is flagged and leads there.
    page.get_by_role("button", name="Look over and finish").press("Enter")
    page.wait_for_url("**/review/")
    expect(page.get_by_text("3 questions are still open.")).to_be_visible()
    assert look_here(page) == []
    page.get_by_role("link", name="question 1", exact=True).press("Enter")
    page.wait_for_url("**/questions/1/")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Alt+f")
    expect(page.get_by_text("Flag taken away")).to_be_visible()
    flags = "SELECT count(*) FROM interview_interviewquestion WHERE flagged AND interview_id = %s"
    assert product.sql(flags, interview) == [(0,)]


def test_the_list_of_shortcuts_opens_closes_and_switches_them_off(log_in: LogIn) -> None:
    page = start(log_in)
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")

    page.get_by_label("Your answer").press("?")
    assert dialog.count() == 0
    expect(page.get_by_label("Your answer")).to_have_value("?")

    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    assert look_here(page) == []
    page.keyboard.press("Alt+n")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/questions/1/")

    page.get_by_role("button", name="Keyboard shortcuts").press("Enter")
    dialog.get_by_role("checkbox").press("Space")
    dialog.get_by_role("button", name="Close").press("Enter")
    page.reload()
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("?")
    page.keyboard.press("Alt+n")
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_visible()
    assert (dialog.count(), page.url.endswith("/questions/1/")) == (0, True)


def test_a_flag_that_cannot_be_saved_is_taken_back_and_says_so(log_in: LogIn) -> None:
    page = start(log_in)
    flag = page.get_by_role("button", name="Flag", exact=True)

    page.context.set_offline(True)
    flag.press("Enter")

    expect(page.get_by_text("The flag is not saved: there is no connection.")).to_be_visible()
    expect(flag).to_have_attribute("aria-pressed", "false")
    page.context.set_offline(False)


def test_words_are_counted_against_what_to_aim_for(log_in: LogIn) -> None:
    page = start(log_in)
    box, count = page.get_by_label("Your answer"), page.locator("[data-word-count]")

    expect(count).to_have_text("0 words, aim for 70–150")
    for words, said in [
        (1, "1 word, aim for 70–150"),
        (70, "70 words, within 70–150"),
        (151, "151 words, more than the 70–150 aimed for"),
    ]:
        box.fill("word " * words)
        expect(count).to_have_text(said)
    box.fill("é" * 20_001)
    expect(count).to_have_text("1 word, aim for 70–150, 1 character over the limit")
    expect(page.get_by_text("An answer can have 20,000 characters; this one has 20,001.")).to_be_visible()
    expect(box).to_have_value("é" * 20_001)


def test_the_clock_of_practice_is_asked_for_paused_hidden_and_remembered(log_in: LogIn) -> None:
    page = start(log_in)
    page.clock.install()
    page.reload()
    clock = page.get_by_role("timer")
    assert clock.count() == 0
    page.keyboard.press("Alt+t")
    page.clock.run_for(1000)
    expect(page.get_by_role("status").get_by_text("No time limit")).to_be_visible()

    page.get_by_role("button", name="Show a clock").press("Enter")
    page.clock.run_for(130_000)
    expect(clock).to_have_text(re.compile(r"^2:1\d of about 5 minutes$"))
    page.get_by_role("button", name="Pause").press("Enter")
    page.clock.run_for(60_000)
    expect(clock).to_have_text(re.compile(r"^2:1\d of about 5 minutes, paused$"))

    page.reload()
    expect(clock).to_have_text(re.compile(r"^2:1\d of about 5 minutes, paused$"))
    page.get_by_role("button", name="Go on").press("Enter")
    page.clock.run_for(180_000)
    expect(page.get_by_text("The suggested time is over. Take the time you need.")).to_be_visible()
    page.get_by_role("button", name="Hide").press("Enter")
    expect(clock).to_be_hidden()
    expect(page.get_by_text("The suggested time is over.")).to_be_hidden()

    page.keyboard.press("Alt+n")
    page.wait_for_url("**/questions/2/")
    expect(page.get_by_role("button", name="Show a clock")).to_be_visible()
    assert clock.count() == 0


def run_ahead(page: Page) -> None:
    """Let this test move the page's clock, of which the server would know nothing: it is not asked for the time."""
    page.route("**/api/v1/interviews/*/", lambda route: route.fulfill(json={}))
    page.clock.install()
    page.reload()


def test_the_clock_of_a_mock_speaks_at_milestones_and_when_asked(log_in: LogIn) -> None:
    page = start(log_in, "mock")
    run_ahead(page)
    assert page.get_by_role("button", name="Show a clock").count() == 0
    expect(page.get_by_role("timer")).to_have_text("20 minutes left")
    voice = page.locator("[data-voice]")
    expect(voice).to_be_empty()

    page.get_by_role("button", name="Hide", exact=True).press("Enter")
    page.keyboard.press("Alt+t")
    page.clock.run_for(1000)
    expect(voice).to_have_text(re.compile("^(20|19) minutes left$"))
    expect(voice).to_be_visible()
    page.clock.run_for(10_000)
    expect(voice).to_be_empty()

    heard = []
    for _ in range(60):  # five minutes in steps shorter than what is said stays
        page.clock.run_for(5000)
        heard.append(voice.inner_text())
    assert {words for words in heard if words} == {"15 minutes left"}


def test_at_the_end_of_a_mock_what_is_typed_is_saved_and_submitted(log_in: LogIn, product: Product) -> None:
    page = start(log_in, "mock")
    interview = page.url.split("/")[-4]
    run_ahead(page)
    page.clock.run_for(19 * 60_000 + 30_000)
    page.get_by_label("Your answer").fill("Typed in the last seconds.")

    page.clock.run_for(60_000)

    page.wait_for_url(f"**/interviews/{interview}/")
    answers = "SELECT text FROM interview_answer a JOIN interview_interviewquestion q ON q.id = a.question_id "
    assert product.sql(answers + "WHERE interview_id = %s ORDER BY position LIMIT 1", interview) == [
        ("Typed in the last seconds.",)
    ]


GIVE_TIME = """
from decimal import Decimal
from people.services.cohorts import give_time
user = User.objects.get(email="candidate@demo.test")
give_time(user=user, factor=Decimal("{factor}"), untimed={untimed}, actor=user, cohort=None)
"""
END = """
from people.clock import database_now
from interview.services.interviews import finish
finish(interview=Interview.objects.get(pk="{interview}"), now=database_now())
"""


def test_time_that_is_given_while_a_mock_runs_reaches_the_open_page(log_in: LogIn, product: Product) -> None:
    page = start(log_in, "mock")
    interview = page.url.split("/")[-4]
    page.clock.install()
    page.reload()
    timer = page.get_by_role("timer")
    expect(timer).to_have_text("20 minutes left")
    try:
        product.manage("shell", "-c", GIVE_TIME.format(factor="1.5", untimed=False))
        page.clock.run_for(62_000)  # it asks every minute
        expect(timer).to_have_text(re.compile("^(30|29|28) minutes left$"), timeout=30_000)

        product.manage("shell", "-c", GIVE_TIME.format(factor="1.5", untimed=True))
        page.clock.run_for(62_000)
        expect(timer).to_have_text("No time limit", timeout=30_000)
    finally:
        product.manage("shell", "-c", GIVE_TIME.format(factor="1", untimed=False) + END.format(interview=interview))


SPEECH = """
window.webkitSpeechRecognition = window.SpeechRecognition = class extends EventTarget {
  start() { window.recognition = this; }
  stop() { this.dispatchEvent(new Event("end")); }
  hear(words) {
    const result = Object.assign([{ transcript: words }], { isFinal: true });
    this.dispatchEvent(Object.assign(new Event("result"), { resultIndex: 0, results: [result] }));
  }
  fail(error) {
    this.dispatchEvent(Object.assign(new Event("error"), { error }));
    this.dispatchEvent(new Event("end"));
  }
};
"""


def test_what_is_dictated_lands_at_the_caret_after_a_word_on_privacy(log_in: LogIn, product: Product) -> None:
    """Headless Chromium has no speech service: one stands in for it that hears what the test says."""
    page = start(log_in)
    page.add_init_script(SPEECH)
    page.reload()
    box = page.get_by_label("Your answer")
    box.fill("First. Last.")
    for _ in range(6):
        box.press("ArrowLeft")

    page.get_by_role("button", name="Dictate").press("Enter")
    expect(page.get_by_text("It may send the sound to its maker")).to_be_visible()
    assert look_here(page) == []
    expect(page.get_by_role("button", name="Start dictating")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Listening. Speak now.")).to_be_visible()
    page.evaluate("recognition.hear('Values can be stale.')")
    expect(box).to_have_value("First. Values can be stale. Last.")
    page.get_by_role("button", name="Stop dictating").press("Enter")
    expect(page.get_by_text("Dictation has stopped.")).to_be_visible()
    dictated = "SELECT 1 FROM interview_draft WHERE text = %s"
    product.eventually(lambda: product.sql(dictated, "First. Values can be stale. Last."))

    # The note comes once; what goes wrong is said in words.
    page.get_by_role("button", name="Dictate").press("Enter")
    page.evaluate("recognition.fail('not-allowed')")
    expect(page.get_by_text("The browser may not use the microphone here. You can type instead.")).to_be_visible()
    expect(page.get_by_role("button", name="Dictate")).to_be_visible()


def test_without_speech_in_the_browser_nothing_of_it_shows(log_in: LogIn) -> None:
    page = start(log_in)
    page.add_init_script("delete window.webkitSpeechRecognition; delete window.SpeechRecognition;")
    page.reload()

    expect(page.get_by_label("Your answer")).to_be_visible()
    assert page.get_by_role("button", name="Dictate").count() == 0


def test_without_scripts_the_flag_saves_the_text_first(log_in: LogIn, product: Product) -> None:
    page = log_in("candidate", java_script_enabled=False, **NARROW)
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).press("Enter")

    page.get_by_label("Your answer").fill("Typed without scripts.")
    page.get_by_role("button", name="Flag", exact=True).press("Enter")

    expect(page.get_by_label("Your answer")).to_have_value("Typed without scripts.")
    expect(page.get_by_role("button", name="Flag", exact=True)).to_have_attribute("aria-pressed", "true")
    query = "SELECT flagged FROM interview_interviewquestion q JOIN interview_draft d ON d.question_id = q.id "
    assert product.sql(query + "WHERE text = %s", "Typed without scripts.") == [(True,)]
