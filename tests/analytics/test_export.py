"""One world, three readings: what the dashboard's pages show, its files hold and the API says are the same numbers."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from analytics.exports import EXPORTS
from analytics.models import AnswerFact
from analytics.services.facts import refresh
from people.clock import database_now
from people.models import AuditEntry, Cohort, Role, User
from questionbank.models import QuestionVersion, Track
from tests.analytics.attempts import crowd
from tests.analytics.fact_rows import facts, join
from tests.conftest import client_of
from tests.factories import MembershipFactory, make_assignment, make_topic, publish_question
from tests.grading.keys import publish_mended

API = ["api_overview", "api_candidates", "api_topics", "api_points", "api_progress", "api_compare"]


@pytest.fixture
def people(cohort: Cohort, admin: User, published: QuestionVersion, track: Track) -> list[User]:
    """Three candidates with answers in two topics over three weeks, some timed, one without any; an assignment."""
    sql = publish_question("joins", title="Joins", topic=make_topic("sql"))
    now = database_now()
    ada, bob, cyd = (join(cohort, name, since=now - timedelta(days=60)) for name in ("Ada", "Bob", "Cyd"))
    facts(ada, published, [20, 41], now - timedelta(days=15), seconds=90)
    facts(ada, sql, [67], now, is_empty=True)
    facts(bob, published, [77.5], now, seconds=240)
    facts(bob, sql, [90], now, mode="mock", attempt=2)
    make_assignment(cohort, track, created_by=admin)
    return [ada, bob, cyd]


def _file(user: User, cohort: Cohort, table: str, format_: str = "csv", **query: Any) -> tuple[Any, list[list[Any]]]:
    """Return what the file says of itself, by name, and its rows, the header first."""
    address = reverse("export_dashboard", args=[cohort.pk], query=query)
    response = client_of(user).post(address, {"table": table, "format": format_})
    assert response.status_code == 200
    if format_ == "xlsx":
        first, about = load_workbook(io.BytesIO(response.content)).worksheets
        return dict(about.values), [list(row) for row in first.values]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    gap = rows.index([])
    return dict(rows[:gap]), rows[gap + 1 :]


def _page(user: User, cohort: Cohort, page: str, **query: Any) -> Any:
    response = client_of(user).get(reverse(page, args=[cohort.pk]), query)
    assert response.status_code == 200
    return response.context


def _api(user: User, cohort: Cohort, name: str, **query: Any) -> Any:
    response = client_of(user).get(reverse(name, args=[cohort.pk]), query)
    assert response.status_code == 200
    return response.json()


def _number(cell: Any) -> float | None:
    return None if cell in ("", None) else float(cell)


QUERIES: list[dict[str, str]] = [{}, {"attempts": "all"}, {"mode": "mock", "attempts": "all"}, {"topic": "sql"}]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_candidates_are_the_same_three_times(
    cohort: Cohort, mentor: User, people: list[User], query: dict[str, str]
) -> None:
    page = _page(mentor, cohort, "cohort_dashboard", **query)["page"]
    _, (header, *rows) = _file(mentor, cohort, "people", **query)
    api = _api(mentor, cohort, "api_candidates", **query)

    shown = [
        [row.candidate.email, row.answers, row.mean, row.empty, row.timed, row.minutes, row.minutes_a_week]
        for row in page
    ]
    assert header[3:] == [
        "Answers (n)",
        "Mean",
        "Left empty",
        "Timed answers",
        "Minutes a question",
        "Minutes a week",
    ]
    assert [[row[1], *map(_number, row[3:])] for row in rows] == shown
    names = ["answers", "mean", "empty", "timed", "minutes", "minutes_a_week"]
    assert [[row["candidate"]["email"], *(row[name] for name in names)] for row in api["results"]] == shown
    assert len(shown) == api["count"] == 3


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_figures_of_the_overview_are_the_same_three_times(
    cohort: Cohort, mentor: User, people: list[User], query: dict[str, str]
) -> None:
    page = _page(mentor, cohort, "cohort_dashboard", **query)
    api = _api(mentor, cohort, "api_overview", **query)
    files = {name: _file(mentor, cohort, name, **query)[1][1:] for name in ("figures", "scores", "weeks", "at-risk")}

    mean = page["overall"]
    figures = {name: list(map(_number, numbers)) for name, *numbers in files["figures"]}
    assert figures["Mean score"] == [mean.mean, mean.low, mean.high, mean.n]
    assert api["mean_score"] == {
        name: getattr(mean, name) for name in ("mean", "low", "high", "n", "answers", "is_small")
    }
    assert figures["Candidates"][0] == api["candidates"] == 3
    assert figures["Graded answers"][0] == api["distribution"]["n"] == page["distribution"].n
    assert figures["Median score"][0] == api["distribution"]["quartiles"]["median"]
    assert [(band, int(count)) for band, count in files["scores"]] == page["distribution"].bands
    assert [(band["scores"], band["answers"]) for band in api["distribution"]["bands"]] == page["distribution"].bands
    weeks = [(str(week.monday), week.estimate and week.estimate.mean) for week in page["weeks"]]
    assert [(row[0], _number(row[1])) for row in files["weeks"]] == weeks
    assert [(one["monday"], one["estimate"] and one["estimate"]["mean"]) for one in api["weeks"]] == weeks
    reasons = [(one.candidate.email, " ".join(reason.words for reason in one.reasons)) for one in page["at_risk"]]
    assert [(row[1], row[3]) for row in files["at-risk"]] == reasons
    assert [
        (one["candidate"]["email"], " ".join(reason["words"] for reason in one["reasons"])) for one in api["at_risk"]
    ] == reasons


def test_topics_are_the_same_three_times_and_a_file_has_every_candidate(
    cohort: Cohort, mentor: User, people: list[User], published: QuestionVersion
) -> None:
    for number in range(51):
        facts(join(cohort, f"Person{number:02}"), published, [number], database_now())

    found = _page(mentor, cohort, "cohort_topics")["map"]
    about, (header, *rows) = _file(mentor, cohort, "topics", "xlsx")
    pages = [_api(mentor, cohort, "api_topics", page=number) for number in (1, 2)]

    shown = [
        [row.candidate.email, *(part for cell in [row.overall, *row.cells] for part in _pair(cell))]
        for row in found.rows
    ]
    means = [part for mean in [found.overall, *found.means] for part in (mean.mean, mean.n)]
    assert header[2:4] == ["All topics: mean", "All topics: n"]
    assert [row[1:] for row in rows] == [pytest.approx(row) for row in [*shown, [None, *means]]]  # 16 digits
    said = [
        [row["candidate"]["email"], *(part for cell in [row["overall"], *row["cells"]] for part in _said(cell))]
        for page in pages
        for row in page["results"]
    ]
    assert (said, [len(page["results"]) for page in pages]) == (shown, [50, 4])
    assert [part for mean in [pages[0]["overall"], *pages[0]["means"]] for part in _said(mean)] == means
    assert about["Shown"] == "first attempts"


def _pair(cell: Any) -> tuple[Any, int]:
    return (cell.mean, cell.n) if cell else (None, 0)


def _said(cell: Any) -> tuple[Any, int]:
    return (cell["mean"], cell["n"]) if cell else (None, 0)


def test_key_points_are_the_same_three_times(cohort: Cohort, mentor: User, people: list[User]) -> None:
    AnswerFact.objects.filter(candidate=people[0]).update(marks="smp")

    page = _page(mentor, cohort, "cohort_points")["page"]
    _, (_, *rows) = _file(mentor, cohort, "key-points")
    api = _api(mentor, cohort, "api_points")

    shown = [[row.claim, row.slug, row.n, row.left_out] for row in page]
    assert [[row[0], row[3], int(row[4]), int(row[5])] for row in rows] == shown
    assert [[row["claim"], row["slug"], row["n"], row["left_out"]] for row in api["results"]] == shown
    assert [float(row[6]) for row in rows] == [100 * row.left_out / row.n for row in page]
    assert max(row.left_out for row in page) > 0


@pytest.mark.parametrize("by", ["", "track"])
def test_who_has_done_what_is_the_same_three_times(cohort: Cohort, mentor: User, people: list[User], by: str) -> None:
    page = _page(mentor, cohort, "cohort_progress", by=by)
    _, (header, *rows) = _file(mentor, cohort, "assignments", by=by)
    api = _api(mentor, cohort, "api_progress", by=by)

    shown = [[row.candidate.email, row.done, *(cell.words for cell in row.cells)] for row in page["page"]]
    assert [[row[1], int(row[3]), *row[4::2]] for row in rows] == shown
    said = [[row["candidate"]["email"], row["done"], *(c["state"] for c in row["cells"])] for row in api["results"]]
    assert said == shown
    assert [column["title"] for column in api["columns"]] == [column.title for column in page["columns"]]
    assert len(header) == 4 + 2 * len(page["columns"])


def test_cohorts_side_by_side_are_the_same_three_times(
    cohort: Cohort, other_cohort: Cohort, outsider: User, site_admin: User, people: list[User]
) -> None:
    facts(outsider, publish_question("windows", topic=make_topic("sql")), [33], database_now())
    query = {"with": str(other_cohort.pk)}

    found = _page(site_admin, cohort, "cohort_compare", **query)["comparison"]
    about, (header, *rows) = _file(site_admin, cohort, "compare", **query)
    api = _api(site_admin, cohort, "api_compare", **query)

    shown = [[cell and cell.mean for cell in row.cells] for row in [found.overall, *found.topics]]
    assert [[_number(row[1]), _number(row[5])] for row in rows] == shown
    assert [[cell and cell["mean"] for cell in row["cells"]] for row in [api["overall"], *api["topics"]]] == shown
    assert (header[1], about["Cohort"]) == (f"{cohort.name}: Mean", f"{cohort.name}, {other_cohort.name}")
    assert [one["name"] for one in api["cohorts"]] == [cohort.name, other_cohort.name]


def test_versions_of_a_track_are_the_same_three_times(
    cohort: Cohort, mentor: User, track: Track, published: QuestionVersion
) -> None:
    crowd(cohort, {"generators": published}, [{"generators": 40}, {"generators": 60}])
    later = publish_mended(published)
    crowd(cohort, {"generators": later}, [{"generators": 70}, {"generators": 90}])
    refresh()
    AnswerFact.objects.update(track=track)

    page = _page(mentor, cohort, "cohort_compare", track=track.slug)["versions"]
    _, (_, *rows) = _file(mentor, cohort, "versions", track=track.slug)
    api = _api(mentor, cohort, "api_compare", track=track.slug)["versions"]

    pair = page.changed[0].pair
    apart = pair.difference
    assert [float(cell) for cell in (rows[0][4], rows[0][8], *rows[0][12:])] == [50, 80, 30, apart.low, apart.high]
    means = api["changed"][0]["means"]
    assert (means["before"]["mean"], means["after"]["mean"], means["difference"]["points"]) == (50, 80, 30)
    assert (rows[0][1], api["day"]) == (str(page.day), str(page.day))
    assert [row[0] for row in rows] == [later.title, "All that changed"]


# --- Files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
@pytest.mark.parametrize("table", [name for name in EXPORTS if name not in ("figures", "scores", "weeks")])
def test_a_name_that_is_a_formula_stays_a_name(
    cohort: Cohort, mentor: User, people: list[User], table: str, format_: str
) -> None:
    formula = '=HYPERLINK("https://example.com";"Ada")'
    User.objects.filter(pk=people[2].pk).update(name=formula)
    Cohort.objects.filter(pk=cohort.pk).update(name="=1+1")

    about, (header, *rows) = _file(mentor, cohort, table, format_)

    cells = [str(cell) for row in [header, *rows, *about.items()] for cell in row if cell is not None]
    assert [cell for cell in cells if cell.startswith("=")] == []
    assert about["Cohort"] == "'=1+1"
    names_people = table in ("people", "at-risk", "progress", "topics", "assignments")
    assert (f"'{formula}" in cells) == names_people


@pytest.mark.parametrize("who", ["mentor", "admin", "site_admin"])
def test_who_takes_a_table_out_is_noted(
    request: pytest.FixtureRequest, cohort: Cohort, people: list[User], who: str, site_admin: User
) -> None:
    user = request.getfixturevalue(who)

    about, _ = _file(user, cohort, "people", mode="practice", page="7")

    entry = AuditEntry.objects.get(action="cohort.export")
    assert (entry.actor, entry.object_id) == (user, str(cohort.pk))
    assert entry.detail == {
        "table": "“Candidate by candidate”",
        "format": "csv",
        "rows": 3,
        "asked": {"mode": "practice"},
    }
    assert about["Shown"] == "first attempts, practice only"
    page = client_of(site_admin).get(reverse("audit")).content.decode()
    assert "took out “Candidate by candidate” of the dashboard of Autumn" in page


@pytest.mark.parametrize(
    ("who", "status"), [("candidate", 403), ("outsider", 403), ("stranger", 403), ("other_mentor", 404)]
)
@pytest.mark.parametrize("address", ["export_dashboard", *API])
def test_nobody_else_gets_a_number(
    request: pytest.FixtureRequest, cohort: Cohort, people: list[User], who: str, status: int, address: str
) -> None:
    client = client_of(request.getfixturevalue(who))

    url = reverse(address, args=[cohort.pk])
    body = {"table": "people", "format": "csv"}
    response = client.post(url, body) if address == "export_dashboard" else client.get(url)

    assert response.status_code == status
    assert "ada@example.com" not in response.content.decode()
    assert not AuditEntry.objects.filter(action="cohort.export").exists()


def test_cohorts_of_others_are_neither_listed_nor_compared(
    cohort: Cohort, other_cohort: Cohort, mentor: User, outsider: User, published: QuestionVersion
) -> None:
    facts(outsider, published, [19], database_now())
    MembershipFactory(cohort=other_cohort, user=mentor, role=Role.CANDIDATE)
    client = client_of(mentor)

    listed = client.get(reverse("api_cohorts")).json()
    compared = [
        client.get(reverse("api_compare", args=[cohort.pk]), {"with": str(other_cohort.pk)}),
        client.post(
            reverse("export_dashboard", args=[cohort.pk], query={"with": str(other_cohort.pk)}),
            {"table": "compare", "format": "csv"},
        ),
    ]

    assert [one["id"] for one in listed["results"]] == [str(cohort.pk)]
    assert [response.status_code for response in compared] == [404, 404]


@pytest.mark.parametrize("body", [{}, {"table": "people"}, {"table": "nonsense", "format": "csv"}, {"format": "ods"}])
def test_a_table_or_format_that_there_is_not_is_said(cohort: Cohort, mentor: User, body: dict[str, str]) -> None:
    response = client_of(mentor).post(reverse("export_dashboard", args=[cohort.pk]), body)

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_filter_that_cannot_be_read_takes_nothing_out(cohort: Cohort, mentor: User, people: list[User]) -> None:
    client = client_of(mentor)
    address = reverse("export_dashboard", args=[cohort.pk], query={"mode": "exam"})

    exported = client.post(address, {"table": "topics", "format": "csv"})
    asked = client.get(reverse("api_topics", args=[cohort.pk]), {"mode": "exam"})

    assert (exported.status_code, exported.url) == (302, f"{reverse('cohort_topics', args=[cohort.pk])}?mode=exam")
    assert (asked.status_code, asked.json()) == (400, {"mode": ["This is not one of the choices."]})
    assert not AuditEntry.objects.filter(action="cohort.export").exists()


@pytest.mark.parametrize("page", ["cohort_dashboard", "cohort_topics", "cohort_points", "cohort_progress"])
def test_each_page_offers_its_tables_with_its_filter(
    cohort: Cohort, mentor: User, people: list[User], page: str
) -> None:
    html = client_of(mentor).get(reverse(page, args=[cohort.pk]), {"mode": "mock", "q": "a"}).content.decode()

    assert f'action="{reverse("export_dashboard", args=[cohort.pk])}?mode=mock"' in html
    assert {name for name, export in EXPORTS.items() if f'value="{name}"' in html} == {
        name for name, export in EXPORTS.items() if export.page == page
    }


@pytest.mark.parametrize("table", list(EXPORTS))
def test_an_empty_cohort_gives_an_empty_table(cohort: Cohort, mentor: User, table: str) -> None:
    _, (header, *rows) = _file(mentor, cohort, table)

    assert len(header) > 1
    assert len(rows) == {"figures": 4}.get(table, 0)


# --- Queries ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("people", 12),
        ("figures", 21),
        ("topics", 11),
        ("key-points", 11),
        ("assignments", 14),
        ("compare", 13),
        ("versions", 13),
        *zip(API, [19, 9, 8, 8, 11, 10], strict=True),
    ],
)
def test_files_and_api_take_the_same_queries_whatever_the_size(
    request: pytest.FixtureRequest, cohort: Cohort, mentor: User, address: str, queries: int, count: int
) -> None:
    track = request.getfixturevalue("track")
    asked = [publish_question(f"q-{n}", topic=make_topic(f"topic-{n}")) for n in range(count)]
    for number in range(count):
        user = join(cohort, f"Person{number}")
        for version in asked:
            facts(user, version, [10] * 5, database_now() - number * timedelta(days=7), track=track)
        make_assignment(cohort, track, created_by=mentor, now=database_now() - timedelta(minutes=number))
    client = client_of(mentor)
    query = {"track": track.slug}

    with request.getfixturevalue("django_assert_num_queries")(queries):
        if address in EXPORTS:
            url = reverse("export_dashboard", args=[cohort.pk], query=query)
            response = client.post(url, {"table": address, "format": "csv"})
        else:
            response = client.get(reverse(address, args=[cohort.pk]), query)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("name", "asked"),
    [("api_progress", "by"), ("api_compare", "change"), ("api_overview", "from"), ("api_points", "mode")],
)
def test_a_program_is_told_what_cannot_be_read(mentor: User, cohort: Cohort, name: str, asked: str) -> None:
    response = client_of(mentor).get(reverse(name, args=[cohort.pk]), {asked: "nonsense"})

    assert (response.status_code, list(response.json())) == (400, [asked])
