"""The review queue by keys alone, without a candidate's name; and a calibration from its preview to the receipt."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import Product

pytestmark = pytest.mark.browser

NAME = "Cleo Candidate"
# Answers to the pack's question on caches; what differs is what the grader needs to hold them for different ones.
TEXT = "With number {} in front, answers come back faster since the slow work is skipped."
JOBS = """
    INSERT INTO grading_gradingjob
        (id, answer_id, candidate_id, version_id, text, engine_version, state, fencing_token, attempts, created_at,
         rung_at, trouble)
    SELECT %s, %s, candidate.id, version.id, %s, 'of-a-test', 'pending', 0, 0, now(), now() - interval '1 hour', ''
    FROM people_user candidate, questionbank_questionversion version
    JOIN questionbank_question question ON question.id = version.question_id
    WHERE candidate.email = 'candidate@demo.test' AND version.state = 'published'
        AND question.slug = 'what-a-cache-costs'
    RETURNING id
"""


@pytest.fixture(scope="module")
def question(product: Product) -> str:
    """The question on caches, with six answers that the worker has graded; its id."""
    for number in range(6):
        product.sql(JOBS, str(uuid4()), str(uuid4()), TEXT.format(number))
    waiting = "SELECT 1 FROM grading_gradingjob WHERE engine_version = 'of-a-test' AND state IN ('pending', 'running')"
    product.eventually(lambda: not product.sql(waiting))
    ((pk,),) = product.sql("SELECT id FROM questionbank_question WHERE slug = 'what-a-cache-costs'")
    return str(pk)


def _first(page: Page, question: str) -> None:
    page.goto(f"/answers/?show=unmarked&question={question}")
    page.get_by_role("link", name="Start reviewing").click()
    page.get_by_role("heading", name="Marks", exact=True).wait_for()


def test_a_mentor_marks_answers_by_keys_alone(log_in: LogIn, question: str) -> None:
    page = log_in("mentor")
    _first(page, question)
    first = page.url
    expect(page.get_by_text(re.compile(r"^Answer [0-9A-F]{4}$"))).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)

    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys for marking")).to_be_visible()
    page.keyboard.press("Escape")
    groups = page.locator("#marks").get_by_role("group")
    for number, digit in enumerate("1342"):
        page.keyboard.press(digit)
        mark = ["Stated", "Missing", "Contradicted", "Partly"][number]
        expect(groups.nth(number).get_by_label(mark)).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("2")
    expect(groups.nth(1).get_by_label("Partly")).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(groups.nth(3)).to_be_focused()

    # What is typed into a field is text: no digit marks there, and no letter saves.
    page.keyboard.press("f")
    page.keyboard.type("Going by 2 of your words: fair enough.")
    expect(page.get_by_label("Reason", exact=True)).to_have_value("Going by 2 of your words: fair enough.")
    assert page.url == first
    page.keyboard.press("Escape")
    page.keyboard.press("g")

    expect(page.get_by_text("Your marks are saved. The candidate sees them")).to_be_visible()
    assert page.url.split("?")[0] != first.split("?")[0]
    expect(page.get_by_text(NAME)).to_have_count(0)
    page.goto(first)
    expect(page.get_by_text(NAME)).to_be_visible()
    expect(page.get_by_text("Going by 2 of your words: fair enough.")).to_be_visible()


def test_keys_that_are_switched_off_do_nothing(log_in: LogIn, question: str) -> None:
    page = log_in("mentor")
    _first(page, question)
    preset = page.locator("#marks input:checked").evaluate_all("(marks) => marks.map((mark) => mark.value)")

    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use these keys in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    for key in "4?g":
        page.keyboard.press(key)

    expect(page.get_by_role("heading", name="Keys for marking")).to_be_hidden()
    marks = page.locator("#marks input:checked").evaluate_all("(marks) => marks.map((mark) => mark.value)")
    assert marks == preset


def test_asking_for_the_name_keeps_what_is_typed(log_in: LogIn, question: str) -> None:
    page = log_in("mentor")
    _first(page, question)
    page.get_by_label("Reason", exact=True).fill("Half a sentence")
    page.locator("#marks").get_by_role("group").first.get_by_label("Contradicted").check()

    page.get_by_role("button", name="Show the name").click()

    expect(page.get_by_text(NAME)).to_be_visible()
    expect(page.get_by_label("Reason", exact=True)).to_have_value("Half a sentence")
    expect(page.locator("#marks").get_by_role("group").first.get_by_label("Contradicted")).to_be_checked()


def test_a_mentor_marks_before_the_graders_marks_are_seen(log_in: LogIn, question: str) -> None:
    page = log_in("mentor")
    _first(page, question)

    page.get_by_role("link", name="Mark before I see the grader’s marks").click()

    expect(page.get_by_text("The grader’s marks are hidden until you have saved yours.")).to_be_visible()
    expect(page.get_by_text("The grader said")).to_have_count(0)
    expect(page.locator("#marks input:checked")).to_have_count(0)
    page.get_by_role("link", name="Skip", exact=True).click()
    expect(page.get_by_text("The grader’s marks are hidden until you have saved yours.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), SHAPES)
def test_the_queue_and_its_pages_are_accessible(log_in: LogIn, question: str, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    wrong = look(page, "/answers/?show=unmarked")
    wrong += look(page, "/answers/?show=done")
    wrong += look(page, "/answers/agreement/")
    wrong += look(page, f"/answers/agreement/{question}/")
    _first(page, question)
    wrong += look_here(page)
    page.get_by_role("button", name="Next key point").click()
    wrong += look_here(page)
    page.get_by_role("button", name="Keys").click()
    wrong += look_here(page)

    assert wrong == []


def test_a_calibration_is_previewed_put_in_force_and_withdrawn(log_in: LogIn, product: Product, question: str) -> None:
    """The mentor holds all of the answers for complete, which the grader does not."""
    page = log_in("mentor")
    for _ in range(6):
        page.goto(f"/answers/?show=unmarked&question={question}")
        if not page.get_by_role("link", name="Start reviewing").count():
            break
        _first(page, question)
        for _point in range(4):
            page.keyboard.press("1")
        page.get_by_label("Reason", exact=True).fill("All of it is there.")
        page.get_by_role("button", name="Save and next").click()
        page.get_by_text("Your marks are saved").wait_for()

    page.goto(f"/answers/agreement/{question}/")
    page.get_by_role("button", name="Preview a calibration").click()
    expect(page.get_by_role("region", name="Preview").get_by_text("falls from")).to_be_visible(timeout=60_000)
    wrong = look_here(page)
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_text(re.compile(r"Calibrated on \d+ answers"))).to_be_visible()
    wrong += look_here(page)

    ((job,),) = product.sql(JOBS, str(uuid4()), str(uuid4()), TEXT.format("nine"))
    product.eventually(
        lambda: product.sql("SELECT 1 FROM grading_gradingjob WHERE id = %s AND grade_id IS NOT NULL", job)
    )
    page.goto(f"/answers/{job}/")
    expect(page.get_by_text(re.compile(r"calibrated on \d+ answers"))).to_be_visible()

    page.goto(f"/answers/agreement/{question}/")
    page.get_by_role("button", name="Withdraw calibration").click()
    expect(page.get_by_text("The calibration is withdrawn.")).to_be_visible()
    assert wrong == []
