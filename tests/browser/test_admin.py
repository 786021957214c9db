"""The admin's whole way: ten people invited by a table, a track assigned and played (great_run.py), and every number
of the dashboard equal to one computed by the test itself (reckoning.py)."""

import csv
import io
import re
from datetime import UTC, datetime
from statistics import fmean
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import reckoning as own
from tests.browser.conftest import LogIn
from tests.browser.great_run import (
    ANNA,
    BEN,
    CELLS,
    CORA,
    CURES,
    HALVES,
    MAX,
    OTHERS,
    STALE,
    TITLE,
    Program,
    assign,
    body,
    invite,
    join,
    mailed_links,
    mend_a_mark,
    play_here,
    texts,
    wait_for_figures,
)
from tests.browser.reckoning import answers_of, first_of, rounded
from tests.browser.test_journey import OFF_TOPIC, RIGHT
from tests.browser.test_pages import look_here
from tests.product import Product

# A bound against hanging: on a crowded machine starting the product and grading 14 answers take their time.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def check_overview(admin: Page, product: Product, cohort: str) -> list[str]:
    answers = answers_of(product, cohort)
    first = first_of(answers)
    active = own.last_active(product, cohort, answers)
    admin.goto(f"/cohorts/{cohort}/dashboard/")

    figures = dict(zip(texts(admin.locator(".figures dt")), texts(admin.locator(".figures dd")), strict=True))
    low, median, high = (rounded(part, 1) for part in own.quartiles(own.minutes_of(first)))
    timed = len(own.minutes_of(first))
    assert figures == {
        "Candidates": "3 3 at work in the last 14 days",
        "Graded answers": f"{len(first)} of 3 candidates, first attempts",
        "Mean score": f"{rounded(own.mean_over_candidates(first))} of only 3 candidates",
        "Minutes a question": f"{median} half of them {low} to {high}, of {timed} timed answers",
    }
    low, median, high = (rounded(part) for part in own.quartiles([one.score for one in first]))
    scores = admin.get_by_role("region", name="Scores", exact=True)
    expect(scores).to_contain_text(
        f"Half of the {len(first)} answers score {low} to {high}; the median is {median}. "
        "They come from only 3 candidates."
    )
    assert body(admin.locator("#scores-table")) == own.bands(first)
    assert body(admin.locator("#trend-table")) == own.weeks(first, datetime.now(UTC))
    people = admin.locator("#candidates").get_by_role("table")
    assert body(people) == own.candidate_rows(first, active)

    # One has five answers now, all of them about bread.
    low_mean = own.mean_of(own.by_candidate(first)[CORA])
    reasons = admin.get_by_role("region", name="Who may need a word").locator(".risk-reasons")
    assert texts(reasons) == [f"Low scores: mean {low_mean:.0f} over 5 answers."]
    assert texts(admin.locator("section[aria-labelledby=risk-title] .rows__title")) == [CORA]
    return look_here(admin)


def check_topics(admin: Page, product: Product, cohort: str) -> list[str]:
    answers = answers_of(product, cohort)
    for query, counted in (("", first_of(answers)), ("?attempts=all", answers)):
        admin.goto(f"/cohorts/{cohort}/dashboard/topics/{query}")
        table = admin.get_by_role("table")
        topics = [re.sub(" [↑↓]$", "", name) for name in table.evaluate(CELLS)[0][2:]]
        assert set(topics) == {one.topic for one in answers}
        assert body(table) == own.topic_table(counted, topics)
        expect(admin.get_by_role("main").locator(".lead")).to_have_text(
            "3 of 3 candidates have graded answers here. "
            f"Their mean score is {rounded(own.mean_over_candidates(counted))} of 100."
        )
    return look_here(admin)


def check_points(admin: Page, product: Product, cohort: str) -> list[str]:
    points = own.points_of(product, answers_of(product, cohort))
    admin.goto(f"/cohorts/{cohort}/dashboard/key-points/")

    assert body(admin.get_by_role("table")) == [point.row for point in points]
    most = points[0]
    expect(admin.get_by_role("main").locator(".lead")).to_have_text(
        f"{most.counts['missing']} of {most.n} left out: “{most.words[0]}”"
    )
    return look_here(admin)


