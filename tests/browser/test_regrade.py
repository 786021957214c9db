"""From an appeal to a regrade: accepted, made a wording for everyone, previewed, published, applied, told."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_pages import SHAPES, look, look_here
from tests.product import PASSWORD, Product

pytestmark = pytest.mark.browser

QUESTION = "what-an-index-costs"
SAID = "It is one more thing that lies about and fills the cupboard."
TEXT = f"The database jumps straight to what was asked for, so it need not read the whole table. {SAID}"
MISSED = "takes space on disk"
HINT = "Ask yourself: What has to be kept somewhere?"
REASON = "Saying it from the users’ side counts as well."

# The demo candidate and a peer are asked the same question.
ASK_BOTH = f"""
from allauth.account.models import EmailAddress
from interview.services.interviews import start_chosen
from people.clock import database_now
from people.services.cohorts import set_role
from questionbank.models import QuestionVersion
peer = User.objects.create_user("peer@demo.test", "{PASSWORD}", name="Pia Peer")
EmailAddress.objects.create(user=peer, email=peer.email, verified=True, primary=True)
set_role(cohort=Cohort.objects.get(name="Demo cohort"), user=peer, role="candidate", actor=None)
version = QuestionVersion.objects.get(question__slug="{QUESTION}", state="published")
for user in (User.objects.get(email="candidate@demo.test"), peer):
    chosen = start_chosen(candidate=user, title="Regrading", versions=[version], now=database_now())
    print("INTERVIEW", chosen.pk)
print("VERSION", version.question_id, version.number)
"""


@pytest.fixture
def asked(product: Product) -> Iterator[list[str]]:
    """The interviews of candidate and peer, and the address of the question."""
    printed = product.manage("shell", "-c", ASK_BOTH)
    question, _ = re.findall(r"VERSION (\S+) (\d+)", printed)[0]
    yield [f"/interviews/{pk}" for pk in re.findall(r"INTERVIEW (\S+)", printed)] + [f"/questions/{question}/"]
    product.manage("shell", "-c", "User.objects.filter(email='peer@demo.test').update(is_active=False)")


def answer(page: Page, interview: str) -> int:
    page.goto(f"{interview}/questions/1/")
    page.get_by_label("Your answer").fill(TEXT)
    page.get_by_role("button", name="Submit for feedback").click()
    expect(page.get_by_role("heading", name="Key points")).to_be_visible(timeout=60_000)
    return score_on(page)


def score_on(page: Page) -> int:
    return int(page.locator(".score").first.inner_text().split()[0])


def publish_draft(mentor: Page, reader: Page) -> None:
    """Hand the draft in; the reader approves it, once the bench has tried its exemplars."""
    mentor.get_by_role("button", name="Hand in for review").click()
    expect(mentor.get_by_text("Your version waits for another mentor")).to_be_visible()
    reader.goto(mentor.url)
    expect(reader.get_by_role("button", name="Approve and publish")).to_be_enabled(timeout=120_000)
    reader.get_by_role("button", name="Approve and publish").click()
    expect(reader.get_by_text("is published").first).to_be_visible()


def test_an_accepted_appeal_changes_the_grade_of_everybody_who_said_so(
    log_in: LogIn, asked: list[str], second_mentor: str
) -> None:
    interview, peers_interview, question = asked
    candidate, peer = log_in("candidate"), log_in("peer")
    before = answer(candidate, interview)
    assert answer(peer, peers_interview) == before

    # The candidate appeals, and the mentor accepts.
    point = candidate.locator(".key-point").filter(has_text=HINT)
    point.get_by_text("This mark is wrong").click()
    point.get_by_label("Where do you say it?").select_option(label=SAID)
    point.get_by_role("button", name="Send to a mentor").click()
    expect(candidate.get_by_text("Your appeal is sent.")).to_be_visible()
    mentor = log_in("mentor")
    mentor.goto("/answers/")
    mentor.get_by_role("listitem").filter(has_text="Appealed").get_by_role("link").first.click()
    mentor.get_by_role("group", name=re.compile(MISSED)).get_by_label("Stated").check()
    mentor.get_by_label("Reason", exact=True).fill("Right: you say it from the other side.")
    answered = mentor.url
    mentor.get_by_role("button", name="Save these marks").click()

    # What one candidate said becomes a wording for everyone, and the preview begins.
    mentor.goto(answered)
    mentor.get_by_role("link", name="Accept this wording for everyone").click()
    expect(mentor.get_by_label("The wording to accept")).to_have_value(SAID)
    mentor.get_by_role("button", name="See what this would change").click()
    effect = mentor.locator("#regrade").get_by_text("The one answer rises by")
    expect(effect).to_be_visible(timeout=120_000)
    regrade = mentor.url
    # The peer's answer is not done: it has no name yet.
    expect(mentor.get_by_role("row", name=re.compile("Answer [0-9A-F]{4}"))).to_contain_text(str(before))
    expect(mentor.get_by_text("Pia Peer")).to_have_count(0)
    kept = mentor.get_by_role("region", name="Marked by a mentor")
    expect(kept.get_by_role("row", name=re.compile("Cleo Candidate"))).to_be_visible()
    expect(mentor.get_by_role("button", name=re.compile("^Apply"))).to_have_count(0)
    peer.goto(f"{peers_interview}/questions/1/")
    assert score_on(peer) == before

    # Nothing counts before the version is published and the mentor has said why.
    mentor.get_by_role("link", name=re.compile("Go to version")).click()
    publish_draft(mentor, log_in(second_mentor))
    mentor.goto(regrade)
    mentor.get_by_label("What candidates are told").fill(REASON)
    mentor.get_by_role("button", name=re.compile("^Apply")).click()
    expect(mentor.get_by_text("applied this on")).to_be_visible(timeout=120_000)

    peer.goto(f"{peers_interview}/questions/1/")
    expect(peer.get_by_text("Graded again")).to_be_visible()
    expect(peer.get_by_text(f"Before: {before}.")).to_be_visible()
    expect(peer.get_by_text(REASON)).to_be_visible()
    assert score_on(peer) > before

    # The mentor's marks stay the mentor's.
    candidate.goto(f"{interview}/questions/1/")
    expect(candidate.get_by_text("Right: you say it from the other side.").first).to_be_visible()
    expect(candidate.get_by_text("Graded again")).to_have_count(0)

    wrong = []
    for theme, width in SHAPES:
        page = log_in("mentor", color_scheme=theme, viewport={"width": width, "height": 900})
        wrong += look(page, regrade) + look(page, question)
        page = log_in("peer", color_scheme=theme, viewport={"width": width, "height": 900})
        wrong += look(page, f"{peers_interview}/questions/1/")
    assert wrong + look_here(candidate) == []
