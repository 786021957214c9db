"""The workshop's promise, on the whole product: from an empty page to a published question in under 40 interactions.

One mentor writes it and tries it on the bench, another reads the verdict and publishes it, a candidate is asked it.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look_here
from tests.product import Product

pytestmark = pytest.mark.browser

LONG = 60_000  # milliseconds: a bound against hanging
FEWER_THAN = 40

TITLE = "A score too good to be true"
PROMPT = (
    "A model that predicts which patients come back to hospital scores an AUC of 0.98 in validation and 0.61 in the "
    "wards. You suspect **data leakage**. What is that, how may it have come about, and how do you keep it out?"
)
AVAILABLE = "Data leakage is training on information that will not be available when the model predicts."
FITTED = "Scalers, imputers and encoders must be fitted on the training data alone."
GROUPED = "All records of one patient must be kept on the same side of the split."
IN_TIME = "Records with an order in time must be split by time, the past for training."
TELL_TALE = "A single feature that predicts the outcome almost perfectly is a sign of leakage."
CLAIMS = [AVAILABLE, FITTED, GROUPED, IN_TIME, TELL_TALE]
ALSO_IN_TIME = "Train on the earlier records and test on the later ones."
HEART, NICE = "3", "1"
REFERENCE = (
    "Data leakage means that the model learns from something that it will not have when it has to predict: a column "
    "that is filled in only after the patient has come back, or statistics of the test rows. A single feature that "
    "predicts nearly everything is the usual sign of it. To keep it out, split first, and fit scaling, imputation and "
    "target encoding on the training part alone, best within a pipeline. Put all rows of one patient on the same side "
    "of the split, or the model recognises the person. And since admissions have an order in time, split by time: "
    "train on the past and validate on what came later."
)
STRONG = (
    "The model has seen things in training that it cannot know at the moment of prediction, a discharge code entered "
    "weeks later, say. If one column alone gives away the outcome nearly every time, I suspect that something has "
    "leaked. I would split the data first and only then fit anything: the means for missing values, the scaler and "
    "the encoders learn from the training rows and nothing else. I would group by patient, so that nobody has visits "
    "in both the training and the test set. And I would train on earlier admissions and test on later ones instead of "
    "shuffling."
)
HALF = (
    "It was trained with something that is not known yet when the prediction has to be made, a code that is entered "
    "after the discharge for example. If one column predicts the outcome almost perfectly by itself, that is a "
    "warning sign, and I would throw it out. I would also train on earlier admissions and test on later ones."
)
WRONG = (
    "The network has too many layers for so little data, so I would take some away and add dropout. Preparing the "
    "data is not the problem: it is harmless to scale all of it before you split. I would shuffle the rows at random, "
    "so that each part looks like every other one, and train for longer."
)
CANDIDATE = (
    "Leakage is when the training data holds something that you will not have at prediction time. I would fit the "
    "scaler and the encoder on the training set only. I would also make sure that all the rows of a patient end up on "
    "the same side of the split."
)

PACK = """
format: greenroom-pack
version: 1
id: workshop
title: Workshop
topics:
  - {id: data-leakage, title: Data leakage}
tracks:
  - id: data-leakage
    title: Data leakage
    description: One question about a score that is too good.
    sections:
      - {title: Data leakage, topic: data-leakage, count: 1, minutes: 45}