def check_progress(admin: Page, product: Product, cohort: str) -> list[str]:
    progress = own.progress_of(product, cohort)
    active = own.last_active(product, cohort, answers_of(product, cohort))
    standings = [one.standing for one in progress]
    assert standings == ["Finished in time", "Finished in time", "Running"]

    admin.goto(f"/cohorts/{cohort}/dashboard/")
    table = admin.get_by_role("region", name="Who has done what").get_by_role("table")
    head, (title, _, *counts) = table.evaluate(CELLS)
    assert (title, counts) == (TITLE, [str(standings.count(state)) for state in head[2:]])

    admin.goto(f"/cohorts/{cohort}/dashboard/assignments/")
    shown = body(admin.get_by_role("table"), head=2)
    assert shown == [
        [one.who, own.as_day(active[one.who]), f"{1 if one.finished_at else 0} of 1", _state(one)] for one in progress
    ]
    wrong = look_here(admin)

    admin.locator("thead").get_by_role("link", name=re.compile(r"^\d+ \w+ \d{4}, 18:00$")).click()
    assert body(admin.get_by_role("region", name="Who stands where").get_by_role("table")) == [
        [one.who, one.standing, _moment(one.finished_at) or "not yet", one.attempts, one.answered] for one in progress
    ]
    expect(admin.get_by_role("main")).to_contain_text("2 of 3 candidates finished.")
    return wrong + look_here(admin)


def _state(one: own.Progress) -> str:
    finished = one.finished_at
    return f"{one.standing} {finished.day} {finished:%b, %H:%M}" if finished else one.standing


def _moment(at: datetime | None) -> str:
    return f"{at.day} {at:%B, %H:%M}" if at else ""


def behind(admin: Page) -> list[tuple[str, str, str]]:
    """Return (who, the sentence or "", the score) of each answer of the page of answers behind a cell."""
    rows = admin.get_by_role("main").locator("ul.rows > li")
    return [
        (
            row.locator(".rows__title").inner_text().split(":")[0].strip(),
            " ".join(texts(row.locator("q"))),
            row.locator(".rows__end strong").inner_text(),
        )
        for row in rows.all()
    ]


def check_drill_down(admin: Page, product: Product, cohort: str) -> list[str]:
    """From a cell of each heat map to its answers, and from a mark to its sentence."""
    answers = first_of(answers_of(product, cohort))[::-1]  # the newest first
    admin.goto(f"/cohorts/{cohort}/dashboard/topics/")
    admin.get_by_role("row", name=re.compile(f"^{CORA}")).get_by_role("link").first.click()
    assert behind(admin) == [(one.who, "", rounded(one.score)) for one in answers if one.who == CORA]

    admin.goto(f"/cohorts/{cohort}/dashboard/key-points/")
    counts = {mark: [one for one in answers if one.marks.get("stale") == mark] for mark in own.MARKS}
    row = admin.get_by_role("row", name=re.compile(f"^{re.escape(STALE)}"))
    row.get_by_role("link").last.click()
    assert behind(admin) == [(one.who, one.sentences["stale"], rounded(one.score)) for one in counts["stated"]]
    ((who, sentence, _),) = behind(admin)
    assert (who, sentence in RIGHT, "out of date" in sentence) == (ANNA, True, True)
    tabs = texts(admin.get_by_role("navigation", name="Marks of this key point").locator(".tabs__count"))
    assert tabs == [str(sum(map(len, counts.values()))), *(str(len(counts[mark])) for mark in own.MARKS)]
    wrong = look_here(admin)

    admin.get_by_role("link", name=re.compile(f"^{ANNA}")).click()
    expect(admin.get_by_role("main")).to_contain_text("may be out of date")
    wrong += look_here(admin)

    admin.goto(f"/cohorts/{cohort}/dashboard/key-points/")
    admin.get_by_role("row", name=re.compile(f"^{re.escape(CURES)}")).get_by_role("link").last.click()
    mended = admin.get_by_role("listitem").filter(has=admin.get_by_role("link", name=BEN))
    expect(mended).to_contain_text("A mentor set this mark. The grader had said missing.")
    return wrong


def check_exports(admin: Page, product: Product, cohort: str) -> None:
    """The files say the same numbers, to the last digit."""
    answers = first_of(answers_of(product, cohort))
    topics = {one.topic for one in answers}
    *people, whole = download(admin, f"/cohorts/{cohort}/dashboard/topics/")
    assert [row["Candidate"] for row in people] == [ANNA, BEN, CORA]
    for row in people:
        theirs = [one for one in answers if one.who == row["Candidate"]]
        for topic in ["All topics", *topics]:
            scores = [one.score for one in theirs if topic in ("All topics", one.topic)]
            assert int(row[f"{topic}: n"]) == len(scores)
            assert _number(row[f"{topic}: mean"]) == (pytest.approx(fmean(scores)) if scores else None)
    assert _number(whole["All topics: mean"]) == pytest.approx(own.mean_over_candidates(answers))

    points = own.points_of(product, answers)
    rows = download(admin, f"/cohorts/{cohort}/dashboard/key-points/")
    left_out = [(row["Short name"], int(row["Left out"]), int(row["Candidates (n)"])) for row in rows]
    assert left_out == [(point.slug, point.counts["missing"], point.n) for point in points]

    # Minutes are few here, so that a page's one decimal says little of them.
    figures = {row["Figure"]: row for row in download(admin, f"/cohorts/{cohort}/dashboard/")}
    low, median, high = own.quartiles(own.minutes_of(answers))
    minutes = figures["Minutes a question"]
    assert [float(minutes[part]) for part in ("From", "Value", "To")] == pytest.approx([low, median, high])
    assert minutes["n"] == str(len(own.minutes_of(answers)))


