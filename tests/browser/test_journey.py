"""The whole way, graded by the real model in the real worker: candidate, mentor, candidate again, admin."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.product import Product

pytestmark = pytest.mark.browser

RIGHT = (
    "Mainly speed: if somebody asked the same thing a moment ago, the answer comes back faster, because the slow work "
    "is skipped. As a side effect the service behind it gets hit far less often, so its load goes down. The "
    "catch is that what we hand back may be out of date, because the real value can have changed since it was saved. "
    "And it eats memory, so at some point old entries have to be thrown out."
)
HALF = (
    "I'd look at two numbers. The error on the examples it was trained with, and the error on a set of examples it "
    "has never seen during training, which I would have put aside before. If the first is tiny and the second is a "
    "lot bigger, the model has learnt the noise."
)
OFF_TOPIC = (
    "Sourdough needs patience. Feed the starter twice a day, let the dough rest overnight in the fridge, and bake it "
    "in a very hot iron pot so that the crust becomes crisp."
)
PARROTED = "How do I make sure that my database backups will help me on the day I need them? I make sure they help."


MEAN = """
    SELECT avg(coalesce(
        (SELECT score FROM grading_review WHERE job_id = job.id ORDER BY created_at DESC LIMIT 1), grade.score
    ))
    FROM grading_gradingjob job
    JOIN interview_answer answer ON answer.job_id = job.id
    JOIN people_user candidate ON candidate.id = job.candidate_id
    LEFT JOIN grading_grade grade ON grade.job_id = job.id
    WHERE candidate.email = 'candidate@demo.test'
"""


def answer(page: Page, text: str) -> int:
    """Submit text to the question that is open; return the score shown when the worker has graded it."""
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Submit for feedback").click()
    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=60_000)
    return int(page.locator(".score").first.inner_text().split()[0])


def test_an_answer_is_graded_overridden_and_counted(log_in: LogIn, product: Product) -> None:
    candidate = log_in("candidate")
    candidate.goto("/practise/everyday/")
    candidate.get_by_role("button", name="Start", exact=True).click()
    interview = candidate.url.split("/questions/")[0]

    scores = []
    for number, text in enumerate([RIGHT, HALF, OFF_TOPIC, PARROTED], 1):
        candidate.goto(f"{interview}/questions/{number}/")
        scores.append(answer(candidate, text))
    right, half, off_topic, parroted = scores

    assert right >= 80
    assert 35 <= half <= 75
    assert off_topic <= 10
    assert parroted <= 10

    # Each mark that was earned points at its sentence, highlighted in place.
    candidate.goto(f"{interview}/questions/1/")
    quoted = " ".join(candidate.locator("mark.evidence, .evidence mark").all_inner_texts())
    assert "the slow work is skipped" in quoted
    assert "out of date" in quoted

    candidate.goto(f"{interview}/review/")
    candidate.get_by_role("button", name=re.compile("Finish")).last.click()
    expect(candidate.get_by_role("heading", level=1)).to_be_visible()
    overall = round(sum(scores) / 4)
    assert abs(int(candidate.locator(".score").first.inner_text().split()[0]) - overall) <= 1

    # The mentor finds the half answer and overrides one mark, with a reason.
    mentor = log_in("mentor")
    ((job,),) = product.sql("SELECT id FROM grading_gradingjob WHERE text = %s ORDER BY created_at DESC LIMIT 1", HALF)
    mentor.goto(f"/answers/{job}/")
    chosen = mentor.get_by_role("group", name=re.compile("Regularisation or a simpler model"))
    chosen.get_by_label("Stated").check()
    mentor.get_by_label("Reason").fill("You said it aloud when we spoke: a simpler model.")
    mentor.get_by_role("button", name="Save these marks").click()
    expect(mentor.get_by_text("Your marks are saved")).to_be_visible()

    # The candidate sees who changed it and why.
    candidate.goto(f"{interview}/questions/2/")
    expect(candidate.get_by_text("You said it aloud when we spoke: a simpler model.")).to_be_visible()
    expect(candidate.get_by_text("Marked by Mina Mentor")).to_be_visible()
    raised = int(candidate.locator(".score").first.inner_text().split()[0])
    assert raised > half

    # The admin sees it on the cohort's dashboard, as soon as the worker has written the facts.
    admin = log_in("admin")
    admin.goto("/cohorts/")
    admin.get_by_role("link", name="Demo cohort").first.click()
    admin.get_by_role("link", name="Dashboard").first.click()
    admin.get_by_role("link", name="Topics", exact=True).click()
    topics = admin.url.split("?")[0] + "?attempts=all"

    def is_shown() -> bool:
        admin.goto(topics)
        row = admin.get_by_role("row", name=re.compile("Cleo Candidate"))
        shown = [int(number) for number in re.findall(r"\d+", row.inner_text())]
        ((mean,),) = product.sql(MEAN)
        return any(abs(number - mean) <= 1 for number in shown)

    product.eventually(is_shown, 60)


def test_a_draft_survives_a_reload(log_in: LogIn) -> None:
    page = log_in("candidate")
    page.goto("/practise/everyday/")
    page.get_by_role("button", name="Start", exact=True).click()

    page.get_by_label("Your answer").press_sequentially("A cache keeps earlier results")
    expect(page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    page.reload()

    expect(page.get_by_label("Your answer")).to_have_value("A cache keeps earlier results")


def test_a_second_tab_gets_a_choice_instead_of_overwriting(log_in: LogIn) -> None:
    first = log_in("candidate")
    first.goto("/practise/everyday/")
    first.get_by_role("button", name="Start", exact=True).click()
    second = first.context.new_page()
    second.goto(first.url)

    first.get_by_label("Your answer").press_sequentially("Written in the first tab.")
    expect(first.get_by_text(re.compile("Draft saved"))).to_be_visible()
    second.get_by_label("Your answer").press_sequentially("Written in the second tab.")

    expect(second.get_by_text("Written in the first tab.")).to_be_visible()
    second.get_by_role("button", name="Keep mine").click()
    expect(second.get_by_text(re.compile("Draft saved"))).to_be_visible()
    second.reload()
    expect(second.get_by_label("Your answer")).to_have_value("Written in the second tab.")


def test_a_mock_shows_nothing_before_its_end(log_in: LogIn) -> None:
    page = log_in("candidate")
    page.goto("/practise/everyday/")
    page.get_by_role("radio", name=re.compile("Mock")).check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("timer")).to_be_visible()

    page.get_by_label("Your answer").press_sequentially("Old entries are thrown out.")
    expect(page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    assert page.get_by_role("button", name="Submit for feedback").count() == 0
    assert page.get_by_role("heading", name="Key points").count() == 0

    page.goto(page.url.split("/questions/")[0] + "/review/")
    page.get_by_role("button", name=re.compile("Finish")).last.click()
    expect(page.locator(".score").first).to_be_visible(timeout=60_000)
    # What was left empty is graded too, and earns nothing.
    for number in (1, 2, 3):
        result = page.locator(".question-result__head").nth(number)
        expect(result).to_have_text(re.compile(r"\s0\s+of 100"), timeout=60_000)