questions: []
"""


@pytest.fixture
def topic(product: Product, tmp_path: Path) -> str:
    """A topic with a track of its own and no question yet; what others left in the editor is gone."""
    pack = tmp_path / "workshop.yaml"
    pack.write_text(PACK)
    product.manage("load_pack", str(pack))
    product.sql("DELETE FROM questionbank_editorcopy RETURNING id")
    return "Data leakage"


class Counter:
    """Does what a mentor does and counts it: a click, a choice, or the filling of one field is one interaction."""

    def __init__(self) -> None:
        self.done = 0

    def click(self, target: Locator) -> None:
        self.done += 1
        target.click()

    def fill(self, field: Locator, text: str) -> None:
        self.done += 1
        field.fill(text)

    def choose(self, field: Locator, value: str) -> None:
        self.done += 1
        field.select_option(value)


def write(page: Page, hand: Counter, topic: str) -> None:
    """From the list of questions to a form that says it all but for its exemplars."""
    hand.click(page.get_by_role("link", name="Questions"))
    hand.click(page.get_by_role("link", name="Write a question"))
    hand.choose(page.get_by_label("Topic"), topic)
    hand.fill(page.get_by_label("Title").first, TITLE)
    hand.fill(page.get_by_label("Prompt"), PROMPT)
    hand.choose(page.get_by_label("Kind").first, "troubleshooting")
    for number, claim in enumerate(CLAIMS):
        if number >= 3:
            hand.click(page.get_by_role("button", name="Add a key point"))
        hand.fill(page.get_by_label("Claim").nth(number), claim)
    hand.choose(page.get_by_label("Weight").nth(CLAIMS.index(AVAILABLE)), HEART)
    hand.choose(page.get_by_label("Weight").nth(CLAIMS.index(TELL_TALE)), NICE)
    wrong = page.get_by_label("Misconceptions")
    hand.fill(wrong.nth(CLAIMS.index(FITTED)), "Scaling all the data before splitting it is harmless.")
    hand.fill(wrong.nth(CLAIMS.index(IN_TIME)), "Shuffling the rows at random is the right split for any data.")
    hand.fill(page.get_by_role("textbox", name="Reference answer"), REFERENCE)


def outcome(page: Page) -> Locator:
    """What the bench shows of the newest answer."""
    return page.locator('[data-bench-place="answer"] .bench-run:not([data-bench-pending])')


def mark_of(page: Page, claim: str) -> Locator:
    return outcome(page).locator(".key-point").filter(has_text=claim)


def try_out(page: Page, hand: Counter, text: str) -> None:
    hand.fill(page.get_by_label("Try an answer"), text)
    expect(outcome(page).locator(".answer-text")).to_contain_text(text[:40], timeout=LONG)


def keep(page: Page, hand: Counter, kind: str) -> int:
    """Add what is on the bench to the exemplars; return its score there."""
    score = int(outcome(page).locator(".score__number").inner_text())
    hand.click(outcome(page).get_by_role("button", name=f"{kind} answer"))
    return score


def test_a_question_is_published_in_under_40_interactions(log_in: LogIn, second_mentor: str, topic: str) -> None:
    hand = Counter()
    author = log_in("mentor")
    write(author, hand, topic)

    # The bench shows what the grader makes of each sort of answer, with its evidence ...
    try_out(author, hand, STRONG)
    evidence = outcome(author).locator("mark.evidence")
    expect(evidence.filter(has_text="If one column alone gives away the outcome")).to_be_visible()
    strong = keep(author, hand, "Strong")
    # ... and that it does not know a wording yet, until it is told.
    try_out(author, hand, HALF)
    expect(mark_of(author, IN_TIME)).to_contain_text("missing", ignore_case=True)
    hand.fill(author.get_by_label("Also accepted").nth(CLAIMS.index(IN_TIME)), ALSO_IN_TIME)
    expect(mark_of(author, IN_TIME)).to_contain_text("Was missing", timeout=LONG)
    half = keep(author, hand, "Half")
    try_out(author, hand, WRONG)
    expect(mark_of(author, FITTED)).to_contain_text(re.compile("contradict", re.IGNORECASE))
    wrong = keep(author, hand, "Wrong")
    assert strong >= half + 10 >= wrong + 20

    # They are in the three rows that waited for them.
    expect(author.locator("details.exemplar")).to_have_count(3)
    hand.click(author.get_by_role("button", name="Run the exemplars"))
    expect(author.locator(".bench")).to_contain_text("Strong, half and wrong answers separate.", timeout=LONG)
    # The checks have come by themselves.
    expect(author.locator(".lint-report:not([data-lint-pending])")).to_contain_text("Nothing found", timeout=LONG)
    hand.click(author.get_by_role("button", name="Save and hand in for review"))
    expect(author.get_by_text("is handed in. Another mentor reads it")).to_be_visible()

    reviewer = log_in(second_mentor)
    publish(reviewer, hand)

    assert hand.done < FEWER_THAN
    _is_asked_and_graded(log_in("candidate"))


def publish(page: Page, hand: Counter) -> None:
    """Find what waits, read its verdict, approve it."""
    hand.click(page.get_by_role("link", name="Questions"))
    hand.choose(page.get_by_label("State", exact=True), "in_review")
    hand.click(page.get_by_role("button", name="Search"))
    hand.click(page.get_by_role("link", name=TITLE))
    verdict = page.locator(".bench-verdict")
    expect(verdict).to_contain_text("Strong, half and wrong answers separate.", timeout=LONG)
    hand.click(page.get_by_role("button", name="Approve and publish"))
    expect(page.get_by_text("is published. Interviews that start now ask it.")).to_be_visible()


def _is_asked_and_graded(page: Page) -> None:
    page.goto("/practise/data-leakage/")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("You suspect data leakage.")).to_be_visible()
    page.get_by_label("Your answer").fill(CANDIDATE)
    page.get_by_role("button", name="Submit for feedback").click()

    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=LONG)
    expect(page.locator("mark.evidence").filter(has_text="I would fit the scaler and the encoder")).to_be_visible()
    assert 40 <= int(page.locator(".score__number").first.inner_text()) <= 90


# --- On the way ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("topic")
def test_a_list_that_is_pasted_becomes_a_key_point_for_each_line(log_in: LogIn) -> None:
    page = log_in("mentor")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/questions/new/")
    page.evaluate("text => navigator.clipboard.writeText(text)", "\n".join(f"- {claim}" for claim in CLAIMS))

    page.get_by_label("Claim").first.focus()
    page.keyboard.press("Control+v")

    expect(page.get_by_label("Claim")).to_have_count(len(CLAIMS))
    assert [claim.input_value() for claim in page.get_by_label("Claim").all()] == CLAIMS
    expect(page.get_by_label("Claim").first).to_be_focused()
    expect(page.locator('[data-formset="key_points"] [data-formset-voice]')).to_have_text(
        "5 lines, each in a row of its own."
    )
    marks = page.locator("details.exemplar").first.locator(".exemplar-mark:visible [data-mark-claim]")
    expect(marks).to_have_text(CLAIMS)

    # Where something stands already, and where it is one line, pasting is pasting.
    page.keyboard.press("End")
    page.keyboard.press("Control+v")
    expect(page.get_by_label("Claim")).to_have_count(len(CLAIMS))


@pytest.mark.parametrize(("theme", "width"), SHAPES)
@pytest.mark.usefixtures("topic")
def test_the_bench_is_accessible_before_and_after_an_answer_is_kept(log_in: LogIn, theme: str, width: int) -> None:
    page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
    page.goto("/questions/new/")
    for number, claim in enumerate(CLAIMS[:3]):
        page.get_by_label("Claim").nth(number).fill(claim)
    page.get_by_label("Try an answer").fill(HALF)
    keep = page.get_by_role("group", name="Add it to the exemplars as a").get_by_role("button", name="Half answer")
    expect(keep).to_be_visible(timeout=LONG)
    wrong = look_here(page)
    keep.click()
    expect(page.get_by_role("link", name="exemplar 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Answer", exact=True).nth(1)).to_be_focused()
    expect(page.get_by_label("Answer", exact=True).nth(1)).to_have_value(HALF)

    assert wrong + look_here(page) == []