def check_api(admin: Page, product: Product, cohort: str) -> None:
    """And so do the replies to programs."""
    program = Program(admin)
    answers = first_of(answers_of(product, cohort))
    said = program.call("GET", f"cohorts/{cohort}/topics/")
    topics = [topic["title"] for topic in said["topics"]]
    for row in said["results"]:
        theirs = [one for one in answers if one.who == row["candidate"]["name"]]
        by_topic = [[one.score for one in theirs if one.topic == topic] for topic in topics]
        assert [cell and cell["n"] for cell in row["cells"]] == [len(scores) or None for scores in by_topic]
        assert [cell and cell["mean"] for cell in row["cells"]] == [
            pytest.approx(fmean(scores)) if scores else None for scores in by_topic
        ]
    said = program.call("GET", f"cohorts/{cohort}/overview/")
    assert [[band["scores"], str(band["answers"])] for band in said["distribution"]["bands"]] == own.bands(answers)
    assert said["mean_score"]["mean"] == pytest.approx(own.mean_over_candidates(answers))
    said = program.call("GET", f"cohorts/{cohort}/progress/")
    assert [(row["candidate"]["name"], row["cells"][0]["state"].capitalize()) for row in said["results"]] == [
        (one.who, one.standing) for one in own.progress_of(product, cohort)
    ]


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def download(admin: Page, address: str) -> list[dict[str, str]]:
    """Take the (first) table of the page at address as CSV; return its rows, without the notes on top."""
    admin.goto(address)
    with admin.expect_download() as file:
        admin.get_by_role("form", name="Export").get_by_role("button", name="CSV").click()
    text = file.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    header = rows.index([]) + 1
    return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]


def test_every_number_of_a_cohort_that_an_admin_has_made(log_in: LogIn, product: Product) -> None:
    admin = log_in("admin")
    admin.goto("/cohorts/")
    admin.get_by_label("Name").fill("The great run")
    admin.get_by_role("button", name="Create").click()
    expect(admin.get_by_role("heading", name="The great run")).to_be_visible()
    cohort = admin.url.split("/")[4]
    addresses = {name: f"{name.split()[0]}.{uuid4()}@run.test".lower() for name in (ANNA, BEN, CORA, MAX, *OTHERS)}
    wrong = invite(admin, cohort, addresses)
    links = mailed_links(product)
    assert set(addresses.values()) <= set(links)

    pages = {name: log_in() for name in (ANNA, BEN, CORA, MAX)}
    for name, page in pages.items():
        wrong += join(page, links[addresses[name]], name, addresses[name])
    assign(admin, cohort)

    # Two play by programs of their own: one half well and once more, the other off topic and not to the end.
    ben, cora = Program(pages[BEN]), Program(pages[CORA])
    halves = ben.start_assigned()
    ben.submit(halves, *HALVES)
    ben.call("POST", f"interviews/{halves}/finish/")
    cora.submit(cora.start_assigned(), OFF_TOPIC, OFF_TOPIC, HALVES[2], OFF_TOPIC)
    cora.submit(cora.practise("taster"), OFF_TOPIC)
    ben.submit(ben.practise("everyday"), RIGHT)
    play_here(pages[ANNA])

    wait_for_figures(product, cohort, 14)
    mend_a_mark(pages[MAX], product, cohort)
    answers = wait_for_figures(product, cohort, 14)
    means = {who: own.mean_of(theirs) for who, theirs in own.by_candidate(first_of(answers)).items()}
    assert means[ANNA] > 75 > means[BEN] > 25 > means[CORA]
    assert [one.who for one in answers if one.attempt > 1] == [BEN]
    wrong += check_overview(admin, product, cohort)
    wrong += check_topics(admin, product, cohort)
    wrong += check_points(admin, product, cohort)
    wrong += check_progress(admin, product, cohort)
    wrong += check_drill_down(admin, product, cohort)
    check_exports(admin, product, cohort)
    check_api(admin, product, cohort)

    assert wrong == []
