"""Makes a cohort to look at: people invited by a table, a track assigned, and played by each in another way."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.reckoning import Answer, answers_of
from tests.browser.test_journey import HALF, RIGHT, answer
from tests.browser.test_pages import look_here
from tests.product import Product

TITLE = "Everyday engineering"
PASSWORD = "seven green rooms in a row"
ANNA, BEN, CORA = "Anna Able", "Ben Between", "Cora Candid"
MAX = "Max Mentor"
OTHERS = ["Dora", "Emil", "Fay", "Gus", "Hana", "Ivo"]
OVERFITTING = (
    "I compare the error on the training data with the error on held-out data that training never saw. If the "
    "training error is low and the validation error is much higher, the model overfits. Cross-validation repeats "
    "that on several different splits. Regularisation or a simpler model reduces it."
)
IDEMPOTENCY = (
    "A reply can get lost, so a client that got none has to send its request again. The server recognises the "
    "repeated request and does not charge twice. For that the client reuses the same unique key whenever it retries "
    "the payment, and the server stores the key together with the first result."
)
BACKUPS = (
    "We restore our backups regularly into an empty database and check the data, because only that tests them. A "
    "copy is kept in another place than the server. How much data we may lose decides how often a backup is made. "
    "When a backup job fails, an alarm is raised."
)
EXEMPLARY = [RIGHT, OVERFITTING, IDEMPOTENCY, BACKUPS]
HALVES = [
    "A cache makes things faster for the people who use it, because the slow work is skipped the second time.",
    HALF,
    "If the reply gets lost, the client does not know whether it was paid, so it has to send the request again.",
    "I would restore the backup every month into an empty database and look whether the data is there.",
]
STALE = "Cached values can be stale and differ from the current truth."
CURES = "Regularisation or a simpler model reduces overfitting."

# Of each row of a table what its cells say, and what else a page repeats for each thing it lists.
CELLS = """table => [...table.rows].map(
    row => [...row.cells].map(cell => cell.textContent.replace(/\\s+/g, " ").trim())
)"""
TEXTS = "elements => elements.map(element => element.textContent.replace(/\\s+/g, ' ').trim())"


def texts(locator: Locator) -> list[str]:
    return locator.evaluate_all(TEXTS)


def body(table: Locator, head: int = 1) -> list[list[str]]:
    """Return what stands in the rows of a table below its head."""
    return table.evaluate(CELLS)[head:]


# --- Getting there ------------------------------------------------------------------------------------------


def a_table(addresses: dict[str, str]) -> bytes:
    """Return a CSV of ten people, one of them a mentor, with a row in their midst that invites nobody."""
    rows = [f"{address},{name},{'mentor' if name == MAX else ''}" for name, address in addresses.items()]
    return "\n".join(["E-mail,Full name,Role", *rows[:3], "nowhere at all,Nobody,", *rows[3:]]).encode()


def invite(admin: Page, cohort: str, addresses: dict[str, str]) -> list[str]:
    """Invite people by a table: looked at, then sent. Return what axe finds."""
    admin.goto(f"/cohorts/{cohort}/import/")
    wrong = look_here(admin)
    admin.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "autumn.csv", "mimeType": "text/csv", "buffer": a_table(addresses)}
    )
    admin.get_by_role("button", name="Look at it").click()
    expect(admin.get_by_text("10 people are invited, 1 row left out.")).to_be_visible()
    problems = admin.get_by_role("region", name="1 problem").get_by_role("table")
    assert body(problems) == [["5", "Email address", "“nowhere at all” is no email address"]]
    wrong += look_here(admin)

    admin.get_by_role("button", name="Invite the 10 without problems").click()
    expect(admin.get_by_text("10 invited")).to_be_visible()
    # The page asks for itself until the worker has sent them all.
    expect(admin.get_by_text("Mail sent", exact=True)).to_have_count(10, timeout=60_000)
    assert {row[0] for row in body(admin.get_by_role("table").first)} == set(addresses.values())
    return wrong + look_here(admin)


def mailed_links(product: Product) -> dict[str, str]:
    """Return address → the link of its invitation, as the mails have them: here they go to the worker's log."""
    log = (Path(product.status()["GREENROOM_STATE"]) / "logs" / "worker.log").read_text()
    mails = re.findall(r"(\S+/invitations/\S+/)\s.*?for this address alone: (\S+)\.\s", log, re.DOTALL)
    return {address: link for link, address in mails}


