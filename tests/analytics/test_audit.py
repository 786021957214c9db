"""The audit log as a page: who may read what, in which words, and how it is taken out."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from analytics.audit_words import GROUPS, WORDS, choices, in_words
from analytics.selectors.audit import lines_of
from grading.models import Appeal, GradingJob
from grading.services.reviews import review
from people.clock import database_now
from people.models import AuditEntry, Cohort, Role, User
from people.services.audit import audit
from people.services.cohorts import set_role
from people.services.invitations import invite
from questionbank.models import Mark, QuestionVersion
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory, give_grade
from tests.grading.conftest import make_job


def lines(user: User, query: str = "") -> list[str]:
    response = client_of(user).get(reverse("audit") + query)
    assert response.status_code == 200
    return [f"{line.actor} {line.words}" for line in response.context["lines"]]


def reviewed(candidate: User, mentor: User, version: QuestionVersion) -> GradingJob:
    job = make_job(candidate, version)
    give_grade(job, 50)
    marks = {point.pk: Mark.STATED for point in version.key_points.all()}
    review(job=job, reviewer=mentor, marks=marks, reason="Said.", now=database_now())
    return job


# --- Who may read what --------------------------------------------------------------------------------------


def test_admins_read_what_was_done_to_their_cohorts_and_no_more(
    cohort: Cohort,
    other_cohort: Cohort,
    admin: User,
    mentor: User,
    candidate: User,
    outsider: User,
    site_admin: User,
    published: QuestionVersion,
) -> None:
    set_role(cohort=cohort, user=candidate, role=Role.CANDIDATE, actor=admin)
    set_role(cohort=other_cohort, user=outsider, role=Role.CANDIDATE, actor=site_admin)
    job = reviewed(candidate, mentor, published)
    theirs = reviewed(outsider, site_admin, published)
    for one in (job, theirs):
        point = published.key_points.first()
        made = Appeal.objects.create(job=one, key_point=point, said="It.", created_at=database_now())
        audit(actor=one.candidate, action="appeal.open", on=made, job=str(one.pk))
    audit(actor=candidate, action="person.end_session", on=candidate)

    title = published.title
    assert lines(admin) == [
        f"Candidate appealed against a mark of Candidate’s answer to “{title}”",
        f"Mentor reviewed Candidate’s answer to “{title}”: 100 points",
        "Admin made Candidate a candidate of Autumn",
    ]
    of_all = lines(site_admin)
    assert set(lines(admin)) < set(of_all)
    assert "Candidate ended a session of Candidate" in of_all
    assert lines(site_admin, f"?cohort={cohort.pk}") == lines(admin)


@pytest.mark.parametrize("who", ["candidate", "mentor", "outsider", "other_mentor"])
def test_others_read_nothing(request: pytest.FixtureRequest, cohort: Cohort, admin: User, who: str) -> None:
    user = request.getfixturevalue(who)
    invite(cohort=cohort, email="secret@example.com", role=Role.ADMIN, actor=admin, now=database_now())
    client = client_of(user)

    responses = [client.get(reverse("audit")), client.post(reverse("export_audit"), {"format": "csv"})]

    assert [response.status_code for response in responses] == [403, 403]
    assert [r for r in responses if "secret@example.com" in r.content.decode()] == []


def test_a_cohort_of_others_cannot_be_asked_for(cohort: Cohort, other_cohort: Cohort, admin: User) -> None:
    invite(cohort=other_cohort, email="secret@example.com", role=Role.ADMIN, actor=UserFactory(), now=database_now())

    response = client_of(admin).get(reverse("audit") + f"?cohort={other_cohort.pk}")

    assert (response.status_code, list(response.context["form"].errors)) == (400, ["cohort"])
    assert "secret@example.com" not in response.content.decode()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entries_are_only_ever_added(admin: User, cohort: Cohort, change: str) -> None:
    entry = audit(actor=admin, action="cohort.archive", on=cohort)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete() if change == "delete" else AuditEntry.objects.update(actor=None)

    assert AuditEntry.objects.get() == entry


# --- Filters and pages --------------------------------------------------------------------------------------


@pytest.fixture
def three(cohort: Cohort, admin: User, site_admin: User, stranger: User) -> None:
    set_role(cohort=cohort, user=stranger, role=Role.MENTOR, actor=admin)
    invite(cohort=cohort, email="new@example.com", role=Role.MENTOR, actor=site_admin, now=database_now())
    audit(actor=None, action="cohort.archive", on=cohort)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("?who=site", [1]),
        ("?who=ADMIN@EXAMPLE", [1, 0]),
        ("?action=cohort.archive", [2]),
        ("?since=2000-01-01", [2, 1, 0]),
        ("?since=2199-01-01", []),
        ("?until=2000-01-01", []),
        ("?who=site&action=cohort.archive", []),
        ("?before=nothing", [2, 1, 0]),
        ("?before=0", []),
        ("?before=99999999999999999999", [2, 1, 0]),
    ],
)
def test_entries_are_found_by_the_address(three: None, admin: User, query: str, found: list[int]) -> None:
    said = [
        "Admin made Stranger a mentor of Autumn",
        "Site Admin invited new@example.com to Autumn as mentor",
        "Greenroom archived Autumn",
    ]

    assert lines(admin, query) == [said[number] for number in found]


@pytest.mark.parametrize(("query", "field"), [("?since=yesterday", "since"), ("?action=cohort.burn", "action")])
def test_what_cannot_be_understood_is_said_at_its_field(three: None, admin: User, query: str, field: str) -> None:
    response = client_of(admin).get(reverse("audit") + query)

    assert (response.status_code, list(response.context["form"].errors)) == (400, [field])
    assert len(response.context["lines"]) == 3


def test_all_about_one_object_can_be_asked_for(three: None, cohort: Cohort, admin: User, other_cohort: Cohort) -> None:
    MembershipFactory(cohort=other_cohort, user=admin, role=Role.ADMIN)
    audit(actor=admin, action="cohort.archive", on=other_cohort)

    assert lines(admin, f"?about=people.cohort:{other_cohort.pk}") == ["Admin archived Elsewhere"]


def test_pages_go_on_where_the_last_one_ended_whatever_is_added(cohort: Cohort, admin: User) -> None:
    for number in range(60):
        audit(actor=admin, action="cohort.rename", on=cohort, before=number, after=number + 1)
    client = client_of(admin)

    first = client.get(reverse("audit"))
    audit(actor=admin, action="cohort.archive", on=cohort)
    second = client.get(reverse("audit") + f"?before={first.context['older']}")

    shown = [line.entry.detail["after"] for page in (first, second) for line in page.context["lines"]]
    assert (shown, second.context["older"]) == (list(range(60, 0, -1)), None)


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_takes_the_same_queries_for_any_number_of_entries(
    cohort: Cohort,
    admin: User,
    mentor: User,
    candidate: User,
    published: QuestionVersion,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        set_role(cohort=cohort, user=candidate, role=Role.CANDIDATE, actor=admin)
        reviewed(candidate, mentor, published)
    client = client_of(admin)

    with django_assert_num_queries(10):
        response = client.get(reverse("audit"))

    assert len(response.context["lines"]) == 2 * count


# --- Words --------------------------------------------------------------------------------------------------


def test_every_act_in_the_code_has_words() -> None:
    acts = {
        found
        for app in ("people", "questionbank", "grading", "interview", "analytics")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        for found in re.findall(r'action="([a-z_]+[.][a-z_]+)"', path.read_text())
    }

    assert len(acts) > 40
    assert acts - WORDS.keys() == set()


def test_every_act_is_in_a_group_of_the_form() -> None:
    assert {action.partition(".")[0] for action in WORDS} == GROUPS.keys()
    assert [action for _, group in choices() for action, _ in group] != []


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("cohort.give_time", {"after": ["1.25", False]}, "agreed with Ada in Autumn: 1.25 times the usual time"),
        ("cohort.give_time", {"after": ["1.00", False]}, "agreed with Ada in Autumn: the usual time"),
        ("cohort.give_time", {"after": ["1.00", True]}, "agreed with Ada in Autumn: no time limit"),
        ("cohort.set_role", {"role": "admin"}, "made Ada an admin of Autumn"),
        ("cohort.invite", {}, "invited (gone) to Autumn as (gone)"),
        ("something.new", {}, "new: Autumn"),
    ],
)
def test_an_entry_says_what_it_means(action: str, detail: dict[str, Any], words: str) -> None:
    assert in_words(action, detail, {"on": "Autumn", "user": "Ada"}) == words


def test_words_of_people_are_no_format(cohort: Cohort, admin: User) -> None:
    """A name in braces is a name: it is put in, and not looked up."""
    Cohort.objects.filter(pk=cohort.pk).update(name="{user.password}")
    entry = audit(actor=admin, action="cohort.archive", on=cohort, before="{on}")

    assert [line.words for line in lines_of([entry])] == ["archived {user.password}"]


def test_an_object_that_is_gone_is_called_so(cohort: Cohort, admin: User, site_admin: User) -> None:
    audit(actor=admin, action="cohort.archive", on=cohort)
    cohort.delete()

    assert lines(site_admin) == ["Admin archived (gone)"]


# --- Taking it out ------------------------------------------------------------------------------------------


def take_out(user: User, name: str, query: str = "") -> list[list[Any]]:
    response = client_of(user).post(reverse("export_audit") + query, {"format": name})
    assert response["Content-Disposition"].startswith('attachment; filename="audit-log-')
    if name == "csv":
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    return [list(row) for row in load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_what_is_shown_is_taken_out_and_that_is_noted(three: None, admin: User, cohort: Cohort, name: str) -> None:
    header, *rows = take_out(admin, name, f"?who=site&cohort={cohort.pk}")

    assert header[:5] == ["at", "who", "address", "what", "action"]
    assert [row[1:5] for row in rows] == [
        ["Site Admin", "site.admin@example.com", "invited new@example.com to Autumn as mentor", "cohort.invite"]
    ]
    assert lines(admin)[0] == "Admin took out 1 entries of the audit log"


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_nothing_in_it_is_a_formula(cohort: Cohort, admin: User, name: str) -> None:
    User.objects.filter(pk=admin.pk).update(name="=HYPERLINK(1)")
    audit(actor=admin, action="cohort.archive", on=cohort)

    (row,) = take_out(admin, name)[1:]

    assert row[1] == "'=HYPERLINK(1)"


def test_looking_at_the_log_writes_nothing_and_an_unknown_format_is_none(three: None, admin: User) -> None:
    client = client_of(admin)
    before = AuditEntry.objects.count()

    answers = [client.get(reverse("export_audit")), client.post(reverse("export_audit"), {"format": "exe"})]

    assert ([answer.status_code for answer in answers], AuditEntry.objects.count()) == ([405, 404], before)


def test_too_many_entries_are_refused_with_words(monkeypatch: pytest.MonkeyPatch, three: None, admin: User) -> None:
    monkeypatch.setattr("analytics.views.audit.MOST_EXPORTED", 2)

    response = client_of(admin).post(reverse("export_audit") + "?who=", {"format": "csv"}, follow=True)

    assert "Narrow them by days" in response.content.decode()
    assert not AuditEntry.objects.filter(action="audit.export", at__gt=database_now() - timedelta(hours=1)).exists()