def join(page: Page, link: str, name: str, address: str) -> list[str]:
    """Open the mail's link, make an account for its address, accept. Return what axe finds."""
    page.goto(link)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="You are invited to The great run")).to_be_visible()
    wrong = look_here(page)
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page.get_by_text("Welcome to The great run. You are a ")).to_be_visible()
    return wrong


def assign(admin: Page, cohort: str) -> None:
    in_a_week = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%dT18:00}"
    admin.goto(f"/cohorts/{cohort}/assignments/new/")
    admin.get_by_label("Track").select_option(label=TITLE)
    admin.get_by_label("Practice", exact=True).check()
    admin.get_by_label("Due", exact=True).fill(in_a_week)
    admin.get_by_label("Closes").fill(in_a_week)
    admin.get_by_role("button", name="Assign").click()
    expect(admin.get_by_role("status").first).to_contain_text("is assigned to The great run.")


class Program:
    """Somebody's own program, which plays for them by a token that they have made on their profile page."""

    def __init__(self, page: Page) -> None:
        page.goto("/profile/")
        page.get_by_role("button", name="Make a token").click()
        self._token = page.locator("#token").inner_text()
        self._request = page.request

    def call(self, method: str, path: str, data: Any = None) -> Any:
        headers = {"Authorization": f"Token {self._token}", "Idempotency-Key": str(uuid4())}
        response = self._request.fetch(f"/api/v1/{path}", method=method, data=data, headers=headers)
        assert response.ok, response.text()
        return response.json()

    def start_assigned(self) -> str:
        (assigned,) = self.call("GET", "assignments/")
        return self.call("POST", f"assignments/{assigned['id']}/start/")["id"]

    def practise(self, track: str) -> str:
        return self.call("POST", "interviews/", {"track": track, "mode": "practice"})["id"]

    def submit(self, interview: str, *said: str) -> None:
        """Answer the first questions of an interview."""
        for position, text in enumerate(said, 1):
            self.call("POST", f"interviews/{interview}/questions/{position}/answer/", {"text": text})


def play_here(page: Page) -> None:
    """Play what is assigned in the browser, exemplarily."""
    page.goto("/practise/")
    page.get_by_role("region", name="Assigned to you").get_by_role("link", name=re.compile("^See and start")).click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/questions/1/")
    interview = page.url.split("/questions/")[0]
    for number, text in enumerate(EXEMPLARY, 1):
        page.goto(f"{interview}/questions/{number}/")
        answer(page, text)
    page.goto(f"{interview}/review/")
    page.get_by_role("button", name=re.compile("Finish")).last.click()
    expect(page.get_by_role("link", name="Assigned in The great run")).to_be_visible()


def mend_a_mark(mentor: Page, product: Product, cohort: str) -> None:
    """Set a mark of Ben's that the grader did not give."""
    of_ben = """
        SELECT j.id FROM grading_gradingjob j JOIN people_membership m ON m.user_id = j.candidate_id
        WHERE m.cohort_id = %s AND j.text = %s
    """
    ((job,),) = product.sql(of_ben, cohort, HALF)
    mentor.goto(f"/answers/{job}/")
    mentor.get_by_role("group", name=re.compile(re.escape(CURES))).get_by_label("Stated").check()
    mentor.get_by_label("Reason").fill("You said it when we spoke: a simpler model.")
    mentor.get_by_role("button", name="Save these marks").click()
    expect(mentor.get_by_text("Your marks are saved")).to_be_visible()


def wait_for_figures(product: Product, cohort: str, count: int) -> list[Answer]:
    """Wait until the worker has graded so many answers and brought the figures up to date by itself."""
    of_cohort = """
        FROM grading_gradingjob j JOIN people_membership m ON m.user_id = j.candidate_id
        LEFT JOIN analytics_answerfact f ON f.job_id = j.id LEFT JOIN analytics_staleanswer s ON s.job_id = j.id
        WHERE m.cohort_id = %s AND m.role = 'candidate'
    """
    done = f"SELECT count(*) {of_cohort} AND j.grade_id IS NOT NULL AND f.job_id IS NOT NULL AND s.job_id IS NULL"
    product.eventually(lambda: product.sql(done, cohort) == [(count,)])
    return answers_of(product, cohort)
